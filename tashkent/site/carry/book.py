"""The Sphinx builder `epub`: the book's pages as XHTML with picture files, packed and joined."""

import html
import re
from pathlib import Path
from xml.etree import ElementTree

import yaml
from bs4 import BeautifulSoup
from docutils import nodes
from sphinx.addnodes import toctree
from sphinx.application import Sphinx
from sphinx.builders.epub3 import Epub3Builder
from sphinx.config import Config
from sphinx.transforms.post_transforms import SphinxPostTransform

from tashkent.charts import PALETTE
from tashkent.site import charts
from tashkent.site.carry import downloads, epub, xhtml
from tashkent.site.links import places

STYLES = Path(__file__).parent

#: The page from which the PDF is printed, beside the book's pages.
PRINTED = "print.html"

_SVG = re.compile(r"<svg\b.*?</svg>", re.DOTALL)


class PictureFiles(SphinxPostTransform):
    """Gives each chart a picture in a file of its own, in the colours of the light theme."""

    default_priority = 650
    formats = ("html",)

    def run(self, **kwargs) -> None:
        """Go over one page."""
        if not isinstance(self.app.builder, CarriedBook):
            return
        up = "../" * self.env.docname.count("/")
        for raw in list(self.document.findall(nodes.raw)):
            if "tk-figure" not in raw["classes"]:
                continue
            name = f"pictures/{charts.name_of(raw['spec'])}.svg"
            self.app.builder.book_files[name] = picture_file(raw["compiled"])
            description = html.escape(str(raw["spec"].get("description", "")))
            image = f'<img src="{up}{name}" alt="{description}"/>'
            raw.children = [nodes.Text(_SVG.sub(lambda _, tag=image: tag, raw.astext(), count=1))]


def picture_file(compiled: dict) -> bytes:
    """Draw a compiled chart as an SVG that stands alone: literal colours on a white ground.

    Raises
    ------
    xml.etree.ElementTree.ParseError
        Where the picture is not well-formed XML.
    """
    svg = charts.picture(compiled, "chart")
    svg = re.sub(r"var\(--tk-(\w+)\)", lambda found: PALETTE[found[1]], svg)
    svg = svg.replace("currentColor", PALETTE["ink"])
    opening, _, drawn = svg.partition(">")
    opening = re.sub(r' style="[^"]*"', "", opening)
    ground = f'<rect width="100%" height="100%" fill="{PALETTE["paper"]}"/>'
    svg = f'<?xml version="1.0" encoding="utf-8"?>\n{opening}>{ground}{drawn}\n'
    ElementTree.fromstring(svg)
    return svg.encode()


class CarriedBook(Epub3Builder):
    """Writes one EPUB into the folder `downloads`, and the page that is printed as the PDF.

    The theme of the site has no part in it: each page is its text in a plain frame.
    """

    epilog = ""
    allow_parallel = False

    def init(self) -> None:
        """Begin with an empty book."""
        super().init()
        self.bodies: dict[str, str] = {}
        self.book_files: dict[str, bytes] = {}

    def get_outdated_docs(self) -> str:
        """Write all pages each time: they go into one file."""
        return "all documents"

    def handle_page(self, pagename, addctx, *rest, **more) -> None:
        """Keep a page's text until all are there."""
        self.bodies[pagename] = addctx["body"]

    def finish(self) -> None:
        """Make the book of the pages."""
        self.copy_image_files()
        about = read_about(Path(self.srcdir), self.config)
        parts = self._parts()
        pages = {
            f"{page}.xhtml": xhtml.mend(self.bodies[page]) for _, part in parts for page in part
        }
        xhtml.keep_links_inside(pages)
        titles = {name: soup.h1.get_text() for name, soup in pages.items()}
        contents = [
            (caption, [(f"{page}.xhtml", sections(pages[f"{page}.xhtml"])) for page in part])
            for caption, part in parts
        ]
        self._collect_files(pages, titles, contents, about)
        self._write_files()
        self._pack(["title.xhtml", "nav.xhtml", *pages], about)
        self._write_printed(pages, contents, titles, about)

    def _parts(self) -> list[tuple[str, list[str]]]:
        """List the pages of the book in reading order, by the captions of the contents."""
        root = self.config.root_doc
        trees = self.env.get_doctree(root).findall(toctree)
        parts = [("", [root])]
        parts += [(tree["caption"], [page for _, page in tree["entries"]]) for tree in trees]
        left_out = places(self.env).get("downloads")
        return [(caption, [p for p in pages if p != left_out]) for caption, pages in parts]

    def _collect_files(self, pages: dict, titles: dict, contents: list, about: dict) -> None:
        language = about["language"]
        files = {
            name: xhtml.page(titles[name], soup, name, language) for name, soup in pages.items()
        }
        title = title_page(about)
        files["title.xhtml"] = xhtml.page(about["title"], title, "title.xhtml", language)
        nav = f'<nav epub:type="toc">\n{contents_list(contents, titles)}\n</nav>'
        files["nav.xhtml"] = xhtml.page("Contents", nav, "nav.xhtml", language)
        style = (STYLES / xhtml.STYLE).read_text(encoding="utf-8")
        files[xhtml.STYLE] = style + "\n" + self.highlighter.get_stylesheet()
        files[xhtml.ROWS] = (STYLES / xhtml.ROWS).read_text(encoding="utf-8")
        self.book_files |= {name: text.encode() for name, text in files.items()}
        for name in self.images.values():
            self.book_files[f"_images/{name}"] = (Path(self.outdir) / "_images" / name).read_bytes()

    def _write_files(self) -> None:
        for name, content in self.book_files.items():
            path = Path(self.outdir) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)

    def _pack(self, spine: list[str], about: dict) -> None:
        folder = downloads.folder(self.app)
        folder.mkdir(parents=True, exist_ok=True)
        epub.pack(folder / downloads.EPUB.name, self.book_files, spine, about)
        downloads.note(folder, downloads.EPUB, downloads.digest(Path(self.srcdir)))

    def _write_printed(self, pages: dict, contents: list, titles: dict, about: dict) -> None:
        """Write all pages as one, with the print's own style after the book's."""
        front = {
            "title.xhtml": BeautifulSoup(title_page(about), "html.parser"),
            "nav.xhtml": BeautifulSoup(contents_list(contents, titles), "html.parser"),
        }
        body = xhtml.join(front | pages)
        written = xhtml.page(about["title"], body, PRINTED, about["language"])
        styles = [(STYLES / name).read_text(encoding="utf-8") for name in ("print.css", xhtml.ROWS)]
        written = written.replace("</head>", f"<style>\n{''.join(styles)}</style>\n</head>")
        # a browser reads the file as HTML, which has no such line
        written = written.partition("\n")[2]
        (Path(self.outdir) / PRINTED).write_text(written, encoding="utf-8")


def describe(app: Sphinx, config: Config) -> None:
    """Give Sphinx the edition and the licences, without which it warns of every EPUB."""
    about = read_about(Path(app.srcdir), config)
    config.version, config.epub_copyright = about["version"], about["rights"]


def read_about(root: Path, config: Config) -> dict:
    """Read what the book says of itself: `CITATION.cff`, the language and the line of licences."""
    about = yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))
    licences = BeautifulSoup(config.html_theme_options["extra_footer"], "html.parser").get_text()
    return about | {"language": config.language, "rights": licences}


def title_page(about: dict) -> str:
    """Write the title page: title, authors, edition, the report, licences."""
    title, _, below = about["title"].partition(": ")
    report = about["references"][0]
    author = " ".join(report["authors"][0][key] for key in ("given-names", "family-names"))
    series = f"{report['collection-title']} {report['number']}"
    lines = [
        ("subtitle", below[:1].upper() + below[1:]),
        ("author", ", ".join(author["name"] for author in about["authors"])),
        ("edition", f"Edition {about['version']}, {about['date-released']}"),
    ]
    written = "\n".join(f'<p class="tk-{name}">{html.escape(text)}</p>' for name, text in lines)
    return (
        f'<div class="tk-title-page">\n<h1>{html.escape(title)}</h1>\n{written}\n'
        f'<p class="tk-report">The report: {html.escape(author)}, '
        f'<cite lang="{report["languages"][0]}">{html.escape(report["title"])}</cite>, '
        f"{html.escape(series)}.</p>\n"
        f'<p class="tk-rights">{html.escape(about["rights"])}</p>\n</div>'
    )


def sections(soup: BeautifulSoup) -> list[tuple[str, str]]:
    """List the sections of a page: id and heading."""
    headings = soup.select("section[id] > h2")
    return [(heading.parent["id"], heading.get_text()) for heading in headings]


def contents_list(contents: list, titles: dict[str, str]) -> str:
    """Write the table of contents: parts, their pages, and the pages' sections."""
    parts = []
    for caption, pages in contents:
        items = "\n".join(_item(name, titles[name], below) for name, below in pages)
        if caption:
            items = f"<li><span>{html.escape(caption)}</span>\n<ol>\n{items}\n</ol>\n</li>"
        parts.append(items)
    return "\n".join(["<h1>Contents</h1>", '<ol class="tk-contents">', *parts, "</ol>"])


def _item(name: str, title: str, below: list[tuple[str, str]]) -> str:
    inside = "\n".join(
        f'<li><a href="{name}#{place}">{html.escape(heading)}</a></li>' for place, heading in below
    )
    inside = f'\n<ol class="tk-sections">\n{inside}\n</ol>\n' if inside else ""
    return f'<li><a href="{name}">{html.escape(title)}</a>{inside}</li>'
