"""Hold a chapter's prose against its own assertions and against the tables.

What counts as an item of the prose, and must be matched:

- a numeral, or a number word from *two* up, with `half`, `twice`, `dozen` and `hundred`;
- a date: a day, a month or a year, as precise as it stands there;
- the states of a sentence that names two or more.

`both` points back at two things that the text has just named, and an ordinal says a place in a
list and not how many; neither is an item. Code, the targets of links, locators and references
(section 2.1, Article 51, footnote 17, option 2, no. 5) are passed over, as are the numbers of
headings.

What matches an item:

`row`
    A row of the passages, or a row of the record and of the tables that hold its dates and values
    by key, in the bracket that follows it (or, where none follows, goes before),
    in its sentence, else in its paragraph. A number is stated in one of the row's texts, of the
    same thing; or is a word of the passage; or counts such rows, called by the name of their table
    or column. A date is equal or more precise there. States are those of one row, or of the rows
    of one table, all or with one value; Russia may stand beside several of these.
`assertion`
    A literal of an assertion in the next cell tagged `checked`, unless a heading of the same level
    comes first. One literal bears one number, so that what is said more often than asserted is not
    borne out; and a number that is asserted must be said, or it checks nothing that anyone reads.
    States are those of one list, set or text, no more and no fewer.
`text`
    For a heading, and for what stands under the title without a locator, the text that follows,
    where the same is said of the same thing, and matched. For *the three*, the three that its
    section has said, of the same things where it counts these.
`exempt`
    An entry in the metadata of the cell, `{"exempt": {"phrase of the text": "reason"}}`: the
    reason stands beside the sentence, and on no page.
"""

import ast
import functools
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import nbformat
from pybtex.database import parse_file

from tashkent.data import DATA, DataError, package, read_text
from tashkent.locators import RECORD, brackets, expand, find_records, keys

WORDS = ["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven"]
WORDS += ["twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen"]
WORDS += ["nineteen", "twenty"]
NUMBERS = {word: number for number, word in enumerate(WORDS, start=2)} | {"twice": 2, "half": 0.5}
TIMES = {"dozen": 12, "hundred": 100}
GERMAN = ["zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn"]
GERMAN = {word: number for number, word in enumerate(GERMAN, start=2)} | {"beiden": 2}
MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August"]
MONTHS += ["September", "October", "November", "December"]
MONATE = ["Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August"]
MONATE += ["September", "Oktober", "November", "Dezember"]

#: Columns whose numbers count nothing: places in a list, pages, German words, the coder's remarks.
NO_COUNTS = {"number", "order", "stage", "count", "pages", "evidence", "note"}
#: Words that are about no thing in particular.
NO_NOUNS = {
    "have",
    "that",
    "them",
    "they",
    "than",
    "this",
    "with",
    "from",
    "were",
    "which",
    "other",
}
#: Columns that do not say what a row is, so that nothing is counted by their names.
NO_NAMES = {"locator", "evidence", "basis", "hedge", "note", "claim_type", "stated_by", "scope"}

_REFERRED = r"\d+(?:\.\d+)*[a-z]?"
REFERENCE = re.compile(
    r"(?:KF|EN|S|\d+(?:\.\d+)*)\s+¶\d+(?:-\d+|[a-z](?:-[a-z])?)?|\bfn\s+\d+[a-z]?"
    r"|(?m:^)#+ \d+\.(?= )"
    r"|\b(?:[Ss]ections?|[Ff]ootnotes?|[Aa]rticles?|[Aa]rt\.|[Oo]ption|[Ss]tage|[Nn]o\.)\s+"
    rf"{_REFERRED}(?:(?:,| and| to)\s+{_REFERRED})*"
)
CODE = re.compile(r"```.*?```|`[^`]*`", re.DOTALL)
TARGET = re.compile(r"(?<=\])\([^)\s]*\)")
HEADING = re.compile(r"(#+)\s")
SENTENCE_END = re.compile(r"[.?!][*\"”)\]]*(?=\s+[*\"“(]*[A-Z])")
POINTS_BACK = re.compile(r"\b(?:the|these|those|all|same)\s+$", re.IGNORECASE)

_COUNTED, _TIMES = "|".join(NUMBERS), "|".join(TIMES)
NUMBER = re.compile(
    rf"\b(?:(?P<word>{_COUNTED})\s+)?(?P<times>{_TIMES})\b|\b(?P<plain>{_COUNTED})\b"
    r"|(?<![\w.,¶+-])(?P<digits>\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?)(?![\w+]|[.,]\d)",
    re.IGNORECASE,
)
EDTF = re.compile(r"(?<![\w-])\d{4}(?:-\d\d(?:-\d\d)?)?(?![\w-])")


def _date(months: list[str]) -> re.Pattern:
    return re.compile(
        rf"\b(?:(?P<day>\d{{1,2}})\.?\s+)?(?P<month>{'|'.join(months)})\b"
        r"(?:\s+(?P<year>(?:19|20)\d\d)\b)?"
        r"|(?<![\w.,¶-])(?P<only>(?:19|20)\d\d)(?:/(?P<next>\d\d))?(?![\w]|[.,]\d)"
    )


DATE, DATUM = _date(MONTHS), _date(MONATE)


class Item(NamedTuple):
    """Something that the prose states: where, of which kind, and what matched it."""

    cell: int
    start: int
    found: str
    sentence: str
    kind: str
    value: float | str | frozenset
    nouns: frozenset
    matched: str
    expected: str


class Finding(NamedTuple):
    """What nothing matches, or an exemption that is none."""

    cell: int
    sentence: str
    found: str
    expected: str

    def __str__(self) -> str:
        """Write the finding as its one line."""
        return f"cell {self.cell}: '{self.found}' in \"{self.sentence}\": expected {self.expected}"


class Held(NamedTuple):
    """What rows or assertions hold.

    Numbers stand with a word after them, or with none; states as the sets of them that stand
    together.
    """

    numbers: Counter
    dates: set[str]
    states: set[frozenset]


class Tables(NamedTuple):
    """The rows that name a passage or a row of the record, as (table, row); states' ids by name."""

    rows: dict[str, list[tuple[str, dict[str, str]]]]
    states: dict[str, str]


def review(path: Path | str, directory: Path | str = DATA) -> list[Finding]:
    """Find what a chapter says and neither an assertion nor a cited row bears out.

    Parameters
    ----------
    path : path
        A notebook.
    directory : path, optional
        The folder of the data package.

    Returns
    -------
    list of Finding
        In the order of the text; cells are counted from 1.
    """
    return findings(nbformat.read(path, as_version=4), directory)


def findings(notebook: nbformat.NotebookNode, directory: Path | str = DATA) -> list[Finding]:
    """Find the same in a notebook that has been read."""
    found = [
        Finding(item.cell, item.sentence, item.found, item.expected)
        for item in items(notebook, directory)
        if not item.matched
    ]
    others = [*_exemptions(notebook), *_unsaid(notebook, directory)]
    return sorted([*found, *others], key=lambda finding: finding.cell)


def items(notebook: nbformat.NotebookNode, directory: Path | str = DATA) -> list[Item]:
    """List what a notebook's prose states, in the order of the text, and what matches each.

    Returns
    -------
    list of Item
        `matched` is `row`, `assertion`, `text`, `exempt`, or empty.
    """
    tables = read(str(Path(directory).resolve()))
    found, headings, announced, literals = [], [], {}, {}
    for cell, start, level, text in paragraphs(notebook):
        if HEADING.match(text):
            headings.append((len(found), level))
        announces = level == 1 or bool(HEADING.match(text))
        source = _next_checked(notebook, cell, start, level)
        if source not in literals:
            code = notebook.cells[source].source if source is not None else ""
            literals[source] = asserted(code, tables.states)
        asserts = literals[source]
        plain = _plain(text)
        exempt = notebook.cells[cell].metadata.get("exempt", {})
        spared = [m.span() for phrase in exempt for m in re.finditer(re.escape(phrase), text)]
        for kind, at, end, value in _stated(plain, tables.states):
            nouns = _nouns(plain[end:]) if kind == "number" else frozenset()
            cited = _bracket(text, at, tables.rows)
            points_back = kind == "number" and POINTS_BACK.search(text[:at])
            if any(first <= at and end <= last for first, last in spared):
                matched = "exempt"
            elif _holds(held(cited, directory), kind, value, nouns):
                matched = "row"
            elif points_back and _said(found, headings, announced, value, nouns):
                matched = "text"
            elif not announces and _holds(asserts, kind, value):
                matched = "assertion"
                if kind == "number":
                    asserts.numbers[value, ""] -= 1
            else:
                matched = ""
                if announces and not cited:
                    announced[len(found)] = level
            where = [f"cell {source + 1}"] if source is not None else []
            where += [f"a row of [{'; '.join(cited)}]"] if cited else []
            spent = kind == "number" and (value, "") in asserts.numbers and not announces
            once_more = " once more" if spent else ""  # its literals bear what was said before
            where = " or ".join(where) or "a checked cell"
            expected = f"{_wanted(kind, value)}{once_more} in {where}"
            sentence = " ".join(text[slice(*_sentence(text, at))].split())
            place = (cell + 1, start + at, text[at:end], sentence)
            found.append(Item(*place, kind, value, nouns, matched, expected))
    return _settle(found, headings, announced)


def _said(
    found: list[Item],
    headings: list[tuple[int, int]],
    announced: dict[int, int],
    value: float,
    nouns: frozenset,
) -> bool:
    """Tell whether the section has said a number before, and it was or will be matched.

    Where the section has counted the same things, it must be one of those numbers.
    """
    begin = max((at for at, level in headings if level <= 2), default=0)
    before = [(at, i) for at, i in enumerate(found[begin:], start=begin) if i.kind == "number"]
    same = [(at, i) for at, i in before if i.nouns & nouns] or before
    return any(i.value == value and (i.matched or at in announced) for at, i in same)


def _settle(
    found: list[Item], headings: list[tuple[int, int]], announced: dict[int, int]
) -> list[Item]:
    """Match what is announced by the text under it, up to the next heading of its level."""
    settled = list(found)
    for at, level in announced.items():
        item = found[at]
        end = next((i for i, other in headings if i > at and other <= level), len(found))
        same = [
            i
            for i in found[at:end]
            if i.matched and i.kind == item.kind and _equal(i.value, item.value)
        ]
        matched = "text" if any(i.nouns & item.nouns or not item.nouns for i in same) else ""
        wanted = _wanted(item.kind, item.value)
        expected = f"{wanted} of the same things, borne out, in the text below"
        settled[at] = item._replace(matched=matched, expected=expected)
    return settled


def _unsaid(notebook: nbformat.NotebookNode, directory: Path | str) -> Iterator[Finding]:
    """Find numbers that a checked cell asserts, and that the text it follows does not say."""
    tables = read(str(Path(directory).resolve()))
    said = {}
    for cell, start, level, text in paragraphs(notebook):
        source = _next_checked(notebook, cell, start, level)
        stated = _stated(_plain(text), tables.states)
        said.setdefault(source, set()).update(value for _, _, _, value in stated)
    for number, cell in enumerate(notebook.cells):
        if "checked" not in cell.metadata.get("tags", []):
            continue
        for assertion in _asserts(cell.source):
            compared = [node for node in ast.walk(assertion) if isinstance(node, ast.Compare)]
            sides = [side for node in compared for side in (node.left, *node.comparators)]
            for value in {number for side in sides for number in _compared(side) if number > 1}:
                if not {value, str(value)} & said.get(number, set()):
                    line = " ".join(ast.unparse(assertion).split())
                    yield Finding(
                        number + 1, line, f"{value:g}", "it to be said in the text before"
                    )


def _equal(said: float | str | frozenset, before: float | str | frozenset) -> bool:
    """Tell whether two values are one; what is said may be a more precise date."""
    return said == before or (isinstance(before, str) and said.startswith(before + "-"))


def _exemptions(notebook: nbformat.NotebookNode) -> Iterator[Finding]:
    """Find exemptions whose phrase is gone, or whose reason is too short to be one."""
    for number, cell in enumerate(notebook.cells, start=1):
        for phrase, reason in cell.metadata.get("exempt", {}).items():
            if phrase not in cell.source:
                yield Finding(number, phrase, phrase, "the exempt phrase in the cell's text")
            if len(reason.split()) < 5:
                yield Finding(number, phrase, reason, "a reason of at least five words")


# The text


def paragraphs(notebook: nbformat.NotebookNode) -> Iterator[tuple[int, int, int, str]]:
    """Give each paragraph: its cell, where it starts there, the level it stands under, its text."""
    level = 0
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type == "markdown":
            for match in re.finditer(r"\S.*?(?=\n\s*\n|\Z)", cell.source, re.DOTALL):
                heading = HEADING.match(match[0])
                level = len(heading[1]) if heading else level
                yield number, match.start(), level, match[0]


def _next_checked(notebook: nbformat.NotebookNode, cell: int, start: int, level: int) -> int | None:
    """Find the next checked cell, unless a heading of the same level comes first."""
    for number in range(cell, len(notebook.cells)):
        other = notebook.cells[number]
        if other.cell_type == "markdown":
            text = other.source[start + 1 :] if number == cell else other.source
            headings = [HEADING.match(line) for line in text.split("\n")]
            if any(heading and len(heading[1]) <= level for heading in headings):
                return None
        elif "checked" in other.metadata.get("tags", []):
            return number
    return None


def _plain(text: str) -> str:
    """Blank out, at the same length, what says nothing: code, targets, locators, references."""
    for pattern in (CODE, TARGET):
        text = pattern.sub(lambda match: " " * len(match[0]), text)
    for match in brackets(text):
        text = text.replace(match[0], "[" + " " * (len(match[0]) - 2) + "]")
    return REFERENCE.sub(lambda match: " " * len(match[0]), text)


def _sentence(text: str, at: int) -> tuple[int, int]:
    """Find where the sentence around a place begins and ends."""
    ends = [match.end() for match in SENTENCE_END.finditer(text)]
    first = max((end for end in ends if end <= at), default=0)
    return first, min((end for end in ends if end > at), default=len(text))


def _bracket(text: str, at: int, known: Iterable[str]) -> tuple[str, ...]:
    """List the passages that a place cites: the next bracket of its sentence, else a near one."""
    first, last = _sentence(text, at)
    found = brackets(text)
    after = [m for m in found if m.start() > at]
    before = [m for m in reversed(found) if m.start() < at]
    inside = [m for m in (after[:1] + before[:1]) if first <= m.start() < last]
    nearest = (inside or after or before)[:1]
    try:
        return tuple(name for match in nearest for name in _names(match[0], known))
    except ValueError:
        return ()  # a passage that does not exist is another test's finding


def _names(bracket: str, known: Iterable[str]) -> list[str]:
    """Name what a bracket cites, as `Tables.rows` does: `1.1 ¶3`, `record: csto`."""
    if not find_records(bracket):
        return expand(bracket, known)
    return [RECORD + key for key in keys(bracket, (name.removeprefix(RECORD) for name in known))]


def _stated(
    plain: str, names: dict[str, str]
) -> list[tuple[str, int, int, float | str | frozenset]]:
    """Find what a paragraph states: kind, where from, where to, value; in order."""
    stated = []
    for first, last, values in _dates(plain, DATE):
        stated += [("date", first, last, value) for value in values]
    dated = [(first, last) for _, first, last, _ in stated]
    for match, value in _numbers(plain):
        if not any(first <= match.start() < last for first, last in dated):
            stated.append(("number", *match.span(), value))
    named = {}
    for match in re.finditer(rf"\b(?:{'|'.join(names)})\b", plain):
        named.setdefault(_sentence(plain, match.start()), []).append(match)
    for matches in named.values():
        if len({match[0] for match in matches}) > 1:
            stretches = {}
            for match in matches:
                stretches.setdefault(plain[: match.start()].count("]"), []).append(match)
            for together in stretches.values():
                value = frozenset(names[match[0]] for match in together)
                once = {match[0]: match for match in reversed(together)}
                stated += [("states", *match.span(), value) for match in once.values()]
    return sorted(stated, key=lambda one: one[1])


def _numbers(plain: str) -> Iterator[tuple[re.Match, float]]:
    for match in NUMBER.finditer(plain):
        if match["digits"]:
            yield match, float(match["digits"].replace(",", ""))
        elif match["times"]:
            times = TIMES[match["times"].lower()]
            yield match, times * NUMBERS.get((match["word"] or "").lower(), 1)
        else:
            yield match, NUMBERS[match["plain"].lower()]


def _dates(text: str, pattern: re.Pattern) -> Iterator[tuple[int, int, list[str]]]:
    """Find dates, as EDTF; where the year is not said, `--05-15` or `--05`."""
    months = MONTHS if pattern is DATE else MONATE
    for match in pattern.finditer(text):
        if match["only"]:
            following = [match["only"][:2] + match["next"]] if match["next"] else []
            yield *match.span(), [match["only"], *following]
            continue
        value = f"{match['year'] or '-'}-{months.index(match['month']) + 1:02}"
        yield *match.span(), [f"{value}-{int(match['day']):02}" if match["day"] else value]


def _wanted(kind: str, value: float | str | frozenset) -> str:
    if kind == "number":
        return f"{value:g}"
    return f"{', '.join(sorted(value))} together" if kind == "states" else str(value)


# What bears it out


def _holds(
    there: Held, kind: str, value: float | str | frozenset, nouns: frozenset = frozenset()
) -> bool:
    """Tell whether rows or assertions hold a value; a date may be more precise there."""
    if kind == "number":
        return any(there.numbers[value, noun] > 0 for noun in [*nouns, ""])
    if kind == "date":
        any_year = value.startswith("--")
        dates = {"-" + date[4:] for date in there.dates} if any_year else there.dates
        return any(date == value or date.startswith(value + "-") for date in dates)
    if len(value) == 1:
        return any(value <= together for together in there.states)
    others = value - {"RUS"}  # Russia may stand beside several that a row is about
    return any(
        value == together or (len(others) > 1 and others == together - {"RUS"})
        for together in there.states
    )


def asserted(source: str, names: dict[str, str]) -> Held:
    """Read the literals of a cell's assertions.

    Numbers count where they are compared, not as an index or an argument; a literal list or set
    of texts states how many they are as well.
    """
    there = Held(Counter(), set(), set())
    for node in (inner for one in _asserts(source) for inner in ast.walk(one)):
        if isinstance(node, ast.Compare):
            for side in [node.left, *node.comparators]:
                there.numbers.update((number, "") for number in [*_compared(side), *_sizes(side)])
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            there.dates.update(EDTF.findall(node.value))
        if isinstance(node, ast.List | ast.Set | ast.Tuple | ast.Dict | ast.Constant | ast.Assert):
            texts = [n.value for n in ast.walk(node) if isinstance(n, ast.Constant)]
            there.states.add(_named(" ".join(map(str, texts)), names))
    there.dates.update(str(n) for n, _ in there.numbers if n in range(1900, 2100))
    return there


def _asserts(source: str) -> list[ast.Assert]:
    try:
        return [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Assert)]
    except SyntaxError:
        return []


def _compared(node: ast.expr) -> Iterator[float]:
    """Give the numbers that one side of a comparison states."""
    match node:
        case ast.Constant(value=bool()):
            pass
        case ast.Constant(value=int() | float()):
            yield node.value
        case ast.Dict(values=inside) | ast.List(elts=inside) | ast.Set(elts=inside):
            for one in inside:
                yield from _compared(one)
        case ast.Tuple() | ast.BinOp() | ast.UnaryOp():
            for one in ast.iter_child_nodes(node):
                yield from _compared(one)


def _sizes(node: ast.expr) -> Iterator[int]:
    """Give the sizes of the literal lists and sets of texts on one side of a comparison."""
    match node:
        case ast.List(elts=inside) | ast.Set(elts=inside) if inside:
            if all(isinstance(e, ast.Constant) and isinstance(e.value, str) for e in inside):
                yield len(inside)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            yield sum([*_sizes(left), *_sizes(right)])
        case ast.Dict(values=inside):
            for one in inside:
                yield from _sizes(one)


def _named(text: str, names: dict[str, str]) -> frozenset:
    """Give the states that a text names, by name or by id."""
    words = set(re.findall(r"\b[A-Z]{3}\b", text)) & set(names.values())
    return frozenset(words | {names[n] for n in names if re.search(rf"\b{n}\b", text)})


@functools.cache
def read(directory: str) -> Tables:
    """Read the rows that name each passage, `report_terms` among them, or a row of the record.

    A citation is given the date of the work that it cites. What a rival reading would put into a
    cell bears nothing out, nor does what is judged of report and record, nor the words inside
    names: `alternatives`, `comparisons`, `outcomes` and `name_terms` are left aside.
    """
    folder = Path(directory)
    tables = {}
    for resource in package(folder)["resources"]:
        if not (folder / resource["path"]).is_file():
            raise DataError(f"{resource['path']}: missing from {folder}")
        tables[resource["name"]] = read_text(folder / resource["path"])
    if not (folder / "references.bib").is_file():
        raise DataError(f"references.bib: missing from {folder}")
    works = parse_file(str(folder / "references.bib")).entries
    rows = {locator: [] for locator in tables["passages"].locator}
    rows |= {RECORD + key: [] for key in tables["record"].key}
    for name in ("alternatives", "comparisons", "name_terms", "outcomes"):
        tables.pop(name, None)
    for name, table in tables.items():
        columns = [c for c in ("locator", "locator_1995", "footnote") if c in table]
        recorded = ["key"] if name == "record" else [c for c in ("record_key",) if c in table]
        for row in table.to_dict("records"):
            work = works[row["bibkey"]].fields if row.get("bibkey", "") in works else {}
            row["dated"] = f"{work.get('month', '')} {work.get('year', '')}".strip()
            named = {row[column] for column in columns}
            named |= {RECORD + row[column] for column in recorded}
            for locator in named & set(rows):
                rows[locator].append((name, row))
    states = tables["states"]
    return Tables(rows, dict(zip(states.name, states.state_id, strict=True)))


@functools.cache
def held(cited: tuple[str, ...], directory: Path | str = DATA) -> Held:
    """Gather what the rows of some passages hold."""
    tables = read(str(Path(directory).resolve()))
    there = Held(Counter(), set(), set())
    columns, counted = {}, {}
    for name, row in (pair for locator in cited for pair in tables.rows[locator]):
        if name == "report_terms":
            number = (NUMBERS if row["locator"].startswith("EN") else GERMAN).get(row["term"])
            there.numbers.update([(number, "")] if number else [])
            there.dates.update(re.findall(r"^(?:19|20)\d\d$", row["term"]))
            continue
        for noun in _nouns(name.replace("_", " ")):
            counted.setdefault((noun, name), set()).add(tuple(row.values()))
        for column, cell in row.items():
            if not cell or column == "note":
                continue
            for noun in _nouns(column.replace("_", " ")) if column not in NO_NAMES else ():
                counted.setdefault((noun, name, column), set()).add(cell)
            for _, _, values in [*_dates(cell, DATE), *_dates(cell, DATUM)]:
                there.dates.update(values)
            there.dates.update(EDTF.findall(cell))
            if column not in NO_COUNTS:
                plain = DATE.sub(" ", EDTF.sub(" ", _plain(cell)))
                for match, value in _numbers(plain):
                    there.numbers.update((value, noun) for noun in _nouns(plain[match.end() :]))
            if column != "evidence":  # in German, a name here and there would look the same
                there.states.add(_named(cell.replace(";", " "), tables.states))
            if cell in tables.states.values():
                for key in {(name, column, other, row[other]) for other in row} | {(name, column)}:
                    columns.setdefault(key, set()).add(cell)
        text = " ; ".join(v for c, v in row.items() if c not in ("note", "evidence"))
        there.states.add(_named(text.replace(";", " "), tables.states))
    there.states.update(map(frozenset, columns.values()))
    there.numbers.update((len(values), noun) for (noun, *_), values in counted.items())
    return there


def _nouns(after: str) -> frozenset:
    """Give the next three words that may say what a number counts, without their endings."""
    words = [word for word in re.findall(r"[a-z]+", after.lower())[:3] if len(word) > 3]
    endings = ("ies", "y", "s")
    stems = [next((w.removesuffix(e) for e in endings if w.endswith(e)), w) for w in words]
    return frozenset(set(stems) - NO_NOUNS - set(NUMBERS))
