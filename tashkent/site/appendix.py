"""The generated pages of the appendix: codebook, concordance, glossary."""

import re
from collections import Counter, defaultdict
from functools import cache
from itertools import groupby

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective

from tashkent import locators
from tashkent.data import DATA, load, package, tables
from tashkent.site import languages, markup, terms
from tashkent.site.links import citations, places

#: A column that so many tables describe in the same words is described once, before them.
SHARED = 5

#: What the languages of names are called.
_LANGUAGE_NAMES = {"de": "German", "ru-Latn": "Russian"}

#: Tables that point at passages without citing them: word counts, and the list of the uncited.
NOT_CITING = {"report_terms", "uncited"}


class Fold(nodes.General, nodes.Element):
    """Content that opens at a click: `summary` is what always shows."""

    @staticmethod
    def visit(translator, node: nodes.Element) -> None:
        """Open the element."""
        names = " ".join(["tk-fold", *node["classes"]])
        summary = translator.encode(node["summary"])
        translator.body.append(f'<details class="{names}">\n<summary>{summary}</summary>\n')

    @staticmethod
    def depart(translator, node: nodes.Element) -> None:
        """Close the element."""
        translator.body.append("</details>\n")


class CitingPages(nodes.General, nodes.Element):
    """Stands for the pages whose prose cites a passage, until all pages are read."""


class FillCitingPages(SphinxPostTransform):
    """Writes in what pages cite each passage."""

    default_priority = 600

    def run(self, **kwargs) -> None:
        """Go over one page."""
        for holder in list(self.document.findall(CitingPages)):
            paragraph = nodes.paragraph("", "Cited in ")
            for docname in _reading_order(self.env):
                if docname in places(self.env).values():
                    continue
                section = citations(self.env).get(docname, {}).get(holder["locator"])
                if section is None:
                    continue
                if len(paragraph) > 1:
                    paragraph += nodes.Text("; ")
                address = self.app.builder.get_relative_uri(self.env.docname, docname)
                title = self.env.titles[docname].astext()
                address += f"#{section}" if section else ""
                paragraph += nodes.reference("", title, refuri=address, internal=True)
            holder.replace_self([paragraph] if len(paragraph) > 1 else [])


class Codebook(SphinxDirective):
    """Every table of the data package: what a row is, and each column with its values."""

    def run(self) -> list[nodes.Node]:
        """Write a section for the columns that many tables share, and one for each table."""
        places(self.env)["codebook"] = self.env.docname
        resources = package()["resources"]
        _depend(self.env, [resource["path"] for resource in resources])
        fields = {resource["name"]: _fields(resource) for resource in resources}
        times = Counter(str(field) for table in fields.values() for field in table)
        shared = {
            field["name"]: field
            for table in fields.values()
            for field in table
            if times[str(field)] >= SHARED
        }
        first = _section(self, "table-shared", "Columns that many tables share")
        first += _columns_table(list(shared.values()))
        rows = tables().rows
        return [_filter("tables", "the codebook"), first] + [
            self._table(resource, int(rows[resource["name"]]), fields[resource["name"]], shared)
            for resource in resources
        ]

    def _table(self, resource: dict, rows: int, fields: list[dict], shared: dict) -> nodes.section:
        section = _section(self, f"table-{resource['name']}", resource["title"])
        section += nodes.paragraph("", "", *_inline(f"A row: {_lower(resource['description'])}"))
        key = ", ".join(f"`{name}`" for name in _listed(resource["schema"]["primaryKey"]))
        facts = f"`{resource['path']}`, {rows} {'row' if rows == 1 else 'rows'}; key: {key}."
        section += nodes.paragraph("", "", *_inline(facts), classes=["tk-facts"])
        section += _columns_table([f for f in fields if shared.get(f["name"]) != f])
        others = [f"`{f['name']}`" for f in fields if shared.get(f["name"]) == f]
        if others:
            text = f"And the shared columns {', '.join(others)}."
            section += nodes.paragraph("", "", *_inline(text), classes=["tk-facts"])
        return section


class Concordance(SphinxDirective):
    """Every passage of the report, in its order: gist, and what cites it."""

    def run(self) -> list[nodes.Node]:
        """Write one section for each section of the report, one entry for each passage."""
        places(self.env)["concordance"] = self.env.docname
        resources = [r for r in package()["resources"] if passage_columns(r)]
        _depend(self.env, ["sections.csv", "passages.csv", *(r["path"] for r in resources)])
        titles = dict(load("sections")[["section_id", "title"]].to_numpy())
        passages = load("passages").sort_values("order").to_dict("records")
        rows = citing_rows()
        reasons = dict(load("uncited")[["passage", "reason"]].to_numpy())
        made: list[nodes.Node] = [_filter("passages", "the report")]
        for section_id, group in groupby(passages, key=lambda passage: passage["section_id"]):
            name = "Footnotes" if section_id == "fn" else f"{section_id} · {titles[section_id]}"
            section = _section(self, _section_name(section_id), name)
            section += [
                self._passage(passage, rows[passage["locator"]], reasons) for passage in group
            ]
            made.append(section)
        return made

    def _passage(self, passage: dict, rows: dict[str, list[str]], reasons: dict) -> nodes.Node:
        locator = passage["locator"]
        entry = nodes.container(classes=["tk-passage"], ids=[locators.anchor(locator)])
        entry += nodes.paragraph("", "", nodes.strong("", locator))
        entry += nodes.paragraph("", passage["gist"])
        if passage["called_in"]:
            entry += nodes.paragraph("", f"Footnote to [{passage['called_in']}]")
        if passage["restates"]:
            sections = passage["restates"].split(";")
            links = [nodes.reference("", s, refid=_section_name(s)) for s in sections]
            parts = [part for link in links for part in (nodes.Text(", "), link)][1:]
            entry += nodes.paragraph("", "Sums up section ", *parts)
        entry += CitingPages(locator=locator)
        if rows:
            count = sum(map(len, rows.values()))
            summary = f"{count} {'row' if count == 1 else 'rows'} in the data"
            entry += self._rows(rows, summary)
        elif locator in reasons:
            entry += nodes.paragraph("", f"No row cites it: {reasons[locator]}")
        return entry

    def _rows(self, rows: dict[str, list[str]], summary: str) -> nodes.Node:
        fold = Fold(summary=summary)
        items = nodes.bullet_list()
        for table, keys in rows.items():
            line = nodes.paragraph("", "", _table_link(table), nodes.Text(": "))
            line += nodes.Text("; ".join(keys))
            items += nodes.list_item("", line)
        fold += items
        return fold


class GlossaryTable(SphinxDirective):
    """The terms, each in English, German and Russian, with what it means."""

    def run(self) -> list[nodes.Node]:
        """Write one row for each term."""
        places(self.env)["glossary"] = self.env.docname
        _depend(self.env, ["glossary.csv"])
        rows = []
        glossary = load("glossary").to_dict("records")
        for term in sorted(glossary, key=lambda term: term["english"].strip('“"').lower()):
            names = [
                nodes.paragraph(
                    "", "", nodes.strong("", ", ".join(languages.pieces(term["english"])))
                )
            ]
            for column in ("german", "russian"):
                if term[column]:
                    names.append(nodes.paragraph("", "", *_in_language(column, term[column])))
            meaning = nodes.paragraph("", f"{term['meaning']} [{term['locator']}]")
            rows.append(_row([names, [meaning]], [terms.term_anchor(term["term_id"])]))
        grid = _grid(["English, German, Russian", "Meaning"], rows, [40, 60])
        return [_filter("terms", "the glossary"), grid]


class NamesTable(SphinxDirective):
    """The names of states, bodies, people, instruments and groups in each language."""

    def run(self) -> list[nodes.Node]:
        """Write a section with a table for each kind of name."""
        made = []
        for table, (column, *others) in languages.NAMED.items():
            if table == "glossary":
                continue
            _depend(self.env, [f"{table}.csv"])
            shown = load(table).sort_values(column)
            shown = shown[(shown[others] != "").any(axis=1)]
            rows = [
                _row(
                    [
                        [nodes.paragraph("", row[column])],
                        *([nodes.paragraph("", "", *_in_language(o, row[o]))] for o in others),
                    ]
                )
                for row in shown.to_dict("records")
            ]
            headings = [
                "English",
                *(_LANGUAGE_NAMES[languages.LANGUAGES[other]] for other in others),
            ]
            section = _section(self, f"names-{table}", tables().title[table])
            section += _grid(headings, rows, [1] * len(headings))
            made.append(section)
        return made


def passage_columns(resource: dict) -> list[str]:
    """Name the columns of a table that point at passages and so cite them."""
    if resource["name"] in NOT_CITING:
        return []
    return [
        field
        for link in resource["schema"].get("foreignKeys", [])
        if link["reference"]["resource"] == "passages"
        for field in _listed(link["fields"])
    ]


@cache
def citing_rows() -> dict[str, dict[str, list[str]]]:
    """Find what rows cite each passage.

    Returns
    -------
    dict of str to dict of str to list of str
        By locator and table the keys of the rows; of a claim also its words.
    """
    found: dict[str, dict[str, list[str]]] = defaultdict(dict)
    for resource in package()["resources"]:
        cited_in = passage_columns(resource)
        if not cited_in:
            continue
        name = resource["name"]
        keys = [k for k in _listed(resource["schema"]["primaryKey"]) if k not in cited_in]
        for row in load(name).to_dict("records"):
            shown = " ".join(str(row[key]) for key in keys)
            if name == "claims":
                shown += f" ({row['claim'].rstrip('.')})"
            for locator in dict.fromkeys(row[column] for column in cited_in):
                if locator:
                    found[locator].setdefault(name, []).append(shown)
    return defaultdict(dict, found)


def rewrite_concordance(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Have the concordance written anew when what the pages cite, or their titles, changed."""
    page = places(env).get("concordance")
    titles = {docname: title.astext() for docname, title in env.titles.items()}
    now = (citations(env).copy(), titles)
    if page not in env.found_docs or env.__dict__.get("tashkent_cited") == now:
        return []
    env.tashkent_cited = now
    return [page]


def _reading_order(env: BuildEnvironment) -> list[str]:
    """Pages in the order of the table of contents."""
    ordered: list[str] = []
    waiting = [env.config.root_doc]
    while waiting:
        page = waiting.pop(0)
        if page not in ordered:
            ordered.append(page)
            waiting = [*env.toctree_includes.get(page, []), *waiting]
    return ordered


def _section_name(section_id: str) -> str:
    return "section" + locators.anchor(section_id).removeprefix("p")


def _section(directive: SphinxDirective, name: str, title: str) -> nodes.section:
    """Make a section that other pages can point at by its name."""
    section = nodes.section(names=[name])
    section += nodes.title(title, "", *_inline(title))
    directive.state.document.note_explicit_target(section)
    return section


def _fields(resource: dict) -> list[dict]:
    """Say of each column of a table what the codebook says of it."""
    schema = resource["schema"]
    refers = {
        field: link["reference"]["resource"] or resource["name"]
        for link in schema.get("foreignKeys", [])
        for field in _listed(link["fields"])
    }
    described = []
    for field in schema["fields"]:
        name, rules = field["name"], field.get("constraints", {})
        kind = {"string": "text", "integer": "whole number"}.get(field["type"], field["type"])
        kind = "EDTF date" if "rdfType" in field else kind
        described.append(
            {
                "name": name,
                "description": field["description"],
                "kind": kind + ("" if rules.get("required") else ", may be empty"),
                "values": rules.get("enum", []),
                "refers": refers.get(name),
            }
        )
    return described


def _columns_table(fields: list[dict]) -> nodes.Node:
    rows = []
    for field in fields:
        values: list[nodes.Node] = [nodes.inline("", field["kind"], classes=["tk-kind"])]
        if field["values"]:
            values.append(nodes.Text(": "))
            values += _inline(", ".join(f"`{value}`" for value in field["values"]))
        if field["refers"]:
            values += [nodes.Text(", of "), _table_link(field["refers"])]
        cells = [[nodes.literal("", field["name"])], _inline(field["description"]), values]
        rows.append(_row([[nodes.paragraph("", "", *cell)] for cell in cells]))
    return _grid(["Column", "What it says", "Values"], rows, [22, 45, 33])


def _filter(items: str, label: str) -> nodes.Node:
    return nodes.raw("", markup.filter_box(items, label), format="html")


def _grid(headings: list[str], rows: list[nodes.row], widths: list[int]) -> nodes.table:
    """Make a table."""
    grid = nodes.table(classes=["tk-grid", "colwidths-given"])
    group = nodes.tgroup(cols=len(headings))
    group += [nodes.colspec(colwidth=width, stub=not n) for n, width in enumerate(widths)]
    head = nodes.thead()
    head += _row([[nodes.paragraph("", heading)] for heading in headings])
    body = nodes.tbody()
    body += rows
    group += [head, body]
    grid += group
    return grid


def _row(cells: list[list], ids: list[str] = ()) -> nodes.row:
    """Make a row; each cell is a list of paragraphs."""
    row = nodes.row(ids=list(ids))
    row += [nodes.entry("", *cell) for cell in cells]
    return row


def _in_language(column: str, cell: str) -> list[nodes.Node]:
    """Set the forms in a cell, each marked with its language."""
    marked = [
        languages.language_node(form, languages.LANGUAGES[column])
        for form in languages.pieces(cell)
    ]
    return [part for word in marked for part in (nodes.Text(", "), word)][1:]


def _table_link(table: str) -> nodes.Node:
    """Point at a table in the codebook; resolved when all pages are read."""
    return pending_xref(
        "",
        nodes.literal("", table),
        refdomain="std",
        reftype="ref",
        reftarget=f"table-{table}".lower(),
        refexplicit=True,
        refwarn=True,
    )


def _inline(text: str) -> list[nodes.Node]:
    """Set what stands between backticks as code."""
    parts = re.split(r"`([^`]*)`", text)
    return [nodes.literal("", p) if n % 2 else nodes.Text(p) for n, p in enumerate(parts) if p]


def _lower(text: str) -> str:
    """Begin a sentence's first word small, where it is an ordinary word."""
    return text[0].lower() + text[1:] if text[1:2].islower() or text[1:2] == " " else text


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def _depend(env: BuildEnvironment, paths: list[str]) -> None:
    """Have the page read anew when one of the data files changes."""
    for path in ["datapackage.json", *paths]:
        env.note_dependency(str(DATA / path))
