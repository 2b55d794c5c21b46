"""The files that can be taken along: the data, made with the site, and the book, where it is made.

The data's files are written into `_build/downloads` where they are not there yet or the data have
changed since; the EPUB and the PDF have commands of their own.
"""

import hashlib
import html
import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective

from tashkent import export
from tashkent.data import DataError, package, tables
from tashkent.site.links import places

#: The list of what each file was made from, in the folder of the files.
_NOTES = "made-from.json"

_SOURCES = ("chapters", "appendix", "data", "images", "tashkent")
_KINDS = {".md", ".ipynb", ".py", ".css", ".js", ".csv", ".json", ".topojson", ".bib", ".svg"}


@dataclass(frozen=True)
class Download:
    """A file that the site offers: its name, its format, what it is for."""

    name: str
    format: str
    use: str


EPUB = Download(
    "regional-security-structures-cis.epub",
    "EPUB 3",
    "For e-readers, phones and screen readers: the text fits itself to the page.",
)
PDF = Download(
    "regional-security-structures-cis.pdf",
    "PDF",
    "For paper and for citing by the page: A4, with page numbers and a linked table of contents.",
)

#: The forms of the book, in the order in which the page lists them.
DOWNLOADS = (EPUB, PDF)

#: The forms of the data, in that order, each with what writes it.
DATA_FILES = {
    Download(
        "zagorski-1996-data.zip",
        "Data Package (ZIP)",
        "For R, Python and other languages, and for keeping: each table as CSV, what describes "
        "them, both codings, the sources, the licence.",
    ): export.write_zip,
    Download(
        "zagorski-1996-data.xlsx",
        "Excel workbook",
        "For Excel and LibreOffice: a sheet for each table, the codebook first, filters set.",
    ): export.write_workbook,
    Download(
        "zagorski-1996-data.sqlite",
        "SQLite database",
        "For questions across tables: types, keys and allowed values are part of it, and so is "
        "the codebook.",
    ): export.write_database,
}

#: The folder beside them that holds the Data Package unpacked: `data/memberships.csv`.
UNPACKED = "data"


class DownloadList(nodes.General, nodes.Element):
    """Stands for a list of files until the page is written."""


class Downloads(SphinxDirective):
    """A list of files that this site holds: `data`, `book`, or `tables`, one by one."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Leave the place for the list."""
        places(self.env)["downloads"] = self.env.docname
        kind = directives.choice(self.arguments[0], ("data", "book", "tables"))
        return [DownloadList(kind=kind)]


class FillDownloads(SphinxPostTransform):
    """Lists the files that are there, or says how to make them."""

    default_priority = 600

    def run(self, **kwargs) -> None:
        """Go over one page."""
        address = "../" * self.env.docname.count("/") + "downloads/"
        place = folder(self.app)
        for holder in list(self.document.findall(DownloadList)):
            if holder["kind"] == "tables":
                table = tables_written(address + UNPACKED + "/")
            elif holder["kind"] == "data":
                there = [one for one in DATA_FILES if (place / one.name).is_file()]
                table = written("The data as files", there, place, address)
            elif found := up_to_date(place, Path(self.app.srcdir)):
                table = written("The book as files", found, place, address)
            else:
                made = [nodes.Text("This copy of the site holds no files of the book. ")]
                made += [nodes.literal("", "make downloads")]
                made += [nodes.Text(" in the project's folder makes them and puts them here.")]
                holder.replace_self(nodes.paragraph("", "", *made))
                continue
            holder.replace_self(nodes.raw("", table, format="html"))


def written(caption: str, found: list[Download], place: Path, address: str) -> str:
    """Write a list of files as a table.

    Parameters
    ----------
    caption : str
        What the files are.
    found : list of Download
        The files, all of them in `place`.
    place : pathlib.Path
        The folder where they are.
    address : str
        What stands before the file's name in a link.
    """
    rows = []
    for one in found:
        format_, use = html.escape(one.format), html.escape(one.use)
        rows.append([link(address, one.name), format_, size(place / one.name), use])
    return html_table(caption, ["File", "Format", "Size", "What for"], rows)


def tables_written(address: str) -> str:
    """Write the list of the tables, each a CSV file.

    Parameters
    ----------
    address : str
        What stands before the file's name in a link.
    """
    known = tables()
    rows = [
        [link(address, one["path"]), str(known.rows[one["name"]]), in_code(one["description"])]
        for one in package()["resources"]
    ]
    return html_table("The tables as files", ["File", "Rows", "A row"], rows)


def html_table(caption: str, headings: list[str], rows: list[list[str]]) -> str:
    """Write a table of which each row's first cell is its heading; cells are HTML."""
    body = []
    for first, *others in rows:
        cells = "".join(f"<td>{cell}</td>\n" for cell in others)
        body.append(f'<tr>\n<th scope="row">{first}</th>\n{cells}</tr>\n')
    head = "".join(f"<th>{heading}</th>\n" for heading in headings)
    return (
        f'<table class="dataframe">\n<caption>{html.escape(caption)}</caption>\n'
        f"<thead>\n<tr>\n{head}</tr>\n</thead>\n<tbody>\n{''.join(body)}</tbody>\n</table>"
    )


def link(address: str, name: str) -> str:
    """Write a link to a file."""
    return f'<a href="{address}{name}">{html.escape(name)}</a>'


def in_code(text: str) -> str:
    """Write a text as HTML, what stands between backticks as code."""
    parts = html.escape(text).split("`")
    return "".join(f"<code>{part}</code>" if n % 2 else part for n, part in enumerate(parts))


def size(path: Path) -> str:
    """Say how large a file is."""
    kilobytes = path.stat().st_size / 1000
    return f"{kilobytes / 1000:.1f}\u00a0MB" if kilobytes >= 1000 else f"{kilobytes:.0f}\u00a0kB"


def folder(app: Sphinx) -> Path:
    """Name the folder of the files: beside that of the site."""
    return Path(app.outdir).parent / "downloads"


def digest(root: Path) -> str:
    """Sum up what the book is made from: pages, tables, package, settings."""
    inputs = [root / "CITATION.cff", *root.glob("_*.yml"), *root.glob("index.*")]
    for name in _SOURCES:
        inputs += [path for path in (root / name).rglob("*") if path.suffix in _KINDS]
    summed = hashlib.sha256()
    for path in sorted(inputs):
        if not any(part.startswith(".") for part in path.relative_to(root).parts):
            summed.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return summed.hexdigest()


def notes(place: Path) -> dict[str, str]:
    """Read from what each file in a folder was made."""
    path = place / _NOTES
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def note(place: Path, made: Download, source: str) -> None:
    """Note from what a file was made."""
    known = notes(place) | {made.name: source}
    text = json.dumps(known, indent=1, sort_keys=True) + "\n"
    (place / _NOTES).write_text(text, encoding="utf-8")


def up_to_date(place: Path, root: Path) -> list[Download]:
    """List the files that are there and were made from the book as it is now."""
    made = notes(place)
    there = [one for one in DOWNLOADS if one.name in made and (place / one.name).is_file()]
    now = digest(root) if there else ""
    return [one for one in there if made[one.name] == now]


def make_data(place: Path) -> None:
    """Write the data's files into a folder, where they are not there or the data have changed.

    Raises
    ------
    DataError
        Where the tables do not hold what their keys promise.
    """
    source, made = export.digest(), notes(place)
    for one, write in DATA_FILES.items():
        if made.get(one.name) == source and (place / one.name).is_file():
            continue
        place.mkdir(parents=True, exist_ok=True)
        unfinished = place / f"{one.name}.new"
        unfinished.unlink(missing_ok=True)
        write(unfinished)
        unfinished.replace(place / one.name)
        note(place, one, source)


def prepare_page(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Make the data's files, and have the page written: no change to a source tells of files.

    Raises
    ------
    ExtensionError
        One line for each fault of the tables.
    """
    page = places(env).get("downloads")
    if page not in env.found_docs:
        return []
    if app.builder.name == "html":
        try:
            make_data(folder(app))
        except DataError as error:
            raise ExtensionError(str(error)) from None
    return [page]


def place(app: Sphinx, exception: Exception | None) -> None:
    """Put the files that the page lists into the site."""
    if exception or app.builder.name != "html" or "downloads" not in places(app.env):
        return
    target = Path(app.outdir) / "downloads"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    for one in [*DATA_FILES, *up_to_date(folder(app), Path(app.srcdir))]:
        shutil.copyfile(folder(app) / one.name, target / one.name)
    for name, content in export.package_files().items():
        file = target / UNPACKED / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
