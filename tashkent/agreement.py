"""Compare the two codings of the judgement columns, before their differences were settled."""

from pathlib import Path

import pandas as pd

from tashkent.data import DATA, DataError, read_text
from tashkent.marks import between, put_between


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
    cell = ["table", "key", "column"]
    both = []
    for name in ("first", "second"):
        path = Path(directory) / "codings" / f"{name}.csv"
        if not path.is_file():
            raise DataError(f"codings/{name}.csv: missing from {directory}")
        both.append(read_text(path).rename(columns={"value": name}))
    merged = both[0].merge(both[1], on=cell, how="outer", indicator=True, validate="1:1")
    alone = merged[merged["_merge"] != "both"]
    if len(alone):
        where = {"left_only": "first", "right_only": "second"}
        raise DataError(
            "\n".join(
                f"codings/{where[side]}.csv: {table}, {key}, column {column}: only in this coding"
                for table, key, column, side in alone[[*cell, "_merge"]].itertuples(index=False)
            )
        )
    return merged.drop(columns="_merge").sort_values(cell, ignore_index=True)


def agreement(cells: pd.DataFrame) -> pd.DataFrame:
    """Compute how far two codings of one text agree, column by column.

    Parameters
    ----------
    cells : pandas.DataFrame
        As `codings` returns them.

    Returns
    -------
    pandas.DataFrame
        `table`, `column`, `n` (cells judged), `same` (cells with one value in both), `alpha`
        (Krippendorff's, nominal; NaN where both codings know only one value).
    """
    import krippendorff

    found = []
    for (table, column), group in cells.groupby(["table", "column"]):
        values = sorted(set(group["first"]) | set(group["second"]))
        alpha = float("nan")
        if len(values) > 1:
            codes = [[values.index(v) for v in group[coder]] for coder in ("first", "second")]
            alpha = krippendorff.alpha(reliability_data=codes, level_of_measurement="nominal")
        same = int((group["first"] == group["second"]).sum())
        found.append((table, column, len(group), same, alpha))
    return pd.DataFrame(found, columns=["table", "column", "n", "same", "alpha"])


def report(cells: pd.DataFrame) -> str:
    """Write the agreement and every disputed cell as Markdown."""
    lines = ["| table | column | n | same | alpha |", "|---|---|--:|--:|--:|"]
    for row in agreement(cells).itertuples():
        alpha = "one value only" if pd.isna(row.alpha) else f"{row.alpha:.2f}"
        lines.append(f"| {row.table} | {row.column} | {row.n} | {row.same} | {alpha} |")
    disputed = cells[cells["first"] != cells["second"]]
    lines += ["", f"The {len(disputed)} cells of {len(cells)} in which the codings differ:", ""]
    lines += ["| table | row | column | first | second |", "|---|---|---|---|---|"]
    for cell in disputed.itertuples():
        first, second = (value or "(empty)" for value in (cell.first, cell.second))
        lines.append(f"| {cell.table} | {cell.key} | {cell.column} | {first} | {second} |")
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
    header = ["table", "column", "n", "same", "alpha"]
    if header not in rows:
        raise DataError(f"README.md: no table with the columns {', '.join(header)}")
    rows = rows[rows.index(header) + 2 :]
    return pd.DataFrame(rows[: rows.index([""])], columns=header)


def main(arguments: list[str]) -> int:
    """Write the agreement into `data/README.md`."""
    path = DATA / "README.md"
    path.write_text(
        refreshed(path.read_text(encoding="utf-8"), codings()), encoding="utf-8", newline="\n"
    )
    print(f"agreement of the two codings written to {path.relative_to(DATA.parent)}")
    return 0
