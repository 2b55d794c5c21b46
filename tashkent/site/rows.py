"""The rows of the tables on the pages: the place of each, links to it, and all rows of a table."""

import html
from collections.abc import Callable
from functools import cache

import pandas as pd
from docutils import nodes
from sphinx.builders import Builder
from sphinx.environment import BuildEnvironment
from sphinx.transforms.post_transforms import SphinxPostTransform

from tashkent.data import DATA, package, read_text
from tashkent.description import key_of
from tashkent.site.carry.downloads import UNPACKED
from tashkent.site.languages import LANGUAGES, PRINTED
from tashkent.site.links import places

#: A table of so many words is summed up on its page, and its rows are left to its file.
SUMMED = "report_terms"

#: Tables that point at passages without citing them: word counts, and the list of the uncited.
NOT_CITING = {SUMMED, "name_terms", "uncited"}

#: The least and the greatest width of a column, in letters, and that of the longest word on a line.
NARROW, WIDE, ID = 5, 48, 20


#: Gives the address of a table's page, or of a place on it; None in a book without that page.
Address = Callable[[str, str], str | None]


class RowLink(nodes.Inline, nodes.TextElement):
    """Words that lead to the page of a table, and there to the place of a row: `table`, `place`.

    Where these pages are is known when all are read; until then, and in a book without them, they
    are words.
    """


class FileLink(nodes.Inline, nodes.TextElement):
    """A table's file, `path`, that leads to the copy of it among the site's downloads."""


class PlaceRowLinks(SphinxPostTransform):
    """Makes links of the words that lead to a table, to a row or to a table's file."""

    default_priority = 610

    def run(self, **kwargs) -> None:
        """Go over one page."""
        for link in list(self.document.findall(RowLink)):
            address = address_of(
                self.env, self.app.builder, self.env.docname, link["table"], link.get("place", "")
            )
            words = [child.deepcopy() for child in link.children]
            if address:
                words = [nodes.reference("", "", *words, refuri=address, internal=True)]
            link.replace_self(words)
        for link in list(self.document.findall(FileLink)):
            words = [nodes.literal("", link["path"])]
            if "downloads" in places(self.env) and not is_carried(self.app.builder):
                address = "../" * self.env.docname.count("/") + f"downloads/{UNPACKED}/"
                words = [nodes.reference("", "", *words, refuri=address + link["path"])]
            link.replace_self(words)


def table_link(table: str, place: str = "") -> RowLink:
    """Lead to a table, or to a section of its page."""
    return RowLink("", "", nodes.literal("", table), table=table, place=place)


def row_link(table: str, values: list[str], words: str = "") -> RowLink:
    """Lead to a row by the values of its key, which are the words that are shown without others."""
    return RowLink("", words or " ".join(values), table=table, place=row_place(table, values))


def row_place(table: str, values: list[str]) -> str:
    """Name the place of a row on its table's page: `memberships-cis-arm`."""
    return nodes.make_id(" ".join([table, *values]))


def is_carried(builder: Builder) -> bool:
    """Whether the pages go into the book to carry, whose codebook describes the tables itself."""
    return builder.name == "epub"


def address_of(
    env: BuildEnvironment, builder: Builder, page: str, table: str, place: str = ""
) -> str | None:
    """Give the address of a table's page, or of a row on it, as seen from another page.

    None where the book has no such page. The book to carry has the tables in its codebook, without
    their rows.
    """
    if is_carried(builder):
        there, place = places(env).get("codebook"), nodes.make_id(f"table {table}")
    else:
        there = places(env).get(f"table-{table}")
    if there is None:
        return None
    if there == page and place:
        return f"#{place}"
    return builder.get_relative_uri(page, there) + (f"#{place}" if place else "")


def references(resource: dict) -> dict[str, str]:
    """Give for each column that holds keys of a table the name of that table."""
    return {
        link["fields"]: link["reference"]["resource"]
        for link in resource["schema"].get("foreignKeys", [])
    }


def passage_columns(resource: dict) -> list[str]:
    """Name the columns of a table that point at passages and so cite them."""
    if resource["name"] in NOT_CITING:
        return []
    return [field for field, table in references(resource).items() if table == "passages"]


@cache
def resources() -> dict[str, dict]:
    """Give the tables of the data package by name; a build reads their description once."""
    return {resource["name"]: resource for resource in package()["resources"]}


@cache
def text_of(name: str) -> pd.DataFrame:
    """Read a table as the text that stands in its file; the checks have passed it already."""
    return read_text(DATA / resources()[name]["path"])


@cache
def records(name: str) -> list[dict[str, str]]:
    """Read a table as a list of its rows."""
    return text_of(name).to_dict("records")


@cache
def citing_rows() -> dict[str, list[tuple[str, list[str], dict[str, str]]]]:
    """Find the rows that cite each passage.

    Returns
    -------
    dict of str to list of (str, list of str, dict of str to str)
        By locator: the table, the values of the row's key, and the row's cells.
    """
    found: dict[str, list] = {}
    for resource in resources().values():
        cited_in, key = passage_columns(resource), key_of(resource["schema"])
        if not cited_in:
            continue
        for row in records(resource["name"]):
            entry = (resource["name"], [row[column] for column in key], row)
            for locator in dict.fromkeys(row[column] for column in cited_in):
                if locator:
                    found.setdefault(locator, []).append(entry)
    return found


def rows_table(resource: dict, address: Address) -> str:
    """Write all rows of a table as HTML, each with its place; what it refers to is linked.

    The key and the passage come first, the other columns in their order.

    Parameters
    ----------
    resource : dict
        The table's entry in `datapackage.json`.
    address : callable
        Gives the address of a row by the name of its table and its place, or None.
    """
    name, key = resource["name"], key_of(resource["schema"])
    cells = text_of(name)
    shown = list(dict.fromkeys([*key, *(c for c in ("locator",) if c in cells), *cells]))
    refers = {c: t for c, t in references(resource).items() if t not in ("passages", name)}
    widths = [_width(column, cells[column]) for column in shown]
    tongues = {
        c: LANGUAGES[c] for c in shown if c in LANGUAGES and c.replace("_", " ") not in PRINTED
    }

    def cell(column: str, value: str, first: bool) -> str:
        words = html.escape(value, quote=False)
        if len(value) > ID and " " not in value:
            words = words.replace("_", "_<wbr>")
        if column in refers and value:
            target = address(refers[column], row_place(refers[column], [value]))
            words = f'<a href="{target}">{words}</a>' if target else words
        tag = "th" if first else "td"
        lang = f' lang="{tongues[column]}"' if value and column in tongues else ""
        return f"<{tag}{lang}>{words}</{tag}>"

    written = []
    for row in records(name):
        line = "\n".join(cell(column, row[column], not n) for n, column in enumerate(shown))
        place = row_place(name, [row[column] for column in key])
        written.append(f'<tr id="{place}">\n{line}\n</tr>')
    columns = [(column, f"{width}ch") for column, width in zip(shown, widths, strict=True)]
    opening = f'<table class="dataframe tk-rows" style="width:{sum(widths)}ch">'
    return html_table(opening, f"{name}, all rows", columns, written)


def html_table(opening: str, caption: str, columns: list[tuple[str, str]], rows: list[str]) -> str:
    """Write a table whose columns, each a heading and a width, do not move with what they hold."""
    head = "\n".join(f"<th>{heading}</th>" for heading, _ in columns)
    widths = "".join(f'<col style="width:{width}">' for _, width in columns)
    body = "\n".join(rows)
    return (
        f"{opening}\n<caption>{caption}</caption>\n<colgroup>{widths}</colgroup>\n"
        f"<thead>\n<tr>\n{head}\n</tr>\n</thead>\n<tbody>\n{body}\n</tbody>\n</table>"
    )


def _width(column: str, cells: pd.Series) -> int:
    """Give a column room for its heading, its words, and of long texts some lines."""
    words = max((len(w) for cell in cells for w in cell.split()), default=0)
    longest = int(cells.str.len().max() or 0)
    room = longest if longest <= 16 else max(16, longest // 3)
    return min(WIDE, max(NARROW, len(column), min(words, ID), room)) + 3
