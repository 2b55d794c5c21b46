"""Check the data package: the schema by frictionless, the rest by the rules between tables."""

import functools
import inspect
import json
from pathlib import Path
from typing import NamedTuple

from tashkent.data import DATA, DataError, package, read_text
from tashkent.dates import EDTF, bounds


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


def check(directory: Path | str = DATA) -> list[Fault]:
    """Find every fault of a data package.

    Parameters
    ----------
    directory : path
        The folder that holds `datapackage.json` and the tables.

    Returns
    -------
    list of Fault
        In the order of file, row and column; empty where all is well. `row` is the line in the
        file, the header being row 1.

    Raises
    ------
    DataError
        Where `datapackage.json` is missing or no JSON: then nothing can be checked.
    """
    from tashkent.rules import RULES

    directory = Path(directory)
    described = package(directory)
    faults, sound = [], {}
    for resource in described["resources"]:
        found = table_faults(resource, directory)
        faults += found
        if not any(fault.row is None for fault in found):
            sound[resource["name"]] = read_text(directory / resource["path"])
    schemas = {r["name"]: r["schema"] for r in described["resources"]}
    for rule in RULES:
        wanted = inspect.signature(rule).parameters
        given = sound | {"tables": sound, "schemas": schemas, "directory": directory}
        if all(name in given for name in wanted):
            faults += rule(**{name: given[name] for name in wanted})
    return sorted(set(faults), key=lambda f: (f.file, f.row or 0, f.column or "", f.message))


def table_faults(resource: dict, directory: Path) -> list[Fault]:
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
    name, path = resource["path"], Path(directory) / resource["path"]
    if not path.is_file():
        return [Fault(name, None, None, f"missing from {directory}")]
    data = path.read_bytes()
    if data.startswith(b"\xef\xbb\xbf"):
        return [Fault(name, None, None, "starts with a byte-order mark, expected plain UTF-8")]
    if b"\r" in data:
        line = data[: data.index(b"\r")].count(b"\n") + 1
        return [Fault(name, None, None, f"line {line} ends in CR LF, expected LF alone")]
    return list(_cell_faults(json.dumps(resource), path, data))


@functools.lru_cache(maxsize=256)
def _cell_faults(described: str, path: Path, data: bytes) -> tuple[Fault, ...]:
    """Find the faults of the cells; a table with the same bytes is looked at once a process."""
    import frictionless  # slow to start, and not needed to draw a chart

    resource = json.loads(described)
    name, directory = resource["path"], path.parent
    fields = {field["name"]: field for field in resource["schema"]["fields"]}
    schema = {"fields": list(resource["schema"]["fields"]), "missingValues": [""]}
    report = frictionless.Resource(
        path=name, basepath=str(directory), schema=frictionless.Schema.from_descriptor(schema)
    ).validate(limit_errors=100_000)
    errors = [error for task in report.tasks for error in task.errors] + list(report.errors)
    faults = [_fault(name, error, fields) for error in errors]
    if not any(fault.row is None for fault in faults):
        faults += _date_faults(name, read_text(path), resource)
    return tuple(sorted(set(faults), key=lambda f: (f.row or 0, f.column or "", f.message)))


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
        case "missing-label":
            message = "missing from the header"
        case "extra-label":
            message = "not a column of this table"
        case "incorrect-label":
            message = f"found where '{error.field_name}' was expected"
            column = error.label
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


def main(arguments: list[str]) -> int:
    """Print every fault of a data package, one a line; exit code 1 where there is one."""
    directory = Path(arguments[0]) if arguments else DATA
    if not directory.is_dir():
        raise DataError(f"no folder {directory}")
    faults = check(directory)
    for fault in faults:
        print(fault)
    tables = len(package(directory)["resources"])
    found = f"{len(faults)} fault{'s' if len(faults) > 1 else ''}" if faults else "no fault"
    print(f"{tables} tables, {found}")
    return 1 if faults else 0
