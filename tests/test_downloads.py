"""The data as files: each is opened by the program's own library and holds what `load` gives."""

import re
import shutil
import sqlite3
import zipfile

import duckdb
import frictionless
import openpyxl
import pandas as pd
import pytest
from book import ROOT
from bs4 import BeautifulSoup

from tashkent import export
from tashkent.data import DATA, DataError, load, package, read_text
from tashkent.site.carry import downloads

WRITERS = {
    "zip": export.write_zip,
    "xlsx": export.write_workbook,
    "sqlite": export.write_database,
}
RESOURCES = {resource["name"]: resource for resource in package()["resources"]}


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> dict:
    """Write each file twice, into two folders."""
    places = [tmp_path_factory.mktemp(name) for name in ("first", "second")]
    for place in places:
        for ending, write in WRITERS.items():
            write(place / f"zagorski-1996-data.{ending}")
    return {
        ending: [place / f"zagorski-1996-data.{ending}" for place in places] for ending in WRITERS
    }


@pytest.fixture
def copy(tmp_path):
    """Give a copy of the data package that a test may break."""
    return shutil.copytree(DATA, tmp_path / "data")


@pytest.fixture(scope="module")
def workbook(files):
    return openpyxl.load_workbook(files["xlsx"][0])


@pytest.fixture
def database(files, tmp_path):
    """Open a copy of the database with its keys enforced."""
    opened = sqlite3.connect(shutil.copy(files["sqlite"][0], tmp_path))
    opened.execute("PRAGMA foreign_keys = ON")
    yield opened
    opened.close()


def expected(name: str) -> list[tuple]:
    """The rows of a table as `load` gives them, None where a cell is empty."""
    table = load(name)[[field["name"] for field in RESOURCES[name]["schema"]["fields"]]]
    rows = table.astype(object).itertuples(index=False)
    return [tuple(None if pd.isna(cell) or cell == "" else cell for cell in row) for row in rows]


def types(name: str) -> list[str]:
    return [field["type"] for field in RESOURCES[name]["schema"]["fields"]]


@pytest.mark.parametrize("ending", WRITERS)
def test_two_exports_are_the_same_bytes(files, ending):
    first, second = files[ending]
    assert first.read_bytes() == second.read_bytes()


# The archive


def test_frictionless_finds_a_valid_data_package_in_the_archive(files):
    report = frictionless.Package(str(files["zip"][0])).validate()
    assert report.valid, report.flatten(["type", "note"])
    assert report.stats["tasks"] == len(RESOURCES)


def test_the_archive_holds_the_whole_package_and_nothing_else(copy, tmp_path):
    (copy / "stray.csv").write_text("a\n1\n")
    export.write_zip(tmp_path / "a.zip", copy)
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    data = {path.relative_to(DATA).as_posix() for path in DATA.rglob("*") if path.is_file()}
    assert set(held) == data | {"LICENSE-CC-BY-4.0.txt"}
    assert all(held[name] == (DATA / name).read_bytes() for name in data)


# The workbook


def test_the_workbook_begins_with_the_codebook_and_has_a_sheet_a_table(workbook):
    assert workbook.sheetnames == ["codebook", *RESOURCES]
    header, _, *rows = workbook["codebook"].iter_rows()
    names = [cell.value for cell in header]
    said = [dict(zip(names, (cell.value for cell in row), strict=True)) for row in rows]
    leads = [row[0].hyperlink.location for row in rows]
    expected_columns = [
        (name, column)
        for name, resource in RESOURCES.items()
        for column in [None, *(field["name"] for field in resource["schema"]["fields"])]
    ]
    assert [(row["table_name"], row["column_name"]) for row in said] == expected_columns
    assert leads == [f"'{name}'!A1" for name, _ in expected_columns]


def test_the_codebook_says_what_the_schema_says():
    said = export.codebook().set_index(["table_name", "column_name"])
    for name, resource in RESOURCES.items():
        row = said.loc[name, ""]
        assert row.rule == resource["coding"]
        assert row.difficulties == " ".join(resource["difficulties"])
        for field in resource["schema"]["fields"]:
            row = said.loc[name, field["name"]]
            told = {key: field[key] for key in ("description", "question", "rule")}
            assert told == row[list(told)].to_dict()
            assert row.missing == field.get("missing", "never empty")
            enum = field.get("constraints", {}).get("enum", [])
            assert not enum or row.allowed_values == ", ".join(enum)


@pytest.mark.parametrize("name", ["codebook", *RESOURCES])
def test_a_sheet_can_be_read_and_filtered(workbook, name):
    sheet = workbook[name]
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == sheet.dimensions
    assert all(cell.font.bold for cell in sheet[1])
    assert all(cell.alignment.wrap_text for cell in sheet["A"] if cell.value)
    widths = [dimension.width for dimension in sheet.column_dimensions.values()]
    assert widths and all(8 < width < 65 for width in widths)


@pytest.mark.parametrize("name", RESOURCES)
def test_a_sheet_holds_what_load_gives(workbook, name):
    header, *rows = workbook[name].iter_rows()
    assert [cell.value for cell in header] == [
        f["name"] for f in RESOURCES[name]["schema"]["fields"]
    ]
    assert [tuple(cell.value for cell in row) for row in rows] == expected(name)
    for row in rows:
        kinds = [cell.data_type for cell in row if cell.value is not None]
        named = [t for t, cell in zip(types(name), row, strict=True) if cell.value is not None]
        assert kinds == ["n" if kind == "integer" else "s" for kind in named]


def test_what_looks_like_a_formula_or_an_address_stays_text(copy, tmp_path):
    table = read_text(copy / "uncited.csv")
    table.loc[2, "reason"] = "=1+1"
    table.loc[3, "reason"] = "https://example.org/"
    table.to_csv(copy / "uncited.csv", index=False, lineterminator="\n")
    export.write_workbook(tmp_path / "a.xlsx", copy)
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx")["uncited"]
    column = list(table.columns).index("reason") + 1
    cells = [sheet.cell(row, column) for row in (2, 3)]
    assert [(cell.data_type, cell.hyperlink) for cell in cells] == [("s", None)] * 2


# The database


@pytest.mark.parametrize("name", RESOURCES)
def test_a_table_of_the_database_holds_what_load_gives(database, name):
    found = database.execute(f'SELECT * FROM "{name}"').fetchall()
    assert sorted(found, key=repr) == sorted(expected(name), key=repr)
    columns = database.execute(f"PRAGMA table_info({name})").fetchall()
    fields = RESOURCES[name]["schema"]["fields"]
    assert [column[1:3] for column in columns] == [
        (field["name"], "INTEGER" if field["type"] == "integer" else "TEXT") for field in fields
    ]


@pytest.mark.parametrize("name", RESOURCES)
def test_the_database_knows_the_keys_of_the_schema(database, name):
    schema = RESOURCES[name]["schema"]
    columns = database.execute(f"PRAGMA table_info({name})").fetchall()
    key = [column[1] for column in sorted(columns, key=lambda column: column[5]) if column[5]]
    assert key == export.listed(schema["primaryKey"])
    links = database.execute(f"PRAGMA foreign_key_list({name})").fetchall()
    assert {(link[3], link[2], link[4]) for link in links} == {
        (link["fields"], link["reference"]["resource"] or name, link["reference"]["fields"])
        for link in schema.get("foreignKeys", [])
    }


def test_the_database_is_sound_and_holds_the_codebook(database):
    assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert database.execute("PRAGMA foreign_key_check").fetchall() == []
    (values,) = database.execute(
        "SELECT allowed_values FROM codebook WHERE table_name = 'memberships' "
        "AND column_name = 'status'"
    ).fetchone()
    assert values == "signatory, acceded, member, returned, never_joined"


@pytest.mark.parametrize(
    "change",
    [
        "state_id = 'XXX'",
        "status = 'friend'",
        "status = NULL",
        "instrument_id = 'cis', state_id = 'RUS'",
    ],
)
def test_the_database_refuses_what_the_schema_forbids(database, change):
    row = "instrument_id = 'tashkent_treaty' AND state_id = 'UZB'"
    database.execute(f"UPDATE memberships SET status = 'member' WHERE {row}")
    with pytest.raises(sqlite3.IntegrityError):
        database.execute(f"UPDATE memberships SET {change} WHERE {row}")


def test_the_database_refuses_a_row_with_an_unknown_state_or_no_number(database):
    column = [field["name"] for field in RESOURCES["memberships"]["schema"]["fields"]]
    marks = ", ".join("?" * len(column))
    row = database.execute("SELECT * FROM memberships WHERE state_id = 'UZB'").fetchone()
    row = dict(zip(column, row, strict=True)) | {"state_id": "XXX"}
    with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
        database.execute(f"INSERT INTO memberships VALUES ({marks})", list(row.values()))
    with pytest.raises(sqlite3.IntegrityError):
        database.execute("UPDATE options SET number = 'first'")
    with pytest.raises(sqlite3.IntegrityError):
        database.execute("UPDATE options SET number = 0")


def test_a_broken_key_is_said_in_one_line(copy, tmp_path):
    states = read_text(copy / "states.csv")
    states.query("state_id != 'UZB'").to_csv(copy / "states.csv", index=False, lineterminator="\n")
    with pytest.raises(DataError) as raised:
        export.write_database(tmp_path / "a.sqlite", copy)
    assert str(raised.value).splitlines() == [
        f"{name}.csv: refers to what states.csv does not hold; `check` names the row"
        for name in (
            *("coder_members", "framework_members", "memberships", "partner_groups"),
            "record_dates",
        )
    ]


# The page


@pytest.fixture
def page(site) -> BeautifulSoup:
    path = site / "appendix" / "downloads.html"
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser").select_one("article")


def test_the_site_offers_the_data_and_each_table(site, page):
    rows = page.select("section#the-data tbody tr")
    assert [row.a.get_text() for row in rows] == [one.name for one in downloads.DATA_FILES]
    for row, one in zip(rows, downloads.DATA_FILES, strict=True):
        offered = (site / "appendix" / row.a["href"]).resolve()
        assert downloads.size(offered) in row.get_text()
        assert one.format in row.get_text() and one.use in row.get_text()
    rows = page.select("section#table-by-table tbody tr")
    assert [row.a.get_text() for row in rows] == [one["path"] for one in RESOURCES.values()]
    for row in rows:
        offered = (site / "appendix" / row.a["href"]).resolve()
        assert offered.read_bytes() == (DATA / offered.name).read_bytes()


def test_the_site_holds_the_files_that_the_package_writes(site, files):
    for paths in files.values():
        offered = site / "downloads" / paths[0].name
        assert offered.read_bytes() == paths[0].read_bytes()
    unpacked = site / "downloads" / downloads.UNPACKED
    assert frictionless.Package(str(unpacked / "datapackage.json")).validate().valid


def test_the_files_are_written_again_only_when_the_data_changed(tmp_path, monkeypatch):
    written = []
    counted = {one: lambda path: (path.touch(), written.append(1)) for one in downloads.DATA_FILES}
    monkeypatch.setattr(downloads, "DATA_FILES", counted)
    for expected_writes in (3, 3):
        downloads.make_data(tmp_path)
        assert len(written) == expected_writes
    monkeypatch.setattr(export, "digest", lambda: "other data")
    downloads.make_data(tmp_path)
    assert len(written) == 6


def test_a_changed_table_changes_the_digest(copy):
    before = export.digest(copy)
    assert before == export.digest(DATA)
    with (copy / "states.csv").open("a") as file:
        file.write("\n")
    assert export.digest(copy) != before


def snippets(language: str) -> list[str]:
    text = (ROOT / "appendix" / "downloads.md").read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


@pytest.fixture
def folder(files, tmp_path, monkeypatch):
    """Go into a folder that holds what a reader has downloaded."""
    for paths in files.values():
        shutil.copy(paths[0], tmp_path)
    shutil.copy(DATA / "memberships.csv", tmp_path)
    monkeypatch.chdir(tmp_path)


def test_the_pandas_snippets_load_what_they_say(folder):
    archived, joined = (run_python(code)["memberships"] for code in snippets("python"))
    pd.testing.assert_frame_equal(
        archived, read_text(DATA / "memberships.csv").reset_index(drop=True)
    )
    assert len(joined) == len(archived)
    assert set(joined["name"]) == set(load("states").query("state_id in @archived.state_id").name)


def run_python(code: str) -> dict:
    names: dict = {}
    exec(compile(code, "snippet", "exec"), names)
    return names


def test_the_duckdb_snippet_loads_what_it_says(folder):
    (code,) = snippets("sql")
    found = duckdb.connect().sql(code)
    acceded = [row for row in expected("memberships") if "acceded" in row]
    assert found.columns == [f["name"] for f in RESOURCES["memberships"]["schema"]["fields"]]
    assert len(acceded) == 3 and found.fetchall() == acceded


def test_the_r_snippet_reads_the_archive_s_table(files):
    (code,) = snippets("r")
    archive, name = re.search(r'unz\("([^"]+)", "([^"]+)"', code).groups()
    assert archive == files["zip"][0].name and f"{name.removesuffix('.csv')} <- " in code
    assert name in zipfile.ZipFile(files["zip"][0]).namelist()
    assert 'na.strings = ""' in code and 'colClasses = "character"' in code
