"""Read the table of contents, `_toc.yml`, and enter a chapter without touching the rest of it."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import yaml

PART = "Student chapters"
#: The parts before which that part is put: the first that is there.
BEFORE = ("Guides", "Appendix")


class Refused(Exception):
    """Why no chapter is made: one line that says what to do."""


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


def title_of(page: Path) -> str:
    """Read the title of a page, in small letters; empty where it cannot be read."""
    notebook = page.with_name(f"{page.name}.ipynb")
    try:
        if notebook.is_file():
            cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
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
    expected = yaml.safe_load(text)
    captions = [part.get("caption") for part in expected["parts"]]
    lines = text.splitlines(keepends=True)
    end = "\r\n" if lines[0].endswith("\r\n") else "\n"
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
