"""Begin a chapter of one's own: a numbered notebook from the template, entered in the contents."""

import argparse
import json
import re
import shutil
import sys
import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import nbformat
import yaml
from slugify import slugify

from tashkent.run import ROOT, parse, serialise

TEMPLATE = Path(__file__).parent / "templates" / "chapter.ipynb"
#: The tag of the template's cells that show a table of one's own.
OWN_DATA = "own-data"

FOLDER = "chapters/student"
PART = "Student chapters"
#: The parts of the contents before which that part is put: the first that is there.
BEFORE = ("Guides", "Appendix")

#: How long a title may be, and the part of a file's name that is made of it.
LONGEST, LONGEST_NAME = 120, 60


class Refused(Exception):
    """Why no chapter is made: one line that says what to do."""


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
        if title_of(root / page) in (title.casefold(), escaped(title).casefold()):
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


def write(path: Path, text: str) -> None:
    """Write a file in one step."""
    draft = path.with_name(f".{path.name}.new")
    try:
        draft.write_bytes(text.encode("utf-8"))
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


# The contents


def read_contents(root: Path) -> tuple[str, dict]:
    """Read the table of contents: its text, and what it says.

    Raises
    ------
    Refused
        Where there is none that has parts.
    """
    try:
        text = (root / "_toc.yml").read_bytes().decode("utf-8")
        contents = yaml.safe_load(text)
        if not all(isinstance(part, dict) for part in contents["parts"]):
            raise TypeError
    except FileNotFoundError:
        raise Refused(f"no _toc.yml in {root}: chapters are made in a clone of the book") from None
    except OSError as error:
        raise Refused(f"_toc.yml: cannot be read ({error.strerror})") from None
    except (ValueError, LookupError, TypeError, yaml.YAMLError):
        raise Refused("_toc.yml: no table of contents with parts, which a chapter enters") from None
    return text, contents


def files(contents: object) -> Iterator[str]:
    """List the files that the contents name, without their endings."""
    if isinstance(contents, list):
        for one in contents:
            yield from files(one)
    elif isinstance(contents, dict):
        if isinstance(contents.get("file"), str):
            yield contents["file"]
        for value in contents.values():
            yield from files(value)


def numbered(root: Path, contents: dict) -> Iterator[tuple[str, str]]:
    """List students' chapters, in the folder or in the contents: name without number, and path."""
    here = root / FOLDER
    found = [f"{FOLDER}/{path.stem}" for path in sorted(here.glob("*"))] if here.is_dir() else []
    for entry in [*found, *files(contents)]:
        if match := re.fullmatch(rf"{FOLDER}/\d+-(.+)", entry):
            yield match[1], entry


def title_of(page: Path) -> str:
    """Read the title of a page, in small letters; empty where it cannot be read."""
    try:
        if page.with_name(f"{page.name}.ipynb").is_file():
            cells = json.loads(page.with_name(f"{page.name}.ipynb").read_text("utf-8"))["cells"]
            text = "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")
        else:
            text = page.with_name(f"{page.name}.md").read_text(encoding="utf-8")
    except (OSError, ValueError, LookupError, TypeError):
        return ""
    heading = re.search(r"^# (.+)", text, re.MULTILINE)
    return heading[1].strip().casefold() if heading else ""


def with_entry(text: str, entry: str) -> str:
    """Enter a chapter in the text of the contents; comments and order stay.

    Raises
    ------
    Refused
        Where the text is written in a way that this does not understand.
    """
    parts = next(v for k, v in yaml.compose(text).value if k.value == "parts")
    captions = [part.get("caption") for part in yaml.safe_load(text)["parts"]]
    lines = text.splitlines(keepends=True)
    end = "\r\n" if lines[0].endswith("\r\n") else "\n"
    expected = yaml.safe_load(text)
    if PART in captions:
        at = captions.index(PART)
        chapters = next((v for k, v in parts.value[at].value if k.value == "chapters"), None)
        if not isinstance(chapters, yaml.SequenceNode):
            raise Refused(f"_toc.yml: the part '{PART}' has no list of chapters")
        place = _last_line(chapters) + 1
        added = [f"{' ' * chapters.start_mark.column}- file: {entry}"]
        expected["parts"][at]["chapters"].append({"file": entry})
    else:
        at = next((captions.index(one) for one in BEFORE if one in captions), len(captions))
        place = _last_line(parts) + 1
        if at < len(captions):
            place = parts.value[at].start_mark.line
            while lines[place - 1].lstrip().startswith("#"):  # a comment on the part below it
                place -= 1
        indent = " " * parts.start_mark.column
        added = [
            f"{indent}- caption: {PART}",
            f"{indent}  chapters:",
            f"{indent}    - file: {entry}",
        ]
        expected["parts"].insert(at, {"caption": PART, "chapters": [{"file": entry}]})
    if place and not lines[place - 1].endswith("\n"):
        lines[place - 1] += end
    made = "".join([*lines[:place], *(line + end for line in added), *lines[place:]])
    try:
        understood = yaml.safe_load(made) == expected
    except yaml.YAMLError:
        understood = False
    if not understood:
        raise Refused("_toc.yml: not written line by line, so that no chapter can be entered")
    return made


def _last_line(node: yaml.Node) -> int:
    """Find the line on which what a node holds ends: comments after it are not its own."""
    while node.value and not isinstance(node.value, str):
        last = node.value[-1]
        node = last[1] if isinstance(last, tuple) else last
    return node.end_mark.line


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
