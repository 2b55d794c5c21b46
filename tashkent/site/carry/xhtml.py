"""Well-formed XHTML of the pages: unfolded, without menus, scripts and what only a screen needs."""

import html
import posixpath
from urllib.parse import unquote

from bs4 import BeautifulSoup, Tag

#: What a page of paper has no use for.
_SCREEN_ONLY = (
    "script, style, button, form, select, svg, [hidden], a[download], a.headerlink, "
    ".tk-save, .tk-filter, .tk-chooser > p"
)

#: Attributes that XHTML does not know, or that only serve scrolling and scripts.
_DROPPED = {"border", "align", "valign", "tabindex"}

#: A table of more columns is set as a list of its rows where the page is narrow.
WIDE = 4

#: The style sheets, at the root of the book: of every page, and of wide tables on a narrow one.
STYLE, ROWS = "carry.css", "rows.css"


def mend(body: str) -> BeautifulSoup:
    """Make a page's body fit for a book: nothing folded, scrolling or waiting for a script.

    Parameters
    ----------
    body : str
        HTML as Sphinx, pandas and the charts wrote it, void elements and boolean attributes too.

    Returns
    -------
    bs4.BeautifulSoup
        The body as a tree that `page` and `join` write as XHTML.
    """
    soup = BeautifulSoup(body, "html.parser")
    for tag in soup.select(_SCREEN_ONLY):
        tag.decompose()
    for box in soup.select(".tk-scroll"):
        for name in ("role", "aria-label"):
            box.attrs.pop(name, None)
    for fold, name in (("details", "div"), ("summary", "p")):
        for tag in soup.find_all(fold):
            tag.name = name
            tag["class"] = [*tag.get("class", []), f"tk-{fold}"]
            tag.attrs.pop("open", None)
    for tag in soup.find_all(True):
        for name in [n for n in tag.attrs if n in _DROPPED or n.startswith("data-")]:
            del tag[name]
    for table in soup.find_all("table"):
        _name_cells(table)
        for cell in table.find_all(["td", "th"]):
            _let_ids_break(soup, cell)
    return soup


def _name_cells(table: Tag) -> None:
    """Give each cell its column's heading, by which a table can be set as a list of its rows."""
    if not table.thead or not table.tbody or table.select("[colspan], [rowspan]"):
        return
    headings = [cell.get_text(" ", strip=True) for cell in table.select("thead tr:last-child > *")]
    for row in table.tbody.find_all("tr"):
        cells = row.find_all(["td", "th"], recursive=False)
        if len(cells) != len(headings):
            continue
        for cell, heading in zip(cells, headings, strict=True):
            cell["data-heading"] = heading or "row"
    if len(headings) > WIDE:
        table["class"] = [*table.get("class", []), "tk-wide"]


def _let_ids_break(soup: BeautifulSoup, cell: Tag) -> None:
    """Let a name like `tashkent_treaty` go on in the next line of its cell."""
    for text in [text for text in cell.find_all(string=True) if "_" in text]:
        first, *others = text.split("_")
        parts = [first]
        for other in others:
            parts += ["_", soup.new_tag("wbr"), other]
        text.replace_with(*parts)


def page(title: str, content: BeautifulSoup | str, name: str, language: str) -> str:
    """Write one page of the book.

    Parameters
    ----------
    title : str
        The page's title.
    content : bs4.BeautifulSoup or str
        What stands in its body.
    name : str
        The page's path in the book, from which the style sheets are found.
    language : str
        The book's language.
    """
    style, rows = (posixpath.relpath(s, posixpath.dirname(name) or ".") for s in (STYLE, ROWS))
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE html>\n'
        '<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops"'
        f' lang="{language}" xml:lang="{language}">\n<head>\n<meta charset="utf-8"/>\n'
        f'<title>{html.escape(title)}</title>\n<link rel="stylesheet" href="{style}"/>\n'
        f'<link rel="stylesheet" href="{rows}" media="(max-width: 40em)"/>\n'
        f"</head>\n<body>\n{written(content)}\n</body>\n</html>\n"
    )


def written(content: BeautifulSoup | str) -> str:
    """Write a tree as XHTML; text stays as it is."""
    return content if isinstance(content, str) else content.decode(formatter="minimal")


def keep_links_inside(pages: dict[str, BeautifulSoup]) -> None:
    """Take the link off where it leads to a page, or a place in one, that the book does not hold.

    Parameters
    ----------
    pages : dict of str to bs4.BeautifulSoup
        The pages by their path in the book; they are changed in place.
    """
    places = {name: {tag["id"] for tag in soup.find_all(id=True)} for name, soup in pages.items()}
    for name, soup in pages.items():
        for link in soup.find_all("a", href=True):
            if ":" in link["href"].partition("#")[0]:
                continue
            target, place = split(link["href"], name)
            if target not in places or (place and place not in places[target]):
                link.unwrap()


def split(address: str, name: str) -> tuple[str, str]:
    """Take an address on a page apart: the path in the book of what it leads to, and the place."""
    target, _, place = address.partition("#")
    base = posixpath.dirname(name)
    return posixpath.normpath(posixpath.join(base, unquote(target))) if target else name, place


def join(pages: dict[str, BeautifulSoup]) -> str:
    """Write all pages as one, each a section; ids and links name their page.

    Parameters
    ----------
    pages : dict of str to bs4.BeautifulSoup
        The pages by their path in the book, in reading order; they are changed in place.
    """
    sections = []
    for name, soup in pages.items():
        for tag in soup.find_all(id=True):
            tag["id"] = joined_id(name, tag["id"])
        for span in soup.select(".highlight span"):
            span.unwrap()  # colours that paper does not need, in thousands of tags of the PDF
        for tag in soup.find_all(True):
            _redirect(tag, name, pages)
        inside = written(soup)
        sections.append(f'<section class="tk-page" id="{joined_id(name)}">\n{inside}\n</section>')
    return "\n".join(sections)


def joined_id(name: str, place: str = "") -> str:
    """Name a page, or a place on it, in the book of one page."""
    stem = posixpath.splitext(posixpath.basename(name))[0]
    return f"{stem}--{place}" if place else stem


def _redirect(tag: Tag, name: str, pages: dict[str, BeautifulSoup]) -> None:
    if tag.get("src"):
        tag["src"] = split(tag["src"], name)[0]
    if tag.get("href") and ":" not in tag["href"].partition("#")[0]:
        target, place = split(tag["href"], name)
        if target in pages:
            tag["href"] = "#" + joined_id(target, place)
