"""The codebook: the list of the tables, and for each table a page that says how it was coded."""

import html
from collections import Counter
from functools import cache, partial

import pandas as pd
from docutils import nodes
from docutils.utils import smartquotes
from sphinx.errors import ExtensionError
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective

from tashkent.agreement import codings, figures
from tashkent.data import DATA
from tashkent.dates import EDTF
from tashkent.description import key_of
from tashkent.export import listed
from tashkent.site.links import places
from tashkent.site.parts import (
    counted,
    depend,
    joined,
    lower,
    make_filter,
    make_grid,
    make_row,
    make_section,
    paragraph,
)
from tashkent.site.rows import (
    SUMMED,
    Address,
    FileLink,
    address_of,
    html_table,
    is_carried,
    records,
    references,
    resources,
    row_place,
    rows_table,
    table_link,
    text_of,
)

#: A column that so many tables describe in the same words is described once, before them.
SHARED = 5

#: A column of text with no more values than this has them listed.
FEW = 12

_NO_ROWS = "The rows, and the cells in dispute, are on the table's page on the site"


class Tables(nodes.General, nodes.Element):
    """Stands in the book to carry, which has no pages of tables, for the tables' descriptions."""


class Column(nodes.General, nodes.Element):
    """Stands for what is said of the column `name` of `table` until all pages are read."""


class AllRows(nodes.General, nodes.Element):
    """Stands for the rows of `table` until it is known where the rows of the others are."""


class Disputed(nodes.General, nodes.Element):
    """Stands for the cells of `table` in which the two codings differ."""


class Codebook(SphinxDirective):
    """The columns that many tables share, and the list of the tables."""

    def run(self) -> list[nodes.Node]:
        """Write a section for each of the two."""
        places(self.env)["codebook"] = self.env.docname
        described = resources().values()
        depend(self.env, [*(resource["path"] for resource in described), *_CODINGS])
        shared = make_section("shared-columns", "Columns that many tables share")
        shared += paragraph(
            f"At least {SHARED} tables have these columns and mean the same by them. The page of "
            "each table gives the values that it has there, with an example."
        )
        shared += [_shared(field) for field in shared_fields().values()]
        index = make_section("tables", "The tables")
        rows = [
            make_row(
                [
                    [paragraph(table_link(resource["name"]))],
                    [paragraph(resource["description"])],
                    [paragraph(f"{len(records(resource['name'])):,}")],
                ]
            )
            for resource in described
        ]
        index += make_filter("rows", "the list of tables")
        index += make_grid(["Table", "One row", "Rows"], rows, [26, 62, 12], numbers=[2])
        return [index, shared, Tables()]


class CodebookTable(SphinxDirective):
    """What one table is: how it was coded, column by column, and all of its rows."""

    def run(self) -> list[nodes.Node]:
        """Write the page of the table that its file is named after."""
        name = self.env.docname.rpartition("/")[2]
        if name not in resources():
            raise self.error(f"{self.env.docname}: the data package has no table '{name}'")
        resource = resources()[name]
        places(self.env)[f"table-{name}"] = self.env.docname
        depend(self.env, [resource["path"], *_CODINGS])
        return [*describe(resource), _rows_section(resource)]


class FillTables(SphinxPostTransform):
    """Writes the rows on a table's page, and all tables into the codebook of the book to carry."""

    default_priority = 600

    def run(self, **kwargs) -> None:
        """Go over one page."""
        builder = self.app.builder
        address = partial(address_of, self.env, builder, self.env.docname)
        for holder in list(self.document.findall(Tables)):
            holder.replace_self(_carried_tables() if is_carried(builder) else [])
        for holder in list(self.document.findall(Column)):
            resource = resources()[holder["table"]]
            field = next(f for f in resource["schema"]["fields"] if f["name"] == holder["name"])
            written = column_html(resource, field, address)
            holder.replace_self(nodes.raw("", written, format="html"))
        for holder in list(self.document.findall(Disputed)):
            written = disputed_html(resources()[holder["table"]])
            holder.replace_self(nodes.raw("", written, format="html"))
        for holder in list(self.document.findall(AllRows)):
            written = rows_table(resources()[holder["table"]], address)
            holder.replace_self(nodes.raw("", written, format="html"))


@cache
def shared_fields() -> dict[str, dict]:
    """Give the columns that at least `SHARED` tables describe in the same words, by their names."""
    times: dict[str, list[dict]] = {}
    for resource in resources().values():
        for field in resource["schema"]["fields"]:
            times.setdefault(_said(field), []).append(field)
    return {fields[0]["name"]: fields[0] for fields in times.values() if len(fields) >= SHARED}


def _said(field: dict) -> str:
    return str([field.get(part) for part in ("name", "question", "rule", "description")])


def describe(resource: dict, whole: bool = True) -> list[nodes.Node]:
    """Say of a table all that a coder must know, without its rows.

    Parameters
    ----------
    resource : dict
        The table's entry in `datapackage.json`.
    whole : bool
        Whether to say again what the columns shared by many tables mean, and to list the cells in
        which two codings differ.

    Raises
    ------
    ExtensionError
        Where the table's description has begun to say how it was coded and a column does not.
    """
    name = resource["name"]
    lacking = lacks(resource)
    if lacking:
        raise ExtensionError("\n".join(lacking))
    rows = records(name)
    key = joined([nodes.literal("", column) for column in key_of(resource["schema"])])
    facts = f", {counted(len(rows), 'row')}; key: "
    made: list[nodes.Node] = [
        paragraph(f"One row: {lower(resource['description'])}"),
        paragraph(FileLink(path=resource["path"]), facts, *key, ".", classes=["tk-facts"]),
    ]
    if resource.get("coding"):
        coding = make_section("coding", "Which rows there are")
        coding += [paragraph(text) for text in listed(resource["coding"])]
        made.append(coding)
    columns = make_section("columns", "Columns")
    shared = {} if whole else shared_fields()
    own = [f for f in resource["schema"]["fields"] if shared.get(f["name"], {}) != f]
    for field in own:
        column = make_section(f"column-{field['name']}", f"`{field['name']}`")
        column += Column(table=name, name=field["name"])
        columns += column
    others = [f for f in resource["schema"]["fields"] if f not in own]
    if others:
        names = joined([nodes.literal("", field["name"]) for field in others])
        columns += paragraph("And the shared columns ", *names, ".", classes=["tk-facts"])
    made.append(columns)
    if resource.get("difficulties"):
        hard = make_section("difficulties", "Known difficulties")
        hard += nodes.bullet_list(
            "", *(nodes.list_item("", paragraph(text)) for text in resource["difficulties"])
        )
        made.append(hard)
    return [*made, _agreement(resource, whole)]


def lacks(resource: dict) -> list[str]:
    """Name what a table's description lacks once it has begun to say how the table was coded."""
    fields = resource["schema"]["fields"]
    if not any("question" in field for field in fields):
        return []
    place = f"datapackage.json, {resource['name']}"
    found = [f"{place}: no {part}" for part in ("coding", "difficulties") if part not in resource]
    for field in fields:
        wanted = ["question", "rule"]
        wanted += [] if field.get("constraints", {}).get("required") else ["missing"]
        found += [f"{place}, column {field['name']}: no {p}" for p in wanted if not field.get(p)]
    return found


# Columns


def _shared(field: dict) -> nodes.section:
    """Describe a column that many tables share, without its values in one of them."""
    part = make_section(f"shared-{field['name']}", f"`{field['name']}`")
    told = _meaning(field)
    if values := field.get("constraints", {}).get("enum"):
        told.append(("Values", _sentence(", ".join(f"`{value}`" for value in values))))
    if field.get("missing"):
        told.append(("Empty", _sentence(field["missing"])))
    part += nodes.raw("", _told(told), format="html")
    return part


def column_html(resource: dict, field: dict, address: Address) -> str:
    """Describe a column as HTML: question and rule, its values with examples, what empty means.

    Parameters
    ----------
    resource, field : dict
        The table's and the column's entries in `datapackage.json`.
    address : callable
        Gives the address of a table, or of a row on its page, or None.
    """
    table, name, rows = resource["name"], field["name"], records(resource["name"])
    told = [*_meaning(field), ("Values", _values(resource, field, address))]
    if not field.get("constraints", {}).get("required"):
        empty = sum(not row[name] for row in rows)
        count = f"{empty:,} of {counted(len(rows), 'row')}"
        count = "no row" if not empty else "all rows" if empty == len(rows) else count
        told.append(("Empty", _sentence(f"In {count}. {field.get('missing', '')}")))
    found = _figures()
    for one in found[(found["table"] == table) & (found["column"] == name)].to_dict("records"):
        alpha = f"alpha {one['alpha']}" if one["alpha"].strip("-")[:1].isdigit() else one["alpha"]
        told.append(("Two codings", _sentence(f"{one['same']} of {one['n']} the same, {alpha}.")))
    return _told(told)


def _meaning(field: dict) -> list[tuple[str, str]]:
    if "question" not in field:
        return [("It says", _sentence(field["description"]))]
    rule = "\n".join(map(_sentence, listed(field["rule"])))
    return [("Question", _sentence(field["question"])), ("Rule", rule)]


def _values(resource: dict, field: dict, address: Address) -> str:
    """Say what may stand in a column, how often it does, and give an example with its passage."""
    name = field["name"]
    filled = [row for row in records(resource["name"]) if row[name]]
    times = Counter(row[name] for row in filled)
    if allowed := field.get("constraints", {}).get("enum"):
        items = []
        for value in map(str, allowed):
            item = f"<code>{html.escape(value)}</code>: {counted(times[value], 'row')}"
            if times[value]:
                row = clearest([row for row in filled if row[name] == value])
                item += f", such as {_where(resource, row, address)}"
            items.append(f"<li>{item}</li>")
        return '<ul class="tk-values">\n' + "\n".join(items) + "\n</ul>"
    told = _kind(field, [row[name] for row in filled])
    if refers := references(resource).get(name):
        told += f", a key of {_linked(f'<code>{refers}</code>', address(refers, ''))}"
    if 1 < len(times) <= FEW and max(times.values()) > 1 and name not in ("evidence", "note"):
        shown = sorted(times.items(), key=lambda pair: (-pair[1], pair[0]))
        told += "; in use: " + ", ".join(f"<code>{html.escape(v)}</code> {n}" for v, n in shown)
    elif times:
        told += f"; {counted(len(times), 'different value')}"
    told = f"<p>{told}.</p>"
    if filled:
        row = example(filled, name)
        lang = ' lang="de"' if name == "evidence" else ""
        value = html.escape(row[name].replace(";", " … ") if lang else row[name], quote=False)
        where = _where(resource, row, address)
        told += f"\n<p>For example <q{lang}>{value}</q> in {where}.</p>"
    return told


def _kind(field: dict, cells: list[str]) -> str:
    if field["type"] == "integer":
        numbers = list(map(int, cells)) or [0]
        return f"A whole number, {min(numbers)} to {max(numbers)}"
    return "An EDTF date" if field.get("rdfType") == EDTF else "Text"


def example(filled: list[dict[str, str]], column: str) -> dict[str, str]:
    """Choose a row as an example for a column, by preference without its most frequent value."""
    frequent, times = Counter(row[column] for row in filled).most_common(1)[0]
    unlike = [row for row in filled if times > 1 and row[column] != frequent]
    return clearest(unlike or filled)


def clearest(rows: list[dict[str, str]]) -> dict[str, str]:
    """Choose the first row whose values are printed and that needs no note, else the first."""
    for column, value in (("basis", "printed"), ("note", "")):
        rows = [row for row in rows if row.get(column, value) == value] or rows
    return rows[0]


def _where(resource: dict, row: dict[str, str], address: Address) -> str:
    """Name a row by its key, linked, with the passage that it cites."""
    key = key_of(resource["schema"])
    values = [row[column] for column in key]
    words = html.escape(" ".join(values), quote=False)
    if resource["name"] == SUMMED:
        return words
    told = _linked(words, address(resource["name"], row_place(resource["name"], values)))
    if row.get("locator") and "locator" not in key:
        told += f" [{row['locator']}]"
    return told


def _linked(words: str, target: str | None) -> str:
    return f'<a href="{target}">{words}</a>' if target else words


def _sentence(text: str) -> str:
    """Write a text of the data package as HTML: backticks mark code."""
    parts = text.strip().split("`")
    for n, part in enumerate(parts):
        if n % 2:
            parts[n] = f"<code>{html.escape(part, quote=False)}</code>"
        else:
            parts[n] = html.escape(smartquotes.smartyPants(part, "q", "en"), quote=False)
    return f"<p>{''.join(parts)}</p>"


def _told(told: list[tuple[str, str]]) -> str:
    items = "\n".join(f"<dt>{name}</dt>\n<dd>\n{content}\n</dd>" for name, content in told)
    return f'<dl class="tk-column">\n{items}\n</dl>'


# The two codings


_CODINGS = ["README.md", "codings/first.csv", "codings/second.csv"]


@cache
def _cells() -> list[dict[str, str]]:
    return codings().to_dict("records")


@cache
def _figures() -> pd.DataFrame:
    return figures((DATA / "README.md").read_text(encoding="utf-8"))


def _agreement(resource: dict, whole: bool) -> nodes.section:
    """Say how far two codings of the table agree, and if whole list the cells in dispute."""
    name = resource["name"]
    part = make_section("codings", "Two codings")
    cells = [cell for cell in _cells() if cell["table"] == name]
    if not cells:
        part += paragraph("No column of this table was coded a second time.")
        return part
    disputed = [cell for cell in cells if cell["first"] != cell["second"]]
    columns = counted(len({cell["column"] for cell in cells}), "column")
    part += paragraph(
        f"{columns} of this table, {counted(len(cells), 'cell')}, were coded twice from the German "
        f"text. The codings differ in {counted(len(disputed), 'cell')}; the table holds the "
        "settled value, and the note of the row says why."
    )
    if disputed and whole:
        part += Disputed(table=name)
    return part


def disputed_html(resource: dict) -> str:
    """Write as HTML the cells in which the codings of a table differ, and what it holds."""
    name, key = resource["name"], key_of(resource["schema"])
    settled = {" ".join(row[column] for column in key): row for row in records(name)}
    lines = []
    for cell in _cells():
        if cell["table"] != name or cell["first"] == cell["second"]:
            continue
        row, words = settled.get(cell["key"]), html.escape(cell["key"])
        if row:
            words = f'<a href="#{row_place(name, [row[column] for column in key])}">{words}</a>'
        values = [cell["first"], cell["second"], row[cell["column"]] if row else "no row"]
        told = [f"<code>{cell['column']}</code>", *(html.escape(v or "(empty)") for v in values)]
        shown = "\n".join(f"<td>{one}</td>" for one in told)
        lines.append(f"<tr>\n<th>{words}</th>\n{shown}\n</tr>")
    headings = ["Row", "Column", "First coding", "Second coding", "In the table"]
    columns = list(zip(headings, ["30%", "17%", "18%", "17%", "18%"], strict=True))
    caption = f"Cells of {name} in which the codings differ"
    return html_table('<table class="tk-grid">', caption, columns, lines)


# Rows


def _rows_section(resource: dict) -> nodes.section:
    """Leave the place for the rows, or sum them up where they are too many."""
    name = resource["name"]
    part = make_section("rows", "Rows")
    if name != SUMMED:
        part += AllRows(table=name)
        return part
    words = text_of(name).merge(text_of("passages")[["locator", "section_id"]], on="locator")
    words["count"] = words["count"].astype(int)
    titles = text_of("sections")[["section_id", "title", "order"]]
    titles = titles.assign(order=titles["order"].astype(int)).sort_values("order")
    part += paragraph(
        f"The {len(words):,} rows are not listed here: they are for computing. The file ",
        FileLink(path=resource["path"]),
        " holds them all. By section:",
    )
    lines = []
    for section in titles.itertuples():
        here = words[words["section_id"] == section.section_id]
        if here.empty:
            continue
        sums = [here["locator"].nunique(), len(here), here["term"].nunique(), here["count"].sum()]
        title = (
            "Footnotes" if section.section_id == "fn" else f"{section.section_id} · {section.title}"
        )
        lines.append(make_row([[paragraph(title)], *([paragraph(f"{n:,}")] for n in sums)]))
    headings = ["Section", "Passages", "Rows", "Different words", "Words"]
    widths, caption = [44, 14, 14, 14, 14], "Words of each section"
    part += make_grid(headings, lines, widths, caption, "words-by-section", range(1, 5))
    return part


def _carried_tables() -> list[nodes.Node]:
    """Describe every table, one section each, for the book to carry."""
    made = []
    for resource in resources().values():
        part = make_section(f"table-{resource['name']}", resource["title"])
        part += describe(resource, whole=False)
        part += paragraph(f"{_NO_ROWS}; the rows are also in the file `{resource['path']}`.")
        for section in part.findall(nodes.section):
            if section is not part:
                section["ids"] = [f"{part['ids'][0]}-{section['ids'][0]}"]
        made.append(part)
    return made
