"""A chapter's own data: CSV files and their `datapackage.json` in a folder of the chapter's name.

What is asked of them is less than of the book's tables: of each table name, path, title,
description, columns and key, of each column name, type and description. They are checked by those
rules that hold for any table, and against the report: a `locator` names a passage, `evidence`
stands in it, a `state_id` is a state's.
"""

import json
from collections.abc import Iterator
from pathlib import Path

from tashkent.check import alone, parsed, table_faults, word_counts
from tashkent.data import DATA, ROOT, STUDENTS, DataError, description
from tashkent.description import description_faults, sound_resources, undescribed
from tashkent.form import Fault
from tashkent.rules import evidence, form, joins

#: The rules that hold for any table by itself.
ALONE = (
    form.cells_are_trimmed,
    form.keys_are_unique,
    form.tables_are_sorted,
    form.lists_name_each_once,
)
#: What a column of one of these names refers to: a table of the book and its key.
REFERS = {"locator": ("passages", "locator"), "state_id": ("states", "state_id")}


def own_folders() -> list[Path]:
    """List the folders beside students' chapters that hold data."""
    if not STUDENTS.is_dir():
        return []
    folders = sorted(path for path in STUDENTS.iterdir() if path.is_dir())
    return [path for path in folders if not path.name.startswith(".") and holds_data(path)]


def holds_data(folder: Path) -> bool:
    """Tell whether there is something to check in a folder: tables, or what describes them."""
    return (folder / "datapackage.json").exists() or any(folder.glob("*.csv"))


def own_faults(directory: Path) -> list[Fault]:
    """Find every fault of a chapter's own data.

    Returns
    -------
    list of Fault
        In the order of file, row and column. Files are named by their path in the project, those
        outside of it by the name of their folder.
    """
    base, prefix = _place(directory)
    described_in = f"{prefix}/datapackage.json"
    if not (directory / "datapackage.json").exists():
        return [Fault(described_in, None, None, "missing, expected beside the tables")]
    try:
        described = description(directory)
    except DataError as error:
        return [Fault(described_in, None, None, str(error).partition(": ")[2])]
    told = [*description_faults(described), *undescribed(described)]
    faults = [Fault(described_in, None, None, fault) for fault in told]
    tables, schemas, sound = {}, {}, sound_resources(described)
    for resource in sound:
        # Rules name a table's file by the table's name: with the folder before it, by its path.
        name, path = f"{prefix}/{resource['name']}", f"{prefix}/{resource['path']}"
        found = table_faults(resource | {"path": path}, base)
        faults += found
        if not any(fault.row is None for fault in found):
            tables[name] = parsed((base / path).read_bytes())
            schemas[name] = resource["schema"]
    for name, table in tables.items():
        for rule in ALONE:
            faults += alone(table, rule, name, json.dumps(schemas[name]))
    faults += _by_the_report(tables, schemas, prefix)
    names = {resource["path"] for resource in sound}
    for fault in form.no_stray_files(names, directory) if not told else ():
        if fault.file.endswith(".csv"):
            faults.append(fault._replace(file=f"{prefix}/{fault.file}"))
    return sorted(set(faults), key=lambda f: (f.file, f.row or 0, f.column or "", f.message))


def own_table_faults(name: str, directory: Path) -> list[Fault]:
    """Find the faults that keep one table of a chapter from being loaded."""
    _, prefix = _place(directory)
    stopping = {f"{prefix}/datapackage.json", f"{prefix}/{name}.csv"}
    return [fault for fault in own_faults(directory) if fault.file in stopping]


def _by_the_report(tables: dict, schemas: dict, prefix: str) -> Iterator[Fault]:
    """Hold the tables against each other, and against the book's passages, words and states."""
    names = ("passages", "states", "report_terms")
    read = {name: (DATA / f"{name}.csv").read_bytes() for name in names}
    known = {name: parsed(data) for name, data in read.items()}
    joined = {}
    for name, table in tables.items():
        links = [
            {"fields": column, "reference": {"resource": resource, "fields": key}}
            for column, (resource, key) in REFERS.items()
            if column in table
        ]
        for link in schemas[name].get("foreignKeys", []):
            own = f"{prefix}/{link['reference']['resource']}"
            links.append(link | {"reference": link["reference"] | {"resource": own}})
        joined[name] = schemas[name] | {"foreignKeys": links}
    yield from joins.references_exist(tables | known, joined | {name: {} for name in known})
    yield from evidence.evidence_stands_in_the_passage(tables, word_counts(read["report_terms"]))
    yield from evidence.inference_is_explained(tables)
    yield from evidence.notes_cite_known_passages(tables, known["passages"])
    yield from evidence.spells_run_forwards(tables, schemas)


def _place(directory: Path) -> tuple[Path, str]:
    """Say from where the path of a folder is given in messages, and that path."""
    path = directory.resolve()
    base = ROOT if path.is_relative_to(ROOT) else path.parent
    return base, path.relative_to(base).as_posix()
