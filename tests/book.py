"""The book's sources as the tests read them: what is in the contents, cell by cell."""

from pathlib import Path

import nbformat
import yaml

ROOT = Path(__file__).resolve().parent.parent


#: Where students' chapters lie: their prose is not the book's, and no test of the book is about it.
STUDENTS = ROOT / "chapters" / "student"


def pages() -> list[Path]:
    """List the book's own pages: those of `every_page` without students' chapters."""
    return [path for path in every_page() if not path.is_relative_to(STUDENTS)]


def every_page() -> list[Path]:
    """List the files in the table of contents, the landing page first, without `table_pages`."""
    contents = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    names = [contents["root"], *_files(contents)]
    found = []
    for name in names:
        matches = [ROOT / f"{name}{suffix}" for suffix in (".ipynb", ".md")]
        found.append(next((path for path in matches if path.exists()), ROOT / name))
    return found


def _files(entry) -> list[str]:
    if isinstance(entry, list):
        return [name for item in entry for name in _files(item)]
    if isinstance(entry, dict):
        nested = [
            name for key in ("parts", "chapters", "sections") for name in _files(entry.get(key, []))
        ]
        return [entry["file"], *nested] if "file" in entry else nested
    return []


def table_pages() -> list[Path]:
    """List the pages of the tables, which the contents name by a pattern."""
    return sorted((ROOT / "appendix" / "tables").glob("*.md"))


def notebooks() -> list[Path]:
    """List the book's own chapters that are notebooks."""
    return [path for path in pages() if path.suffix == ".ipynb"]


def cells(path: Path, kind: str | None = None) -> list:
    """Read a notebook's cells, all or of one kind."""
    book = nbformat.read(path, as_version=4)
    return [cell for cell in book.cells if kind in (None, cell.cell_type)]


def prose(path: Path) -> list[str]:
    """Read the Markdown of a page, cell by cell; a Markdown page is one cell."""
    if path.suffix == ".md":
        return [path.read_text(encoding="utf-8")]
    return [cell.source for cell in cells(path, "markdown")]


def name_of(path: Path) -> str:
    """Name the page that a file of the contents becomes, as it stands in the site."""
    return path.relative_to(ROOT).with_suffix(".html").as_posix()
