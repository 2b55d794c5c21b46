"""What changed in the data between two revisions, in words: on a small repository of its own."""

import json
import shutil
import subprocess
import sys

import pytest

from tashkent import __main__ as command
from tashkent import diff

needs_git = pytest.mark.skipif(not shutil.which("git"), reason="git is not here")


def git(place, *arguments):
    identity = ["-c", "user.name=x", "-c", "user.email=x", "-c", "core.hooksPath="]
    subprocess.run(["git", "-C", place, *identity, *arguments], check=True, capture_output=True)


def column(name, **more) -> dict:
    return {"name": name, "type": "string", "description": name} | more


STATUS = {"required": True, "enum": ["signatory", "acceded"]}
MEMBERSHIPS = [
    column("instrument_id"),
    column("state_id"),
    column("status", constraints=STATUS),
    column("start"),
    column("note"),
]
LONG = (
    "The month can be read with the accession to the treaty or with the return, which came after "
    "it; coded for both, since neither a first joining nor a leaving is dated."
)
ROWS = [
    ["cis", "AZE", "acceded", "1993", LONG],
    ["cis", "RUS", "signatory", "1991", ""],
]
KEY = ["instrument_id", "state_id"]


def table(name, fields, rows, key) -> dict:
    schema = {"fields": fields, "primaryKey": key}
    return {"name": name, "path": f"{name}.csv", "schema": schema, "rows": rows}


def memberships(rows=ROWS, fields=MEMBERSHIPS, key=KEY) -> dict:
    return table("memberships", fields, rows, key)


def write(data, *described, version="0.1.0"):
    """Write a package with these tables, and no other files."""
    data.mkdir(exist_ok=True)
    for path in data.iterdir():
        path.unlink()
    package = {"name": "small", "version": version, "resources": []}
    for one in described:
        names = [field["name"] for field in one["schema"]["fields"]]
        lines = [",".join(f'"{cell}"' for cell in row) for row in [names, *one["rows"]]]
        (data / one["path"]).write_text("\n".join(lines) + "\n", encoding="utf-8")
        package["resources"].append({key: one[key] for key in one if key != "rows"})
    (data / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")


def tagged(data, name):
    git(data.parent, "add", "--all")
    git(data.parent, "commit", "--allow-empty", "--message", name)
    git(data.parent, "tag", name)


@pytest.fixture
def data(tmp_path):
    """A repository whose tag `v1` holds one table."""
    git(tmp_path, "init", "--quiet")
    tagged(tmp_path / "data", "v0")
    write(tmp_path / "data", memberships())
    tagged(tmp_path / "data", "v1")
    return tmp_path / "data"


@pytest.fixture
def told(data, capsys):
    """Run the command on the repository and give what it printed, line by line."""

    def run(revision) -> list[str]:
        assert command.main(["diff-data", revision, str(data)]) == 0
        return capsys.readouterr().out.splitlines()

    return run


@pytest.fixture
def since(data, told):
    """Write the package anew and give what changed since `v1`, without the first line."""

    def run(*tables, **more) -> list[str]:
        write(data, *tables, **more)
        first, *lines = told("v1")
        assert first.startswith("Between v1 and the work tree")
        return lines

    return run


def with_cell(row, place, value) -> dict:
    """The table with one cell changed."""
    rows = [list(cells) for cells in ROWS]
    rows[row][place] = value
    return memberships(rows)


# Rows and cells


@needs_git
def test_nothing_changed_is_one_line(told):
    assert told("v1") == [
        "Between v1 and the work tree no change of the data; version 0.1.0 in both."
    ]


@needs_git
def test_a_changed_cell_is_said_in_words(since):
    assert since(with_cell(0, 3, "1993-09")) == ["memberships, AZE in cis: start 1993 → 1993-09"]


@needs_git
@pytest.mark.parametrize(
    ("value", "shown"), [("", "(empty)"), ("1993 ", '"1993 "'), ("19 93", "19 93")]
)
def test_a_value_that_cannot_be_seen_is_shown(since, value, shown):
    assert since(with_cell(0, 3, value)) == [f"memberships, AZE in cis: start 1993 → {shown}"]


@needs_git
def test_rows_come_and_go(since):
    rows = [ROWS[1], ["cis", "MDA", "acceded", "", LONG]]
    removed, added = since(memberships(rows))
    assert removed.startswith("memberships, row removed: AZE in cis (status acceded; start 1993; ")
    assert added.startswith("memberships, row added: MDA in cis (status acceded; note The month")
    assert "start" not in added and " … " in added and len(added) < 140


@needs_git
def test_a_doubled_row_is_a_row_added(since):
    (line,) = since(memberships([*ROWS, ROWS[1]]))
    assert line.startswith("memberships, row added: RUS in cis")


@needs_git
def test_the_order_of_rows_is_no_change(since):
    assert since(memberships(ROWS[::-1])) == []


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ({"claim_id": "c_1"}, "c_1"),
        ({"scheme": "trenin", "state_id": "KAZ"}, "KAZ in trenin"),
        ({"from_id": "a", "to_id": "b", "relation": "replaces"}, "a to b, replaces"),
        ({"debate": "command", "number": "2"}, "command, 2"),
        ({"framework_id": "east", "state_id": "RUS", "territory": ""}, "RUS in east"),
    ],
)
def test_a_row_is_named_by_its_key(key, name):
    assert diff.row_name(key, list(key)) == name


def without(text: str, words: str) -> str:
    assert words in text
    return text.replace(words, "", 1)


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        (
            LONG.replace("return", "arrival"),
            "… or with the return, which came after … → … or with the arrival, which came after …",
        ),
        (LONG.replace("The", "This"), "The month can be … → This month can be …"),
        (LONG + " So.", "… leaving is dated. → … leaving is dated. So."),
        (without(LONG, " dated."), "… a leaving is dated. → … a leaving is"),
        ("", f"{LONG} → (empty)"),
    ],
)
def test_a_long_text_is_shortened_around_what_changed(new, expected):
    assert diff.arrow(LONG, new) == expected


def test_two_changes_far_apart_both_stay():
    new = LONG.replace("month", "year").replace("leaving", "going")
    old_shown, new_shown = diff.arrow(LONG, new).split(" → ")
    assert "The month can be" in old_shown and "nor a leaving is dated." in old_shown
    assert "The year can be" in new_shown and "nor a going is dated." in new_shown
    assert len(old_shown) < len(LONG) / 2


# Tables, columns, schema


@needs_git
def test_tables_come_and_go(since):
    states = table(
        "states", [column("state_id"), column("name")], [["AZE", "Azerbaijan"]], "state_id"
    )
    assert since(states) == [
        "table removed: memberships, 2 rows, columns instrument_id, state_id, status, start, note",
        "table added: states, 1 row, columns state_id, name",
    ]


@needs_git
def test_a_renamed_column_is_one_removed_and_one_added(since):
    fields = [*MEMBERSHIPS[:3], column("joined"), MEMBERSHIPS[4]]
    assert since(memberships(fields=fields)) == [
        "memberships, column removed: start, filled in 2 of 2 rows",
        "memberships, column added: joined, filled in 2 of 2 rows",
    ]


@needs_git
def test_a_changed_schema_is_said_in_words(since):
    limits = {"enum": ["acceded", "returned"]}
    fields = [
        *MEMBERSHIPS[:2],
        column("status", constraints=limits, question="What is it to the instrument?"),
        column("start", type="date", constraints={"required": True, "pattern": "1.*"}),
        MEMBERSHIPS[4],
    ]
    changed = memberships(fields=fields)
    link = {"fields": "state_id", "reference": {"resource": "states", "fields": "state_id"}}
    changed["schema"]["foreignKeys"] = [link]
    assert since(changed) == [
        "memberships, foreign key added: state_id → states.state_id",
        "memberships, column status, allowed values added: returned",
        "memberships, column status, allowed values removed: signatory",
        "memberships, column status: may now be empty",
        "memberships, column status, its question: (empty) → What is it to the instrument?",
        "memberships, column start: must now have a value",
        "memberships, column start, its pattern: (empty) → 1.*",
        "memberships, column start, its type: string → date",
    ]


@needs_git
def test_another_key_still_tells_the_rows_apart(since):
    assert since(memberships(key="state_id")) == [
        "memberships, its key: instrument_id, state_id → state_id"
    ]


@needs_git
def test_a_key_that_was_not_there_is_said(since):
    rows = [["m1", *ROWS[0]], ["m2", *ROWS[1]]]
    lines = since(memberships(rows, [column("id"), *MEMBERSHIPS], "id"))
    assert lines[0] == "memberships, its key: instrument_id, state_id → id"
    assert lines[-1].endswith("cannot be told apart by one key then and now; 2 rows then, 2 now")


@needs_git
def test_what_a_release_writes_is_no_change(since):
    assert since(memberships() | {"hash": "sha256:0", "bytes": 7}) == []


@needs_git
def test_other_files_of_the_package_count(data, told):
    (data / "references.bib").write_text("@book{a}")
    assert told("v1")[1:] == ["references.bib: added, git diff shows how"]


# Revisions


@needs_git
def test_whether_the_version_moved_is_said(data, told):
    write(data, memberships(), version="0.2.0")
    assert told("v1") == [
        "Between v1 and the work tree no change of the data; version 0.1.0 → 0.2.0."
    ]
    write(data, with_cell(0, 3, "1994"))
    assert told("v1")[0] == "Between v1 and the work tree; version 0.1.0 in both:"


@needs_git
def test_two_revisions_are_compared_without_the_work_tree(data, told):
    write(data, with_cell(0, 3, "1994"), version="0.2.0")
    tagged(data, "v2")
    write(data)
    expected = ["memberships, AZE in cis: start 1993 → 1994"]
    assert told("v1..v2") == ["Between v1 and v2; version 0.1.0 → 0.2.0:", *expected]
    assert told("v1..")[1:] == expected
    assert told("v2..v1")[1:] == ["memberships, AZE in cis: start 1994 → 1993"]


@needs_git
def test_a_reader_that_has_seen_enough_may_close_the_pipe(data):
    write(data, with_cell(0, 3, "1994"))
    asked = [sys.executable, "-m", "tashkent", "diff-data", "v1", str(data)]
    running = subprocess.Popen(
        asked, cwd=diff.DATA.parent, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    running.stdout.close()
    assert running.stderr.read() == b""
    assert running.wait(timeout=60) == 0
    running.stderr.close()


@needs_git
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "name a revision, or two as A..B"),
        (["--help-me"], "name a revision, or two as A..B"),
        (["v9"], "no revision 'v9'; git tag and git log list what is"),
        (["v1..v9"], "no revision 'v9'"),
        (["v0"], "v0 has no data/datapackage.json"),
    ],
)
def test_what_cannot_be_compared_is_said_in_one_line(data, capsys, arguments, said):
    given = [*arguments, str(data)] if arguments else []
    assert command.main(["diff-data", *given]) == 1
    out, err = capsys.readouterr()
    assert out == "" and err.startswith(f"diff-data: {said}") and err.count("\n") == 1


def failed(data, capsys) -> str:
    assert command.main(["diff-data", "v1", str(data)]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    return line


@needs_git
def test_a_folder_outside_any_repository_is_said(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    write(tmp_path / "data", memberships())
    assert failed(tmp_path / "data", capsys).endswith("data is in no git repository")
    assert failed(tmp_path / "none", capsys).startswith("diff-data: no folder ")


def test_a_machine_without_git_is_told(tmp_path, capsys, monkeypatch):
    write(tmp_path / "data", memberships())
    monkeypatch.setenv("PATH", str(tmp_path))
    assert failed(tmp_path / "data", capsys).startswith("diff-data: git is not installed")


@needs_git
@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("datapackage.json", b"{", "datapackage.json: no JSON"),
        ("datapackage.json", b'{"resources": [{}]}', "a table without name, path or columns"),
        ("memberships.csv", b"\xff\n", "memberships.csv: cannot be read"),
        ("memberships.csv", b"a,a\n", "memberships.csv: column a stands there twice"),
    ],
)
def test_a_work_tree_that_cannot_be_read_is_said_in_one_line(data, capsys, name, content, said):
    (data / name).write_bytes(content)
    assert said in failed(data, capsys)
