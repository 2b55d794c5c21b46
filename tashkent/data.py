"""Read the tables of the data package: the one way from `data/` into a chapter."""

import csv
import io
import json
from pathlib import Path

import pandas as pd

from tashkent.dates import EDTF, bounds
from tashkent.description import description_faults, filled

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "data"
#: Where students' chapters lie, the own data of each in a folder of its name.
STUDENTS = ROOT / "chapters" / "student"


class DataError(Exception):
    """What is wrong with the data, and where: one line a fault, shown without a traceback."""

    def _render_traceback_(self) -> list[str]:
        """Show only the message in Jupyter: the reader's rows are at fault, not the code."""
        return [f"DataError: {self}"]


def folder(directory: Path | str) -> Path:
    """Find the folder of a data package: a path, or the name of a student's chapter."""
    path = Path(directory)
    named = len(path.parts) == 1 and (STUDENTS / path).is_dir()
    return STUDENTS / path if named else path


def is_own(directory: Path) -> bool:
    """Tell whether a folder holds a chapter's own data: it lies beside a notebook of its name."""
    path = directory.resolve()
    return path.parent == STUDENTS or path.with_name(f"{path.name}.ipynb").is_file()


def description(directory: Path | str = DATA) -> object:
    """Read what stands in `datapackage.json`, whether or not it describes a data package.

    What a chapter's own data may leave out is filled in.

    Raises
    ------
    DataError
        Where the file is missing, cannot be read or is no JSON.
    """
    directory = folder(directory)
    path = directory / "datapackage.json"
    try:
        described = json.loads(path.read_text(encoding="utf-8"))
        return filled(described, directory.name) if is_own(directory) else described
    except FileNotFoundError:
        raise DataError(f"datapackage.json: missing from {path.parent}") from None
    except OSError as error:
        raise DataError(f"datapackage.json: cannot be read ({error.strerror})") from None
    except (ValueError, RecursionError) as error:
        raise DataError(f"datapackage.json: no JSON ({error})") from None


def package(directory: Path | str = DATA) -> dict:
    """Read the description of the data package, `datapackage.json`.

    Raises
    ------
    DataError
        Where the file is missing or is no JSON, or where it describes no data package: one line
        for each fault.
    """
    described = description(directory)
    faults = description_faults(described)
    if faults:
        raise DataError("\n".join(f"datapackage.json: {fault}" for fault in faults))
    return described


def resource(name: str, directory: Path | str = DATA) -> dict:
    """Look up one table's description in the data package.

    Raises
    ------
    DataError
        Where no table has that name.
    """
    names = {r["name"]: r for r in package(directory)["resources"]}
    if name not in names:
        raise DataError(f"no table '{name}'; there are: {', '.join(sorted(names))}")
    return names[name]


def read_text(path: Path) -> pd.DataFrame:
    """Read a CSV file with every cell as the text that stands there; empty stays empty.

    Returns
    -------
    pandas.DataFrame
        The file's columns, all text; the index is the line in the file, the header being 1.
        A row that is too short or too long is cut to the header's length: `check` reports it.
    """
    with path.open(encoding="utf-8", newline="") as file:
        return parse_text(file.read())


def parse_text(text: str) -> pd.DataFrame:
    """Read the text of a CSV file as `read_text` does."""
    reader = csv.reader(io.StringIO(text, newline=""))
    header = next(reader, [])
    rows = [(reader.line_num, row) for row in reader]
    cells = [(row + [""] * len(header))[: len(header)] for _, row in rows]
    return pd.DataFrame(cells, index=[line for line, _ in rows], columns=header, dtype=str)


def load(name: str, directory: Path | str = DATA) -> pd.DataFrame:
    """Load a table, typed by the schema in `datapackage.json`.

    Parameters
    ----------
    name : str
        A name from `tables()`, such as `"memberships"`.
    directory : path, optional
        The folder of the data package; by default the book's own. That of a student's chapter
        is found by its name, `"01-my-question"`.

    Returns
    -------
    pandas.DataFrame
        One row per row of the file, in its order. Text columns hold text, an empty cell `""`;
        whole numbers are `Int64`, an empty cell `<NA>`. A date column stays text, as printed,
        and is followed by `<column>_earliest` and `<column>_latest`, the first and the last day
        that it can mean (`datetime64`; `NaT` where empty or open).

    Raises
    ------
    DataError
        Where there is no such table, its file is missing, or a cell breaks the schema: one
        line for each fault, with file, row, column, what was found and what was expected.
    """
    from tashkent.check import table_faults  # the checks read tables through this module
    from tashkent.own import own_table_faults

    directory = folder(directory)
    faults = own_table_faults(name, directory) if is_own(directory) else []
    if not faults:
        described = resource(name, directory)
        faults = table_faults(described, directory)
    if faults:
        raise DataError("\n".join(map(str, faults)))
    raw = read_text(directory / described["path"]).reset_index(drop=True)
    columns = {}
    for field in described["schema"]["fields"]:
        column = raw[field["name"]]
        if field["type"] == "integer":
            column = pd.to_numeric(column.replace("", None)).astype("Int64")
        columns[field["name"]] = column
        if field.get("rdfType") == EDTF:
            days = [bounds(text) for text in column]
            for side, name_ in enumerate(("earliest", "latest")):
                ends = pd.to_datetime(pd.Series([day[side] for day in days], dtype=object))
                columns[f"{field['name']}_{name_}"] = ends.astype("datetime64[s]")
    return pd.DataFrame(columns)


def tables(directory: Path | str = DATA) -> pd.DataFrame:
    """List the tables that there are.

    Returns
    -------
    pandas.DataFrame
        Indexed by `table`: `title`, `one_row` (what a row is), `rows`, `columns` (their names).

    Raises
    ------
    DataError
        Where `datapackage.json` or a table's file is missing or malformed: one line for each.
    """
    from tashkent.form import Fault, content, text_fault

    directory = folder(directory)
    found, faults = [], []
    for described in package(directory)["resources"]:
        data = content(described["path"], directory)
        fault = data if isinstance(data, Fault) else text_fault(data)
        if fault:
            faults.append(str(fault) if fault is data else f"{described['path']}: {fault}")
            continue
        names = [field["name"] for field in described["schema"]["fields"]]
        found.append(
            {
                "table": described["name"],
                "title": described["title"],
                "one_row": described["description"],
                "rows": len(parse_text(data.decode("utf-8"))),
                "columns": ", ".join(names),
            }
        )
    if faults:
        raise DataError("\n".join(faults))
    return pd.DataFrame(found).set_index("table")
