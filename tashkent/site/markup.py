"""Small repairs to the HTML of notebook outputs: links in text, frames around tables."""

import html
import json
import re
from collections.abc import Callable, Sequence

from sphinx.application import Sphinx

from tashkent import locators

#: Takes HTML apart into texts and, at every second place, tags and comments.
TOKEN = re.compile(r"(<!--.*?-->|</?[A-Za-z](?:[^<>\"']|\"[^\"]*\"|'[^']*')*>)", re.DOTALL)
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]*)")
_UNTOUCHED = {"a", "code", "pre", "script", "select", "style", "svg", "textarea"}
TABLE = re.compile(r"<table\b.*?</table>", re.DOTALL)
_CAPTION = re.compile(r"<caption\b([^>]*)>(.*?)</caption>", re.DOTALL)
ROW = re.compile(r"<tr\b.*?</tr>", re.DOTALL)
CELL = re.compile(r"<t[hd]\b[^>]*>(.*?)</t[hd]>", re.DOTALL)
_NUMBER = re.compile(r"[+\-−]?\d[\d,]*(\.\d+)?")
_DAY = re.compile(r"\d{4}-[\d/.-]+")

_MENUS = re.compile(r'(<table\b[^>]*?) data-menus="([^"]*)"')

#: Stands between the values of a cell that holds several.
BETWEEN = "; "

#: A column with a cell of more characters is given room for its words.
LONG = 40

#: A table of more rows, longer than a screen, gets a filter.
LONG_TABLE = 15

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
    return _link(markup, link, locators.find, locators.is_locator)


def link_records(markup: str, link: Linker) -> str:
    """Link, in the same places, what cites the record; `link` is given one key, without a bracket.

    The first key of a bracket is given with the word before it: `record: csto`.
    """
    return _link(markup, link, locators.find_records, locators.is_record)


def _link(
    markup: str,
    link: Linker,
    find: Callable[[str], list[re.Match]],
    is_one: Callable[[str], bool],
) -> str:
    tokens = TOKEN.split(markup)
    inside: list[str] = []
    for at, token in enumerate(tokens):
        if at % 2:
            _follow(token, inside)
        elif inside or not token:
            continue
        elif _is_cell(tokens, at) and is_one(token):
            tokens[at] = "; ".join(map(link, locators.split(token)))
        else:
            tokens[at] = _link_brackets(token, link, find)
    return "".join(tokens)


def text_of(markup: str) -> str:
    """Give the text in HTML in which locators are looked for, the rest left out."""
    inside: list[str] = []
    kept = []
    for at, token in enumerate(TOKEN.split(markup)):
        if at % 2:
            _follow(token, inside)
        elif not inside:
            kept.append(html.unescape(token))
    return "\n".join(kept)


def frame_tables(markup: str) -> str:
    """Put each table in a box that scrolls, with scopes on its headers and its columns told apart.

    Parameters
    ----------
    markup : str
        HTML of a notebook output, as pandas writes it. A table's caption becomes the name of its
        box; without one that is its headings.
    """

    def frame(found: re.Match) -> str:
        table = _mark_columns(_mark_scopes(_join_headings(found[0])))
        caption = _CAPTION.search(table)
        head = table.partition("</thead>")[0]
        named = [caption[2]] if caption else re.findall(r"<th\b[^>]*>(.*?)</th>", head, re.DOTALL)
        return scroll_box(table, ", ".join(filter(None, map(plain, named))))

    return TABLE.sub(frame, markup)


def scroll_box(content: str, label: str, classes: str = "") -> str:
    """Put wide content into a box of its own that the keyboard can scroll.

    A table of more than `LONG_TABLE` rows gets a filter, as does one that asks for menus; a caption
    gets what keeps it in sight.
    """
    names = f"tk-scroll {classes}".strip()
    asked = _MENUS.search(content)
    content = _MENUS.sub(r"\1", content)
    content = _CAPTION.sub(r"<caption\1><span>\2</span></caption>", content)
    box = (
        f'<div class="{names}" tabindex="0" role="region" aria-label="{html.escape(label)}">'
        f"\n{content}\n</div>"
    )
    body = content.partition("</thead>")[2]
    columns = json.loads(html.unescape(asked[2])) if asked else []
    if "rowspan" in body or (not columns and len(ROW.findall(body)) <= LONG_TABLE):
        return box
    return f"{filter_box('rows', label, [_menu(content, column) for column in columns])}\n{box}"


def filter_box(items: str, label: str, menus: Sequence[str] = ()) -> str:
    """Write a field that narrows down what follows, and menus; they show where there is a script.

    Parameters
    ----------
    items : str
        What is filtered: `"rows"` or `"terms"` of the next table, `"passages"` of the page.
    label : str
        What they belong to, for those who do not see where the field stands.
    menus : sequence of str, optional
        The HTML of each menu; with any, there is a button that undoes all choices.
    """
    names = "tk-filter tk-menus" if menus else "tk-filter"
    undo = '<button type="button">Show all</button>\n' if menus else ""
    return (
        f'<p class="{names}" data-filter="{items}">{"".join(menus)}<label>Filter'
        f'<span class="tk-unseen"> the {items} of {html.escape(label)}</span>\n'
        f'<input type="search" autocomplete="off"></label>\n{undo}<output></output></p>'
    )


def _menu(table: str, column: str) -> str:
    """Write a menu of the values that a column of a table holds, in the order of the alphabet.

    Raises
    ------
    ValueError
        Where two values are told apart by more than letters and digits.
    """
    head, _, body = table.partition("</thead>")
    headings = list(map(plain, CELL.findall(ROW.findall(head)[-1])))
    at = headings.index(column)
    cells = [plain(CELL.findall(row)[at]) for row in ROW.findall(body)]
    values = sorted({v for cell in cells for v in cell.split(BETWEEN) if v}, key=str.casefold)
    names = list(map(slug, values))
    if len(set(names)) < len(names):
        raise ValueError(f"values of '{column}' alike but for signs: {', '.join(values)}")
    listed = options({"": "all"} | dict(zip(names, values, strict=True)))
    return (
        f'<label>{html.escape(column)}\n<select data-asked="{slug(column)}" data-column="{at}" '
        f'autocomplete="off">\n{listed}\n</select></label>\n'
    )


def options(named: dict[str, str], chosen: str | None = None) -> str:
    """Write the options of a menu, a line each: what stands for each in the address, and words."""
    return "\n".join(
        f'<option value="{html.escape(name)}"{" selected" if name == chosen else ""}>'
        f"{html.escape(words)}</option>"
        for name, words in named.items()
    )


def slug(text: str) -> str:
    """Shorten a text to what can stand in an address."""
    return "-".join(re.findall(r"\w+", text.lower()))


def scope_grids(app: Sphinx, page: str, template: str, context: dict, doctree) -> None:
    """Say of the header cells that docutils writes whether they head a column or a row."""
    for kind, scope in (("head", "col"), ("stub", "row")):
        found = f'<th class="{kind}'
        context["body"] = context.get("body", "").replace(found, f'<th scope="{scope}"{found[3:]}')


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
    before, after = tokens[at - 1].lower(), tokens[at + 1].lower()
    return before.startswith(("<td", "<th")) and after in ("</td>", "</th>")


def _link_brackets(text: str, link: Linker, find: Callable[[str], list[re.Match]]) -> str:
    for found in reversed(find(text)):
        linked = "; ".join(map(link, locators.split(found[1])))
        text = f"{text[: found.start()]}[{linked}]{text[found.end() :]}"
    return text


def _join_headings(table: str) -> str:
    """Make one row of headings of the two that pandas writes where the index has a name."""
    head, mark, body = table.partition("</thead>")
    rows = ROW.findall(head)
    cells = [[cell[0] for cell in CELL.finditer(row)] for row in rows]
    if len(rows) != 2 or len(cells[0]) != len(cells[1]) or "colspan" in head:
        return table
    if any(plain(above) and plain(below) for above, below in zip(*cells, strict=True)):
        return table
    joined = [below if plain(below) else above for above, below in zip(*cells, strict=True)]
    row = "<tr>\n      " + "\n      ".join(joined) + "\n    </tr>"
    return head[: head.index(rows[0])] + row + "\n  " + mark + body


def _mark_scopes(table: str) -> str:
    """Say of each header cell whether it heads a column or a row, or a group of them."""
    head, mark, body = table.partition("</thead>")
    head = re.sub(r'(<tr) style="text-align: [a-z]+;"', r"\1", head)
    top = ROW.search(head)
    if top and "colspan" in top[0]:
        spans = re.findall(r'<t[hd]\b(?:[^>]*\bcolspan="(\d+)")?', top[0])
        groups = "\n".join(f'<colgroup span="{span or 1}"></colgroup>' for span in spans)
        marked = re.sub(r"<th(?=[^>]*\bcolspan=)", '<th scope="colgroup"', top[0])
        head = head.replace(top[0], marked).replace("<thead>", f"{groups}\n  <thead>")
    return _scoped(head, "col") + mark + _scoped(_group_rows(body), "row")


def _group_rows(body: str) -> str:
    """Make the rows beside a heading that spans them a group, as its scope demands."""
    left = 0

    def row(found: re.Match) -> str:
        nonlocal left
        left -= 1
        if left >= 0:
            return found[0]
        spans = re.match(r'(<tr\b[^>]*>\s*<th)(?=[^>]*\browspan="(\d+)")', found[0])
        left = int(spans[2]) - 1 if spans else 0
        marked = f'{spans[0]} scope="rowgroup"{found[0][spans.end() :]}' if spans else found[0]
        return marked if found.start() == first else f"</tbody>\n  <tbody>\n    {marked}"

    if "rowspan" not in body:
        return body
    first = ROW.search(body).start()
    return ROW.sub(row, body)


def _scoped(cells: str, scope: str) -> str:
    return re.sub(r"<th(?=[\s>])(?![^>]*\bscope=)", f'<th scope="{scope}"', cells)


def _mark_columns(table: str) -> str:
    """Mark the columns of numbers, of days and of long text, which are set differently.

    A row beside a heading that spans rows lacks its first cells: columns count from the right.
    """
    body = table.partition("</thead>")[2]
    rows = [list(map(plain, CELL.findall(row))) for row in ROW.findall(body)]
    if not rows or "colspan" in body:
        return table
    width = max(map(len, rows))
    columns = zip(*([""] * (width - len(row)) + row for row in rows), strict=True)
    kinds = [_kind([cell for cell in column if cell]) for column in columns]

    def row(found: re.Match) -> str:
        if "colspan" in found[0]:
            return found[0]
        column = iter(kinds[width - len(CELL.findall(found[0])) :])

        def cell(opening: re.Match) -> str:
            kind = next(column, "")
            return f'{opening[0]} class="{kind}"' if kind else opening[0]

        return re.sub(r"<t[hd]\b", cell, found[0])

    return ROW.sub(row, table)


def _kind(cells: list[str]) -> str:
    if cells and all(map(_NUMBER.fullmatch, cells)):
        return "num"
    if cells and any(map(_DAY.fullmatch, cells)):
        return "day"
    return "long" if any(len(cell) > LONG for cell in cells) else ""


def plain(markup: str) -> str:
    """Give the text in HTML, without its tags."""
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
