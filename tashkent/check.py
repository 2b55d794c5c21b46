"""Check the data package: its form by the schema, its meaning by the rules between tables."""

import argparse
import functools
import hashlib
import inspect
import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd

from tashkent.data import DATA, DataError, description, folder, is_own, parse_text
from tashkent.description import described_names, description_faults, sound_resources
from tashkent.form import Fault, content, table_faults, text_fault
from tashkent.rules import RULES
from tashkent.rules.common import once_a_table

__all__ = ["Fault", "check", "main", "table_faults"]

CODINGS = "codings"
CODED = ["table", "key", "column", "value"]


def check(directory: Path | str = DATA, *, hashes: bool = False) -> list[Fault]:
    """Find every fault of a data package.

    Parameters
    ----------
    directory : path
        The folder that holds `datapackage.json` and the tables. Where it is a chapter's own data,
        `tashkent.own` says what is asked of them.
    hashes : bool
        Whether the tables must also be those of the last release, byte for byte, as
        `datapackage.json` records them.

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
    from tashkent.own import own_faults  # which uses the parts of this check

    directory = folder(directory)
    if is_own(directory):
        return own_faults(directory)
    described = description(directory)
    faults = [Fault("datapackage.json", None, None, f) for f in description_faults(described)]
    sound, read = {}, {}
    resources = sound_resources(described)
    for resource in resources:
        found = table_faults(resource, directory)
        faults += found
        if not any(fault.row is None for fault in found):
            read[resource["name"]] = data = (directory / resource["path"]).read_bytes()
            sound[resource["name"]] = parsed(data)
    second = _coding(directory, "second", faults)
    _coding(directory, "first", faults)
    given = sound | {"tables": sound, "directory": directory}
    given["schemas"] = {r["name"]: r["schema"] for r in resources}
    given["described"] = {f"{name}.csv" for name in described_names(described)}
    if "report_terms" in read:
        given["words_of"] = word_counts(read["report_terms"])
    if second is not None:
        given["second"] = second
    works = _works(directory, faults)
    if works is not None:
        given["works"] = works
    for rule in RULES:
        wanted = inspect.signature(rule).parameters
        if "table" in wanted:
            for name, table in sound.items():
                faults += alone(table, rule, name, json.dumps(given["schemas"][name]))
        elif all(name in given for name in wanted):
            faults += rule(**{name: given[name] for name in wanted})
    if hashes:
        faults += unlike_release(described, directory)
    return sorted(set(faults), key=lambda f: (f.file, f.row or 0, f.column or "", f.message))


def unlike_release(described: object, directory: Path | str) -> Iterator[Fault]:
    """Find the files that are not, byte for byte, those that `datapackage.json` records.

    Before the first release nothing is recorded, and nothing is compared.
    """
    if not isinstance(described, dict):
        return
    tables = sound_resources(described)
    others = described.get("files")
    others = others if isinstance(others, list) else []
    others = [e for e in others if isinstance(e, dict) and isinstance(e.get("path"), str)]
    if not others and not any("hash" in table for table in tables):
        return
    version = described.get("version")
    known = {entry["path"]: entry for entry in [*tables, *others]}
    for path in sorted({*known, *recorded(directory)}):
        data, entry = content(path, directory), known.get(path, {})
        if isinstance(data, Fault):
            continue  # a missing table is reported as such
        if not {"hash", "bytes"} & set(entry):
            yield Fault(path, None, None, f"not in data {version}, make release-data records it")
        elif any(entry.get(key, value) != value for key, value in fingerprint(data).items()):
            message = f"changed since data {version}, make release-data records it"
            yield Fault(path, None, None, message)


def recorded(directory: Path | str) -> list[str]:
    """Name the files beside the tables whose content a release records."""
    others = ["cis_region.topojson", f"{CODINGS}/first.csv", f"{CODINGS}/second.csv"]
    return [path for path in [*others, "references.bib"] if (Path(directory) / path).is_file()]


def fingerprint(data: bytes) -> dict[str, str | int]:
    """Compute what `datapackage.json` records of a file: `hash` and `bytes`."""
    return {"hash": f"sha256:{hashlib.sha256(data).hexdigest()}", "bytes": len(data)}


@once_a_table
def alone(table: pd.DataFrame, rule: Callable, name: str, schema: str) -> list[Fault]:
    """Apply a rule for one table by itself."""
    given = {"name": name, "table": table, "schema": json.loads(schema)}
    return list(rule(**{need: given[need] for need in inspect.signature(rule).parameters}))


@functools.lru_cache(maxsize=256)
def parsed(data: bytes) -> pd.DataFrame:
    """Read a table as text; one with the same bytes is read once a process."""
    return parse_text(data.decode("utf-8"))


@functools.lru_cache(maxsize=8)
def word_counts(data: bytes) -> dict[str, Counter]:
    """Count the words of each passage, as `report_terms` holds them."""
    terms, counted = parsed(data), {}
    for locator, term, count in zip(terms.locator, terms.term, terms["count"], strict=True):
        counted.setdefault(locator, Counter())[term] = int(count) if count.isdecimal() else 0
    return counted


def _coding(directory: Path, name: str, faults: list[Fault]) -> pd.DataFrame | None:
    """Read one of the two codings; where it cannot be read, enter why into the faults."""
    file = f"{CODINGS}/{name}.csv"
    data = content(file, directory)
    if isinstance(data, Fault):
        faults.append(data)
        return None
    fault = text_fault(data)
    if not fault:
        coding = parsed(data)
        if list(coding.columns) == CODED:
            return coding
        fault = f"the header is {', '.join(coding.columns)}, expected {', '.join(CODED)}"
    faults.append(Fault(file, None, None, fault))
    return None


def _works(directory: Path, faults: list[Fault]) -> dict | None:
    """Read the works of `references.bib`; where that fails, enter why into the faults."""
    data = content("references.bib", directory)
    if isinstance(data, Fault):
        faults.append(data)
        return None
    try:
        return _bibliography(data)
    except ValueError as error:
        faults.append(Fault("references.bib", None, None, str(error)))
        return None


@functools.lru_cache(maxsize=8)
def _bibliography(data: bytes) -> dict:
    from pybtex.database import PybtexError, parse_string

    try:
        return dict(parse_string(data.decode("utf-8"), "bibtex").entries)
    except UnicodeDecodeError as error:
        raise ValueError(f"byte {error.start} is not UTF-8, expected plain UTF-8") from None
    except PybtexError as error:
        raise ValueError(f"no BibTeX ({' '.join(str(error).split())})") from None


def main(arguments: list[str]) -> int:
    """Print every fault of a data package, one a line; exit code 1 where there is one.

    Without a folder these are the book's tables, and then those beside students' chapters.
    """
    from tashkent.own import own_folders

    parser = argparse.ArgumentParser(
        prog="python -m tashkent check", description="Find every fault of the tables."
    )
    parser.add_argument("directory", nargs="?", type=folder, metavar="DIR")
    parser.add_argument(
        "--no-hash", action="store_true", help="let the tables differ from the last release"
    )
    options = parser.parse_args(arguments)
    directory = options.directory or DATA
    if not directory.is_dir():
        raise DataError(f"no folder {directory}")
    faults = check(directory, hashes=not options.no_hash)
    tables, own = _count(directory), []
    if options.directory is None:
        own = own_folders()
        faults += [fault for beside in own for fault in check(beside)]
    for fault in faults:
        print(fault)
    more = f" and {sum(map(_count, own))} in chapters/student" if own else ""
    found = f"{len(faults)} fault{'s' if len(faults) > 1 else ''}" if faults else "no fault"
    print(f"{tables} table{'s' if tables != 1 else ''}{more}, {found}")
    return 1 if faults else 0


def _count(directory: Path) -> int:
    """Count the tables that a folder's `datapackage.json` describes, as far as it can be read."""
    try:
        described = description(directory)
    except DataError:
        return 0
    resources = described.get("resources") if isinstance(described, dict) else None
    return len(resources) if isinstance(resources, list) else 0
