"""What the generated pages are built of: folds, sections, tables, words set as code."""

import re
from collections.abc import Collection, Iterable

from docutils import nodes
from sphinx.environment import BuildEnvironment

from tashkent.data import DATA
from tashkent.site import markup


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


def make_section(name: str, title: str) -> nodes.section:
    """Make a section that can be pointed at by its name."""
    made = nodes.section(ids=[nodes.make_id(name)])
    made += nodes.title(title, "", *inline(title))
    return made


def paragraph(*content: nodes.Node | str, classes: list[str] = ()) -> nodes.paragraph:
    """Make a paragraph of texts, in which backticks mark code, and of nodes."""
    made = nodes.paragraph("", "", classes=list(classes))
    for part in content:
        made += inline(part) if isinstance(part, str) else part
    return made


def make_filter(items: str, label: str) -> nodes.Node:
    """Make the field that narrows down what follows."""
    return nodes.raw("", markup.filter_box(items, label), format="html")


def make_grid(
    headings: list[str],
    rows: list[nodes.row],
    widths: list[int],
    caption: str = "",
    name: str = "",
    numbers: Collection[int] = (),
) -> nodes.table:
    """Make a table whose first column heads its rows.

    Parameters
    ----------
    headings, rows, widths : list
        The columns' headings and relative widths, and the rows as `make_row` makes them.
    caption, name : str
        What the table is; a table with a caption needs a name that is its own on the page.
    numbers : collection of int
        The columns that hold numbers, counted from 0.
    """
    grid = nodes.table(classes=["tk-grid", "colwidths-given"])
    if caption:
        grid["ids"] = [nodes.make_id(name)]
        grid += nodes.title(caption, caption)
    group = nodes.tgroup(cols=len(headings))
    group += [nodes.colspec(colwidth=width, stub=not n) for n, width in enumerate(widths)]
    head = nodes.thead()
    head += make_row([[nodes.paragraph("", heading)] for heading in headings])
    body = nodes.tbody()
    body += rows
    for line in [*head, *body]:
        for column in numbers:
            line[column]["classes"].append("num")
    group += [head, body]
    grid += group
    return grid


def make_row(cells: list[list], ids: list[str] = ()) -> nodes.row:
    """Make a row; each cell is a list of paragraphs."""
    made = nodes.row(ids=list(ids))
    made += [nodes.entry("", *cell) for cell in cells]
    return made


def joined(parts: Iterable[nodes.Node], between: str = ", ") -> list[nodes.Node]:
    """Set nodes one after another, with a text between them."""
    return [node for part in parts for node in (nodes.Text(between), part)][1:]


def inline(text: str) -> list[nodes.Node]:
    """Set what stands between backticks as code."""
    parts = re.split(r"`([^`]*)`", text)
    return [nodes.literal("", p) if n % 2 else nodes.Text(p) for n, p in enumerate(parts) if p]


def counted(number: int, one: str, several: str = "") -> str:
    """Say a number of things: `1 row`, `7,701 rows`."""
    return f"{number:,} {one if number == 1 else several or one + 's'}"


def lower(text: str) -> str:
    """Begin a sentence's first word small, where it is an ordinary word."""
    return text[0].lower() + text[1:] if text[1:2].islower() or text[1:2] == " " else text


def depend(env: BuildEnvironment, paths: list[str]) -> None:
    """Have the page read anew when one of the data files changes."""
    for path in ["datapackage.json", *paths]:
        env.note_dependency(str(DATA / path))
