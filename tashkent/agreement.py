"""Compare the book's two codings of one text; `sheets` compares those of a seminar."""

from pathlib import Path

import pandas as pd

from tashkent.data import DATA, DataError, read_text
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


def agreement(cells: pd.DataFrame) -> pd.DataFrame:
    """Compute how far codings of one text agree, column by column.

    Parameters
    ----------
    cells : pandas.DataFrame
        As `codings` returns them, or `sheets.sheets`.

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


def agreement_table(cells: pd.DataFrame) -> str:
    """Write the agreement as a table in Markdown."""
    lines = [f"| {' | '.join(FIGURES)} |", "|---|---|--:|--:|--:|"]
    for row in agreement(cells).itertuples():
        alpha = "one value only" if pd.isna(row.alpha) else f"{row.alpha:.2f}"
        lines.append(f"| {row.table} | {row.column} | {row.n} | {row.same} | {alpha} |")
    return "\n".join(lines)


def report(cells: pd.DataFrame) -> str:
    """Write the agreement and every disputed cell as Markdown."""
    lines = [agreement_table(cells)]
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
    if arguments in (["-h"], ["--help"]):
        print("usage: python -m tashkent agreement [SHEET SHEET ...]")
        return 0
    if len(arguments) == 1:
        print("agreement: one sheet, expected two or more, or none")
        return 2
    if arguments:
        from tashkent import sheets  # which rests on this module

        print(sheets.report(arguments))
        return 0
    path = DATA / "README.md"
    path.write_text(
        refreshed(path.read_text(encoding="utf-8"), codings()), encoding="utf-8", newline="\n"
    )
    print(f"agreement of the two codings written to {path.relative_to(DATA.parent)}")
    return 0
