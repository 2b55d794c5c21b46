"""Compare the sheets that a seminar filled in: how far they agree, and where to argue."""

import csv
import io
import textwrap
from functools import cache
from pathlib import Path

import pandas as pd

from tashkent.agreement import CELL, agreement_table, codings
from tashkent.data import DATA, DataError, package, read_text
from tashkent.description import key_of

#: What a row is about, and the columns in which a coder says why, in the order of their telling.
ABOUT = ("locator", "claim")
REASONS = ("reason", "note")
SPEAKERS = ("bodies", "groups", "instruments", "people", "states")


def sheets(paths: list[Path | str]) -> pd.DataFrame:
    """Put the sheets of several coders side by side, as far as all have the same rows.

    A sheet is a CSV file with the key of one of the book's tables and some of the columns that
    the book's codings judge; that table itself is one. What else it holds is passed over. It may
    be as a spreadsheet writes it: with semicolons or tabs, other line ends, a byte order mark.

    Parameters
    ----------
    paths : list of path
        Two sheets or more; a coder is called as the file is.

    Returns
    -------
    pandas.DataFrame
        `table`, `key`, `column`, then a column for each coder, missing where a cell is empty.

    Raises
    ------
    DataError
        Where a sheet is missing, has no table's key, shares no column or row with the others, or
        holds a value that the table does not allow: one line for each, with file, row, column.
    """
    return _beside(*_read(paths))


def report(paths: list[Path | str]) -> str:
    """Write how far the sheets agree, what is not in all, and each row in which they part.

    Such a row comes with what it says and its passage, with each value and who has it, and with
    the reasons that the coders gave.
    """
    table, read = _read(paths)
    cells = _beside(table, read)
    coders = list(read)
    parted = cells[cells[coders].nunique(axis="columns").gt(1)]
    lines = [agreement_table(cells), "", *_missing(table, read, cells)]
    lines += [f"Cells in which the codings differ: {len(parted)} of {len(cells)}.", ""]
    for key, row in parted.groupby("key"):
        locator, claim = (
            next((rows.loc[key, name] for rows in read.values() if name in rows), "")
            for name in ABOUT
        )
        lines.append(textwrap.fill(f"{key} [{locator}] {claim}", 98, break_on_hyphens=False))
        for _, cell in row.iterrows():
            who = cell[coders].fillna("(empty)").reset_index().groupby(cell.name)["index"]
            values = sorted(who.agg(list).items(), key=lambda one: -len(one[1]))
            told = "; ".join(f"{value} ({', '.join(names)})" for value, names in values)
            lines.append(f"  {cell.column}: {told}")
        for coder, rows in read.items():
            why = " ".join(rows.loc[key, name] for name in REASONS if name in rows).strip()
            if why:
                why = textwrap.fill(f"{coder}: {why}", 96, break_on_hyphens=False)
                lines.append(textwrap.indent(why, "    "))
        lines.append("")
    return "\n".join(lines).rstrip()


@cache
def judged_columns() -> dict[str, set[str]]:
    """Name the columns of each table that the book's codings judge."""
    return codings().groupby("table").column.agg(set).to_dict()


def _read(paths: list[Path | str]) -> tuple[str, dict[str, pd.DataFrame]]:
    """Read the sheets: the table they are of, and each coder's rows by their key."""
    judged = judged_columns()
    schemas = {
        one["name"]: one["schema"] for one in package()["resources"] if one["name"] in judged
    }
    keys, read, files = {name: key_of(schema) for name, schema in schemas.items()}, {}, {}
    for path in map(Path, paths):
        if not path.is_file():
            raise DataError(f"{path}: no such file")
        if path.stem in read:
            raise DataError(f"{path}: two sheets called '{path.stem}', give each coder a name")
        files[path.stem], read[path.stem] = path, _text(path)
    shared = set.intersection(*(set(rows) for rows in read.values()))
    table = next((name for name, key in keys.items() if set(key) <= shared), None)
    if table is None:
        raise DataError("\n".join(_without_key(keys, read, files)))
    faults = []
    for coder, rows in read.items():
        rows.insert(0, "_key", rows[keys[table]].agg(" ".join, axis="columns"))
        faults += _faults(files[coder], rows, schemas[table])
    if faults:
        raise DataError("\n".join(faults))
    columns = sorted(judged[table])
    for coder, rows in read.items():
        found = [name for name in (*columns, *ABOUT, *REASONS) if name in rows]
        read[coder] = rows.set_index("_key")[found]
    return table, read


def _text(path: Path) -> pd.DataFrame:
    """Read a sheet as text, whatever separates its cells; blanks around a cell are dropped."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise DataError(f"{path}: no text in UTF-8, expected it saved as 'CSV UTF-8'") from None
    header = text.partition("\n")[0]
    apart = max(",;\t", key=header.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=apart)
    names = [name.strip() for name in next(reader, [])]
    found = [(reader.line_num, row) for row in reader if any(row)]
    cells = [[cell.strip() for cell in (row + [""] * len(names))[: len(names)]] for _, row in found]
    return pd.DataFrame(cells, index=[line for line, _ in found], columns=names, dtype=str)


def _without_key(keys: dict, read: dict, files: dict) -> list[str]:
    """Say of each sheet which columns it has, when the sheets have no table's key in common."""
    lines = [
        f"{files[coder]}: no table's key, such as claim_id, among its columns {', '.join(rows)}"
        for coder, rows in read.items()
        if not any(set(key) <= set(rows) for key in keys.values())
    ]
    return lines or [f"{', '.join(read)}: no table's key in all of them, such as claim_id"]


def _faults(path: Path, rows: pd.DataFrame, schema: dict) -> list[str]:
    """Find the rows that stand twice and the values that the table does not allow."""
    twice = rows["_key"][rows["_key"].duplicated()]
    faults = [f"{path}, row {row}: '{key}' a second time" for row, key in twice.items()]
    for field in schema["fields"]:
        name, allowed = field["name"], field.get("constraints", {}).get("enum")
        expected = ", ".join(allowed or [])
        if name == "stated_by":
            allowed = {"author"}.union(
                *(read_text(DATA / f"{one}.csv").iloc[:, 0] for one in SPEAKERS)
            )
            expected = "author or an id of " + ", ".join(SPEAKERS)
        if allowed and name in rows:
            wrong = rows[name][~rows[name].isin([*allowed, ""])]
            faults += [
                f"{path}, row {row}, column {name}: '{value}', expected {expected}"
                for row, value in wrong.items()
            ]
    return faults


def _beside(table: str, read: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Put the judged cells of all sheets side by side."""
    columns = sorted(judged_columns()[table].intersection(*map(set, read.values())))
    found = []
    for coder, rows in read.items():
        coded = rows[columns].rename_axis("key").reset_index()
        coded = coded.melt("key", var_name="column", value_name=coder).replace({coder: {"": None}})
        found.append(coded.set_index(["key", "column"]))
    merged = pd.concat(found, axis="columns", join="inner").reset_index()
    if merged.empty:
        raise DataError(f"{', '.join(read)}: no row of {table} is in all of them")
    merged.insert(0, "table", table)
    return merged.sort_values(CELL, ignore_index=True)


def _missing(table: str, read: dict[str, pd.DataFrame], cells: pd.DataFrame) -> list[str]:
    """Say what is left out since a sheet lacks it, and how many cells a coder left empty.

    A sheet with every row of the table, as the table itself, asks nothing of the others.
    """
    whole, judged = len(read_text(DATA / f"{table}.csv")), judged_columns()[table]
    asked = {coder: rows for coder, rows in read.items() if len(rows) < whole} or read
    keys = set().union(*(rows.index for rows in asked.values()))
    columns = set().union(*(judged & set(rows) for rows in asked.values()))
    lines = []
    for coder, rows in read.items():
        for what, absent in (("row", keys - set(rows.index)), ("column", columns - set(rows))):
            if absent:
                lines.append(f"Left out, not in {coder}: {what} {', '.join(sorted(absent))}.")
        if empty := int(cells[coder].isna().sum()):
            lines.append(f"Empty in {coder}: {empty} of {len(cells)} cells.")
    return [*lines, ""] if lines else []
