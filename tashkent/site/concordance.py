"""The concordance: every passage of the report, what it says, and all that is built on it."""

from itertools import groupby

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective

from tashkent import locators
from tashkent.data import load
from tashkent.site import alive, charts
from tashkent.site.languages import language_node, marked
from tashkent.site.links import citations, gists, is_students, places
from tashkent.site.parts import Fold, counted, depend, joined, make_filter, make_section, paragraph
from tashkent.site.rows import citing_rows, passage_columns, resources, row_link, table_link

#: The tables whose rows an entry gives in a place of their own.
_APART = {"claims", "citations"}


class Citing(nodes.General, nodes.Element):
    """Stands for what the pages build on the passage `locator`, until all pages are read."""


class Source(nodes.Inline, nodes.TextElement):
    """A work, `bibkey`, that leads to its entry in the bibliography."""


class FillCiting(SphinxPostTransform):
    """Writes in which pages cite each passage, which charts name it, and the works cited."""

    default_priority = 600

    def run(self, **kwargs) -> None:
        """Go over one page."""
        holders = list(self.document.findall(Citing))
        pages, drawn = (citing_pages(self.env), charts_naming(self.env)) if holders else ([], {})
        for holder in holders:
            locator = holder["locator"]
            made = []
            for words, links in (
                ("Discussed in ", self._pages(pages, locator)),
                ("Drawn in ", self._charts(drawn, locator)),
            ):
                if links:
                    made.append(paragraph(words, *joined(links, "; ")))
            holder.replace_self(made)
        for work in list(self.document.findall(Source)):
            work.replace_self(self._entry(work["bibkey"]))

    def _pages(self, pages: list[str], locator: str) -> list[nodes.Node]:
        """Link the sections of the pages that cite a passage in their prose."""
        return [
            self._link(page, citations(self.env)[page][locator], self.env.titles[page].astext())
            for page in pages
            if locator in citations(self.env)[page]
        ]

    def _charts(self, drawn: dict, locator: str) -> list[nodes.Node]:
        return [
            self._link(page, charts.name_of(spec), charts.words(spec)[0])
            for page, spec in drawn.get(locator, [])
        ]

    def _entry(self, bibkey: str) -> nodes.Node:
        """Set a work as the bibliography does, and link its entry there."""
        cite = self.env.domains.get("cite")
        for citation in getattr(cite, "citations", []):
            if citation.key == bibkey:
                page = citation.bibliography_key.docname
                words = citation.formatted_entry.text.render_as("text").rstrip(".")
                link = self._link(page, citation.citation_id, words)
                link.children = marked(words)
                return link
        return nodes.literal("", bibkey)

    def _link(self, page: str, place: str, words: str) -> nodes.Node:
        address = self.app.builder.get_relative_uri(self.env.docname, page)
        address += f"#{place}" if place else ""
        return nodes.reference("", words, refuri=address, internal=True)


class Concordance(SphinxDirective):
    """Every passage of the report, in its order: gist, and what is built on it."""

    def run(self) -> list[nodes.Node]:
        """Write one section for each section of the report, one entry for each passage."""
        places(self.env)["concordance"] = self.env.docname
        citing = [
            resource["path"] for resource in resources().values() if passage_columns(resource)
        ]
        depend(self.env, ["sections.csv", "passages.csv", *citing])
        titles = dict(load("sections")[["section_id", "title"]].to_numpy())
        passages = load("passages").sort_values("order").to_dict("records")
        reasons = dict(load("uncited")[["passage", "reason"]].to_numpy())
        order = [passage["locator"] for passage in passages]
        made: list[nodes.Node] = [make_filter("passages", "the report")]
        for section_id, group in groupby(passages, key=lambda passage: passage["section_id"]):
            name = "Footnotes" if section_id == "fn" else f"{section_id} · {titles[section_id]}"
            section = make_section(_section_name(section_id), name)
            section += [_passage(passage, order, reasons) for passage in group]
            made.append(section)
        return made


def _passage(passage: dict, order: list[str], reasons: dict[str, str]) -> nodes.Node:
    """Write the entry of one passage."""
    locator = passage["locator"]
    rows = citing_rows().get(locator, [])
    entry = nodes.container(classes=["tk-passage"], ids=[locators.anchor(locator)])
    at = order.index(locator)
    beside = [("after ", order[at - 1 : at]), ("before ", order[at + 1 : at + 2])]
    links = [
        nodes.inline("", word, nodes.reference("", near[0], refid=locators.anchor(near[0])))
        for word, near in beside
        if near
    ]
    where = nodes.inline("", "", *joined(links), classes=["tk-beside"])
    entry += paragraph(nodes.strong("", locator), " ", where)
    entry += paragraph(passage["gist"])
    if passage["called_in"]:
        entry += paragraph(f"Footnote to [{passage['called_in']}]")
    if passage["restates"]:
        sections = passage["restates"].split(";")
        named = [nodes.reference("", s, refid=_section_name(s)) for s in sections]
        entry += paragraph("Sums up section ", *joined(named))
    sources = [cells for table, _, cells in rows if table == "citations"]
    if sources:
        entry += paragraph("Sources: ", *joined([_source(cells) for cells in sources], "; "))
    entry += Citing(locator=locator)
    if not rows and locator in reasons:
        entry += paragraph(f"No row cites it: {reasons[locator]}")
    words = evidence(locator)
    if words:
        marked = [language_node(word, "en" if locator.startswith("EN") else "de") for word in words]
        entry += paragraph("Words that rows rest on: ", *joined(marked, " · "))
    claims = [row for row in rows if row[0] == "claims"]
    if claims:
        items = [
            nodes.list_item("", paragraph(row_link(table, key), f": {cells['claim']}"))
            for table, key, cells in claims
        ]
        entry += Fold("", nodes.bullet_list("", *items), summary=counted(len(claims), "claim"))
    others = [row for row in rows if row[0] not in _APART]
    if others:
        lines = []
        for table, group in groupby(others, key=lambda row: row[0]):
            links = [row_link(table, key, _key_words(table, key, cells)) for _, key, cells in group]
            lines.append(
                nodes.list_item("", paragraph(table_link(table), ": ", *joined(links, "; ")))
            )
        summary = f"{counted(len(others), 'row')} in the data"
        entry += Fold("", nodes.bullet_list("", *lines), summary=summary)
    return entry


def _key_words(table: str, key: list[str], cells: dict[str, str]) -> str:
    """Name a row by its key, without the passage under which it is listed."""
    cited_in = {cells[column] for column in passage_columns(resources()[table])}
    return " ".join(value for value in key if value not in cited_in) or key[0]


def _source(cells: dict[str, str]) -> nodes.Node:
    """Name a work that a footnote cites, with what it is cited for."""
    work = Source(bibkey=cells["bibkey"])
    pages = f", {cells['pages']}" if cells["pages"] else ""
    return nodes.inline("", "", work, nodes.Text(f"{pages} ({cells['claim'].rstrip('.')})"))


def evidence(locator: str) -> list[str]:
    """List the words of a passage that rows quote, each once, by the alphabet."""
    rows = [
        cells for _, _, cells in citing_rows().get(locator, []) if cells.get("locator") == locator
    ]
    pieces = {p.strip() for cells in rows for p in cells.get("evidence", "").split(";")}
    return sorted(filter(None, pieces), key=str.casefold)


def charts_naming(env: BuildEnvironment) -> dict[str, list[tuple[str, dict]]]:
    """Give for each passage the charts whose line of locators names it, each with its page."""
    found: dict[str, list] = {}
    for page in reading_order(env):
        for spec, _ in alive.charts(env).get(page, []):
            brackets = [b[1] for line in charts.words(spec)[2] for b in locators.find(line)]
            known = [name for bracket in brackets for name in _known(bracket)]
            for locator in dict.fromkeys(known):
                found.setdefault(locator, []).append((page, spec))
    return found


def _known(bracket: str) -> list[str]:
    try:
        return locators.expand(bracket, gists())
    except ValueError:  # the page that holds it is warned of
        return []


def citing_pages(env: BuildEnvironment) -> list[str]:
    """List the pages whose prose cites passages, in their order; generated pages cite none."""
    generated = set(places(env).values())
    return [page for page in reading_order(env) if page in citations(env) and page not in generated]


def rewrite(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Have the pages written anew that tell what the others cite, when that or a title changed."""
    pages = [places(env).get(name) for name in ("concordance", "coverage")]
    titles = {docname: title.astext() for docname, title in env.titles.items()}
    drawn = {
        page: [charts.name_of(spec) for spec, _ in found]
        for page, found in alive.charts(env).items()
    }
    now = (citations(env).copy(), titles, drawn)
    if env.__dict__.get("tashkent_cited") == now:
        return []
    env.tashkent_cited = now
    return [page for page in pages if page in env.found_docs]


def reading_order(env: BuildEnvironment) -> list[str]:
    """Pages of the book in the order of the table of contents, students' chapters left out."""
    ordered: list[str] = []
    waiting = [env.config.root_doc]
    while waiting:
        page = waiting.pop(0)
        if page not in ordered:
            ordered.append(page)
            waiting = [*env.toctree_includes.get(page, []), *waiting]
    return [page for page in ordered if not is_students(page)]


def _section_name(section_id: str) -> str:
    return "section" + locators.anchor(section_id).removeprefix("p")
