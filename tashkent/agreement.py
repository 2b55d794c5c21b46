"""Compare codings of one text: the book's two, or the sheets that a seminar filled in."""

from pathlib import Path

import pandas as pd

from tashkent.data import DATA, DataError, package, read_text
from tashkent.description import key_of
from tashkent.marks import between, put_between

CELL = ["table", "key", "column"]
#: What is computed of each column, as `report` writes it and `figures` reads it back.
FIGURES = ["table", "column", "n", "same", "alpha"]


def codings(directory: Path | str = DATA) -> pd.DataFrame:
    """Put the two codings side by side.

    Returns
    -------
    pandas.DataFrame
        One row per judged cell: `table`, `key`, `column`, `first`, `second`.

    Raises
    ------
    DataError
        Where a coding is missing, or where the two do not judge the same cells.
    """
    both = []
    for name in ("first", "second"):
        path = Path(directory) / "codings" / f"{name}.csv"
        if not path.is_file():
            raise DataError(f"codings/{name}.csv: missing from {directory}")
        both.append(read_text(path).rename(columns={"value": name}))
    merged = both[0].merge(both[1], on=CELL, how="outer", indicator=True, validate="1:1")
    alone = merged[merged["_merge"] != "both"]
    if len(alone):
        where = {"left_only": "first", "right_only": "second"}
        raise DataError(
            "\n".join(
                f"codings/{where[side]}.csv: {table}, {key}, column {column}: only in this coding"
                for table, key, column, side in alone[[*CELL, "_merge"]].itertuples(index=False)
            )
        )
    return merged.drop(columns="_merge").sort_values(CELL, ignore_index=True)


def sheets(paths: list[Path | str]) -> pd.DataFrame:
    """Put the sheets of several coders side by side, as far as all have the same rows.

    A sheet is a CSV file with the key of one of the book's tables and some of the columns that
    the book's codings judge; that table itself is one. What else it holds is passed over.

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
    judged = codings().groupby("table").column.agg(set)
    schemas = {
        one["name"]: one["schema"] for one in package()["resources"] if one["name"] in judged
    }
    keys, read = {name: key_of(schema) for name, schema in schemas.items()}, {}
    for path in map(Path, paths):
        if not path.is_file():
            raise DataError(f"{path}: no such file")
        if path.stem in read:
            raise DataError(f"{path}: two sheets called '{path.stem}', give each coder a name")
        read[path.stem] = (path, read_text(path))
    shared = set.intersection(*(set(rows) for _, rows in read.values()))
    table = next((name for name, key in keys.items() if set(key) <= shared), None)
    if table is None:
        raise DataError(f"{', '.join(read)}: no table's key in all of them, such as claim_id")
    columns = sorted(judged[table] & shared)
    faults, found = [], []
    for coder, (path, rows) in read.items():
        coded = rows[columns].assign(key=rows[keys[table]].agg(" ".join, axis="columns"))
        faults += _sheet_faults(path, coded, schemas[table])
        coded = coded.melt("key", var_name="column", value_name=coder).replace({coder: {"": None}})
        found.append(coded.set_index(["key", "column"]))
    if faults:
        raise DataError("\n".join(faults))
    merged = pd.concat(found, axis="columns", join="inner").reset_index()
    if merged.empty:
        raise DataError(f"{', '.join(read)}: no row of {table} is in all of them")
    merged.insert(0, "table", table)
    return merged.sort_values(CELL, ignore_index=True)


def _sheet_faults(path: Path, coded: pd.DataFrame, schema: dict) -> list[str]:
    """Find the rows that stand twice and the values that the table does not allow."""
    twice = coded.key[coded.key.duplicated()]
    faults = [f"{path}, row {row}: '{key}' a second time" for row, key in twice.items()]
    for field in schema["fields"]:
        name, allowed = field["name"], field.get("constraints", {}).get("enum")
        if allowed and name in coded:
            wrong = coded[name][~coded[name].isin([*allowed, ""])]
            faults += [
                f"{path}, row {row}, column {name}: '{value}', expected {', '.join(allowed)}"
                for row, value in wrong.items()
            ]
    return faults


def agreement(cells: pd.DataFrame) -> pd.DataFrame:
    """Compute how far codings of one text agree, column by column.

    Parameters
    ----------
    cells : pandas.DataFrame
        As `codings` or `sheets` return them.

    Returns
    -------
    pandas.DataFrame
        `table`, `column`, `n` (cells judged by two coders or more), `same` (those with one value
        in all), `alpha` (Krippendorff's, nominal; NaN where the coders know only one value).

    Raises
    ------
    DataError
        Where the package `krippendorff` is not installed; the checks' packages have it.
    """
    try:
        import krippendorff
    except ModuleNotFoundError:
        raise DataError("agreement needs what the checks install: requirements-test.txt") from None

    coders, found = list(cells.columns.drop(CELL)), []
    for (table, column), group in cells.groupby(["table", "column"]):
        judged = group.loc[group[coders].notna().sum(axis="columns") > 1, coders]
        values = sorted(set(judged.melt().value.dropna()))
        alpha = float("nan")
        if len(values) > 1:
            codes = judged.replace({value: n for n, value in enumerate(values)}).astype(float)
            alpha = krippendorff.alpha(reliability_data=codes.T, level_of_measurement="nominal")
        same = int(judged.nunique(axis="columns").eq(1).sum())
        found.append((table, column, len(judged), same, alpha))
    return pd.DataFrame(found, columns=FIGURES)


def report(cells: pd.DataFrame) -> str:
    """Write the agreement and every disputed cell as Markdown."""
    lines = [f"| {' | '.join(FIGURES)} |", "|---|---|--:|--:|--:|"]
    for row in agreement(cells).itertuples():
        alpha = "one value only" if pd.isna(row.alpha) else f"{row.alpha:.2f}"
        lines.append(f"| {row.table} | {row.column} | {row.n} | {row.same} | {alpha} |")
    coders = list(cells.columns.drop(CELL))
    disputed = cells[cells[coders].nunique(axis="columns").gt(1)]
    lines += ["", f"Cells in which the codings differ: {len(disputed)} of {len(cells)}.", ""]
    lines += [f"| table | row | column | {' | '.join(coders)} |", "|---" * (3 + len(coders)) + "|"]
    for _, cell in disputed.iterrows():
        values = ["(empty)" if pd.isna(v) or not v else v for v in cell[coders]]
        lines.append(f"| {' | '.join([*cell[CELL], *values])} |")
    return "\n".join(lines)


def refreshed(text: str, cells: pd.DataFrame) -> str:
    """Put the report between its two marks in the text of `data/README.md`.

    Raises
    ------
    DataError
        Where a mark is missing.
    """
    return put_between(text, "agreement", report(cells), "README.md")


def figures(text: str) -> pd.DataFrame:
    """Read the agreement back from the text of `data/README.md`.

    Alpha needs a package that readers of the book do not install; the file holds its values.

    Returns
    -------
    pandas.DataFrame
        `table`, `column`, `n`, `same`, `alpha`, all as the text that `report` wrote.

    Raises
    ------
    DataError
        Where a mark is missing.
    """
    part = between(text, "agreement", "README.md")
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in part.splitlines()]
    if FIGURES not in rows:
        raise DataError(f"README.md: no table with the columns {', '.join(FIGURES)}")
    rows = rows[rows.index(FIGURES) + 2 :]
    return pd.DataFrame(rows[: rows.index([""])], columns=FIGURES)


def main(arguments: list[str]) -> int:
    """Write the book's agreement into `data/README.md`, or print that of the sheets named."""
    if len(arguments) == 1:
        print("agreement: one sheet, expected two or more, or none")
        return 2
    if arguments:
        print(report(sheets(arguments)))
        return 0
    path = DATA / "README.md"
    path.write_text(
        refreshed(path.read_text(encoding="utf-8"), codings()), encoding="utf-8", newline="\n"
    )
    print(f"agreement of the two codings written to {path.relative_to(DATA.parent)}")
    return 0
