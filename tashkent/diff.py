"""Say in words what changed in the data between two revisions: `python -m tashkent diff-data`."""

import csv
import difflib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pandas as pd

from tashkent.data import DATA, DataError, description, read_text
from tashkent.export import OTHERS, listed

#: Written by `release-data` from the tables themselves: they follow a change and are none.
_DERIVED = {"hash", "bytes"}

#: Compared in words of their own, so not as a property among others.
_OWN_WORDS = {"version", "resources", "schema", "fields", "constraints", "primaryKey"}
_OWN_WORDS |= {"foreignKeys"}

#: Texts up to this length are shown whole; of longer ones what changed, and so many words around.
_LONG, _AROUND = 60, 3

_HERE = "the work tree"


def main(arguments: list[str]) -> int:
    """Print what changed since a revision, or between two, one change a line."""
    if not 1 <= len(arguments) <= 2 or arguments[0].startswith("-"):
        raise DataError(
            "diff-data: name a revision, or two as A..B: python -m tashkent diff-data HEAD~5 [DIR]"
        )
    directory = Path(arguments[1]) if len(arguments) == 2 else DATA
    if not directory.is_dir():
        raise DataError(f"diff-data: no folder {directory}")
    then, dots, now = arguments[0].partition("..")
    if dots:
        then, now = then or "HEAD", now or "HEAD"
    with tempfile.TemporaryDirectory() as place:
        old = fetch(then, directory, Path(place) / "then")
        new = fetch(now, directory, Path(place) / "now") if dots else directory
        found = changes(old, new)
        version = version_change(old, new)
    between = f"{then} and {now if dots else _HERE}"
    if found:
        lines = [f"Between {between}; {version}:", *found]
    else:
        lines = [f"Between {between} no change of the data; {version}."]
    try:
        print(*lines, sep="\n", flush=True)
    except BrokenPipeError:  # as `| head` does, which has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


# Older data


def fetch(revision: str, directory: Path, place: Path) -> Path:
    """Write the data of a revision into a folder, as they stand there.

    Parameters
    ----------
    revision : str
        What git takes for a commit.
    directory : pathlib.Path
        The folder of the data in the work tree.
    place : pathlib.Path
        The folder to write to; it is made.

    Returns
    -------
    pathlib.Path
        That folder, to be read as any other data package.

    Raises
    ------
    DataError
        Where there is no git, no repository, no such revision, or no data in it.
    """
    inside = _git(directory, "rev-parse", "--is-inside-work-tree")
    if inside.returncode:
        told = inside.stderr.decode(errors="replace").strip().splitlines() or [""]
        lost = "not a git repository" in told[0]
        raise DataError(f"diff-data: {f'{directory} is in no git repository' if lost else told[0]}")
    commit = _git(directory, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
    if commit.returncode:
        raise DataError(f"diff-data: no revision '{revision}'; git tag and git log list what is")
    place.mkdir()
    name = commit.stdout.decode().strip()
    if not _show(name, directory, "datapackage.json", place):
        raise DataError(f"diff-data: {revision} has no {directory.name}/datapackage.json")
    for path in [*(resource["path"] for resource in _described(place)["resources"]), *OTHERS]:
        _show(name, directory, path, place)
    return place


def _show(commit: str, directory: Path, name: str, place: Path) -> bool:
    """Write one file of a commit into a folder; false where the commit has no such file."""
    shown = _git(directory, "show", f"{commit}:./{name}")
    if not shown.returncode:
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(shown.stdout)
    return not shown.returncode


def _git(directory: Path, *arguments: str) -> subprocess.CompletedProcess:
    command = ["git", "-C", str(directory), *arguments]
    try:
        return subprocess.run(command, capture_output=True, env=os.environ | {"LC_ALL": "C"})
    except FileNotFoundError:
        raise DataError("diff-data: git is not installed, and it holds the older data") from None


def _described(directory: Path) -> dict:
    """Read a package's description as far as it is needed to compare.

    Raises
    ------
    DataError
        Where it does not name its tables, their files or columns.
    """
    described = description(directory)
    try:
        for resource in described["resources"]:
            names = [resource["name"], resource["path"]]
            names += [field["name"] for field in resource["schema"]["fields"]]
            "".join(names)
    except (KeyError, TypeError):
        raise DataError(
            "diff-data: datapackage.json: a table without name, path or columns; `check` says which"
        ) from None
    return described


def _table(resource: dict, directory: Path) -> pd.DataFrame:
    """Read a table as text.

    Raises
    ------
    DataError
        Where it cannot be read, in one line.
    """
    name = resource["path"]
    try:
        table = read_text(directory / name)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"diff-data: {name}: cannot be read ({error})") from None
    doubled = table.columns[table.columns.duplicated()]
    if len(doubled):
        raise DataError(f"diff-data: {name}: column {doubled[0]} stands there twice")
    return table


# What changed


def version_change(old: Path, new: Path) -> str:
    """Say whether the version of the data moved."""
    before, after = (description(place).get("version", "none") for place in (old, new))
    return f"version {before} in both" if before == after else f"version {before} → {after}"


def changes(old: Path, new: Path) -> list[str]:
    """List what changed from one folder of data to another.

    Parameters
    ----------
    old, new : pathlib.Path
        Folders with a `datapackage.json` and its tables.

    Returns
    -------
    list of str
        A line for each change: of the package, then table by table of its description, columns,
        rows and cells, then of other files. The order of rows is none, nor is the version.
    """
    about, about_now = _described(old), _described(new)
    found = list(_properties("the package", about, about_now))
    tables, tables_now = _tables(about, old), _tables(about_now, new)
    for name in sorted({*tables, *tables_now}):
        if name not in tables:
            found.append(f"table added: {_summary(tables_now[name], new)}")
        elif name not in tables_now:
            found.append(f"table removed: {_summary(tables[name], old)}")
        else:
            found += _schema_changes(name, tables[name], tables_now[name])
            found += _row_changes(name, (tables[name], old), (tables_now[name], new))
    described = {resource["path"] for side in (about, about_now) for resource in side["resources"]}
    for name in (name for name in OTHERS if name not in described):
        before, after = [
            path.read_bytes() if path.is_file() else None for path in (old / name, new / name)
        ]
        if before != after:
            words = "added" if before is None else "removed" if after is None else "changed"
            found.append(f"{name}: {words}, git diff shows how")
    return found


def _tables(described: dict, directory: Path) -> dict[str, dict]:
    """Find the tables that are described and there, by their names."""
    resources = described["resources"]
    return {r["name"]: r for r in resources if (directory / r["path"]).is_file()}


def _summary(resource: dict, directory: Path) -> str:
    table = _table(resource, directory)
    return f"{resource['name']}, {_counted(len(table), 'row')}, columns {', '.join(table.columns)}"


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


# Descriptions


def _properties(where: str, old: dict, new: dict) -> Iterator[str]:
    """Say what changed among the properties that have no words of their own."""
    for name in dict.fromkeys([*old, *new]):
        if name in _OWN_WORDS | _DERIVED or old.get(name) == new.get(name):
            continue
        texts = [_text(side.get(name)) for side in (old, new)]
        yield f"{where}, its {name}: {arrow(*texts)}"


def _text(value: object) -> str:
    """Write a property as one text; nothing where it is not there."""
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return " ".join(value)
    return json.dumps(value, ensure_ascii=False)


def _schema_changes(name: str, old: dict, new: dict) -> Iterator[str]:
    """Say what changed in a table's description: its words, keys, and columns."""
    yield from _properties(name, old, new)
    schema, schema_now = old["schema"], new["schema"]
    yield from _properties(name, schema, schema_now)
    key, key_now = (", ".join(listed(s.get("primaryKey", []))) for s in (schema, schema_now))
    if key != key_now:
        yield f"{name}, its key: {arrow(key, key_now)}"
    links, links_now = _links(schema), _links(schema_now)
    yield from (f"{name}, foreign key removed: {link}" for link in links if link not in links_now)
    yield from (f"{name}, foreign key added: {link}" for link in links_now if link not in links)
    fields, fields_now = (
        {field["name"]: field for field in s["fields"]} for s in (schema, schema_now)
    )
    for column in (column for column in fields if column in fields_now):
        field, field_now = fields[column], fields_now[column]
        where = f"{name}, column {column}"
        limits, limits_now = (dict(side.get("constraints", {})) for side in (field, field_now))
        yield from _value_changes(where, limits.pop("enum", None), limits_now.pop("enum", None))
        required, required_now = limits.pop("required", False), limits_now.pop("required", False)
        if required != required_now:
            yield f"{where}: {'must now have a value' if required_now else 'may now be empty'}"
        yield from _properties(where, limits, limits_now)
        yield from _properties(where, field, field_now)


def _links(schema: dict) -> list[str]:
    """Write foreign keys as `state_id → states.state_id`."""
    return [
        f"{', '.join(listed(link['fields']))} → {link['reference']['resource']}"
        f".{', '.join(listed(link['reference']['fields']))}"
        for link in schema.get("foreignKeys", [])
    ]


def _value_changes(where: str, old: list | None, new: list | None) -> Iterator[str]:
    """Say what values a column allows that it did not allow before, and the other way round."""
    if old is None and new is not None:
        yield f"{where}: only these values now: {', '.join(map(str, new))}"
    elif new is None and old is not None:
        yield f"{where}: any value now, no longer only {', '.join(map(str, old))}"
    elif old and new:
        for words, some, others in (("added", new, old), ("removed", old, new)):
            values = [str(value) for value in some if value not in others]
            if values:
                yield f"{where}, allowed values {words}: {', '.join(values)}"


# Rows


def _row_changes(name: str, then: tuple[dict, Path], now: tuple[dict, Path]) -> Iterator[str]:
    """Say what changed in a table's columns, rows and cells."""
    table, table_now = _table(*then), _table(*now)
    for words, some, others in (
        ("removed", table, table_now),
        ("added", table_now, table),
    ):
        for column in [column for column in some if column not in others]:
            filled = f"{(some[column] != '').sum()} of {_counted(len(some), 'row')}"
            yield f"{name}, column {words}: {column}, filled in {filled}"
    key = listed(now[0]["schema"].get("primaryKey", [])) or list(table_now.columns)
    if not set(key) <= set(table.columns) & set(table_now.columns):
        yield (
            f"{name}: its rows cannot be told apart by one key then and now; "
            f"{_counted(len(table), 'row')} then, {len(table_now)} now"
        )
        return
    rows, rows_now = _by_key(table, key), _by_key(table_now, key)
    for row in rows:
        if row not in rows_now:
            yield f"{name}, row removed: {_whole(rows[row], key)}"
    shared = [column for column in table_now if column in table and column not in key]
    for row, cells in rows_now.items():
        if row not in rows:
            yield f"{name}, row added: {_whole(cells, key)}"
            continue
        for column in shared:
            if cells[column] != rows[row][column]:
                change = arrow(rows[row][column], cells[column])
                yield f"{name}, {row_name(cells, key)}: {column} {change}"


def _by_key(table: pd.DataFrame, key: list[str]) -> dict[tuple, dict]:
    """Find rows by the values of their key; of rows that share one, by their place among these."""
    found: dict[tuple, dict] = {}
    for row in table.to_dict("records"):
        values, times = tuple(row[column] for column in key), 1
        while (*values, times) in found:
            times += 1
        found[*values, times] = row
    return found


def row_name(row: dict, key: list[str]) -> str:
    """Name a row by its key as one would say it: `AZE in cis`, `c_1 to c_2`.

    Parameters
    ----------
    row : dict
        The row's cells by column.
    key : list of str
        The columns of the key.
    """
    values = {column: show(row[column]) for column in key if row[column]}
    start = ""
    if len(values) > 1 and "state_id" in values:
        start = f"{values.pop('state_id')} in "
    elif {"from_id", "to_id"} <= set(values):
        start = f"{values.pop('from_id')} to "
    return start + ", ".join(values.values())


def _whole(row: dict, key: list[str]) -> str:
    """Name a row and give its other cells that are not empty."""
    cells = [f"{name} {_cut(cell)}" for name, cell in row.items() if cell and name not in key]
    return row_name(row, key) + (f" ({'; '.join(cells)})" if cells else "")


# Words


def show(text: str) -> str:
    """Write a text so that it can be seen: an empty one, one that spaces or line ends change."""
    if not text:
        return "(empty)"
    return json.dumps(text, ensure_ascii=False) if " ".join(text.split()) != text else text


def arrow(old: str, new: str) -> str:
    """Write a change; of long texts only what changed, and some words around it."""
    if max(len(old), len(new)) > _LONG and old and new:
        old, new = _shortened(old, new)
    return f"{show(old)} → {show(new)}"


def _shortened(old: str, new: str) -> tuple[str, str]:
    """Leave out of two texts, in the same places, runs of words that both share."""
    words, words_now = old.split(" "), new.split(" ")
    before, after = [], []
    matched = difflib.SequenceMatcher(None, words, words_now, autojunk=False).get_matching_blocks()
    ends = [(0, 0, 0), *matched]
    for (at, at_now, size), (start, start_now, length) in pairwise(ends):
        before += words[at + size : start]
        after += words_now[at_now + size : start_now]
        same = words[start : start + length]
        first = 0 if not start and not start_now else _AROUND
        rest = (len(words) - start - length, len(words_now) - start_now - length)
        last = 0 if rest == (0, 0) else _AROUND
        if len(same) > first + last + 1:
            same = [*same[:first], "…", *same[len(same) - last :]]
        before += same
        after += same
    return " ".join(before), " ".join(after)


def _cut(text: str) -> str:
    """Shorten a long text that stands alone in the middle."""
    shown = show(text)
    if len(shown) <= _LONG:
        return shown
    return f"{shown[: _LONG * 2 // 3].rstrip()} … {shown[-_LONG // 4 :].lstrip()}"
