"""Load the tables as a rival reading would have them.

`readings` names the questions on which a careful coder could decide otherwise than the tables do;
`alternatives` holds the cells that would then differ. The second coding, as a whole, is a reading
too, `second_coding`: it takes its cells from `codings/`. `load` knows nothing of all this.

>>> otherwise("framework_members", "russian_troops")
"""

import functools
import json
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import pandas as pd

from tashkent.agreement import codings
from tashkent.check import table_faults
from tashkent.data import DATA, DataError, load, package, read_text, resource
from tashkent.description import key_of

#: The column of an alternative that concerns a whole row, and what can happen to the row.
ROW, ABSENT, ADDED = "row", "absent", "added"

#: The reading that is not written out in `alternatives`.
SECOND = "second_coding"


def otherwise(name: str, readings: str | Iterable[str] = (), directory=DATA) -> pd.DataFrame:
    """Load a table with the values of one or several rival readings in place of its own.

    Parameters
    ----------
    name : str
        A name from `tables()`.
    readings : str or iterable of str
        Ids from `readings`, or `SECOND`; with none the table is as coded.
    directory : path, optional
        The folder of the data package; by default the book's own.

    Returns
    -------
    pandas.DataFrame
        Typed as by `load`. Rows stand in the order of the table, added ones at the end.

    Raises
    ------
    DataError
        Where there is no such table or reading, where two readings want different things of one
        cell, or where a value breaks the schema or points to a row that these readings do not
        have: one line for each fault, with reading, table, key and column.
    """
    chosen = [readings] if isinstance(readings, str) else readings
    return _typed(name, tuple(sorted(set(chosen))), Path(directory)).copy()


def touched(readings: str | Iterable[str], directory=DATA) -> set[str]:
    """Name the tables that one or several readings change."""
    chosen = [readings] if isinstance(readings, str) else list(readings)
    cells = _alternatives(Path(directory))
    return set(cells[cells.alternative_id.isin(chosen)].table)


@functools.cache
def _alternatives(directory: Path) -> pd.DataFrame:
    return pd.concat([load("alternatives", directory), _second(directory)], ignore_index=True)


@functools.cache
def _known(directory: Path) -> set[str]:
    return {SECOND, *load("readings", directory).alternative_id}


def _second(directory: Path) -> pd.DataFrame:
    """Write the second coding as alternatives: the cells of the tables' rows that it has otherwise.

    A target that it does not see is a row taken away. Rows that only it has, which it knows by
    nothing but their key, are left to a reading of their own.
    """
    found = []
    for name, judged in codings(directory).groupby("table"):
        table = _keyed(resource(name, directory), directory)
        for cell in judged[judged.key.isin(table.index)].itertuples():
            column, value = cell.column, cell.second
            if value == "not_touched":
                column, value = ROW, ABSENT
            if column == ROW or (column in table and table.loc[cell.key, column] != value):
                found.append((SECOND, name, cell.key, column, value))
    return pd.DataFrame(found, columns=["alternative_id", "table", "key", "column", "value"])


def _keyed(described: dict, directory: Path) -> pd.DataFrame:
    """Read a table's text, its rows called by their key as `alternatives` writes it."""
    raw = read_text(directory / described["path"])
    raw.index = raw[key_of(described["schema"])].agg(" ".join, axis="columns")
    return raw


@functools.lru_cache(maxsize=512)
def _typed(name: str, readings: tuple[str, ...], directory: Path) -> pd.DataFrame:
    """Load a table with the values put in, once for each set of readings that touch it."""
    described = resource(name, directory)
    cells = _alternatives(directory)
    unknown = [reading for reading in readings if reading not in _known(directory)]
    _refuse(f"readings.csv: no reading '{reading}'" for reading in unknown)
    cells = cells[cells.alternative_id.isin(readings) & cells.table.eq(name)]
    links = described["schema"].get("foreignKeys", [])
    targets = {link["reference"]["resource"] for link in links}
    own = tuple(reading for reading in readings if touched(reading, directory) & {name, *targets})
    if own != readings:
        return _typed(name, own, directory)
    if not own:
        return load(name, directory)
    raw = _put_in(described, cells, directory)
    _refuse(fault for link in links for fault in _dangling(name, raw, cells, link, own, directory))
    with tempfile.TemporaryDirectory() as folder:
        return _load(described, raw, cells, Path(folder), directory)


def _put_in(described: dict, cells: pd.DataFrame, directory: Path) -> pd.DataFrame:
    """Change the cells of the table's text; the rows keep their key as coded for an index."""
    raw, columns = _keyed(described, directory), key_of(described["schema"])
    _refuse([*_misplaced(raw, cells), *_at_odds(cells)])
    rows = cells[cells.column.eq(ROW)].drop_duplicates("key")
    for cell in rows[rows.value.eq(ADDED)].itertuples():
        new = dict.fromkeys(raw, "") | {"basis": "inferred", "note": cell.reason}
        new |= {"locator": cell.locator, "evidence": cell.evidence}
        new |= dict(zip(columns, cell.key.split(" ", len(columns) - 1), strict=False))
        raw.loc[cell.key] = [new[column] for column in raw]
    for cell in cells[cells.column.ne(ROW)].itertuples():
        raw.loc[cell.key, cell.column] = cell.value
    return raw.drop(rows[rows.value.eq(ABSENT)].key)


def _misplaced(raw: pd.DataFrame, cells: pd.DataFrame) -> Iterator[str]:
    """Find alternatives to a cell or a row that the table has not, or has already."""
    there = set(raw.index)
    new = set(cells[cells.column.eq(ROW) & cells.value.eq(ADDED)].key)
    for cell in cells.itertuples():
        if cell.column == ROW and cell.value not in (ABSENT, ADDED):
            yield f"{_place(cell)}: '{cell.value}' is none of {ABSENT}, {ADDED}"
        elif (cell.column, cell.value) == (ROW, ADDED) and cell.key in there:
            yield f"{_place(cell)}: the row that is to be added is there already"
        elif cell.key not in there | new:
            yield f"{_place(cell)}: no row with this key"
        elif cell.column not in {ROW, *raw}:
            yield f"{_place(cell)}: no such column"


def _at_odds(cells: pd.DataFrame) -> Iterator[str]:
    """Find cells of which two readings want different things, or whose row one takes away."""
    first, gone = {}, {}
    for cell in cells.sort_values("column", key=lambda column: column.ne(ROW)).itertuples():
        before = first.setdefault((cell.key, cell.column), cell)
        if before.value != cell.value:
            yield f"{_place(cell)}: '{cell.value}', but '{before.value}' in {before.alternative_id}"
        if (cell.column, cell.value) == (ROW, ABSENT):
            gone[cell.key] = cell.alternative_id
        elif cell.key in gone and cell.column != ROW:
            yield f"{_place(cell)}: {gone[cell.key]} takes the row away"


def _dangling(name, raw, cells, link, readings, directory) -> Iterator[str]:
    """Find what points to a row that is not there under the same readings."""
    column, target = link["fields"], link["reference"]
    known = set(_typed(target["resource"], readings, directory)[target["fields"]]) | {""}
    for key, value in raw[column].items():
        if value not in known:
            at = _at(cells, name, key, column, readings)
            yield f"{at}: '{value}' is not in {target['resource']} under this reading"


def _refuse(faults: Iterable[str]) -> None:
    if faults := list(faults):
        raise DataError("\n".join(faults))


def _load(
    described: dict, raw: pd.DataFrame, cells: pd.DataFrame, folder: Path, directory: Path
) -> pd.DataFrame:
    """Write the changed table where `load` can read and check it; what it points to is checked."""
    schema = {key: part for key, part in described["schema"].items() if key != "foreignKeys"}
    described = {key: value for key, value in described.items() if key not in ("hash", "bytes")}
    described |= {"schema": schema}
    whole = package(directory) | {"resources": [described]}
    (folder / "datapackage.json").write_text(json.dumps(whole), encoding="utf-8")
    raw.to_csv(folder / described["path"], index=False, lineterminator="\n", encoding="utf-8")
    faults = []
    for fault in table_faults(described, folder):
        key = raw.index[fault.row - 2] if fault.row else ""
        readings = cells.alternative_id.unique()
        at = _at(cells, described["name"], key, fault.column or "", readings)
        faults.append(f"{at}: {fault.message}")
    _refuse(faults)
    return load(described["name"], folder)


def _at(cells: pd.DataFrame, name: str, key: str, column: str, readings) -> str:
    """Name the place of a fault: the alternative that made it or, where none did, all readings."""
    made = cells[cells.key.eq(key) & cells.column.isin([column, ROW])]
    who = made.alternative_id.iloc[0] if len(made) else ", ".join(readings)
    return f"reading {who}, table {name}, key {key}, column {column}"


def _place(cell) -> str:
    where = f"table {cell.table}, key {cell.key}, column {cell.column}"
    return f"reading {cell.alternative_id}, {where}"
