"""What the rules share: the list that they are entered into, and how cells are taken apart."""

import functools
import re
import unicodedata
from collections.abc import Callable, Collection, Hashable, Iterator

import pandas as pd

RULES: list[Callable] = []


def rule(function: Callable) -> Callable:
    """Enter a function into the list of rules."""
    RULES.append(function)
    return function


def words(text: str) -> list[str]:
    """Split a text into the words that `report_terms` counts."""
    return re.findall(r"[^\W_]+", text.lower())


def several(cell: str) -> list[str]:
    """Split a cell that holds several values, `;` between them."""
    return [part.strip() for part in cell.split(";")] if cell else []


def once_a_table(function: Callable) -> Callable:
    """Compute something of a table once: no rule changes one, and most come back unchanged."""
    kept = {}

    @functools.wraps(function)
    def computed(table: pd.DataFrame, *more: Hashable) -> object:
        key = (id(table), *more)
        if key not in kept:
            if len(kept) > 10_000:
                kept.clear()
            # with the table, so that its id stays its own
            kept[key] = (table, function(table, *more))
        return kept[key][1]

    return computed


@once_a_table
def _cells(table: pd.DataFrame, column: str | None) -> list:
    return (table.index if column is None else table[column]).tolist()


def each(table: pd.DataFrame, *columns: str) -> Iterator[tuple]:
    """Row number and the cells of some columns, row by row."""
    return zip(*(_cells(table, column) for column in (None, *columns)), strict=True)


@once_a_table
def by_key(table: pd.DataFrame, *key: str) -> dict[str, dict]:
    """The rows of a table by their key, its parts joined by a space; `row` is the line."""
    columns = list(table)
    rows = (dict(zip(["row", *columns], row, strict=True)) for row in each(table, *columns))
    return {" ".join(row[part] for part in key): row for row in rows}


def number(cell: str) -> int:
    """A cell as a number; 0, which no count and no order holds, where the schema reports it."""
    return int(cell) if cell.isascii() and cell.isdigit() else 0


def has_form(word: str, spoken: Collection[str]) -> bool:
    """Whether one of some words may be a form of a word: holds what stays of it when inflected.

    German inflects at the end, at the front (`gekündigt` has `kündig` in it) and in the vowel
    (`trat` has the consonants of `treten`).
    """
    stem = _stem(_plain(word))
    if any(stem in _plain(other) for other in spoken):
        return True
    consonants = _consonants(stem)
    return len(consonants) > 2 and any(_consonants(_plain(other)) == consonants for other in spoken)


def _stem(plain: str) -> str:
    return plain[: max(4, len(plain) - 3)]


@functools.lru_cache(maxsize=20_000)
def _plain(word: str) -> str:
    spelt = unicodedata.normalize("NFKD", word.lower().replace("ß", "ss"))
    return "".join(letter for letter in spelt if not unicodedata.combining(letter))


@functools.lru_cache(maxsize=20_000)
def _consonants(plain: str) -> str:
    return re.sub("[aeiouy]", "", plain)
