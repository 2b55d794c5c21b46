"""Loading: what a chapter gets from `load`, and what it is told when it can get nothing."""

import datetime
import shutil

import pandas as pd
import pytest

from tashkent import DataError, load, tables
from tashkent.data import DATA, package
from tashkent.dates import bounds

NAMES = [resource["name"] for resource in package()["resources"]]


@pytest.fixture
def copy(tmp_path):
    """Give a copy of the data package that a test may break."""
    return shutil.copytree(DATA, tmp_path / "data")


@pytest.mark.parametrize("name", NAMES)
def test_every_table_loads_whole(name):
    lines = (DATA / f"{name}.csv").read_text(encoding="utf-8").splitlines()
    assert len(load(name)) == len(lines) - 1 > 0


def test_tables_says_what_there_is():
    listed = tables()
    assert list(listed.index) == NAMES
    assert listed.loc["memberships", "rows"] == len(load("memberships"))
    assert listed.one_row.str.len().min() > 10


def test_dates_keep_their_text_and_gain_their_ends():
    left = load("memberships").query("instrument_id == 'minsk_1992' and state_id == 'UKR'").iloc[0]
    assert left.end == "1992-02-14/1992-03-20"
    assert (left.end_earliest, left.end_latest) == (
        pd.Timestamp("1992-02-14"),
        pd.Timestamp("1992-03-20"),
    )


def test_an_empty_cell_is_empty_text_and_no_date():
    outside = load("memberships").query("status == 'never_joined'")
    assert (outside.start == "").all()
    assert outside.start_earliest.isna().all()


@pytest.mark.parametrize(
    ("text", "earliest", "latest"),
    [
        ("1993", (1993, 1, 1), (1993, 12, 31)),
        ("1993-12", (1993, 12, 1), (1993, 12, 31)),
        ("1992-02-14/1992-03-20", (1992, 2, 14), (1992, 3, 20)),
        ("1993-07-31/..", (1993, 7, 31), None),
        ("", None, None),
    ],
)
def test_bounds_are_those_of_the_printed_precision(text, earliest, latest):
    expected = tuple(day and datetime.date(*day) for day in (earliest, latest))
    assert bounds(text) == expected


@pytest.mark.parametrize("text", ["1993-13", "1993-02-29", "12.1993", "spring 1993", "1993/1992"])
def test_what_is_no_date_is_refused(text):
    with pytest.raises(ValueError, match=text):
        bounds(text)


def test_an_unknown_table_is_named_with_those_that_exist():
    with pytest.raises(DataError, match=r"no table 'memberhips'; there are: .*memberships"):
        load("memberhips")


def test_a_missing_table_is_named(copy):
    (copy / "memberships.csv").unlink()
    with pytest.raises(DataError, match=r"memberships\.csv: missing"):
        load("memberships", copy)
    with pytest.raises(DataError, match=r"memberships\.csv: missing"):
        tables(copy)


def test_a_bad_row_is_refused_with_its_place(copy):
    path = copy / "memberships.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace("signatory,1992-05-15", "signatory,1992-13", 1), encoding="utf-8", newline=""
    )
    with pytest.raises(DataError) as error:
        load("memberships", copy)
    row = 1 + next(i for i, line in enumerate(text.splitlines()) if "signatory,1992-05-15" in line)
    assert (
        str(error.value) == f"memberships.csv, row {row}, column start: '1992-13' is no EDTF date"
    )


def test_jupyter_shows_a_fault_without_a_traceback():
    assert DataError("x.csv, row 2: y")._render_traceback_() == ["DataError: x.csv, row 2: y"]
