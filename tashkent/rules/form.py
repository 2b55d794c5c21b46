"""Form: one table as it lies there."""

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from tashkent.description import key_of
from tashkent.form import Fault
from tashkent.rules.common import each, number, rule, several

#: Files of the data package that are no tables.
OTHER_FILES = {
    "datapackage.json",
    "references.bib",
    "cis_region.topojson",
    "README.md",
    "LICENSE",
    "codings",
}

#: Columns that hold a name or a sentence in our own words.
SENTENCES = {
    *("aim", "argument", "asset", "body", "change", "claim", "coded", "condition", "criterion"),
    *("consequence", "description", "direction", "duty", "element", "expectation", "fact"),
    *("factor", "feature", "field", "gist", "grand_design", "item", "label", "limit"),
    *("main_command", "meaning", "motive", "name", "offers", "place", "purpose", "question"),
    *("rationale", "reading", "reason", "role", "seat", "seeks", "situation", "staff", "summary"),
    *("task", "threat", "tie", "title", "would_confirm", "would_contradict"),
}


@rule
def no_stray_files(described, directory) -> Iterator[Fault]:
    """Every file in the folder is described: a forgotten copy is no second truth."""
    for path in sorted(Path(directory).iterdir()):
        known = not described or path.name in OTHER_FILES | described
        if not known and not path.name.startswith("."):
            yield Fault(path.name, None, None, "no table of datapackage.json")


@rule
def cells_are_trimmed(name, table) -> Iterator[Fault]:
    """No cell has spaces at its ends, doubled spaces or line breaks: they split equal values."""
    for column in table:
        for row, cell in each(table, column):
            if cell != " ".join(cell.split()):
                yield Fault(f"{name}.csv", row, column, f"'{cell}' has a stray space or break")


@rule
def words_keep_their_case(name, table, schema) -> Iterator[Fault]:
    """A sentence begins with a capital, and no word has capitals in its midst or throughout.

    `record` and `other_coders` are left out: they quote variables of other datasets, in capitals.
    """
    odd = re.compile(r"(?<![\w-])([^\W\d_A-ZÄÖÜ]+[A-ZÄÖÜ]\w*|[A-ZÄÖÜ]{5,})(?![\w-])")
    coded = {f["name"] for f in schema["fields"] if "enum" in f.get("constraints", {})}
    for column in table if name not in ("record", "other_coders") else ():
        for row, cell in each(table, column):
            if column in SENTENCES - coded and cell[:1].islower():
                message = f"'{cell}' begins with a small letter, expected a capital"
                yield Fault(f"{name}.csv", row, column, message)
            if not cell.islower() and (found := odd.search(cell)):
                message = f"'{found[0]}' has capitals where none are expected"
                yield Fault(f"{name}.csv", row, column, message)


@rule
def keys_are_unique(name, table, schema) -> Iterator[Fault]:
    """A key names one row, or two charts could count the same thing differently."""
    key, seen = key_of(schema), set()
    for row, *this in each(table, *key):
        if tuple(this) in seen:
            message = f"the key '{', '.join(this)}' stands in an earlier row"
            yield Fault(f"{name}.csv", row, key[0], message)
        seen.add(tuple(this))


@rule
def tables_are_sorted(name, table, schema) -> Iterator[Fault]:
    """Rows stand in the order of their key as text, so that a change shows as the change it is."""
    key = key_of(schema)
    for (_, *before), (row, *this) in pairwise(each(table, *key)):
        if this < before:
            found, earlier = ", ".join(this), ", ".join(before)
            yield Fault(f"{name}.csv", row, key[0], f"'{found}' stands after '{earlier}'")


@rule
def descriptions_differ(name, table) -> Iterator[Fault]:
    """Names and sentences tell rows apart: one that stands twice describes two things as one.

    Left out are the sentences that repeat on purpose, where several rows say the same of several
    subjects, `citations`, where several works are cited for one claim, and `word_families`, where
    several forms mean the same.
    """
    apart = {"name", "claim", "gist", "threat", "motive", "purpose", "argument", "english", "task"}
    apart |= {"name_de", "item", "limit", "aim", "fact", "rationale", "criterion", "feature"}
    apart |= {"expectation"}
    repeating = ("citations", "word_families")
    for column in sorted(apart & set(table)) if name not in repeating else ():
        seen = set()
        for row, cell in each(table, column):
            if cell and cell in seen:
                yield Fault(f"{name}.csv", row, column, f"'{cell}' stands in an earlier row")
            seen.add(cell)


@rule
def numbers_run_from_one(name, table) -> Iterator[Fault]:
    """Numbered things are counted 1, 2, 3 without a gap, or one of them is lost."""
    series = {"arguments": "thesis", "factors": "of", "options": "debate", "purposes": "holder"}
    if "number" not in table:
        return
    seen = {}
    for row, cell, group in each(table, "number", series.get(name, "number")):
        seen.setdefault(group if name in series else "", []).append((number(cell), row))
    for group, found in seen.items():
        for expected, (this, row) in enumerate(sorted(found), 1):
            if this != expected:
                message = f"'{this}' where {expected} is next{group and f' for {group!r}'}"
                yield Fault(f"{name}.csv", row, "number", message)
                break


@rule
def lists_name_each_once(name, table) -> Iterator[Fault]:
    """A cell that lists ids names each once, in the order of the ids, so that equal lists match."""
    ids = re.compile(r"[A-Za-z0-9_-]+(;[A-Za-z0-9_-]*)+")
    for column in table:
        for row, cell in each(table, column) if column != "evidence" else ():
            if ";" in cell and ids.fullmatch(cell):
                parts = several(cell)
                if "" in parts or parts != sorted(set(parts)):
                    message = f"'{cell}', expected each once and in order"
                    yield Fault(f"{name}.csv", row, column, message)
