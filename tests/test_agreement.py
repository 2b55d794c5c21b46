"""The agreement of the two codings: the figures in `data/README.md` are those of the files."""

import pandas as pd
import pytest

from tashkent import DataError
from tashkent.agreement import agreement, codings, refreshed
from tashkent.data import DATA, read_text

JUDGED = ["provisions", "criteria", "verdicts", "motives", "threats", "positions", "claims"]


def test_the_readme_holds_the_figures_of_the_codings():
    text = (DATA / "README.md").read_text(encoding="utf-8")
    assert refreshed(text, codings()) == text


@pytest.mark.parametrize("table", JUDGED)
def test_every_row_of_a_judgement_table_was_coded_twice(table):
    keys = set(codings().query("table == @table").key)
    assert len(keys) == len(read_text(DATA / f"{table}.csv"))


def test_every_difference_is_settled_in_a_note():
    differing = codings().query("first != second and table != 'threat_targets'")
    for (table, key), cells in differing.groupby(["table", "key"]):
        rows = read_text(DATA / f"{table}.csv")
        names = rows.columns[: len(key.split())]
        row = rows[rows[list(names)].agg(" ".join, axis="columns") == key]
        if row.empty:  # a table whose key does not stand in its first columns
            keys = ["debate", "actor_id", "stance"]
            row = rows[rows[keys].agg(" ".join, axis="columns") == key]
        assert row.note.item().count("Second coding:") >= len(cells), f"{table} {key}"


def test_alpha_is_one_for_agreement_and_undefined_for_one_value():
    cells = pd.DataFrame(
        {
            "table": "t",
            "key": list("abcd"),
            "column": ["x", "x", "y", "y"],
            "first": ["1", "2", "1", "1"],
            "second": ["1", "2", "1", "1"],
        }
    )
    found = agreement(cells).set_index("column")
    assert found.alpha["x"] == 1
    assert pd.isna(found.alpha["y"])
    assert found.same.to_list() == [2, 2]


def test_a_cell_that_only_one_coder_judged_is_named(tmp_path):
    (tmp_path / "codings").mkdir()
    head = "table,key,column,value\n"
    (tmp_path / "codings" / "first.csv").write_text(head + "t,a,x,1\nt,b,x,1\n")
    (tmp_path / "codings" / "second.csv").write_text(head + "t,a,x,1\n")
    with pytest.raises(DataError, match=r"codings/first\.csv: t, b, column x: only in this coding"):
        codings(tmp_path)
