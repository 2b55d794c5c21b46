"""Record a version of the data: what each file held, in `datapackage.json`."""

import argparse
import json
import re
from pathlib import Path

from tashkent.check import check, fingerprint, recorded, unlike_release
from tashkent.data import DATA, DataError, package
from tashkent.description import VERSION

CHANGELOG = DATA.parent / "CHANGELOG.md"


def release(version: str, directory: Path | str = DATA, changelog: Path = CHANGELOG) -> bool:
    """Write a version and the `hash` and `bytes` of every file into `datapackage.json`.

    Parameters
    ----------
    version : str
        The new version, three numbers; the old one where nothing changed since.
    directory : path
        The folder of the data package.
    changelog : path
        The page that must have a heading with the version.

    Returns
    -------
    bool
        Whether `datapackage.json` was changed.

    Raises
    ------
    DataError
        Where the tables have faults, the version is not above the last one although a file
        changed, or the changelog does not have it.
    """
    faults = check(directory)
    if faults:
        raise DataError("\n".join([*map(str, faults), "release-data: the tables have faults"]))
    if not re.fullmatch(VERSION, version):
        raise DataError(f"release-data: '{version}', expected three numbers like 1.2.0")
    described = package(directory)
    before = described["version"]
    unlike = [fault.file for fault in unlike_release(described, directory)]
    if _numbers(version) < _numbers(before):
        raise DataError(f"release-data: {version} is below {before}")
    if version == before and unlike:
        raise DataError(
            f"release-data: {version} is recorded, and changed since: {', '.join(unlike)}"
        )
    text = changelog.read_text(encoding="utf-8")
    if not re.search(rf"^#+ .*(?<![\d.]){re.escape(version)}(?![\d.])", text, re.MULTILINE):
        raise DataError(f"{changelog.name}: no heading with {version}, expected what changed in it")
    path = Path(directory) / "datapackage.json"
    old, new = path.read_text(encoding="utf-8"), _described(described, version, Path(directory))
    path.write_text(new, encoding="utf-8", newline="\n")
    return old != new


def _numbers(version: str) -> list[int]:
    return [int(number) for number in version.split(".")]


def _described(described: dict, version: str, directory: Path) -> str:
    """Write the description with a version and what the files hold, in its one form."""
    described["version"] = version
    described["resources"] = [
        _before_schema(resource, fingerprint((directory / resource["path"]).read_bytes()))
        for resource in described["resources"]
    ]
    described["files"] = [
        {"path": path, **fingerprint((directory / path).read_bytes())}
        for path in recorded(directory)
    ]
    return json.dumps(described, indent=2, ensure_ascii=False) + "\n"


def _before_schema(resource: dict, known: dict) -> dict:
    """Put what is recorded of a table before its schema, the longest part."""
    rest = {key: value for key, value in resource.items() if key not in known}
    schema = rest.pop("schema")
    return rest | known | {"schema": schema}


def main(arguments: list[str]) -> int:
    """Record a version of the data; say where that cannot be."""
    parser = argparse.ArgumentParser(
        prog="python -m tashkent release-data", description="Record a version of the data."
    )
    parser.add_argument("version", metavar="VERSION", help="three numbers like 1.2.0")
    version = parser.parse_args(arguments).version
    changed = release(version)
    done = "is recorded in" if changed else "was recorded already in"
    print(f"data {version} {done} data/datapackage.json")
    return 0
