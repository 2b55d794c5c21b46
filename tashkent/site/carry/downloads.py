"""The files that can be taken along: what there may be, which are there and up to date."""

import hashlib
import html
import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective

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

#: In the order in which the page lists them.
DOWNLOADS = (EPUB, PDF)


class DownloadList(nodes.General, nodes.Element):
    """Stands for the list of files until the page is written."""


class Downloads(SphinxDirective):
    """The list of the files that this site holds."""

    def run(self) -> list[nodes.Node]:
        """Leave the place for the list."""
        places(self.env)["downloads"] = self.env.docname
        return [DownloadList()]


class FillDownloads(SphinxPostTransform):
    """Lists the files that are there, or says how to make them."""

    default_priority = 600

    def run(self, **kwargs) -> None:
        """Go over one page."""
        for holder in list(self.document.findall(DownloadList)):
            found = up_to_date(folder(self.app), Path(self.app.srcdir))
            if found:
                up = "../" * self.env.docname.count("/")
                table = written(found, folder(self.app), up + "downloads/")
                holder.replace_self(nodes.raw("", table, format="html"))
            else:
                made = [nodes.Text("This copy of the site holds no files. ")]
                made += [nodes.literal("", "make downloads")]
                made += [nodes.Text(" in the project's folder makes them and puts them here.")]
                holder.replace_self(nodes.paragraph("", "", *made))


def written(found: list[Download], place: Path, address: str) -> str:
    """Write the list as a table.

    Parameters
    ----------
    found : list of Download
        The files, all of them in `place`.
    place : pathlib.Path
        The folder where they are.
    address : str
        What stands before the file's name in a link.
    """
    rows = "\n".join(
        f'<tr>\n<th scope="row"><a href="{address}{one.name}">{html.escape(one.name)}</a></th>\n'
        f"<td>{html.escape(one.format)}</td>\n<td>{size(place / one.name)}</td>\n"
        f"<td>{html.escape(one.use)}</td>\n</tr>"
        for one in found
    )
    headings = "\n".join(f"<th>{name}</th>" for name in ("File", "Format", "Size", "What for"))
    return (
        '<table class="dataframe">\n<caption>Files to take along</caption>\n'
        f"<thead>\n<tr>\n{headings}\n</tr>\n</thead>\n<tbody>\n{rows}\n</tbody>\n</table>"
    )


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


def rewrite_page(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Have the page with the list written each time: no change to a source tells of the files."""
    page = places(env).get("downloads")
    return [page] if page in env.found_docs else []


def place(app: Sphinx, exception: Exception | None) -> None:
    """Put the files that the page lists into the site."""
    if exception or app.builder.name != "html" or "downloads" not in places(app.env):
        return
    target = Path(app.outdir) / "downloads"
    shutil.rmtree(target, ignore_errors=True)
    for one in up_to_date(folder(app), Path(app.srcdir)):
        target.mkdir(exist_ok=True)
        shutil.copyfile(folder(app) / one.name, target / one.name)
