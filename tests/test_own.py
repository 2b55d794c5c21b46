"""A chapter's own data: loaded like the book's, checked by the same command in the same words."""

import json
import shutil

import pytest

from tashkent import DataError, data, load, own, tables
from tashkent.check import check, main
from tashkent.new import TEMPLATE

NAME = "01-mine"
PATH = f"chapters/student/{NAME}"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Give the template's own data as those of a student's chapter, in a book without others."""
    students = tmp_path / "chapters/student"
    monkeypatch.setattr(data, "STUDENTS", students)
    monkeypatch.setattr(own, "STUDENTS", students)
    monkeypatch.setattr(own, "ROOT", tmp_path)
    return shutil.copytree(TEMPLATE.with_suffix(""), students / NAME)


def put(folder, before, after, file="returns.csv"):
    """Change a file where it has a text once."""
    text = (folder / file).read_text(encoding="utf-8")
    assert text.count(before) == 1, text
    (folder / file).write_text(text.replace(before, after), encoding="utf-8", newline="")


def faults(folder) -> list[str]:
    return [str(fault) for fault in check(folder)]


def test_the_template_s_table_has_no_fault_and_loads_from_anywhere(folder, tmp_path, monkeypatch):
    for place in (tmp_path, folder.parent, folder):
        monkeypatch.chdir(place)
        assert faults(NAME) == faults(folder) == []
        assert list(load("returns", NAME).columns) == [
            "locator",
            "evidence",
            "state_id",
            "kind",
            "note",
        ]
    assert list(tables(NAME).index) == ["returns"]


def test_a_folder_outside_the_book_is_own_data_beside_its_notebook(tmp_path):
    folder = shutil.copytree(TEMPLATE.with_suffix(""), tmp_path / "mueller.v2")
    (tmp_path / "mueller.v2.ipynb").write_text("{}")
    assert faults(folder) == []
    put(folder, "S ¶7a", "S ¶7")
    assert faults(folder)[0].startswith("mueller.v2/returns.csv, row 2, column evidence: ")


# what is changed, into what, and what is said of it: row, column, message
FAULTS = [
    ("RUS,relief", "RUSS,relief", "row 4, column state_id: 'RUSS' is not in states.csv"),
    ("S ¶7c", "S ¶77", "row 4, column locator: 'S ¶77' is not in passages.csv"),
    ("Drucks", "Druck", "row 4, column evidence: 'druck' is no word of [S ¶7c]"),
    (
        "RUS,relief",
        "RUS,pity",
        "row 4, column kind: 'pity' is none of guarantee, concession, relief",
    ),
    (",RUS,relief", ",,relief", "row 4, column state_id: empty, expected a value"),
    ("S ¶7c,", "S ¶7a,", "row 4, column locator: the key 'S ¶7a' stands in an earlier row"),
    ("S ¶7c,", "S ¶5a,", "row 4, column locator: 'S ¶5a' stands after 'S ¶7b'"),
    (
        ",concession,",
        ", concession,",
        "row 3, column kind: ' concession' has a stray space or break",
    ),
    ("too.", "too [fn 99].", "row 4, column note: no passage [fn 99]"),
    ("RUS,relief", "RUS", "row 4, column note: the row ends before this column"),
    ("locator,ev", "passage,ev", "column locator: missing from the header"),
]


@pytest.mark.parametrize(("before", "after", "line"), FAULTS)
def test_a_faulty_table_is_told_with_its_path_and_does_not_load(folder, before, after, line):
    put(folder, before, after)
    where = ", " if line.startswith("row") or line.startswith("column") else ": "
    expected = f"{PATH}/returns.csv{where}{line}"
    assert expected in faults(folder)
    with pytest.raises(DataError) as error:
        load("returns", NAME)
    assert expected in str(error.value).splitlines()


def test_dates_numbers_and_spells_are_checked_as_in_the_book(folder):
    schema = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    day = {"type": "string", "description": "A day.", "rdfType": data.EDTF}
    fields = [{"name": "n", "type": "integer", "description": "A number."}]
    fields += [{"name": "start", **day}, {"name": "end", **day}]
    schema["resources"][0] |= {"schema": {"fields": fields, "primaryKey": "n"}}
    text = json.dumps(schema)
    (folder / "datapackage.json").write_text(text, encoding="utf-8")
    (folder / "returns.csv").write_bytes(b"n,start,end\n1,1993-12,\n2,1993,1994-05\n")
    assert faults(folder) == []
    assert str(load("returns", NAME).start_latest[0].date()) == "1993-12-31"
    (folder / "returns.csv").write_bytes(b"n,start,end\n1,1993-13,\n2,1993,1992\nx,,\n")
    assert faults(folder) == [
        f"{PATH}/returns.csv, row 2, column start: '1993-13' is no EDTF date",
        f"{PATH}/returns.csv, row 3, column end: '1992' is before the start '1993'",
        f"{PATH}/returns.csv, row 4, column n: 'x' is no integer",
    ]


@pytest.mark.parametrize(
    ("before", "after", "line"),
    [
        ('"path": "returns.csv",', "", "table 'returns', path: missing, expected 'returns.csv'"),
        (
            '"title": "What the others ask for",',
            "",
            "table 'returns', title: missing, expected a text",
        ),
        (
            '"description": "What speaks against the coding, or what the passage leaves open."',
            '"x": 1',
            "table 'returns', column 'note', description: missing, expected a text",
        ),
        (
            '"primaryKey": "locator"',
            '"primaryKey": "id"',
            "table 'returns', primaryKey: 'id' is no column",
        ),
        ('"enum": [', '"enums": [', "constraint 'enums': not known, expected required, enum"),
        ('"resources": [', '"resources": ', "no JSON ("),
    ],
)
def test_a_faulty_description_is_told_and_stops_the_chapter(folder, before, after, line):
    put(folder, before, after, "datapackage.json")
    (found,) = faults(folder)
    assert found.startswith(f"{PATH}/datapackage.json: ") and line in found
    with pytest.raises(DataError, match=f"^{PATH}/datapackage.json: "):
        load("returns", NAME)


def test_missing_and_forgotten_files_are_told(folder):
    (folder / "copy.csv").write_text("a\n1\n")
    (folder / "notes.txt").write_text("of no concern")
    assert faults(folder) == [f"{PATH}/copy.csv: no table of datapackage.json"]
    (folder / "returns.csv").unlink()
    assert faults(folder)[1].startswith(f"{PATH}/returns.csv: missing from ")
    (folder / "datapackage.json").unlink()
    assert faults(folder) == [f"{PATH}/datapackage.json: missing, expected beside the tables"]


def test_an_unknown_table_is_named_with_those_that_exist(folder):
    with pytest.raises(DataError, match=r"no table 'return'; there are: returns"):
        load("return", NAME)


def test_the_command_checks_the_book_and_then_the_students(folder, capsys):
    (folder.parent / "pictures").mkdir()
    assert main(["--no-hash"]) == 0
    assert capsys.readouterr().out.endswith(" tables and 1 in chapters/student, no fault\n")
    put(folder, "RUS,relief", "RUSS,relief")
    assert main(["--no-hash"]) == 1
    first, last = capsys.readouterr().out.splitlines()
    assert first == f"{PATH}/returns.csv, row 4, column state_id: 'RUSS' is not in states.csv"
    assert last.endswith(" tables and 1 in chapters/student, 1 fault")
    assert main([NAME]) == 1
    assert capsys.readouterr().out.splitlines() == [first, "1 table, 1 fault"]


def test_tables_may_refer_to_each_other(folder):
    text = (folder / "datapackage.json").read_text(encoding="utf-8")
    described = json.loads(text)
    other = json.loads(text)["resources"][0] | {"name": "kinds", "path": "kinds.csv"}
    other["schema"] = {
        "fields": [{"name": "kind", "type": "string", "description": "A kind."}],
        "primaryKey": "kind",
    }
    described["resources"].append(other)
    described["resources"][0]["schema"]["foreignKeys"] = [
        {"fields": "kind", "reference": {"resource": "kinds", "fields": "kind"}}
    ]
    (folder / "datapackage.json").write_text(json.dumps(described), encoding="utf-8")
    (folder / "kinds.csv").write_bytes(b"kind\nconcession\nguarantee\n")
    assert faults(folder) == [
        f"{PATH}/returns.csv, row 4, column kind: 'relief' is not in {PATH}/kinds.csv"
    ]
