"""Small repairs to the HTML of notebook outputs: links in text, frames around tables."""

import html
import re
from collections.abc import Callable

from tashkent import locators

_TOKEN = re.compile(r"(<!--.*?-->|</?[A-Za-z](?:[^<>\"']|\"[^\"]*\"|'[^']*')*>)", re.DOTALL)
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]*)")
_UNTOUCHED = {"a", "code", "pre", "script", "select", "style", "svg", "textarea"}
_TABLE = re.compile(r"<table\b.*?</table>", re.DOTALL)
_NUMBER = re.compile(r"[+\-−]?\d[\d,]*(\.\d+)?")
_DAY = re.compile(r"\d{4}-[\d/.-]+")

#: A column with a cell of more characters is given room for its words.
LONG = 40

#: Writes what is shown for one locator or range, given as text.
Linker = Callable[[str], str]


def link_locators(markup: str, link: Linker) -> str:
    """Link the locators in HTML text: those in brackets, and table cells that hold nothing else.

    Parameters
    ----------
    markup : str
        HTML; what stands in code, links, pictures and the like is left alone.
    link : callable
        Turns one locator or range into HTML.
    """
    tokens = _TOKEN.split(markup)
    inside: list[str] = []
    for at, token in enumerate(tokens):
        if at % 2:
            _follow(token, inside)
        elif inside or not token:
            continue
        elif _is_cell(tokens, at) and locators.is_locator(token):
            tokens[at] = "; ".join(map(link, locators.split(token)))
        else:
            tokens[at] = _link_brackets(token, link)
    return "".join(tokens)


def text_of(markup: str) -> str:
    """Give the text in HTML in which locators are looked for, the rest left out."""
    inside: list[str] = []
    kept = []
    for at, token in enumerate(_TOKEN.split(markup)):
        if at % 2:
            _follow(token, inside)
        elif not inside:
            kept.append(html.unescape(token))
    return "\n".join(kept)


def frame_tables(markup: str, first: int = 1) -> tuple[str, int]:
    """Put each table in a box that scrolls, with scopes on its headers and its columns told apart.

    Parameters
    ----------
    markup : str
        HTML of a notebook output, as pandas writes it.
    first : int
        The number that the first table gets in its label.

    Returns
    -------
    tuple of (str, int)
        The HTML, and the number for the next table.
    """
    number = first

    def frame(found: re.Match) -> str:
        nonlocal number
        table = _mark_columns(_mark_scopes(_join_headings(found[0])))
        head = table.partition("</thead>")[0]
        headings = [_plain(cell) for cell in re.findall(r"<th\b[^>]*>(.*?)</th>", head, re.DOTALL)]
        named = (
            ", ".join(dict.fromkeys(heading for heading in headings if heading)) or "no headings"
        )
        if len(named) > 80:
            named = named[:77].rsplit(",", 1)[0] + ", …"
        label = f"Table {number}: {named}"
        number += 1
        return scroll_box(table, label)

    return _TABLE.sub(frame, markup), number


def scroll_box(content: str, label: str, classes: str = "") -> str:
    """Put wide content into a box of its own that the keyboard can scroll."""
    names = f"tk-scroll {classes}".strip()
    return (
        f'<div class="{names}" tabindex="0" role="region" aria-label="{html.escape(label)}">'
        f"\n{content}\n</div>"
    )


def table(rows: list[list[object]], headings: list[str], caption: str) -> str:
    """Write a plain table; each cell stands on a line of its own, so that search sees words.

    Parameters
    ----------
    rows : list of list
        The cells; None is shown as an empty cell.
    headings : list of str
        One for each column.
    caption : str
        What the table is.
    """
    head = "\n".join(f'<th scope="col">{html.escape(heading)}</th>' for heading in headings)
    body = "\n".join(
        "<tr>\n" + "\n".join(f"<td>{html.escape(_shown(cell))}</td>" for cell in row) + "\n</tr>"
        for row in rows
    )
    written = (
        f'<table class="dataframe">\n<caption>{html.escape(caption)}</caption>\n'
        f"<thead>\n<tr>\n{head}\n</tr>\n</thead>\n<tbody>\n{body}\n</tbody>\n</table>"
    )
    return _mark_columns(written)


def _follow(tag: str, inside: list[str]) -> None:
    """Keep count of the elements whose text is left alone."""
    closing, name = _TAG.match(tag).groups() if _TAG.match(tag) else ("", "")
    name = name.lower()
    if name not in _UNTOUCHED or tag.endswith("/>"):
        return
    if not closing:
        inside.append(name)
    elif name in inside:
        inside.remove(name)


def _is_cell(tokens: list[str], at: int) -> bool:
    """Whether a text is all that stands in a table's cell."""
    if not 0 < at < len(tokens) - 1:
        return False
    return tokens[at - 1].lower().startswith("<td") and tokens[at + 1].lower() == "</td>"


def _link_brackets(text: str, link: Linker) -> str:
    for found in reversed(locators.find(text)):
        linked = "; ".join(map(link, locators.split(found[1])))
        text = f"{text[: found.start()]}[{linked}]{text[found.end() :]}"
    return text


def _join_headings(table: str) -> str:
    """Make one row of headings of the two that pandas writes where the index has a name."""
    head, mark, body = table.partition("</thead>")
    rows = re.findall(r"<tr\b.*?</tr>", head, re.DOTALL)
    cells = [re.findall(r"<t[hd]\b[^>]*>.*?</t[hd]>", row, re.DOTALL) for row in rows]
    if len(rows) != 2 or len(cells[0]) != len(cells[1]) or "colspan" in head:
        return table
    if any(_plain(above) and _plain(below) for above, below in zip(*cells, strict=True)):
        return table
    joined = [below if _plain(below) else above for above, below in zip(*cells, strict=True)]
    row = "<tr>\n      " + "\n      ".join(joined) + "\n    </tr>"
    return head[: head.index(rows[0])] + row + "\n  " + mark + body


def _mark_scopes(table: str) -> str:
    """Say of each header cell whether it heads a column or a row."""
    head, mark, body = table.partition("</thead>")
    head = re.sub(r"<th(?=[\s>])(?![^>]*\bscope=)", '<th scope="col"', head)
    body = re.sub(r"<th(?=[\s>])(?![^>]*\bscope=)", '<th scope="row"', body)
    return re.sub(r'(<tr) style="text-align: [a-z]+;"', r"\1", head) + mark + body


def _mark_columns(table: str) -> str:
    """Mark the columns of numbers, of days and of long text, which are set differently."""
    if "colspan" in table or "rowspan" in table:
        return table
    rows = [
        [_plain(cell) for cell in re.findall(r"<t[hd]\b[^>]*>(.*?)</t[hd]>", row, re.DOTALL)]
        for row in re.findall(r"<tr\b[^>]*>(.*?)</tr>", table.partition("</thead>")[2], re.DOTALL)
    ]
    if not rows or len({len(row) for row in rows}) != 1:
        return table
    kinds = [_kind([cell for cell in column if cell]) for column in zip(*rows, strict=True)]

    def row(found: re.Match) -> str:
        column = iter(kinds)

        def cell(opening: re.Match) -> str:
            kind = next(column, "")
            return f'{opening[0]} class="{kind}"' if kind else opening[0]

        return re.sub(r"<t[hd]\b", cell, found[0])

    return re.sub(r"<tr\b[^>]*>.*?</tr>", row, table, flags=re.DOTALL)


def _kind(cells: list[str]) -> str:
    if cells and all(map(_NUMBER.fullmatch, cells)):
        return "num"
    if cells and any(map(_DAY.fullmatch, cells)):
        return "day"
    return "long" if any(len(cell) > LONG for cell in cells) else ""


def _plain(markup: str) -> str:
    return html.unescape(re.sub(r"<[^>]*>", "", markup)).strip()


def _shown(cell: object) -> str:
    """Write a value from a chart's data: days without a time of day, nothing for None."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, list):
        return ", ".join(map(_shown, cell))
    return str(cell).removesuffix("T00:00:00")
