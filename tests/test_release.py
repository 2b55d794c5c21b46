"""A release of the data: what was recorded is compared, and a change is said in one line."""

import json
import shutil
import subprocess
import sys

import pytest

from tashkent import DataError
from tashkent.check import check
from tashkent.data import DATA
from tashkent.release import release


@pytest.fixture
def copy(tmp_path):
    """Give a copy of the data package that was released as 0.2.0, with its changelog."""
    directory = shutil.copytree(DATA, tmp_path / "data")
    changelog = tmp_path / "CHANGELOG.md"
    changelog.write_text("# Changelog\n\n## Data 0.3.0\n\n## 0.2.0\n\n0.4.0\n", encoding="utf-8")
    described = json.loads((directory / "datapackage.json").read_text(encoding="utf-8"))
    described["version"] = "0.1.0"
    (directory / "datapackage.json").write_text(json.dumps(described), encoding="utf-8")
    assert release("0.2.0", directory, changelog)
    return directory


def change(directory, name="memberships.csv"):
    """Change a word in a note: no rule sees it."""
    path = directory / name
    text = path.read_text(encoding="utf-8").replace(
        "The report dates the", "The report dates our", 1
    )
    path.write_text(text, encoding="utf-8", newline="")


def lines(directory) -> list[str]:
    return [str(fault) for fault in check(directory, hashes=True)]


def test_what_was_released_has_no_fault(copy):
    assert lines(copy) == []
    described = json.loads((copy / "datapackage.json").read_text(encoding="utf-8"))
    assert described["version"] == "0.2.0"
    assert {len(resource["hash"]) for resource in described["resources"]} == {len("sha256:") + 64}


def test_a_change_is_said_in_one_line_where_hashes_are_compared(copy):
    change(copy)
    assert check(copy) == []
    since = "changed since data 0.2.0, make release-data records it"
    assert lines(copy) == [f"memberships.csv: {since}"]


@pytest.mark.parametrize(
    "name", ["references.bib", "codings/first.csv", "codings/second.csv", "cis_region.topojson"]
)
def test_the_other_files_are_compared_too(copy, name):
    path = copy / name
    path.write_bytes(path.read_bytes().replace(b"a", b"b", 1))
    assert f"{name}: changed since data 0.2.0, make release-data records it" in lines(copy)


def test_the_command_compares_unless_told_not_to(copy):
    change(copy)
    command = [sys.executable, "-m", "tashkent", "check", str(copy)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1 and "memberships.csv: changed since data 0.2.0" in done.stdout
    done = subprocess.run([*command, "--no-hash"], capture_output=True, text=True)
    assert done.returncode == 0 and "no fault" in done.stdout


def test_a_release_changes_nothing_but_what_it_records(copy):
    before = json.loads((DATA / "datapackage.json").read_text(encoding="utf-8"))
    after = json.loads((copy / "datapackage.json").read_text(encoding="utf-8"))
    for described in (before, after):
        described.pop("files", None)
        described.pop("version")
        for resource in described["resources"]:
            resource.pop("hash", None)
            resource.pop("bytes", None)
    assert before == after


def test_the_same_release_gives_the_same_bytes(copy, tmp_path):
    before = (copy / "datapackage.json").read_bytes()
    assert not release("0.2.0", copy, tmp_path / "CHANGELOG.md")
    assert (copy / "datapackage.json").read_bytes() == before


def test_a_change_takes_a_new_version(copy, tmp_path):
    change(copy)
    assert release("0.3.0", copy, tmp_path / "CHANGELOG.md")
    assert lines(copy) == []


REFUSED = [
    ("0.2.0", "0.2.0 is recorded, and changed since: memberships.csv"),
    ("0.1.9", "0.1.9 is below 0.2.0"),
    ("0.10", "'0.10', expected three numbers like 1.2.0"),
    ("0.4.0", "CHANGELOG.md: no heading with 0.4.0, expected what changed in it"),
    ("0.3", "'0.3', expected three numbers like 1.2.0"),
]


@pytest.mark.parametrize(("version", "says"), REFUSED)
def test_what_is_no_release_is_refused_in_one_line(copy, tmp_path, version, says):
    change(copy)
    before = (copy / "datapackage.json").read_bytes()
    with pytest.raises(DataError) as caught:
        release(version, copy, tmp_path / "CHANGELOG.md")
    assert says in str(caught.value) and "\n" not in str(caught.value)
    assert (copy / "datapackage.json").read_bytes() == before


def test_tables_with_faults_are_no_release(copy, tmp_path):
    (copy / "stages.csv").unlink()
    with pytest.raises(DataError, match=r"stages\.csv: missing from"):
        release("0.3.0", copy, tmp_path / "CHANGELOG.md")
