"""Write the data as files for other programs: a zipped Data Package, a workbook, a database.

All three hold the tables as `load` returns them and as `datapackage.json` describes them, and the
same data give the same bytes: no time, no path, no order but the tables' own.
"""

import datetime
import hashlib
import sqlite3
import zipfile
from pathlib import Path

import pandas as pd
import xlsxwriter

from tashkent.data import DATA, DataError, load, package
from tashkent.dates import EDTF
from tashkent.description import key_of

#: What belongs to the package beside its description and its tables.
OTHERS = ("README.md", "references.bib", "cis_region.topojson")
OTHERS += ("codings/first.csv", "codings/second.csv")

LICENSE = DATA.parent / "LICENSE-CC-BY-4.0.txt"

#: The files must not tell when they were made; no archive knows an earlier day.
_NO_TIME = datetime.datetime(1980, 1, 1)

_KINDS = {"string": "text", "integer": "whole number"}

#: Bounds of a workbook's column, in characters; longer text is wrapped.
_NARROW, _WIDE = 9, 60


def package_files(directory: Path | str = DATA) -> dict[str, bytes]:
    """Read the files of the Data Package.

    Returns
    -------
    dict of str to bytes
        By their path in the package: `datapackage.json` first, then the tables in its order, what
        belongs to them, and the licence. Other files in the folder are no part of it.

    Raises
    ------
    DataError
        Where one of the tables is missing.
    """
    directory = Path(directory)
    tables = [resource["path"] for resource in package(directory)["resources"]]
    missing = [name for name in tables if not (directory / name).is_file()]
    if missing:
        raise DataError("\n".join(f"{name}: missing from {directory}" for name in missing))
    others = [name for name in OTHERS if (directory / name).is_file()]
    names = dict.fromkeys(["datapackage.json", *tables, *others])
    return {name: (directory / name).read_bytes() for name in names} | {
        LICENSE.name: LICENSE.read_bytes()
    }


def digest(directory: Path | str = DATA) -> str:
    """Sum up what the files are made from: the package, and what writes them."""
    summed = hashlib.sha256(f"{xlsxwriter.__version__} {sqlite3.sqlite_version}".encode())
    code = {name: Path(__file__).with_name(name).read_bytes() for name in ("data.py", "export.py")}
    for name, content in (package_files(directory) | code).items():
        summed.update(f"\n{name} {len(content)}\n".encode() + content)
    return summed.hexdigest()


def codebook(directory: Path | str = DATA) -> pd.DataFrame:
    """Put what `datapackage.json` says of tables and columns into one table.

    Returns
    -------
    pandas.DataFrame
        All text. First a row without `table_name` on the whole; then for each table a row without
        `column_name`, which says what a row of it is (`description`) and how one finds them
        (`rule`), and a row for each column:
        `table_name`, `column_name`, `kind`, `description`, `question` (that the coder answers),
        `rule` (by which), `allowed_values`, `refers_to` (table and column whose values they are),
        `missing` (what an empty cell means), `difficulties`.
    """
    about = package(directory)
    whole = {"kind": "package", "description": about["description"]}
    rows = [whole | {"rule": _joined(about.get("coding"))}]
    for resource in about["resources"]:
        name = {"table_name": resource["name"]}
        rows.append(
            name
            | {
                "kind": "table",
                "description": resource["description"],
                "rule": _joined(resource.get("coding")),
                "difficulties": _joined(resource.get("difficulties")),
            }
        )
        refers_to = {
            column: f"{parent}.{there}"
            for columns, parent, theirs in foreign_keys(resource)
            for column, there in zip(columns, theirs, strict=True)
        }
        for field in resource["schema"]["fields"]:
            required = field.get("constraints", {}).get("required")
            rows.append(
                name
                | {
                    "column_name": field["name"],
                    "kind": "EDTF date" if is_date(field) else _KINDS[field["type"]],
                    "description": field["description"],
                    "question": field.get("question"),
                    "rule": field.get("rule"),
                    "allowed_values": _allowed(field.get("constraints", {})),
                    "refers_to": refers_to.get(field["name"]),
                    "missing": field.get("missing")
                    or ("never empty" if required else "may be empty"),
                }
            )
    columns = ["table_name", "column_name", "kind", "description", "question", "rule"]
    columns += ["allowed_values", "refers_to", "missing", "difficulties"]
    return pd.DataFrame(
        [[row.get(name) or "" for name in columns] for row in rows], columns=columns
    )


def write_zip(path: Path, directory: Path | str = DATA) -> None:
    """Write the Data Package as one archive."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in package_files(directory).items():
            entry = zipfile.ZipInfo(name, _NO_TIME.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # or Windows would say that it made it
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)


def write_workbook(path: Path, directory: Path | str = DATA) -> None:
    """Write an Excel workbook: the codebook, then a sheet for each table.

    Whole numbers are numbers; all else, dates too, is text as it stands in the table.
    """
    about = package(directory)
    book = xlsxwriter.Workbook(path, {"in_memory": True})
    book.set_properties(
        {
            "title": about["title"],
            "author": about["contributors"][0]["title"],
            "comments": f"Version {about['version']}, {about['licenses'][0]['title']}",
            "created": _NO_TIME,
        }
    )
    look = {"text_wrap": True, "valign": "top"}
    formats = {
        "cell": book.add_format(look),
        "head": book.add_format(look | {"bold": True, "bg_color": "#DDE6EE", "bottom": 1}),
        "link": book.add_format(look | {"font_color": "#0B5394", "underline": 1}),
    }
    footer = f"&L{about['title'].replace('&', '&&')}, {about['version']}&R&A, &P"
    terms = codebook(directory)
    sheet = _sheet(book, "codebook", terms, footer, formats)
    for row, name in enumerate(terms["table_name"], start=1):
        if name:
            sheet.write_url(row, 0, f"internal:'{name}'!A1", formats["link"], name)
    for resource in about["resources"]:
        _sheet(book, resource["name"], _table(resource, directory), footer, formats)
    book.close()


def _sheet(book: xlsxwriter.Workbook, name: str, table: pd.DataFrame, footer: str, formats: dict):
    """Write a table as a sheet, whose heading stays in sight, filters and repeats on paper."""
    sheet = book.add_worksheet(name)
    rows = _rows(table)
    for place, column in enumerate(table.columns):
        sheet.write_string(0, place, column, formats["head"])
        cells = [str(row[place]) for row in rows if row[place] is not None]
        longest = max(map(len, [*cells, column + "    "]))  # room for the filter's arrow
        sheet.set_column(place, place, min(max(longest + 1, _NARROW), _WIDE))
    for number, row in enumerate(rows, start=1):
        for place, cell in enumerate(row):
            if isinstance(cell, int):
                sheet.write_number(number, place, cell, formats["cell"])
            elif cell is not None:
                sheet.write_string(number, place, cell, formats["cell"])
    last = (len(rows), len(table.columns) - 1)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, *last)
    sheet.ignore_errors({"number_stored_as_text": xlsxwriter.utility.xl_range(0, 0, *last)})
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.set_footer(footer)
    return sheet


def write_database(path: Path, directory: Path | str = DATA) -> None:
    """Write an SQLite database, in which the schema holds: keys, types, allowed values.

    An empty cell is NULL. SQLite enforces foreign keys after `PRAGMA foreign_keys = ON`, which is
    a setting of each connection.

    Raises
    ------
    DataError
        Where a table breaks its own key or refers to what is not there.
    """
    described = package(directory)["resources"]
    database = sqlite3.connect(path, isolation_level=None)
    try:
        database.execute("PRAGMA journal_mode = MEMORY")
        database.execute("PRAGMA synchronous = OFF")
        database.execute("BEGIN")
        terms = codebook(directory)
        columns = ", ".join(f'"{column}" TEXT' for column in terms.columns)
        database.execute(f'CREATE TABLE "codebook" ({columns})')
        _insert(database, "codebook", terms)
        for resource in described:
            database.execute(_create(resource))
            try:
                _insert(database, resource["name"], _table(resource, directory))
            except sqlite3.IntegrityError as error:
                raise DataError(f"{resource['path']}: {error}; `check` names the row") from None
        database.execute("COMMIT")
        astray = {(row[0], row[2]) for row in database.execute("PRAGMA foreign_key_check")}
        if astray:
            lines = [f"{a}.csv: refers to what {b}.csv does not hold" for a, b in sorted(astray)]
            raise DataError("\n".join(f"{line}; `check` names the row" for line in lines))
    finally:
        database.close()


def _create(resource: dict) -> str:
    """Write a table's schema in SQL."""
    lines = []
    for field in resource["schema"]["fields"]:
        name, limits = f'"{field["name"]}"', field.get("constraints", {})
        line = f"{name} {'INTEGER' if field['type'] == 'integer' else 'TEXT'}"
        line += " NOT NULL" if limits.get("required") else ""
        if field["type"] == "integer":
            line += f" CHECK (typeof({name}) IN ('integer', 'null'))"
        if "minimum" in limits:
            line += f" CHECK ({name} >= {int(limits['minimum'])})"
        if "enum" in limits:
            values = ", ".join("'" + value.replace("'", "''") + "'" for value in limits["enum"])
            line += f" CHECK ({name} IN ({values}))"
        lines.append(line)
    lines.append(f"PRIMARY KEY ({_quoted(key_of(resource['schema']))})")
    for columns, parent, theirs in foreign_keys(resource):
        lines.append(f'FOREIGN KEY ({_quoted(columns)}) REFERENCES "{parent}" ({_quoted(theirs)})')
    inside = ",\n  ".join(lines)
    return f'CREATE TABLE "{resource["name"]}" (\n  {inside}\n)'


def _insert(database: sqlite3.Connection, name: str, table: pd.DataFrame) -> None:
    marks = ", ".join("?" * len(table.columns))
    database.executemany(f'INSERT INTO "{name}" VALUES ({marks})', _rows(table))


def foreign_keys(resource: dict) -> list[tuple[list[str], str, list[str]]]:
    """List a table's foreign keys: its columns, the table that they refer to, the columns there."""
    return [
        (
            listed(link["fields"]),
            link["reference"]["resource"] or resource["name"],
            listed(link["reference"]["fields"]),
        )
        for link in resource["schema"].get("foreignKeys", [])
    ]


def listed(value: str | list[str]) -> list[str]:
    """Take a key of one column, which a schema may write as its name alone, as a list."""
    return [value] if isinstance(value, str) else list(value)


def is_date(field: dict) -> bool:
    """Say whether a column holds EDTF dates."""
    return field.get("rdfType") == EDTF


def _table(resource: dict, directory: Path | str) -> pd.DataFrame:
    """Load a table without the days that `load` computes from its dates."""
    names = [field["name"] for field in resource["schema"]["fields"]]
    return load(resource["name"], directory)[names]


def _rows(table: pd.DataFrame) -> list[tuple]:
    """List the rows: text, whole numbers, None where a cell is empty."""
    columns = [
        [None if cell is pd.NA or cell == "" else cell for cell in table[name].tolist()]
        for name in table.columns
    ]
    return list(zip(*columns, strict=True))


def _allowed(limits: dict) -> str:
    """Say in words what values a column allows, where not any."""
    if "enum" in limits:
        return ", ".join(map(str, limits["enum"]))
    if "pattern" in limits:
        return f"like {limits['pattern']}"
    return f"{limits['minimum']} or more" if "minimum" in limits else ""


def _joined(value: str | list[str] | None) -> str:
    return " ".join([value] if isinstance(value, str) else value or [])


def _quoted(names: list[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
