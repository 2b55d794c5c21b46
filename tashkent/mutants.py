"""Break copies of the data in many ways, and count how many of the faults the check catches.

Each way is a short function that takes a random generator and the tables and gives one broken
copy, or nothing where its draw does not fit. Tables, rows and cells are drawn evenly, the table
first, so that a small table counts as much as a large one. Half of the ways are faults of
meaning, after which the table is sorted again and well-formed; the others are faults of form.
What is written in our own words (claims, gists, notes) is not reworded: no rule can read.
"""

import csv
import functools
import io
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

from tashkent.check import check
from tashkent.data import DATA, DataError, package
from tashkent.dates import EDTF
from tashkent.description import key_of
from tashkent.marks import put_between
from tashkent.rules.common import several

PAGE = DATA.parent / "appendix" / "rules.md"
CODEBOOK = PAGE.with_name("codebook.md")
SEED = 1996
EACH = {"meaning": 46, "form": 30}
BY_COMMAND = 20

#: Columns that say who speaks.
SPEAKERS = {"stated_by", "perceived_by"}


class Mutant(NamedTuple):
    """A broken copy: the way, the table and column, what was done, and the files that differ."""

    way: str
    table: str
    column: str
    done: str
    files: dict[str, bytes | None]


class Way(NamedTuple):
    """A way of breaking the data: `form` or `meaning`, and the function that draws a mutant."""

    name: str
    family: str
    says: str
    draw: Callable


WAYS: list[Way] = []


class Tables:
    """The data package as the ways see it: cells as text, schemas, and the files' bytes."""

    def __init__(self, directory: Path | str = DATA) -> None:
        """Read every table of a folder."""
        self.directory = Path(directory)
        self.files, self.headers, self.rows, self.fields, self.keys = {}, {}, {}, {}, {}
        self.references = {}
        for resource in package(directory)["resources"]:
            name, schema = resource["name"], resource["schema"]
            self.files[name] = (self.directory / resource["path"]).read_bytes()
            reader = csv.reader(io.StringIO(self.files[name].decode("utf-8"), newline=""))
            self.headers[name] = next(reader)
            self.rows[name] = [dict(zip(self.headers[name], row, strict=True)) for row in reader]
            self.fields[name] = {field["name"]: field for field in schema["fields"]}
            self.keys[name] = key_of(schema)
            self.references[name] = {
                key["fields"]: key["reference"]["resource"] for key in schema.get("foreignKeys", [])
            }
        kinds = {"states": "state_id", "groups": "group_id", "people": "person_id"}
        kinds |= {"bodies": "body_id", "instruments": "instrument_id"}
        self.ids = {
            table: sorted({row[column] for row in self.rows[table]})
            for table, column in kinds.items()
            if table in self.rows
        }
        self.order = sorted(self.rows["passages"], key=lambda row: int(row["order"]))

    def kind_of(self, cell: str) -> str | None:
        """Name the table in which an actor has its row."""
        return next((table for table, ids in self.ids.items() if cell in ids), None)

    def written(self, name: str, rows: list[dict]) -> bytes:
        """Write rows as the file would hold them, sorted by key."""
        rows = sorted(rows, key=lambda row: [row[column] for column in self.keys[name]])
        lines = [self.headers[name], *([row[c] for c in self.headers[name]] for row in rows)]
        return written(lines)

    def lines(self, name: str) -> list[list[str]]:
        """Give a table's header and rows as lists of cells."""
        return [self.headers[name], *([*row.values()] for row in self.rows[name])]


def written(lines: list[list[str]]) -> bytes:
    """Write lines of cells as CSV."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(lines)
    return text.getvalue().encode("utf-8")


def way(name: str, family: str) -> Callable:
    """Enter a function into the list of ways; its docstring says what is done."""

    def enter(function: Callable) -> Callable:
        WAYS.append(Way(name, family, function.__doc__.splitlines()[0], function))
        return function

    return enter


def draw_cell(
    chance: random.Random, tables: Tables, fits: Callable[[str, str, dict], bool]
) -> tuple[str, str, int] | None:
    """Draw a cell evenly: a table that has cells that fit, then one of them."""
    found = {}
    for name, rows in tables.rows.items():
        cells = [
            (column, index)
            for column in tables.headers[name]
            for index, row in enumerate(rows)
            if fits(name, column, row)
        ]
        if cells:
            found[name] = cells
    if not found:
        return None
    name = chance.choice(sorted(found))
    column, index = chance.choice(found[name])
    return name, column, index


def changed(tables: Tables, name: str, index: int, column: str, value: str) -> tuple:
    """Give a copy of a table in which one cell is another: table, column, what, files."""
    rows = [dict(row) for row in tables.rows[name]]
    before, rows[index][column] = rows[index][column], value
    key = " ".join(tables.rows[name][index][k] for k in tables.keys[name])
    done = f"{name}.csv, {key}, {column}: '{before}' became '{value}'"
    return name, column, done, {f"{name}.csv": tables.written(name, rows)}


def other(chance: random.Random, values: list[str], not_this: str) -> str | None:
    """Draw another value than this one."""
    left = [value for value in values if value != not_this]
    return chance.choice(left) if left else None


def change_part(chance: random.Random, tables: Tables, fits: Callable) -> tuple | None:
    """Put another id of the same kind in the place of one in a cell."""
    drawn = draw_cell(
        chance, tables, lambda n, c, row: any(fits(n, c, part) for part in several(row[c]))
    )
    if not drawn:
        return None
    name, column, index = drawn
    ids = several(tables.rows[name][index][column])
    place = chance.choice([i for i, part in enumerate(ids) if fits(name, column, part)])
    target = tables.references[name].get(column) or tables.kind_of(ids[place])
    known = tables.ids.get(target) or [row[tables.keys[target][0]] for row in tables.rows[target]]
    new = other(chance, known, ids[place])
    if new is None or new in ids:
        return None
    ids[place] = new
    return changed(tables, name, index, column, ";".join(ids))


# Faults of meaning


@way("swapped state", "meaning")
def swapped_state(chance: random.Random, tables: Tables) -> tuple | None:
    """A state gives way to another one, alone or in a list."""
    own = {("states", "state_id")}
    return change_part(
        chance, tables, lambda n, c, part: (n, c) not in own and part in tables.ids["states"]
    )


def dates_of(tables: Tables, name: str, column: str) -> bool:
    """Tell whether a column holds dates."""
    return tables.fields[name][column].get("rdfType") == EDTF


@way("moved date", "meaning")
def moved_date(chance: random.Random, tables: Tables) -> tuple | None:
    """A date moves by one year, month or day, as precise as it was."""
    drawn = draw_cell(chance, tables, lambda n, c, row: dates_of(tables, n, c) and row[c] != "")
    if not drawn:
        return None
    name, column, index = drawn
    ends = tables.rows[name][index][column].split("/")
    place = chance.choice([i for i, end in enumerate(ends) if end != ".."])
    numbers = [int(number) for number in ends[place].split("-")]
    which, step = chance.randrange(len(numbers)), chance.choice([-1, 1])
    if which == 2:
        moved = date(*numbers) + timedelta(days=step)
        ends[place] = moved.isoformat()
    else:
        numbers[which] += step
        if len(numbers) > 1 and not 1 <= numbers[1] <= 12:
            return None
        if len(numbers) > 2:
            numbers[2] = min(numbers[2], 28)
        ends[place] = "-".join([str(numbers[0]), *(f"{number:02}" for number in numbers[1:])])
    if len(ends) > 1 and ends[0] > ends[1] != "..":
        return None
    return changed(tables, name, index, column, "/".join(ends))


@way("padded date", "meaning")
def padded_date(chance: random.Random, tables: Tables) -> tuple | None:
    """A year gains a month, or a month a day."""
    drawn = draw_cell(
        chance, tables, lambda n, c, row: dates_of(tables, n, c) and len(row[c]) in (4, 7)
    )
    if not drawn:
        return None
    name, column, index = drawn
    before = tables.rows[name][index][column]
    more = chance.randint(1, 12) if len(before) == 4 else chance.randint(1, 28)
    return changed(tables, name, index, column, f"{before}-{more:02}")


@way("neighbouring locator", "meaning")
def neighbouring_locator(chance: random.Random, tables: Tables) -> tuple | None:
    """A row cites the passage before or after the one that it was coded from."""
    locators = [row["locator"] for row in tables.order]

    def fits(name: str, column: str, row: dict) -> bool:
        return tables.references[name].get(column) == "passages" and row[column] in locators

    drawn = draw_cell(chance, tables, fits)
    if not drawn:
        return None
    name, column, index = drawn
    place = locators.index(tables.rows[name][index][column]) + chance.choice([-1, 1])
    if not 0 <= place < len(locators):
        return None
    return changed(tables, name, index, column, locators[place])


@way("foreign evidence", "meaning")
def foreign_evidence(chance: random.Random, tables: Tables) -> tuple | None:
    """A row carries the evidence of a row that cites another passage."""
    drawn = draw_cell(chance, tables, lambda n, c, row: c == "evidence")
    if not drawn:
        return None
    name, column, index = drawn
    giver = draw_cell(
        chance,
        tables,
        lambda n, c, row: c == "evidence" and row["locator"] != tables.rows[name][index]["locator"],
    )
    return changed(tables, name, index, column, tables.rows[giver[0]][giver[2]]["evidence"])


@way("another value", "meaning")
def another_value(chance: random.Random, tables: Tables) -> tuple | None:
    """A coded value gives way to another one that the schema allows."""

    def values(name: str, column: str) -> list[str]:
        return tables.fields[name][column].get("constraints", {}).get("enum", [])

    drawn = draw_cell(
        chance, tables, lambda n, c, row: c not in ("hedge", "basis") and row[c] in values(n, c)
    )
    if not drawn:
        return None
    name, column, index = drawn
    new = other(chance, values(name, column), tables.rows[name][index][column])
    return changed(tables, name, index, column, new) if new else None


@way("another id", "meaning")
def another_id(chance: random.Random, tables: Tables) -> tuple | None:
    """An id gives way to another one of its kind: a body, a framework, a claim."""

    def fits(name: str, column: str, part: str) -> bool:
        if column in SPEAKERS or part in tables.ids["states"]:
            return False
        target = tables.references[name].get(column)
        if target:
            return target != "passages" and part in {
                row[tables.keys[target][0]] for row in tables.rows[target]
            }
        return column not in tables.keys[name][:1] and tables.kind_of(part) is not None

    return change_part(chance, tables, functools.lru_cache(maxsize=None)(fits))


@way("deleted row", "meaning")
def deleted_row(chance: random.Random, tables: Tables) -> tuple | None:
    """A row is gone."""
    name = chance.choice(sorted(tables.rows))
    rows = list(tables.rows[name])
    gone = rows.pop(chance.randrange(len(rows)))
    key = " ".join(gone[column] for column in tables.keys[name])
    return name, "", f"{name}.csv: '{key}' is gone", {f"{name}.csv": tables.written(name, rows)}


@way("added row", "meaning")
def added_row(chance: random.Random, tables: Tables) -> tuple | None:
    """A row is added that nothing supports: cells of another row, under a key of its own."""
    name = chance.choice(sorted(tables.rows))
    rows = list(tables.rows[name])
    row, key = dict(chance.choice(rows)), tables.keys[name]
    column = key[-1] if len(key) > 1 and name != "claim_links" else key[0]
    if name in ("body_relations", "claim_links", "framework_members"):
        column = key[1]
    target = tables.references[name].get(column) or tables.kind_of(row[column])
    values = tables.fields[name][column].get("constraints", {}).get("enum")
    if len(key) == 1 and name not in ("uncited", "glossary"):
        target = None
    if target or values:
        known = values or [other_row[tables.keys[target][0]] for other_row in tables.rows[target]]
        row[column] = chance.choice(known)
    elif tables.fields[name][column]["type"] == "integer":
        row[column] = str(max(int(other_row[column]) for other_row in rows) + 1)
    else:
        row[column] = f"{row[column]}_b" if " " not in row[column] else f"{row[column]}z"
    for text in set(row) - {"evidence", "note"}:
        if row[text].endswith("."):
            row[text] = f"{row[text][:-1]}, as well."
    identity = [row[part] for part in key]
    if any([other_row[part] for part in key] == identity for other_row in rows):
        return None
    done = f"{name}.csv: '{' '.join(identity)}' is added"
    return name, "", done, {f"{name}.csv": tables.written(name, [*rows, row])}


@way("dropped hedge", "meaning")
def dropped_hedge(chance: random.Random, tables: Tables) -> tuple | None:
    """What the report hedges becomes plain."""
    drawn = draw_cell(chance, tables, lambda n, c, row: c == "hedge" and row[c] != "none")
    return changed(tables, drawn[0], drawn[2], drawn[1], "none") if drawn else None


@way("another speaker", "meaning")
def another_speaker(chance: random.Random, tables: Tables) -> tuple | None:
    """What one says or perceives is given to another."""
    drawn = draw_cell(chance, tables, lambda n, c, row: c in SPEAKERS)
    if not drawn:
        return None
    name, column, index = drawn
    speakers = {
        row["stated_by"] for rows in tables.rows.values() for row in rows if "stated_by" in row
    }
    new = other(chance, sorted(speakers), tables.rows[name][index][column])
    return changed(tables, name, index, column, new) if new else None


@way("raised basis", "meaning")
def raised_basis(chance: random.Random, tables: Tables) -> tuple | None:
    """What the coder inferred or computed passes for printed."""
    drawn = draw_cell(chance, tables, lambda n, c, row: c == "basis" and row[c] != "printed")
    return changed(tables, drawn[0], drawn[2], drawn[1], "printed") if drawn else None


@way("another number", "meaning")
def another_number(chance: random.Random, tables: Tables) -> tuple | None:
    """A number grows or shrinks by one."""
    drawn = draw_cell(
        chance, tables, lambda n, c, row: tables.fields[n][c]["type"] == "integer" and row[c] != ""
    )
    if not drawn:
        return None
    name, column, index = drawn
    new = int(tables.rows[name][index][column]) + chance.choice([-1, 1])
    return changed(tables, name, index, column, str(new)) if new > 0 else None


@way("turned relation", "meaning")
def turned_relation(chance: random.Random, tables: Tables) -> tuple | None:
    """A relation runs the other way round."""
    drawn = draw_cell(chance, tables, lambda n, c, row: c == "from_id" and "to_id" in row)
    if not drawn:
        return None
    name, _, index = drawn
    rows = [dict(row) for row in tables.rows[name]]
    row = rows[index]
    row["from_id"], row["to_id"] = row["to_id"], row["from_id"]
    done = f"{name}.csv: {row['to_id']} to {row['from_id']} is turned round"
    return name, "from_id", done, {f"{name}.csv": tables.written(name, rows)}


@way("lost value", "meaning")
def lost_value(chance: random.Random, tables: Tables) -> tuple | None:
    """A coded value that may be empty is."""

    def fits(name: str, column: str, row: dict) -> bool:
        field = tables.fields[name][column]
        limits = field.get("constraints", {})
        if limits.get("required") or row[column] == "":
            return False
        coded = "enum" in limits or "rdfType" in field or field["type"] == "integer"
        pointing = column in tables.references[name] or tables.kind_of(several(row[column])[0])
        return bool(coded or pointing)

    drawn = draw_cell(chance, tables, fits)
    return changed(tables, drawn[0], drawn[2], drawn[1], "") if drawn else None


# Faults of form


def any_cell(chance: random.Random, tables: Tables, filled: bool = True) -> tuple[str, str, int]:
    """Draw any cell."""
    name = chance.choice(sorted(tables.rows))
    index = chance.randrange(len(tables.rows[name]))
    columns = [c for c in tables.headers[name] if tables.rows[name][index][c] or not filled]
    return name, chance.choice(columns), index


def in_place(tables: Tables, name: str, index: int, column: str, value: str) -> tuple:
    """Change one cell and leave the rows where they are."""
    lines = tables.lines(name)
    place = tables.headers[name].index(column)
    before, lines[index + 1][place] = lines[index + 1][place], value
    done = f"{name}.csv, row {index + 2}, {column}: '{before}' became '{value}'"
    return name, column, done, {f"{name}.csv": written(lines)}


def whole(name: str, data: bytes | None, done: str) -> tuple:
    """Give a table's file as a whole."""
    return name, "", f"{name}.csv: {done}", {f"{name}.csv": data}


def any_table(chance: random.Random, tables: Tables) -> tuple[str, list[list[str]]]:
    """Draw any table, with its lines."""
    name = chance.choice(sorted(tables.rows))
    return name, tables.lines(name)


@way("doubled row", "form")
def doubled_row(chance: random.Random, tables: Tables) -> tuple:
    """A row stands twice."""
    name, lines = any_table(chance, tables)
    index = chance.randrange(1, len(lines))
    lines.insert(index, lines[index])
    return whole(name, written(lines), f"row {index + 1} stands twice")


@way("reordered rows", "form")
def reordered_rows(chance: random.Random, tables: Tables) -> tuple:
    """Two rows change places."""
    name, lines = any_table(chance, tables)
    first, second = sorted(chance.sample(range(1, len(lines)), 2))
    lines[first], lines[second] = lines[second], lines[first]
    return whole(name, written(lines), f"rows {first + 1} and {second + 1} changed places")


@way("swapped cells", "form")
def swapped_cells(chance: random.Random, tables: Tables) -> tuple:
    """Two cells of a row change places."""
    name, lines = any_table(chance, tables)
    index = chance.randrange(1, len(lines))
    first, second = sorted(chance.sample(range(len(lines[0])), 2))
    row = lines[index]
    row[first], row[second] = row[second], row[first]
    done = f"row {index + 1}: {lines[0][first]} and {lines[0][second]} changed places"
    return name, lines[0][first], f"{name}.csv, {done}", {f"{name}.csv": written(lines)}


@way("stray space", "form")
def stray_space(chance: random.Random, tables: Tables) -> tuple:
    """A cell gains a space before, after or within it."""
    name, column, index = any_cell(chance, tables)
    cell = tables.rows[name][index][column]
    spaced = [f" {cell}", f"{cell} ", cell.replace(" ", "  ", 1), f"{cell}\u00a0"]
    return in_place(tables, name, index, column, chance.choice(spaced))


@way("changed case", "form")
def changed_case(chance: random.Random, tables: Tables) -> tuple:
    """A cell turns to capitals, to small letters, or its first letter changes."""
    name, column, index = any_cell(chance, tables)
    cell = tables.rows[name][index][column]
    forms = [cell.upper(), cell.lower(), cell[:1].swapcase() + cell[1:]]
    return in_place(tables, name, index, column, chance.choice(forms))


@way("byte-order mark", "form")
def byte_order_mark(chance: random.Random, tables: Tables) -> tuple:
    """The file begins with a byte-order mark, as some spreadsheets write it."""
    name, _ = any_table(chance, tables)
    return whole(name, b"\xef\xbb\xbf" + tables.files[name], "begins with a byte-order mark")


@way("CR LF", "form")
def cr_lf(chance: random.Random, tables: Tables) -> tuple:
    """The lines end as on Windows: all of them, or one."""
    name, _ = any_table(chance, tables)
    data = tables.files[name]
    times = chance.choice([-1, 1])
    return whole(name, data.replace(b"\n", b"\r\n", times), "has lines that end in CR LF")


@way("Latin-1", "form")
def latin_1(chance: random.Random, tables: Tables) -> tuple | None:
    """The file is saved in another encoding."""
    name, _ = any_table(chance, tables)
    text = tables.files[name].decode("utf-8")
    return whole(name, text.encode("latin-1", "replace"), "is saved as Latin-1")


@way("missing column", "form")
def missing_column(chance: random.Random, tables: Tables) -> tuple:
    """A column is gone, with its cells."""
    name, lines = any_table(chance, tables)
    place = chance.randrange(len(lines[0]))
    lines = [line[:place] + line[place + 1 :] for line in lines]
    return whole(name, written(lines), f"column {tables.headers[name][place]} is gone")


@way("renamed column", "form")
def renamed_column(chance: random.Random, tables: Tables) -> tuple:
    """A column has another name, or its name other letters."""
    name, lines = any_table(chance, tables)
    place = chance.randrange(len(lines[0]))
    before = lines[0][place]
    lines[0] = list(lines[0])
    lines[0][place] = chance.choice([before.upper(), f"{before}_2", before[:-1], f" {before}"])
    return whole(name, written(lines), f"column {before} is called '{lines[0][place]}'")


@way("extra column", "form")
def extra_column(chance: random.Random, tables: Tables) -> tuple:
    """A column is added that nothing describes."""
    name, lines = any_table(chance, tables)
    lines = [
        [*line, cell] for line, cell in zip(lines, ["remark", *[""] * len(lines)], strict=False)
    ]
    return whole(name, written(lines), "has a column more")


@way("moved column", "form")
def moved_column(chance: random.Random, tables: Tables) -> tuple:
    """Two columns change places."""
    name, lines = any_table(chance, tables)
    first, second = sorted(chance.sample(range(len(lines[0])), 2))
    for line in (lines := [list(line) for line in lines]):
        line[first], line[second] = line[second], line[first]
    done = f"columns {lines[0][second]} and {lines[0][first]} changed places"
    return whole(name, written(lines), done)


@way("missing cell", "form")
def missing_cell(chance: random.Random, tables: Tables) -> tuple:
    """A row lacks a cell, so that those after it move up."""
    name, lines = any_table(chance, tables)
    index = chance.randrange(1, len(lines))
    place = chance.randrange(len(lines[0]))
    lines[index] = lines[index][:place] + lines[index][place + 1 :]
    return whole(name, written(lines), f"row {index + 1} lacks its {lines[0][place]}")


@way("blank row", "form")
def blank_row(chance: random.Random, tables: Tables) -> tuple:
    """An empty line stands between the rows."""
    name, _ = any_table(chance, tables)
    lines = tables.files[name].split(b"\n")
    index = chance.randrange(1, len(lines))
    lines.insert(index, b"")
    return whole(name, b"\n".join(lines), f"an empty line at {index + 1}")


@way("broken quotes", "form")
def broken_quotes(chance: random.Random, tables: Tables) -> tuple | None:
    """A quotation mark is lost, or one stands where none belongs."""
    name, _ = any_table(chance, tables)
    text = tables.files[name].decode("utf-8")
    places = [place for place, letter in enumerate(text) if letter == '"']
    if places and chance.random() < 0.5:
        place = chance.choice(places)
        return whole(name, (text[:place] + text[place + 1 :]).encode(), "lost a quotation mark")
    place = chance.choice([place for place, letter in enumerate(text) if letter in ",\n"])
    return whole(name, (text[:place] + ',"' + text[place:]).encode(), "gained a quotation mark")


@way("wrong delimiter", "form")
def wrong_delimiter(chance: random.Random, tables: Tables) -> tuple:
    """The cells are parted by semicolons or tabs, as some spreadsheets write them."""
    name, lines = any_table(chance, tables)
    text = io.StringIO()
    mark = chance.choice([";", "\t"])
    csv.writer(text, delimiter=mark, lineterminator="\n").writerows(lines)
    return whole(name, text.getvalue().encode(), f"has {mark!r} between its cells")


@way("invalid date", "form")
def invalid_date(chance: random.Random, tables: Tables) -> tuple | None:
    """A date is one of no calendar, or written as a spreadsheet or a letter does."""
    drawn = draw_cell(chance, tables, lambda n, c, row: dates_of(tables, n, c))
    if not drawn:
        return None
    name, column, index = drawn
    wrong = ["1993-02-30", "1993-13", "15.5.1992", "May 1992", "Dec-93", "33982", "1992/", "93"]
    return in_place(tables, name, index, column, chance.choice(wrong))


@way("no number", "form")
def no_number(chance: random.Random, tables: Tables) -> tuple | None:
    """A number is none."""
    drawn = draw_cell(chance, tables, lambda n, c, row: tables.fields[n][c]["type"] == "integer")
    if not drawn:
        return None
    name, column, index = drawn
    cell = tables.rows[name][index][column] or "1"
    wrong = ["one", f"{cell}.5", "n/a", f"{cell}st", "-", "#REF!"]
    return in_place(tables, name, index, column, chance.choice(wrong))


@way("misspelt code", "form")
def misspelt_code(chance: random.Random, tables: Tables) -> tuple | None:
    """A coded value or an id loses a letter."""

    def fits(name: str, column: str, row: dict) -> bool:
        field = tables.fields[name][column]
        coded = "enum" in field.get("constraints", {}) or column in tables.references[name]
        return coded and len(row[column]) > 2

    name, column, index = draw_cell(chance, tables, fits)
    cell = tables.rows[name][index][column]
    place = chance.randrange(len(cell))
    return in_place(tables, name, index, column, cell[:place] + cell[place + 1 :])


@way("missing file", "form")
def missing_file(chance: random.Random, tables: Tables) -> tuple:
    """A file of the package is gone."""
    others = ["references.bib", "datapackage.json", "codings/second.csv"]
    file = chance.choice([*others, *(f"{name}.csv" for name in sorted(tables.rows))])
    return file.removesuffix(".csv"), "", f"{file} is gone", {file: None}


@way("stray file", "form")
def stray_file(chance: random.Random, tables: Tables) -> tuple:
    """A copy of a table lies beside it."""
    name, _ = any_table(chance, tables)
    ends = [" (1).csv", "_old.csv", ".csv.bak", ".xlsx", " copy.csv"]
    file = f"{name}{chance.choice(ends)}"
    return name, "", f"'{file}' lies in the folder", {file: tables.files[name]}


@way("cut file", "form")
def cut_file(chance: random.Random, tables: Tables) -> tuple:
    """The file ends too early, as after a full disk."""
    name, _ = any_table(chance, tables)
    data = tables.files[name]
    end = chance.randrange(len(data))
    return whole(name, data[:end], f"ends after {end} of {len(data)} bytes")


@way("broken description", "form")
def broken_description(chance: random.Random, tables: Tables) -> tuple | None:
    """`datapackage.json` is cut, or a key in it is lost, renamed or of another kind."""
    text = (tables.directory / "datapackage.json").read_text(encoding="utf-8")
    described = json.loads(text)
    resource = chance.choice(described["resources"])
    field = chance.choice(resource["schema"]["fields"])
    where = chance.choice([resource, resource["schema"], field, described])
    name = resource["name"]
    key = chance.choice(sorted(set(where) & _NEEDED))
    what = chance.choice(["cut", "lost", "renamed", "of another kind"])
    if what == "cut":
        text = text[: chance.randrange(len(text) - 2)]
    else:
        value = where.pop(key)
        if what == "renamed":
            where[f"{key}s"] = value
        elif what == "of another kind":
            where[key] = 7
        text = json.dumps(described, indent=2, ensure_ascii=False) + "\n"
    done = f"datapackage.json is cut at {len(text)}" if what == "cut" else f"{key} is {what}"
    return name, "", done, {"datapackage.json": text.encode("utf-8")}


#: The keys of `datapackage.json` without which a table cannot be read or checked.
_NEEDED = {"name", "path", "schema", "fields", "primaryKey", "foreignKeys", "type", "resources"}


def mutants(tables: Tables, each: dict[str, int] = EACH) -> list[Mutant]:
    """Draw the mutants, the same ones every time.

    Parameters
    ----------
    tables : Tables
        The data package that is broken.
    each : dict of str to int
        How many mutants a way of each family makes.

    Returns
    -------
    list of Mutant
        Each is unlike the original and unlike every other one.
    """
    made, seen = [], set()
    for name, family, _, draw in WAYS:
        chance = random.Random(f"{SEED} {name}")
        found = tries = 0
        while found < each[family]:
            tries += 1
            if tries > 100 * each[family]:
                raise DataError(f"mutants: '{name}' does not give {each[family]} broken copies")
            drawn = draw(chance, tables)
            if drawn is None or same(drawn[3], tables.directory):
                continue
            print_ = tuple(drawn[3].items())
            if print_ in seen:
                continue
            seen.add(print_)
            found += 1
            made.append(Mutant(name, *drawn))
    return made


def same(files: dict[str, bytes | None], directory: Path) -> bool:
    """Tell whether a broken copy equals the original."""
    for file, data in files.items():
        path = directory / file
        if data is None or not path.is_file() or path.read_bytes() != data:
            return False
    return True


_COPY: Path | None = None


def _start(directory: Path, folder: str) -> None:
    """Give a worker process its own copy of the data, and read it once."""
    global _COPY
    _COPY = Path(tempfile.mkdtemp(dir=folder)) / "data"
    shutil.copytree(directory, _COPY)
    check(_COPY)


def _verdict(mutant: Mutant) -> list[str]:
    """Break the worker's copy, check it, and mend it again."""
    with broken(_COPY, mutant):
        try:
            return [str(fault) for fault in check(_COPY)]
        except DataError as error:
            return str(error).splitlines()


class broken:
    """Break a copy of the data for the length of a block."""

    def __init__(self, directory: Path, mutant: Mutant) -> None:
        """Take the copy and the mutant."""
        self.directory, self.files, self.kept = directory, mutant.files, {}

    def __enter__(self) -> None:
        """Write the mutant's files."""
        for file, data in self.files.items():
            path = self.directory / file
            self.kept[path] = path.read_bytes() if path.exists() else None
            _put(path, data)

    def __exit__(self, *_: object) -> None:
        """Put back what was there."""
        for path, data in self.kept.items():
            _put(path, data)


def _put(path: Path, data: bytes | None) -> None:
    if data is None:
        path.unlink()
    else:
        path.write_bytes(data)


def verdicts(made: list[Mutant], directory: Path | str = DATA) -> list[list[str]]:
    """Check every mutant, in as many processes as there are cores.

    Returns
    -------
    list of list of str
        The faults of each mutant; an empty list is a mutant that survives.
    """
    with tempfile.TemporaryDirectory(prefix="tashkent-") as folder:
        count = os.cpu_count() or 1
        with ProcessPoolExecutor(count, None, _start, (Path(directory), folder)) as pool:
            return list(pool.map(_verdict, made, chunksize=8))


def by_command(made: list[Mutant], directory: Path | str = DATA) -> list[list[str]]:
    """Check mutants as a reader would, by the command; its last line counts and is left out."""
    found = []
    with tempfile.TemporaryDirectory(prefix="tashkent-") as folder:
        copy = Path(folder) / "data"
        shutil.copytree(directory, copy)
        command = [sys.executable, "-m", "tashkent", "check", "--no-hash", str(copy)]
        for mutant in made:
            with broken(copy, mutant):
                done = subprocess.run(
                    command, cwd=DATA.parent, capture_output=True, text=True, encoding="utf-8"
                )
            lines = (
                (done.stdout.splitlines()[:-1] or done.stderr.splitlines())
                if done.returncode
                else []
            )
            found.append(lines)
    return found


def report(made: list[Mutant], found: list[list[str]], tables: Tables) -> str:
    """Write what was made and caught, way by way, and every survivor, as Markdown."""
    caught = Counter(mutant.way for mutant, faults in zip(made, found, strict=True) if faults)
    count = Counter(mutant.way for mutant in made)
    lines = ["| way | what is done | made | caught | share |", "|---|---|--:|--:|--:|"]
    for family in EACH:
        ways = [way_ for way_ in WAYS if way_.family == family]
        for way_ in ways:
            lines.append(_line(way_.name, way_.says, count[way_.name], caught[way_.name]))
        total = [sum(counts[way_.name] for way_ in ways) for counts in (count, caught)]
        lines.append(_line(f"**all faults of {family}**", "", *total))
    lines.append(_line("**all**", "", count.total(), caught.total()))
    table = ["```{table} Broken copies of the data and how many of them the check catches"]
    table += [":widths: 20 44 12 12 12", "", *lines, "```", ""]
    return "\n".join([*table, *survivors(made, found, tables)])


def summary(made: list[Mutant], found: list[list[str]]) -> str:
    """Say in two sentences how many were made and caught."""
    families = {way_.name: way_.family for way_ in WAYS}
    count = Counter(families[mutant.way] for mutant in made)
    caught = Counter(families[m.way] for m, faults in zip(made, found, strict=True) if faults)
    shares = [f"{caught[family] / count[family]:.1%} of those of {family}" for family in count]
    return (
        f"Of {count.total()} copies of the data, broken on purpose in {len(families)} ways, the "
        f"check catches {caught.total()}, {caught.total() / count.total():.1%}: "
        f"{' and '.join(shares)}. The page of the rules lists those that none of them sees."
    )


def _line(name: str, says: str, made: int, caught: int) -> str:
    return f"| {name} | {says} | {made} | {caught} | {caught / made:.1%} |"


def survivors(made: list[Mutant], found: list[list[str]], tables: Tables) -> Iterator[str]:
    """List the mutants that no rule sees, by the reason why."""
    groups = {}
    for mutant, faults in zip(made, found, strict=True):
        if not faults:
            groups.setdefault(reason(mutant, tables), []).append(mutant)
    total = sum(map(len, groups.values()))
    yield f"No rule sees {total} of them:"
    for why, alike in sorted(groups.items(), key=lambda group: (-len(group[1]), group[0])):
        yield ""
        yield f"{why} ({len(alike)}):"
        yield ""
        for mutant in alike:
            yield f"- {mutant.way}: `{mutant.done}`"


def reason(mutant: Mutant, tables: Tables) -> str:
    """Say why no rule can see a mutant."""
    judged = coded_twice(tables.directory)
    if mutant.way in ("neighbouring locator", "foreign evidence"):
        return "The passage has these words too, and nothing else tells them apart"
    if (mutant.way, mutant.column) == ("changed case", "evidence"):
        return "The words of a passage are counted in small letters"
    if mutant.table == "report_terms":
        return "The words of a passage are counted once, and no row quotes this one so often"
    if mutant.table not in judged:
        return f"`{mutant.table}` was coded once, and no other table says the same"
    if mutant.column and mutant.column not in judged[mutant.table]:
        return "The column was coded once, and no other column says the same"
    return "Two cells were judged, and their values fit in each other's place"


def coded_twice(directory: Path) -> dict[str, set[str]]:
    """Name the tables that were coded twice, with the columns judged."""
    found = {}
    with (Path(directory) / "codings" / "second.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["table"], set()).add(row["column"])
    return found


def main(arguments: list[str]) -> int:
    """Break the data, check each copy, write the result into the pages of rules and codebook."""
    faults = check()
    if faults:
        raise DataError(
            "\n".join([*map(str, faults), "mutants: the tables themselves have faults"])
        )
    tables = Tables()
    made = mutants(tables)
    found = verdicts(made)
    chosen = random.Random(SEED).sample(range(len(made)), BY_COMMAND)
    for index, lines in zip(chosen, by_command([made[i] for i in chosen]), strict=True):
        if len(lines) != len(found[index]):  # the lines may name the folder
            raise DataError(f"mutants: the command says otherwise of: {made[index].done}")
    for page, body in ((PAGE, report(made, found, tables)), (CODEBOOK, summary(made, found))):
        text = put_between(page.read_text(encoding="utf-8"), "mutants", body, page.name)
        page.write_text(text, encoding="utf-8", newline="\n")
    caught = sum(map(bool, found))
    print(
        f"{caught} of {len(made)} mutants caught, written to appendix/{PAGE.name} and the codebook"
    )
    return 0
