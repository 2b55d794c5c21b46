"""The agreement of the two codings: the figures in `data/README.md` are those of the files."""

import re
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from tashkent import DataError
from tashkent.agreement import agreement, codings, main, refreshed
from tashkent.data import DATA, package, read_text
from tashkent.sheets import sheets

SCHEMAS = {one["name"]: one["schema"] for one in package()["resources"] if "schema" in one}


@cache
def rows_by_key(table):
    """Read a table as text, its rows by their key as the codings write it."""
    key = SCHEMAS[table]["primaryKey"]
    rows = read_text(DATA / f"{table}.csv")
    keys = rows[[key] if isinstance(key, str) else key].agg(" ".join, axis="columns")
    return rows.set_index(keys)


def test_the_readme_holds_the_figures_of_the_codings():
    text = (DATA / "README.md").read_text(encoding="utf-8")
    assert refreshed(text, codings()) == text


def test_every_table_that_states_something_was_coded_twice():
    stating = {
        name
        for name, schema in SCHEMAS.items()
        if {"locator", "basis"} <= {field["name"] for field in schema["fields"]}
    }
    assert set(codings().table) == stating


def corrections(note):
    """Read the corrections of a note: column and the value that it had."""
    return dict(re.findall(r"Corrected: (\w+) from (.+?), since .", note))


def settled(cell, note):
    """Give the value on which the two codings of a cell were settled, as the note tells it."""
    found = re.search(rf"Second coding: {cell.column} {re.escape(named(cell.second))}; ", note)
    if not found:
        return named(cell.second)
    rest = note[found.end() :]
    if kept := re.match(r"kept as (.+?), since .", rest):
        return kept[1]
    taken = re.match(r"taken over from (.+?), since .", rest)
    assert taken, f"{cell.table} {cell.key} {cell.column}: {rest}"
    assert taken[1] == named(cell.first), f"{cell.table} {cell.key} {cell.column}: {rest}"
    return named(cell.second)


def named(value):
    """Give a value as notes write it."""
    return value or "empty"


def test_a_row_that_was_not_coded_twice_says_so():
    # The targets of threats were coded as a grid of threats and states: rows come and go with it.
    for table, cells in codings().query("table != 'threat_targets'").groupby("table"):
        rows, coded = rows_by_key(table), set(cells.key)
        younger = set(rows.index[rows.note.str.endswith("Added after both codings.")])
        assert coded <= set(rows.index), table
        assert set(rows.index) - coded == younger, table


def test_a_cell_departs_from_the_second_coding_only_where_the_note_says_so():
    """The note names the column and the second coding's value, `empty` for an empty one."""
    departing = []
    for table, cells in codings().groupby("table"):
        rows = rows_by_key(table)
        for cell in cells.itertuples():
            if cell.key not in rows.index:
                if cell.second == "not_touched":
                    continue
                # A target that the second coding alone saw: settled in the note of its threat.
                threat, target = cell.key.split()
                said = f"Second coding: target {target} {cell.second}; kept without a row"
                if said not in rows_by_key("threats").note[threat]:
                    departing.append(f"{table} {cell.key}")
                continue
            row = rows.loc[cell.key]
            if cell.column in corrections(row.note):
                continue  # the next test
            if named(row[cell.column]) != settled(cell, row.note):
                departing.append(f"{table} {cell.key} {cell.column}")
    assert departing == []


def test_a_correction_tells_what_the_codings_had_settled_on():
    cells = codings().set_index(["table", "key", "column"], drop=False)
    corrected = []
    for table in set(cells.table):
        for key, row in rows_by_key(table).iterrows():
            found = corrections(row.note)
            assert len(found) == row.note.count("Corrected:"), f"{table} {key}: {row.note}"
            for column, old in found.items():
                corrected.append((table, key, column))
                assert old == settled(cells.loc[corrected[-1]], row.note), corrected[-1]
                assert old != named(row[column]), corrected[-1]
    assert corrected


def test_every_difference_is_settled_in_a_note():
    differing = codings().query("first != second and table != 'threat_targets'")
    for (table, key), cells in differing.groupby(["table", "key"]):
        note = rows_by_key(table).note[key]
        for cell in cells.itertuples():
            said = f"Second coding: {cell.column} {cell.second or 'empty'};"
            assert said in note, f"{table} {key}"


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


SHEET = Path(__file__).resolve().parent.parent / "guides" / "coding-sheet.csv"


def filled(folder, name, **changes):
    """Fill the seminar's sheet as the table has it, but for some rows' columns."""
    sheet, claims = read_text(SHEET), read_text(DATA / "claims.csv").set_index("claim_id")
    for column in ("stated_by", "claim_type", "hedge"):
        sheet[column] = sheet.claim_id.map(claims[column])
    for column, (row, value) in changes.items():
        sheet.loc[row, column] = value
    sheet.to_csv(folder / f"{name}.csv", index=False)
    return folder / f"{name}.csv"


def test_the_seminars_sheet_is_open_and_its_rows_are_those_of_the_table():
    sheet, claims = read_text(SHEET), read_text(DATA / "claims.csv").set_index("claim_id")
    assert len(sheet) == 15
    assert sheet.claim_id.is_unique
    for column in ("locator", "claim"):
        assert sheet[column].to_list() == claims.loc[sheet.claim_id, column].to_list()
    gists = read_text(DATA / "passages.csv").set_index("locator").gist
    assert sheet.gist.to_list() == gists[sheet.locator].to_list()
    assert not sheet[["stated_by", "claim_type", "hedge", "reason"]].any().any()


def test_the_sheets_of_a_seminar_are_compared(tmp_path, capsys):
    one = filled(tmp_path, "anna")
    two = filled(tmp_path, "ben", hedge=(2, "none"), claim_type=(5, ""))
    assert main([str(one), str(two), str(DATA / "claims.csv")]) == 0
    told = capsys.readouterr().out
    assert "| claims | hedge | 15 | 14 |" in told
    assert "| claims | claim_type | 15 | 15 | 1.00 |" in told
    assert "c_1_1_05 [fn 4] In the minds of the CIS military staff" in told
    assert "  hedge: presumed (anna, claims); none (ben)\n" in told
    assert "    claims: Footnote to 1.1 ¶2; the author about the staff" in told
    assert "Empty in ben: 1 of 45 cells." in told
    assert "Left out" not in told
    assert "Cells in which the codings differ: 1 of 45." in told


def test_a_faulty_sheet_is_told_with_file_row_and_column(tmp_path):
    one, two = filled(tmp_path, "anna"), filled(tmp_path, "ben", hedge=(4, "maybe"))
    with pytest.raises(DataError, match=r"ben\.csv, row 4, column hedge: 'maybe', expected none"):
        sheets([one, two])
    with pytest.raises(DataError, match=r"nobody\.csv: no such file"):
        sheets([one, tmp_path / "nobody.csv"])
    with pytest.raises(DataError, match="no row of claims is in all of them"):
        read_text(one).head(1).to_csv(tmp_path / "c.csv", index=False)
        read_text(one).tail(1).to_csv(tmp_path / "d.csv", index=False)
        sheets([tmp_path / "c.csv", tmp_path / "d.csv"])
    (tmp_path / "other.csv").write_text("name\nAnna\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"other\.csv: no table's key, such as claim_id, among"):
        sheets([one, tmp_path / "other.csv"])
    stranger = filled(tmp_path, "carl", stated_by=(2, "Author"))
    with pytest.raises(DataError, match=r"carl\.csv, row 2, column stated_by: 'Author', expected"):
        sheets([one, stranger])
    (tmp_path / "latin.csv").write_bytes("claim_id;claim\nc;ä\n".encode("cp1252"))
    with pytest.raises(DataError, match=r"latin\.csv: no text in UTF-8"):
        sheets([one, tmp_path / "latin.csv"])


@pytest.mark.parametrize("apart", [",", ";", "\t"])
def test_a_sheet_may_be_as_a_spreadsheet_writes_it(tmp_path, apart):
    one = filled(tmp_path, "anna")
    rows = read_text(filled(tmp_path, "ben"))
    rows.hedge = " " + rows.hedge + " "
    style = {"sep": apart, "lineterminator": "\r\n", "encoding": "utf-8-sig"}
    rows.to_csv(tmp_path / "ben.csv", index=False, **style)
    cells = sheets([one, tmp_path / "ben.csv"])
    assert len(cells) == 45
    assert cells.anna.equals(cells.ben.rename("anna"))


def test_what_a_sheet_lacks_is_told(tmp_path, capsys):
    one, rows = filled(tmp_path, "anna"), read_text(filled(tmp_path, "ben"))
    rows.iloc[1:].drop(columns="hedge").to_csv(tmp_path / "ben.csv", index=False)
    assert main([str(one), str(tmp_path / "ben.csv"), str(DATA / "claims.csv")]) == 0
    told = capsys.readouterr().out
    assert "Left out, not in ben: row c_1_1_05.\nLeft out, not in ben: column hedge.\n" in told
    assert "Cells in which the codings differ: 0 of 28." in told
