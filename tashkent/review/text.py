"""Find in the text what does not say what it rests on.

A paragraph must name a passage or a row of the record, unless it

- is a heading, stands under the title before the first section, or belongs to the exercises;
- leads on to another page by a link;
- is short (`BRIEF` words) and stands next to a cell: it introduces it, or reads its output;
- is not long (`CHECKED` words) and stands right before a checked cell, which bears it out.
"""

import re
from collections.abc import Iterator

import nbformat

from tashkent.data import load
from tashkent.locators import brackets, expand, find, find_records, keys, misspelt, split
from tashkent.prose import CODE, HEADING, findings, paragraphs
from tashkent.review.code import elsewhere
from tashkent.review.criteria import Found, quote, short
from tashkent.review.outputs import titles

#: Words of a paragraph that introduces a cell or reads it, and of one that a checked cell follows.
BRIEF, CHECKED = 70, 100

COMMENT = re.compile(r"^%.*$", re.MULTILINE)
LINK = re.compile(r"\]\(\s*<?([^)>]*)")
WEB = re.compile(r"https?://", re.IGNORECASE)
PAGE = re.compile(r"\]\([^)\s]+\.(?:ipynb|md)(?:#[^)\s]*)?\)")


def text_faults(notebook: nbformat.NotebookNode, shown: nbformat.NotebookNode) -> Iterator[Found]:
    """Find what is wrong in the text of a notebook, and in the titles that `shown` has."""
    quiet = without_code(notebook)
    yield from unsupported_paragraphs(notebook, quiet)
    yield from unknown_locators(quiet, shown)
    yield from untested_numbers(notebook)
    for number, text in markdown(quiet):
        targets = [target for target in LINK.findall(text) if not WEB.match(target)]
        yield from ((number, *one) for one in elsewhere(targets))


def without_code(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Blank out, at the same length, code in the text and lines that show on no page."""
    quiet = nbformat.from_dict(notebook)
    for cell in quiet.cells:
        if cell.cell_type == "markdown":
            for pattern in (CODE, COMMENT):
                cell.source = pattern.sub(lambda found: " " * len(found[0]), cell.source)
    return quiet


def unsupported_paragraphs(
    notebook: nbformat.NotebookNode, quiet: nbformat.NotebookNode
) -> Iterator[Found]:
    """Find them by the rule that this module begins with."""
    listed, section = [], ""
    for cell, start, level, text in paragraphs(quiet):
        heading = HEADING.match(text)
        section = text if heading and level <= 2 else section
        listed.append((cell, start, level, text, section))
    for at, (cell, start, level, text, section) in enumerate(listed):
        words = len(re.findall(r"\w+", text))
        if HEADING.match(text) or level <= 1 or words < 5 or brackets(text) or misspelt(text):
            continue
        if PAGE.search(text) or re.match(r"##\s+Exercises\b", section):
            continue
        last = at + 1 == len(listed) or listed[at + 1][0] != cell
        first = listed[at - 1][0] != cell
        after = notebook.cells[cell + 1] if last and cell + 1 < len(notebook.cells) else None
        before = notebook.cells[cell - 1] if first and cell else None
        beside = [one for one in (after, before) if one and one.cell_type == "code"]
        checked = after in beside and "checked" in after.metadata.get("tags", [])
        if beside and words <= (CHECKED if checked else BRIEF):
            continue
        said = notebook.cells[cell].source[start : start + len(text)]
        yield cell + 1, "locator_missing", quote(said), "a locator, as in [1.1 ¶3]"


def unknown_locators(quiet: nbformat.NotebookNode, shown: nbformat.NotebookNode) -> Iterator[Found]:
    """Find brackets that are no locators, or name what there is not, in prose and outputs."""
    passages, record = load("passages"), load("record")
    known = set(passages.locator)
    for number, text in [*markdown(quiet), *titles(shown)]:
        for bracket in misspelt(text):
            wanted = "[1.1 ¶3], [1.1 ¶3-4; fn 5] or the like"
            yield number, "locator_unknown", short(bracket), wanted
        for match in find(text):
            for part in split(match[1]):
                try:
                    expand(part, known)
                except ValueError as error:
                    section = part.split(" ")[0]
                    own = passages.locator[passages.locator.str.startswith(f"{section} ")].to_list()
                    there = f"{own[0]} to {own[-1]}" if own else "a section of the report"
                    yield number, "locator_unknown", f"[{part}], {error}", there
        for match in find_records(text):
            try:
                keys(match[1], record.key)
            except ValueError as error:
                yield number, "locator_unknown", f"{match[0]}, {error}", "a key of `record`"


def untested_numbers(notebook: nbformat.NotebookNode) -> Iterator[Found]:
    """Find what is not borne out, what one thing would bear out together."""
    together: dict[tuple, list[str]] = {}
    for one in findings(notebook):
        if not any(one.found in bracket for bracket in misspelt(one.sentence)):
            together.setdefault((one.cell, one.sentence, one.expected), []).append(one.found)
    for (cell, sentence, expected), found in together.items():
        said = ", ".join(map(quote, found))
        yield cell, "number_untested", f"{said} in {quote(sentence)}", expected


def markdown(notebook: nbformat.NotebookNode) -> list[tuple[int, str]]:
    """List the cells of text, with their numbers."""
    cells = enumerate(notebook.cells, start=1)
    return [(number, cell.source) for number, cell in cells if cell.cell_type == "markdown"]
