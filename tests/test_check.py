"""The check of the data: every fault is caught, each said in one line with its place."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tashkent.check import check
from tashkent.data import DATA, read_text
from tashkent.rules import RULES


@pytest.fixture
def copy(tmp_path):
    """Give a copy of the data package that a test may break."""
    return shutil.copytree(DATA, tmp_path / "data")


def put(directory, name, where, column, value):
    """Write a value into the first row of a table that matches, and give that row's number."""
    table = read_text(directory / f"{name}.csv")
    row = table.query(where).index[0] if where else table.index[0]
    table.loc[row, column] = value
    save(directory, name, table)
    return row


def save(directory, name, table):
    table.to_csv(directory / f"{name}.csv", index=False, lineterminator="\n")


def drop(directory, name, where):
    table = read_text(directory / f"{name}.csv")
    save(directory, name, table.drop(table.query(where).index[0]))


def faults(directory) -> list[str]:
    return [str(fault) for fault in check(directory)]


def test_the_tables_of_the_book_have_no_fault():
    assert faults(DATA) == []


def test_frictionless_finds_the_package_valid():
    command = [Path(sys.executable).parent / "frictionless", "validate", "datapackage.json"]
    done = subprocess.run(command, cwd=DATA, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


TREATY = "instrument_id == 'tashkent_treaty' and state_id == "

# rule, table, row, column, value put there, what the fault says
CELLS = [
    ("cells_are_trimmed", "states", "state_id == 'ARM'", "name", "Armenia ", "stray space"),
    (
        "references_exist",
        "memberships",
        TREATY + "'ARM'",
        "state_id",
        "ARN",
        "is not in states.csv",
    ),
    (
        "references_exist",
        "framework_members",
        "",
        "framework_id",
        "pacific",
        "not in frameworks.csv",
    ),
    ("lists_name_known_ids", "groups", "group_id == 'nine_parties'", "members", "ARM;XXX", "'XXX'"),
    ("lists_name_known_ids", "claims", "", "stated_by", "nobody", "'nobody' has no row of its own"),
    ("evidence_stands_in_the_passage", "fields", "", "evidence", "Kernwaffen", "is no word of [0 "),
    ("evidence_stands_in_the_passage", "fields", "", "evidence", "a b c d e f", "has 6 words"),
    ("inference_is_explained", "claims", "note == ''", "basis", "inferred", "expected a reason"),
    ("spells_run_forwards", "memberships", "end != ''", "end", "1991", "is before the start"),
    ("gists_are_short", "passages", "", "gist", "word " * 25 + "word", "26 words, expected 25"),
    ("passages_are_counted", "passages", "", "order", "173", "is not within 1 to 172"),
    ("passages_are_counted", "passages", "order == '7'", "order", "8", "stands in an earlier row"),
    (
        "positions_have_actors_of_their_kind",
        "positions",
        "actor_kind == 'state'",
        "actor_kind",
        "body",
        "is no body",
    ),
    (
        "threats_of_the_list_have_a_region",
        "threats",
        "locator == 'fn 17a'",
        "region_id",
        "",
        "expected a region",
    ),
    ("sources_have_roles", "threats", "source_id == 'USA'", "source_role", "", "both or neither"),
    ("the_report_counts", "memberships", TREATY + "'AZE'", "status", "never_joined", "8 parties"),
    ("the_report_counts", "stages", "stage == '3'", "stage", "2", "2 stages, the report counts 3"),
    (
        "the_report_counts",
        "states",
        "state_id == 'UKR'",
        "charter_status",
        "member",
        "2 participant",
    ),
]


@pytest.mark.parametrize(("rule", "table", "where", "column", "value", "says"), CELLS)
def test_a_wrong_cell_is_caught(copy, rule, table, where, column, value, says):
    put(copy, table, where, column, value)
    assert any(line.startswith(f"{table}.csv") and says in line for line in faults(copy))


ROWS = [
    (
        "frameworks_are_mapped",
        "framework_regions",
        "framework_id == 'caucasus'",
        "no row in framework_regions.csv",
    ),
    ("verdicts_are_complete", "verdicts", "", "has no row in verdicts.csv"),
    ("every_passage_is_used", "fields", "locator == '0 ¶1f'", "[0 ¶1f] is cited by no row"),
    ("lists_name_known_ids", "states", "state_id == 'CHN'", "'CHN' has no row of its own"),
    (
        "citations_have_entries",
        "citations",
        "footnote == 'fn 29'",
        "is cited in no row of citations.csv",
    ),
]


@pytest.mark.parametrize(("rule", "table", "where", "says"), ROWS)
def test_a_lost_row_is_caught(copy, rule, table, where, says):
    where = where or "criterion_id == criterion_id.iloc[0]"
    rows = read_text(copy / f"{table}.csv")
    save(copy, table, rows.drop(rows.query(where).index))
    assert any(says in line for line in faults(copy))


def test_a_doubled_row_is_caught(copy):
    table = read_text(copy / "memberships.csv")
    save(copy, "memberships", table.iloc[[0, *range(len(table))]])
    assert any("the key 'cis, ARM' stands in an earlier row" in line for line in faults(copy))


def test_rows_out_of_order_are_caught(copy):
    table = read_text(copy / "states.csv")
    save(copy, "states", table.iloc[::-1])
    assert "stands after" in faults(copy)[0]


def test_support_in_a_circle_is_caught(copy):
    links = read_text(copy / "claim_links.csv")
    first = links[links.relation == "supports"].iloc[0]
    back = first.copy()
    back["from_id"], back["to_id"] = first["to_id"], first["from_id"]
    links.loc[len(links) + 2] = back
    save(copy, "claim_links", links.sort_values(["from_id", "to_id"]))
    assert any("support runs in a circle" in line for line in faults(copy))


def test_a_stray_file_is_caught(copy):
    (copy / "memberships (1).csv").write_text("", encoding="utf-8")
    assert faults(copy) == ["memberships (1).csv: no table of datapackage.json"]


def test_every_rule_has_a_table_that_it_catches():
    elsewhere = {
        "keys_are_unique",
        "tables_are_sorted",
        "claims_do_not_support_themselves",
        "no_stray_files",
    }
    tried = elsewhere | {case[0] for case in CELLS + ROWS}
    assert {rule.__name__ for rule in RULES} == tried


def test_a_fault_names_file_row_column_and_what_was_found(copy):
    row = put(copy, "memberships", TREATY + "'ARM'", "start", "1993-13")
    assert faults(copy) == [f"memberships.csv, row {row}, column start: '1993-13' is no EDTF date"]


FORMS = [
    (lambda text: "\ufeff" + text, "memberships.csv: starts with a byte-order mark"),
    (lambda text: text.replace("\n", "\r\n"), "memberships.csv: line 1 ends in CR LF"),
    (
        lambda text: text.replace("status", "state", 1),
        "column state: found where 'status' was expected",
    ),
    (lambda text: text.replace("signatory", "signer", 1), "'signer' is none of signatory, acceded"),
    (lambda text: text.replace("signatory", "", 1), "column status: empty, expected a value"),
    (lambda text: text.replace("signatory,", "", 1), "the row ends before this column"),
    (lambda text: text.replace("signatory,", "signatory,,", 1), "one cell too many"),
]


@pytest.mark.parametrize(("change", "says"), FORMS)
def test_a_malformed_table_is_caught(copy, change, says):
    path = copy / "memberships.csv"
    text = change(path.read_text(encoding="utf-8"))
    path.write_text(text, encoding="utf-8", newline="")
    assert any(says in line for line in faults(copy)), faults(copy)


def test_the_command_prints_all_faults_at_once_and_fails(copy):
    put(copy, "memberships", TREATY + "'ARM'", "start", "1993-13")
    (copy / "stages.csv").unlink()
    command = [sys.executable, "-m", "tashkent", "check", str(copy)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1
    assert "memberships.csv, row" in done.stdout and "stages.csv: missing" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


@pytest.mark.parametrize("broken", ["missing", "no JSON"])
def test_a_package_without_description_is_one_line(copy, broken):
    (copy / "datapackage.json").unlink()
    if broken == "no JSON":
        (copy / "datapackage.json").write_text("{", encoding="utf-8")
    command = [sys.executable, "-m", "tashkent", "check", str(copy)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("datapackage.json: ") and done.stderr.count("\n") == 1
