"""Begin a chapter of one's own: a numbered notebook from the template, entered in the contents."""

import argparse
import re
import shutil
import sys
import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import nbformat
from slugify import slugify

from tashkent.contents import PART, Refused, files, read_contents, title_of, with_entry
from tashkent.data import ROOT, STUDENTS
from tashkent.stored import parse, serialise, write

TEMPLATE = Path(__file__).parent / "templates" / "chapter.ipynb"
#: The tag of the template's cells that show a table of one's own.
OWN_DATA = "own-data"

FOLDER = STUDENTS.relative_to(ROOT).as_posix()

#: How long a title may be, and the part of a file's name that is made of it.
LONGEST, LONGEST_NAME = 120, 60


def new(title: str, data: bool = False, root: Path = ROOT) -> Path:
    """Make a chapter of one's own, and enter it in the contents.

    Parameters
    ----------
    title : str
        What the chapter is called; it stands there as it is given.
    data : bool
        Whether it gets a folder for tables of its own, with a small one to begin with.
    root : pathlib.Path
        The folder of the book.

    Returns
    -------
    pathlib.Path
        The notebook.

    Raises
    ------
    Refused
        Where the title cannot be used or is taken, or a file cannot be written; no file is left.
    """
    name = slug(title)
    text, contents = read_contents(root)
    taken = dict(numbered(root, contents))
    if name in taken:
        raise Refused(f"the name is taken by {taken[name]}, choose another title")
    for page in files(contents):
        if title_of(root / page) == title.strip().casefold():
            raise Refused(f"the contents have this title already, in {page}: choose another one")
    number = 1 + max((int(Path(entry).name.split("-")[0]) for entry in taken.values()), default=0)
    entry = f"{FOLDER}/{number:02}-{name}"
    entered = with_entry(text, entry)
    notebook, at = root / f"{entry}.ipynb", FOLDER
    try:
        notebook.parent.mkdir(parents=True, exist_ok=True)
        write(notebook, serialise(filled_in(title, notebook.stem, data)))
        if data:
            shutil.copytree(TEMPLATE.with_suffix(""), root / entry)
        at = "_toc.yml"
        write(root / at, entered)
    except OSError as error:
        with suppress(OSError):
            notebook.unlink()
        shutil.rmtree(root / entry, ignore_errors=True)
        raise Refused(f"{at}: cannot be written ({error.strerror})") from None
    return notebook


def slug(title: str) -> str:
    """Make a file's name of a title, in small Latin letters, digits and hyphens.

    Raises
    ------
    Refused
        Where the title is none.
    """
    if not title.strip():
        raise Refused('no title: python -m tashkent new "What the chapter is about"')
    if any(unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp") for letter in title):
        raise Refused("the title has a line break or another sign that cannot be printed")
    if len(title) > LONGEST:
        raise Refused(f"the title has {len(title)} letters, expected {LONGEST} at most")
    name = slugify(title, max_length=LONGEST_NAME, word_boundary=True)
    if not name:
        raise Refused("the title has no letter or digit of which a file's name could be made")
    return name


def escaped(title: str) -> str:
    """Write a title so that Markdown shows each of its signs as it is."""
    return re.sub(r"([\\`*_{}\[\]<>#|~$&])", r"\\\1", title)


def filled_in(title: str, name: str, data: bool) -> nbformat.NotebookNode:
    """Put a title and the name of the chapter's file into the template."""
    notebook = parse(TEMPLATE.read_text(encoding="utf-8"))
    kept = []
    for cell in notebook.cells:
        tags = cell.metadata.get("tags", [])
        if OWN_DATA in tags and not data:
            continue
        if OWN_DATA in tags:
            tags.remove(OWN_DATA)
            if not tags:
                del cell.metadata["tags"]
        cell.source = cell.source.replace(f'"{TEMPLATE.stem}")', f'"{name}")')
        kept.append(cell)
    notebook.cells = kept
    first = kept[0].source.split("\n")
    kept[0].source = "\n".join([f"# {escaped(title.strip())}", *first[1:]])
    return notebook


def numbered(root: Path, contents: dict) -> Iterator[tuple[str, str]]:
    """List students' chapters, in the folder or in the contents: name without number, and path."""
    here = root / FOLDER
    found = [f"{FOLDER}/{path.stem}" for path in sorted(here.glob("*"))] if here.is_dir() else []
    for entry in [*found, *files(contents)]:
        if match := re.fullmatch(rf"{FOLDER}/\d+-(.+)", entry):
            yield match[1], entry


def main(arguments: list[str], root: Path = ROOT) -> int:
    """Run `python -m tashkent new [--data] TITLE`."""
    parser = argparse.ArgumentParser(
        prog="python -m tashkent new", description=f"Begin a chapter of your own in {FOLDER}/."
    )
    parser.add_argument("title", nargs="+", metavar="TITLE", help="in quotation marks")
    parser.add_argument("--data", action="store_true", help="with a table of its own beside it")
    options = [a for a in arguments if a in ("-h", "--help", "--data")]
    words = [a for a in arguments if a not in [*options, "--"]]  # a title may begin with a dash
    given = parser.parse_args([*options, "--", *words])
    try:
        if len(given.title) > 1:
            raise Refused(f"{len(given.title)} titles: put one between quotation marks")
        if re.fullmatch(r"--\S+", given.title[0]):
            raise Refused(f"no option {given.title[0]}: there is --data")
        notebook = new(given.title[0], given.data, root)
    except Refused as error:
        print(error, file=sys.stderr)
        return 1
    made = notebook.relative_to(root).with_suffix("").as_posix()
    print(f"Made {made}.ipynb, entered under '{PART}' in _toc.yml.")
    if given.data:
        print(f"Its tables: {made}/, which python -m tashkent check checks with the others.")
    print("Next: make lab opens it; write, run all cells and save.")
    print(f"make book then shows it: _build/html/{made}.html")
    return 0
