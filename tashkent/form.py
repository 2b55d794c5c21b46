"""Check the form of one table: its bytes, its header, and each cell against the schema."""

import csv
import functools
import io
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tashkent.data import parse_text
from tashkent.dates import EDTF, bounds

#: What a cell of a workbook can hold; the tables are offered as one.
LONGEST = 32_767


class Fault(NamedTuple):
    """One fault: where it is, what was found and what was expected."""

    file: str
    row: int | None
    column: str | None
    message: str

    def __str__(self) -> str:
        """Write the fault as its one line."""
        where = [self.file]
        if self.row:
            where.append(f"row {self.row}")
        if self.column:
            where.append(f"column {self.column}")
        return f"{', '.join(where)}: {self.message}"


def table_faults(resource: dict, directory: Path | str) -> list[Fault]:
    """Find the faults of one table against its own schema.

    Parameters
    ----------
    resource : dict
        The table's entry in `datapackage.json`.
    directory : path
        The folder that it lies in.

    Returns
    -------
    list of Fault
        Those of the file and its columns have no row: such a table cannot be read further.
    """
    data = content(resource["path"], directory)
    if isinstance(data, Fault):
        return [data]
    return list(_content_faults(json.dumps(resource), data))


def content(name: str, directory: Path | str) -> bytes | Fault:
    """Read a file of the data package, or say as a fault why it cannot be read."""
    path = Path(directory) / name
    if not path.exists():
        return Fault(name, None, None, f"missing from {directory}")
    if path.is_dir():
        return Fault(name, None, None, "is a folder, expected a file")
    try:
        return path.read_bytes()
    except OSError as error:
        return Fault(name, None, None, f"cannot be read ({error.strerror})")


def text_fault(data: bytes) -> str | None:
    """Say why bytes are no CSV text as the data package has it, or nothing."""
    if not data.strip():
        return "empty, expected a header"
    if data.startswith(b"\xef\xbb\xbf"):
        return "starts with a byte-order mark, expected plain UTF-8"
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        found = f"byte 0x{data[error.start]:02x}"
        return f"line {_line(data, error.start)} is not UTF-8 ({found}), expected plain UTF-8"
    for byte, what in ((b"\0", "holds a NUL byte"), (b"\r", "ends in CR LF, expected LF alone")):
        if byte in data:
            return f"line {_line(data, data.index(byte))} {what}"
    if not data.endswith(b"\n"):
        return "the last line has no end, expected LF"
    reader, start = csv.reader(io.StringIO(data.decode("utf-8"), newline=""), strict=True), 1
    try:
        for row in reader:
            if any(len(cell) > LONGEST for cell in row):
                return f"line {start}: a cell of more than {LONGEST} characters"
            start = reader.line_num + 1
    except csv.Error as error:
        if "field limit" in str(error):
            return f"line {start}: a cell of more than {LONGEST} characters"
        return f"line {start}: the quotation marks do not pair ({error})"
    return None


def _line(data: bytes, position: int) -> int:
    return data[:position].count(b"\n") + 1


@functools.lru_cache(maxsize=256)
def _content_faults(described: str, data: bytes) -> tuple[Fault, ...]:
    """Find a table's faults; one with the same bytes is looked at once a process."""
    resource = json.loads(described)
    name = resource["path"]
    fault = text_fault(data)
    if fault:
        return (Fault(name, None, None, fault),)
    table = parse_text(data.decode("utf-8"))
    columns, expected = list(table.columns), [f["name"] for f in resource["schema"]["fields"]]
    for mark, marks in ((";", "semicolons"), ("\t", "tabs")):
        if len(columns) == 1 and columns[0].split(mark) == expected != columns:
            return (Fault(name, None, None, f"{marks} between the cells, expected commas"),)
    faults = list(_header_faults(name, columns, expected))
    if faults:
        return tuple(faults)
    faults = _cell_faults(resource, data)
    if not len(table):
        faults.append(Fault(name, None, None, "no row below the header, expected at least one"))
    faults += _date_faults(name, table, resource)
    return tuple(sorted(set(faults), key=lambda f: (f.row or 0, f.column or "", f.message)))


def _header_faults(name: str, found: list[str], expected: list[str]) -> Iterator[Fault]:
    """Hold the header against the columns of the schema, which stand in one order."""
    for column in expected:
        if column not in found:
            yield Fault(name, None, column, "missing from the header")
    for column, count in Counter(found).items():
        if column not in expected:
            yield Fault(name, None, column, f"'{column}' is not a column of this table")
        elif count > 1:
            yield Fault(name, None, column, "stands twice in the header")
    if sorted(found) == sorted(expected):
        for column, wanted in zip(found, expected, strict=True):
            if column != wanted:
                yield Fault(name, None, column, f"found where '{wanted}' was expected")
                break


def _cell_faults(resource: dict, data: bytes) -> list[Fault]:
    """Hold each cell against the schema, by frictionless."""
    import frictionless  # slow to start, and not needed to draw a chart
    from frictionless.formats import CsvControl

    fields = {field["name"]: field for field in resource["schema"]["fields"]}
    schema = {"fields": list(resource["schema"]["fields"]), "missingValues": [""]}
    report = frictionless.Resource(
        data,
        format="csv",
        control=CsvControl(delimiter=","),
        schema=frictionless.Schema.from_descriptor(schema),
    ).validate(limit_errors=100_000)
    errors = [error for task in report.tasks for error in task.errors] + list(report.errors)
    return [_fault(resource["path"], error, fields) for error in errors]


def _fault(name: str, error, fields: dict) -> Fault:
    row = getattr(error, "row_number", None)
    column = getattr(error, "field_name", None) or getattr(error, "label", None) or None
    cell = getattr(error, "cell", "")
    field = fields.get(column, {})
    limits = field.get("constraints", {})
    match error.type:
        case "constraint-error" if 'constraint "required"' in error.note:
            message = "empty, expected a value"
        case "constraint-error" if "enum" in limits:
            message = f"'{cell}' is none of {', '.join(limits['enum'])}"
        case "constraint-error" if "pattern" in limits:
            message = f"'{cell}' does not match {limits['pattern']}"
        case "constraint-error" if "minimum" in limits:
            message = f"'{cell}' is below {limits['minimum']}"
        case "type-error":
            message = f"'{cell}' is no {field.get('type', 'value')}"
        case "extra-cell":
            message, column = f"one cell too many: '{cell}'", None
        case "missing-cell":
            message = "the row ends before this column"
        case "blank-row":
            message = "empty row"
        case _:
            message = f"{error.title}: {error.note or error.message}"
    return Fault(name, row, column, message)


def _date_faults(name: str, table, resource: dict) -> list[Fault]:
    faults = []
    for field in resource["schema"]["fields"]:
        if field.get("rdfType") != EDTF or field["name"] not in table:
            continue
        for row, text in table[field["name"]].items():
            try:
                bounds(text)
            except ValueError as error:
                faults.append(Fault(name, row, field["name"], str(error)))
    return faults
