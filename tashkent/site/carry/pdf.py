"""Print the book as a PDF with the system's Chromium: `python -m tashkent.site.carry.pdf`.

`jupyter-book build . --builder custom --custom-builder epub` has to come before it.
"""

import importlib.util
import re
import sys
from pathlib import Path

from tashkent.site import chromium
from tashkent.site.carry import downloads
from tashkent.site.carry.book import PRINTED

_FOOTER = (
    '<div style="width: 100%; text-align: center; font: 8pt sans-serif; color: #5b6570">'
    '<span class="pageNumber"></span></div>'
)
_OPTIONS = {
    "prefer_css_page_size": True,
    "print_background": True,
    "display_header_footer": True,
    "header_template": "<span></span>",
    "footer_template": _FOOTER,
}

#: The width of the text on a page in pixels: A4 less the margins that print.css gives.
_PAGE_WIDTH = 642

#: Sets a table that is too wide in smaller type, then as a list of its rows where its cells are
#: named; only what is left breaks its words.
_FIT_TABLES = """() => {
  for (const table of document.querySelectorAll("table")) {
    table.classList.remove("tk-wide");
    const last = table.querySelector("[data-heading]") ? "tk-wide" : "tk-squeezed";
    for (const name of ["tk-small", "tk-smallest", last]) {
      if (table.offsetWidth > table.parentElement.clientWidth) table.classList.add(name);
    }
  }
}"""

#: Writes the page number after each line of the contents, or room for one.
_NUMBER_CONTENTS = """(places) => {
  for (const link of document.querySelectorAll(".tk-contents a")) {
    const number = link.querySelector("span") || link.appendChild(document.createElement("span"));
    number.textContent = places[link.hash.slice(1)] || "000";
  }
}"""


def main(arguments: list[str]) -> int:
    """Print the book; what is missing is said in one line.

    Parameters
    ----------
    arguments : list of str
        The folder of the builds, `_build` where none is given.
    """
    build = Path(arguments[0] if arguments else "_build")
    printed, browser = build / "epub" / PRINTED, chromium.path()
    made = downloads.notes(build / "downloads").get(downloads.EPUB.name)
    lack = ""
    if not printed.is_file() or not made:
        lack = f"no book in {build / 'epub'}: make epub first"
    elif not importlib.util.find_spec("playwright"):
        lack = "no Playwright: pip install -r requirements-test.txt"
    elif not browser:
        lack = chromium.LACKING
    if lack:
        print(f"pdf: {lack}", file=sys.stderr)
        return 1
    written = without_times(print_pages(printed, browser))
    (build / "downloads" / downloads.PDF.name).write_bytes(written)
    downloads.note(build / "downloads", downloads.PDF, made)
    return 0


def print_pages(page: Path, browser: str) -> bytes:
    """Print a file as a tagged PDF with an outline, and page numbers in its contents.

    A browser cannot say in a page on what sheet another part of it comes to stand: the book is
    printed twice, first to learn that.
    """
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=browser, args=chromium.FLAGS)
        opened = running.new_page(
            viewport={"width": _PAGE_WIDTH, "height": 900}, color_scheme="light"
        )
        opened.goto(page.resolve().as_uri(), wait_until="load")
        opened.emulate_media(media="print")
        opened.evaluate(_FIT_TABLES)
        opened.evaluate(_NUMBER_CONTENTS, {})
        places = page_numbers(opened.pdf(**_OPTIONS))
        opened.evaluate(_NUMBER_CONTENTS, places)
        written = opened.pdf(**_OPTIONS | {"tagged": True, "outline": True})
        running.close()
    return written


def page_numbers(written: bytes) -> dict[str, int]:
    """Read from a PDF as Chromium writes it on what page each place stands that a link leads to.

    Parameters
    ----------
    written : bytes
        The PDF, its objects as plain text.

    Returns
    -------
    dict of str to int
        Page numbers, by the places' ids.
    """
    kids = {
        int(number): [int(kid) for kid in re.findall(rb"(\d+) 0 R", listed)]
        for number, listed in re.findall(
            rb"(\d+) 0 obj\n<</Type /Pages\b[^>]*?/Kids \[([^\]]*)\]", written
        )
    }
    roots = set(kids) - {kid for below in kids.values() for kid in below}
    pages: list[int] = []
    waiting = sorted(roots)
    while waiting:
        first = waiting.pop(0)
        if first in kids:
            waiting = kids[first] + waiting
        else:
            pages.append(first)
    places = re.findall(rb"/([^\s/<>\[\]]+) \[(\d+) 0 R /XYZ", written)
    return {name.decode(): pages.index(int(page)) + 1 for name, page in places}


def without_times(written: bytes) -> bytes:
    """Set the times of making and changing, all digits alike, so that places in the file hold."""
    return re.sub(rb"\(D:\d{14}", b"(D:19800101000000", written)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
