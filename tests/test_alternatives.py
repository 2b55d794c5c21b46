"""Rival readings: each one differs from the coding, is allowed, and is refused where it is not."""

import csv
import shutil

import pandas as pd
import pytest
from book import ROOT, cells, prose
from bs4 import BeautifulSoup

from tashkent import DataError, load
from tashkent.alternatives import ABSENT, ADDED, ROW, otherwise, touched
from tashkent.data import DATA, package, read_text

READINGS = load("readings").set_index("alternative_id")
CELLS = load("alternatives")
CHAPTER = ROOT / "chapters" / "if-coded-otherwise.ipynb"
KEYS = {r["name"]: r["schema"]["primaryKey"] for r in package()["resources"]}


def keyed(name: str) -> pd.DataFrame:
    """Read a table's text, its rows called by their key as `alternatives` writes it."""
    table = read_text(DATA / f"{name}.csv")
    key = [KEYS[name]] if isinstance(KEYS[name], str) else KEYS[name]
    return table.set_index(table[key].agg(" ".join, axis="columns"))


@pytest.mark.parametrize("reading", READINGS.index)
def test_every_cell_exists_and_has_another_value(reading):
    own = CELLS[CELLS.alternative_id == reading]
    assert len(own), f"{reading}: no cells in alternatives.csv"
    added = set(own[own.value.eq(ADDED) & own.column.eq(ROW)].key)
    for cell in own.itertuples():
        place = f"{reading}: {cell.table}, {cell.key}, {cell.column}"
        assert cell.table in KEYS, f"{place}: no such table"
        table = keyed(cell.table)
        if cell.column == ROW:
            assert (cell.value == ADDED) != (cell.key in table.index), place
        elif cell.key not in added:
            assert cell.key in table.index and cell.column in table, place
            assert table.loc[cell.key, cell.column] != cell.value, f"{place}: as coded"


@pytest.mark.parametrize("reading", READINGS.index)
def test_every_reading_is_allowed_by_the_schema(reading):
    for name in touched(reading):
        rows = CELLS[CELLS.alternative_id.eq(reading) & CELLS.table.eq(name) & CELLS.column.eq(ROW)]
        more = rows.value.eq(ADDED).sum() - rows.value.eq(ABSENT).sum()
        assert len(otherwise(name, reading)) == len(load(name)) + more


def test_the_second_coding_says_what_is_put_down_to_it():
    path = DATA / "codings" / "second.csv"
    second = read_text(path).set_index(["table", "key", "column"]).value
    prompted = READINGS.index[READINGS.prompted_by == "second_coding"]
    for cell in CELLS[CELLS.alternative_id.isin(prompted)].itertuples():
        if cell.column != ROW:
            assert second[cell.table, cell.key, cell.column] == cell.value
        else:  # of the tables coded twice only threat_targets can lack a row
            touches = second["threat_targets", cell.key, "basis"] != "not_touched"
            assert touches == (cell.value == ADDED), cell.key


def test_without_a_reading_a_table_is_as_coded():
    pd.testing.assert_frame_equal(otherwise("memberships"), load("memberships"))
    pd.testing.assert_frame_equal(otherwise("events", "russian_troops"), load("events"))


def test_values_are_put_in_and_typed():
    before, after = (f("events").set_index("event_id") for f in (load, moved))
    assert after.date_earliest["staff_established"] == pd.Timestamp("1993-09-01")
    assert before.drop("staff_established").equals(after.drop("staff_established"))
    assert not otherwise("ties", "tajikistan_no_help").tie_id.eq("coalition_tjk_operation").any()
    added = otherwise("framework_members", "russian_troops").iloc[-1]
    assert (added.framework_id, added.territory) == ("central_asia_west", "Russian troops")
    assert (added.locator, added.basis) == ("2.2.3 ¶3b", "inferred")


def moved(name: str) -> pd.DataFrame:
    return otherwise(name, "staff_from_september")


@pytest.mark.parametrize(
    ("table", "key", "column", "value", "message"),
    [
        ("memberships", "cis XXX", "status", "member", "no row with this key"),
        ("memberships", "cis RUS", "rank", "first", "no such column"),
        ("memberships", "cis RUS", "status", "friend", "'friend' is none of signatory, "),
        ("memberships", "cis RUS", "start", "1993-13", "'1993-13' is no EDTF date"),
        ("memberships", "cis RUS", "locator", "", "empty, expected a value"),
        ("memberships", "cis RUS", "locator", "9 ¶9", "'9 ¶9' is not in passages under this"),
        ("memberships", "cis RUS", "row", "gone", "'gone' is none of absent, added"),
        ("memberships", "cis RUS", "row", "added", "is there already"),
        ("memberships", "cis EST", "row", "added", "empty, expected a value"),
        ("instruments", "cis", "row", "absent", "'cis' is not in instruments under this"),
    ],
)
def test_a_faulty_alternative_is_refused_with_its_place(
    tmp_path, table, key, column, value, message
):
    copy = shutil.copytree(DATA, tmp_path / "data")
    with (copy / "alternatives.csv").open("a", encoding="utf-8", newline="") as file:
        row = ["four_unnamed", table, key, column, value, "Why not.", "fn 1", "Armenien"]
        csv.writer(file, lineterminator="\n").writerow(row)
    with pytest.raises(DataError) as error:
        otherwise("memberships", "four_unnamed", copy)
    where = "" if table == "instruments" else f", key {key}, column "
    assert "reading four_unnamed, table memberships" in str(error.value)
    assert where in str(error.value) and message in str(error.value)


def test_readings_that_exclude_each_other_are_refused_together():
    with pytest.raises(DataError, match=r"^reading most_those_named, table groups, key .*'KAZ;TJK"):
        otherwise("groups", ["most_all_but_one", "most_those_named"])


def test_an_unknown_reading_is_named():
    with pytest.raises(DataError, match="no reading 'russian_tropps'"):
        otherwise("ties", "russian_tropps")


def test_the_second_coding_is_a_reading_too():
    coded, second = (
        table.set_index("provision_id").direction_coder
        for table in (load("provisions"), otherwise("provisions", "second_coding"))
    )
    assert (coded["tashkent_1b"], second["tashkent_1b"]) == ("both", "outward")
    settled = read_text(DATA / "codings" / "second.csv").query("value == 'not_touched'").key
    targets = otherwise("threat_targets", "second_coding")
    assert not set(targets.threat_id + " " + targets.target_id) & set(settled)


def turned() -> pd.DataFrame:
    """Read from the chapter's stored table which findings turn, and where they first appear."""
    outputs = [out for cell in cells(CHAPTER, "code") for out in cell.outputs]
    tables = [out.data["text/html"] for out in outputs if "text/html" in out.get("data", {})]
    table = next(t for t in tables if "where they first appear" in t)
    rows = BeautifulSoup(table, "html.parser").find_all("tr")
    told = [[cell.get_text() for cell in row.find_all(["th", "td"])] for row in rows]
    found = pd.DataFrame(told[1:], columns=told[0])
    found = found[found["first in"] != ""]  # the row that names the index
    chapters = load("sections").set_index("section_id").chapter
    part = found["told under"].str.lower().str.replace(",", "").str.replace(" ", "-")
    return found.assign(chapter=found["first in"].map(chapters), part=part)


def test_every_finding_that_turns_is_marked_where_it_first_appears():
    wanted = turned().groupby(["chapter", "part"]).finding.agg(list)
    assert wanted.str.len().sum() == len(turned()) > 0
    for (chapter, part), findings in wanted.items():
        text = "\n".join(prose(CHAPTER.with_name(f"{chapter}.ipynb")))
        marks = text.count(f"](if-coded-otherwise.ipynb#{part})")
        assert marks >= len(findings), f"{chapter}: {marks} links to #{part}, expected {findings}"
