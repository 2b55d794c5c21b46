"""The ledger of claims: each step of the argument, what bears on it, and what in the book does.

A chart bears on a claim when its line of locators names the claim's passage; a check does when the
paragraph before it cites that passage. Both are found in the pages when all of them are read.
"""

import html
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import groupby

import pandas as pd
from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective

from tashkent import locators
from tashkent.data import DATA, load, resource
from tashkent.description import key_of
from tashkent.site import charts, languages, markup
from tashkent.site.collector import PageCollector
from tashkent.site.concordance import reading_order
from tashkent.site.links import gists, places
from tashkent.site.parts import Fold

#: What a link says of the claim that it leads to, and of the claim that it comes from.
RELATIONS = {
    "supports": ("supported by", "supports"),
    "qualifies": ("qualified by", "qualifies"),
    "undercuts": ("undercut by", "undercuts"),
}

#: What is asked of the claims: the name in the address, and the words beside the menu.
MENUS = {
    "who": "Who says it",
    "kind": "Of what kind",
    "hedge": "How certain",
    "section": "Section",
    "book": "In the book",
}

#: How a claim stands to the book's charts and checks.
BEARING = {"chart": "a chart bears on it", "check": "a check bears on it", "nothing": "nothing yet"}


def setup(app: Sphinx) -> None:
    """Register the directive `claims-ledger` and what fills it."""
    app.add_env_collector(BearingCollector)
    app.add_post_transform(FillLedger)
    app.add_node(Claim, html=(Claim.visit, Claim.depart))
    app.add_directive("claims-ledger", Ledger)
    app.connect("env-updated", rewrite_ledger)


class Claim(nodes.General, nodes.Element):
    """One claim, with what is asked of it as `data`."""

    @staticmethod
    def visit(translator, node: nodes.Element) -> None:
        """Open the element."""
        told = "".join(f' data-{key}="{html.escape(node["data"][key])}"' for key in node["data"])
        translator.body.append(f'<div class="tk-claim" id="{node["ids"][0]}"{told}>\n')

    @staticmethod
    def depart(translator, node: nodes.Element) -> None:
        """Close the element."""
        translator.body.append("</div>\n")


class Bearing(nodes.General, nodes.Element):
    """Stands for what in the book bears on a passage, until all pages are read."""


class BearingCount(nodes.General, nodes.Element):
    """Stands for the line that counts the claims on which something bears."""


def bearings(env: BuildEnvironment) -> dict[str, list[tuple[str, str, str, list[str]]]]:
    """Give for each page its charts and checks: kind, place, words, and the passages."""
    return env.__dict__.setdefault("tashkent_bearings", {})


class BearingCollector(PageCollector):
    """Keeps for each page its charts and checks, each with the passages that it is about."""

    kept = staticmethod(bearings)

    def process_doc(self, app: Sphinx, doctree: nodes.document) -> None:
        """Note the charts and checks of one page."""
        found = [*_charts(doctree), *_checks(doctree)]
        if found:
            bearings(app.env)[app.env.docname] = found


class Ledger(SphinxDirective):
    """Every claim in the report's order; `without` names a page whose charts show all of them."""

    option_spec = {"without": directives.unchanged}  # noqa: RUF012 - docutils' own form

    def run(self) -> list[nodes.Node]:
        """Write the menus, and a section with its claims for each section of the report."""
        places(self.env)["ledger"] = self.env.docname
        for path in ("claims", "claim_links", "sections", "passages", *languages.NAMED):
            self.env.note_dependency(str(DATA / f"{path}.csv"))
        sections = load("sections").sort_values("order")
        titles = {
            row["section_id"]: f"{row['section_id']} · {row['title']}"
            for row in sections.to_dict("records")
        }
        claims = load("claims").merge(sections[["section_id", "order"]])
        claims = claims.sort_values(["order", "claim_id"]).to_dict("records")
        made = [
            BearingCount(without=self.options.get("without", "")),
            nodes.raw("", _menus(claims, titles), format="html"),
        ]
        for section_id, group in groupby(claims, key=lambda claim: claim["section_id"]):
            section = nodes.section(ids=["steps" + locators.anchor(section_id).removeprefix("p")])
            section += nodes.title("", titles[section_id])
            section += [_entry(claim) for claim in group]
            made.append(section)
        return made


class FillLedger(SphinxPostTransform):
    """Writes in which charts and checks bear on each claim."""

    default_priority = 600

    def run(self, **kwargs) -> None:
        """Go over one page."""
        claims = list(self.document.findall(Claim))
        if not claims:
            return
        count = next(iter(self.document.findall(BearingCount)))
        heard = self._heard(count["without"])
        for claim in claims:
            holder = next(iter(claim.findall(Bearing)))
            found = heard.get(holder["locator"], [])
            kinds = dict.fromkeys(kind for kind, _ in found) or {"nothing": None}
            claim["data"]["book"] = " ".join(kinds)
            holder.replace_self(_in_the_book(found))
        idle = sum(claim["data"]["book"] == "nothing" for claim in claims)
        text = (
            f"Of the {len(claims)} claims something in the book bears on {len(claims) - idle}; "
            f"on {idle} nothing yet, which is an invitation."
        )
        count.replace_self(nodes.paragraph("", text))

    def _heard(self, without: str) -> dict[str, list[tuple[str, list[nodes.Node]]]]:
        """Give for each passage the charts and checks that are about it, as links."""
        heard: dict[str, list[tuple[str, list[nodes.Node]]]] = {}
        for page in reading_order(self.env):
            if page == without:
                continue
            chapter = self.env.titles[page].astext()
            seen = set()
            for kind, place, words, passages in bearings(self.env).get(page, []):
                address = self.app.builder.get_relative_uri(self.env.docname, page)
                address += f"#{place}" if place else ""
                for passage in passages:
                    if (kind, place, passage) in seen:
                        continue
                    seen.add((kind, place, passage))
                    label = words or chapter
                    link = nodes.reference("", label, refuri=address, internal=True)
                    of = f" ({chapter})" if words else ""
                    parts = [nodes.Text(f"{kind.capitalize()}: "), link, nodes.Text(of)]
                    heard.setdefault(passage, []).append((kind, parts))
        return heard


def rewrite_ledger(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Have the ledger written anew when the charts and checks of the book, or titles, changed."""
    page = places(env).get("ledger")
    titles = {docname: title.astext() for docname, title in env.titles.items()}
    now = (bearings(env).copy(), titles)
    if page not in env.found_docs or env.__dict__.get("tashkent_heard") == now:
        return []
    env.tashkent_heard = now
    return [page]


def claim_anchor(claim_id: str) -> str:
    """Name the place of a claim in the ledger: `claim-c-1-2-2-45`."""
    return nodes.make_id(f"claim-{claim_id}")


@cache
def speakers() -> dict[str, str]:
    """Give the name of each speaker by the id in `stated_by`."""
    names = {"author": "The author"}
    for table, (column, *_) in languages.NAMED.items():
        (key,) = key_of(resource(table)["schema"])
        names |= dict(load(table)[[key, column]].to_numpy())
    return names


def _charts(doctree: nodes.document) -> Iterator[tuple[str, str, str, list[str]]]:
    for raw in doctree.findall(nodes.raw):
        if "tk-figure" in raw["classes"]:
            title, _, sources = charts.words(raw["spec"])
            yield "chart", charts.name_of(raw["spec"]), title, _passages(" ".join(sources))


def _checks(doctree: nodes.document) -> Iterator[tuple[str, str, str, list[str]]]:
    for cell in doctree.findall(nodes.container):
        if cell.get("nb_element") != "cell_code" or "tag_checked" not in cell["classes"]:
            continue
        said = _paragraph_before(cell)
        section = cell
        while not isinstance(section, nodes.section):
            section = section.parent
        whole = isinstance(section.parent, nodes.document)
        place, words = ("", "") if whole else (section["ids"][0], section[0].astext())
        yield "check", place, words, _passages(said.astext() if said is not None else "")


def _paragraph_before(cell: nodes.Element) -> nodes.Element | None:
    """Find what a check is about: the last paragraph or list before it in its section."""
    before = cell.parent.children[: cell.parent.index(cell)]
    kinds = (nodes.paragraph, nodes.bullet_list, nodes.enumerated_list)
    return next((node for node in reversed(before) if isinstance(node, kinds)), None)


def _passages(text: str) -> list[str]:
    """Name the passages that a text cites; what is misspelt is told where pages are written."""
    found: dict[str, None] = {}
    for bracket in locators.find(text):
        try:
            found |= dict.fromkeys(locators.expand(bracket[1], gists()))
        except ValueError:
            continue
    return list(found)


def _entry(claim: dict) -> Claim:
    """Write one claim: its words, who says it and how, what is linked to it, what bears on it."""
    asked = {
        "who": claim["stated_by"],
        "kind": claim["claim_type"],
        "hedge": claim["hedge"],
        "section": claim["section_id"],
        "book": "",
    }
    entry = Claim(ids=[claim_anchor(claim["claim_id"])], data=asked)
    entry += nodes.paragraph("", claim["claim"])
    facts = nodes.paragraph("", "", classes=["tk-facts"])
    facts += nodes.strong("", speakers()[claim["stated_by"]])
    facts += nodes.Text(f", {claim['claim_type']}, {_hedge(claim['hedge'])} [{claim['locator']}] ")
    facts += nodes.literal("", claim["claim_id"])
    entry += facts
    entry += _links(claim["claim_id"])
    entry += Bearing(locator=claim["locator"])
    return entry


def _links(claim_id: str) -> nodes.Node:
    """Write the links of a claim in a fold, grouped by what they say."""
    links = _coded_links()
    counts: list[str] = []
    groups: list[nodes.Node] = []
    for here, there, side in (("to_id", "from_id", 0), ("from_id", "to_id", 1)):
        for relation, words in RELATIONS.items():
            rows = links[(links[here] == claim_id) & (links.relation == relation)]
            if rows.empty:
                continue
            counts.append(f"{words[side]} {len(rows)}")
            items = [_link(row[there], row) for row in rows.to_dict("records")]
            groups += [nodes.paragraph("", _capital(words[side])), nodes.bullet_list("", *items)]
    if not counts:
        return nodes.paragraph("", "No link to another claim is coded.", classes=["tk-facts"])
    return Fold("", *groups, summary=_capital("; ".join(counts)))


def _link(other_id: str, link: dict) -> nodes.list_item:
    """Write one link: the other claim, its passage, and who ties the two."""
    other = _claims()[other_id]
    item = nodes.paragraph()
    item += nodes.reference("", other["claim"], refid=claim_anchor(other_id), internal=True)
    item += nodes.Text(f" [{other['locator']}] ")
    item += nodes.inline("", "", *_tie(link), classes=["tk-kind"])
    return nodes.list_item("", item)


def _tie(link: dict) -> list[nodes.Node]:
    """Say who ties two claims: the text, by which words, or the coder, with the reason."""
    note = link["note"].rstrip(".")
    if link["basis"] != "printed":
        return [nodes.Text(f"Read by the coder: {note}.")]
    words, mark, rest = note.partition(";")
    german = set(re.findall(r"\w+", re.sub(r"[\[(].*?[\])]", "", words).lower())) <= _german()
    printed = languages.language_node(words, "de") if german else nodes.Text(words)
    return [nodes.Text("Printed: "), printed, nodes.Text(f"{mark}{rest}.")]


@cache
def _claims() -> dict[str, dict]:
    return load("claims").set_index("claim_id").to_dict("index")


@cache
def _coded_links() -> pd.DataFrame:
    return load("claim_links")


@cache
def _german() -> set[str]:
    """Give the words of the report that are not those of its English summary."""
    terms = load("report_terms")
    return set(terms[~terms.locator.str.startswith("EN")].term)


def _menus(claims: list[dict], titles: dict[str, str]) -> str:
    """Write the menus and the field that narrow down the claims; they show with a script only."""
    columns = {"who": "stated_by", "kind": "claim_type", "hedge": "hedge", "section": "section_id"}
    words = {"who": speakers(), "section": titles, "hedge": {"none": "no hedge"}}
    written = []
    for menu, label in MENUS.items():
        options = BEARING
        if menu in columns:
            times = Counter(claim[columns[menu]] for claim in claims)
            values = times if menu == "section" else dict(times.most_common())
            named = words.get(menu, {})
            options = {v: f"{named.get(v, v.replace('_', ' '))} ({times[v]})" for v in values}
        listed = markup.options({"": "any", **options})
        written.append(f'<label>{label}\n<select data-asked="{menu}">\n{listed}\n</select></label>')
    field = '<label>Words\n<input type="search" autocomplete="off"></label>'
    return "\n".join(
        [
            '<div class="tk-ledger" role="group" aria-label="Narrow down the claims">',
            *written,
            field,
            '<button type="button">Show all</button>',
            "<output></output>",
            "</div>",
        ]
    )


def _in_the_book(found: list[tuple[str, list[nodes.Node]]]) -> nodes.Node:
    """Write what bears on a claim in a fold that says how much it is."""
    if not found:
        return nodes.paragraph("", "In the book: nothing counted yet", classes=["tk-facts"])
    times = Counter(kind for kind, _ in found)
    counted = [f"{n} {kind}{'s' if n > 1 else ''}" for kind, n in sorted(times.items())]
    items = [nodes.list_item("", nodes.paragraph("", "", *parts)) for _, parts in found]
    summary = f"In the book: {', '.join(counted)}"
    return Fold("", nodes.bullet_list("", *items), summary=summary, classes=["tk-in-book"])


def _hedge(hedge: str) -> str:
    return "no hedge" if hedge == "none" else f"hedge: {hedge.replace('_', ' ')}"


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]
