"""Down and up: the page of each table, its rows and their places, the concordance, the coverage."""

import copy
import csv
import functools
import re

import pytest
from book import cells, name_of, notebooks, table_pages
from bs4 import BeautifulSoup
from sphinx.errors import ExtensionError

from tashkent import load
from tashkent.agreement import codings, figures
from tashkent.charts import MIME
from tashkent.data import DATA, DataError, package
from tashkent.export import listed
from tashkent.locators import anchor, expand, find
from tashkent.site import charts, codebook, coverage, rows
from tashkent.site.parts import counted

RESOURCES = {resource["name"]: resource for resource in package()["resources"]}
#: Tables that point at passages and say nothing of what these say.
NOT_CITING = ("name_terms", "report_terms", "uncited")
LISTED = [name for name in RESOURCES if name != "report_terms"]
KNOWN = list(load("passages").locator)


def lines(name: str) -> list[dict[str, str]]:
    """Read a table without the package: as any reader of CSV files would."""
    with (DATA / RESOURCES[name]["path"]).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def key(name: str) -> list[str]:
    columns = RESOURCES[name]["schema"]["primaryKey"]
    return [columns] if isinstance(columns, str) else columns


def references(name: str) -> dict[str, str]:
    links = RESOURCES[name]["schema"].get("foreignKeys", [])
    return {link["fields"]: link["reference"]["resource"] for link in links}


@functools.cache
def read(path) -> BeautifulSoup:
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def page(site, name: str) -> BeautifulSoup:
    return read(site / "appendix" / "tables" / f"{name}.html")


def concordance(site) -> BeautifulSoup:
    return read(site / "appendix" / "concordance.html")


def words(tag) -> str:
    text = tag if isinstance(tag, str) else tag.get_text()
    text = re.sub("[“”]", '"', re.sub("[‘’]", "'", text))
    return " ".join(text.replace("`", "").split())


def column(site, name: str, field: dict) -> dict[str, BeautifulSoup]:
    """What the page of a table says of a column, by the names of what it says."""
    section = page(site, name).find(id=f"column-{field['name'].replace('_', '-')}")
    assert section.h3.find("code").get_text() == field["name"]
    terms = section.select("dl.tk-column > dt")
    return {term.get_text(): term.find_next_sibling("dd") for term in terms}


def rows_on(site, name: str) -> dict[str, dict[str, BeautifulSoup]]:
    """The rows on a table's page: by their place the cells, by their headings."""
    table = page(site, name).select_one("table.tk-rows")
    headings = [heading.get_text() for heading in table.select("thead th")]
    return {
        row["id"]: dict(zip(headings, row.select("td, th"), strict=True))
        for row in table.select("tbody tr")
    }


# The pages of the tables


def test_each_table_has_a_page_that_says_nothing_itself():
    assert [path.stem for path in table_pages()] == sorted(RESOURCES)
    for path in table_pages():
        title = RESOURCES[path.stem]["title"]
        expected = f"# {title}\n\n```{{codebook-table}}\n```\n"
        assert path.read_text(encoding="utf-8") == expected


def test_the_codebook_lists_every_table_and_leads_there(site):
    table = read(site / "appendix" / "codebook.html").select_one("#tables table")
    found = {}
    for row in table.select("tbody tr"):
        cells = row.select("td, th")
        found[cells[0].a["href"]] = [words(cell) for cell in cells]
    assert found == {
        f"tables/{name}.html": [name, words(one["description"]), f"{len(lines(name)):,}"]
        for name, one in RESOURCES.items()
    }


@pytest.mark.parametrize("name", RESOURCES)
def test_a_page_says_of_each_column_what_its_description_says(site, name):
    table = lines(name)
    text = words(page(site, name).article)
    assert words(counted(len(table), "row")) in text
    for part in ("coding", "difficulties"):
        for sentence in listed(RESOURCES[name].get(part, [])):
            assert words(sentence) in text
    for field in RESOURCES[name]["schema"]["fields"]:
        said = column(site, name, field)
        if "question" in field:
            assert words(said["Question"]) == words(field["question"])
            assert words(said["Rule"]) == words(" ".join(listed(field["rule"])))
        else:
            assert words(said["It says"]) == words(field["description"])
        empty = sum(not row[field["name"]] for row in table)
        if field.get("constraints", {}).get("required"):
            assert "Empty" not in said and not empty
        else:
            assert words(field.get("missing", "")) in words(said["Empty"])
            number = {0: "In no row.", len(table): "In all rows."}
            assert words(said["Empty"]).startswith(number.get(empty, f"In {empty:,} of "))


@pytest.mark.parametrize("name", RESOURCES)
def test_allowed_values_stand_with_their_counts_and_a_row_that_has_them(site, name):
    for field in RESOURCES[name]["schema"]["fields"]:
        allowed = field.get("constraints", {}).get("enum")
        if not allowed:
            continue
        items = column(site, name, field)["Values"].select("li")
        assert [item.code.get_text() for item in items] == [str(value) for value in allowed]
        for item, value in zip(items, map(str, allowed), strict=True):
            count = sum(row[field["name"]] == value for row in lines(name))
            assert words(item).startswith(f"{value}: {counted(count, 'row')}")
            if count:
                cells = rows_on(site, name)[item.a["href"].removeprefix("#")]
                assert cells[field["name"]].get_text() == value
                assert "locator" not in cells or words(cells["locator"]) in words(item)


@pytest.mark.parametrize("name", LISTED)
def test_an_example_is_a_cell_of_the_row_that_it_names(site, name):
    for field in RESOURCES[name]["schema"]["fields"]:
        for quoted in column(site, name, field)["Values"].select("q"):
            (link,) = quoted.parent.select("a:not(.tk-locator)")
            cells = rows_on(site, name)[link["href"].removeprefix("#")]
            shown = cells[field["name"]].get_text()
            assert words(quoted) == words(
                shown.replace(";", " … ") if "…" in quoted.text else shown
            )


@pytest.mark.parametrize("name", LISTED)
def test_every_row_stands_on_the_page_and_has_a_place(site, name):
    found, expected = rows_on(site, name), lines(name)
    assert len(found) == len(expected)
    shown = [{c: cell.get_text() for c, cell in cells.items()} for cells in found.values()]
    assert shown == expected
    places = [rows.row_place(name, [row[column] for column in key(name)]) for row in expected]
    assert list(found) == places
    ids = [tag["id"] for tag in page(site, name).find_all(id=True)]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("name", LISTED)
def test_a_row_leads_to_its_passage_and_to_the_rows_it_names(site, name):
    for row in rows_on(site, name).values():
        for column, table in references(name).items():
            text = row[column].get_text()
            if not text or table == name:
                continue
            target = f"{table}.html#{rows.row_place(table, [text])}"
            if table == "passages":
                target = f"../concordance.html#{anchor(text)}"
            assert row[column].a["href"] == target
        if "evidence" in row:
            assert row["evidence"]["lang"] == "de"


def test_the_words_of_the_report_are_summed_up(site):
    made = page(site, "report_terms")
    assert not made.select("table.tk-rows")
    numbers = [
        [int(cell.get_text().replace(",", "")) for cell in row.select("td")]
        for row in made.select("#rows tbody tr")
    ]
    passages, entries, _, counts = (sum(column) for column in zip(*numbers, strict=True))
    assert passages == len({row["locator"] for row in lines("report_terms")})
    assert entries == len(lines("report_terms"))
    assert counts == sum(int(row["count"]) for row in lines("report_terms"))


@pytest.mark.parametrize("name", RESOURCES)
def test_a_page_gives_the_agreement_and_every_disputed_cell(site, name):
    cells = codings().query("table == @name")
    section = page(site, name).find(id="codings")
    disputed = cells[cells["first"] != cells["second"]]
    listed = [[words(c) for c in row.select("td, th")] for row in section.select("tbody tr")]
    assert [row[:4] for row in listed] == [
        [words(cell.key), cell.column, cell.first or "(empty)", cell.second or "(empty)"]
        for cell in disputed.itertuples()
    ]
    settled = {" ".join(row[c] for c in key(name)): row for row in lines(name)}
    for row, cell in zip(listed, disputed.itertuples(), strict=True):
        known = settled.get(cell.key)
        assert row[4] == (known[cell.column] or "(empty)" if known else "no row")
    if cells.empty:
        assert "No column" in section.get_text()
    for column_name, group in cells.groupby("column"):
        same = (group["first"] == group["second"]).sum()
        said = column(site, name, {"name": column_name})["Two codings"]
        assert words(said).startswith(f"{same} of {len(group)} the same, ")


def test_the_agreement_is_read_back_as_it_was_written():
    text = (DATA / "README.md").read_text(encoding="utf-8")
    found = figures(text)
    assert len(found) == codings().groupby(["table", "column"]).ngroups
    for row in found.itertuples(index=False):
        assert f"| {' | '.join(row)} |" in text
    with pytest.raises(DataError, match=r"README\.md: the marks"):
        figures("no marks")
    with pytest.raises(DataError, match=r"README\.md: no table with the columns table, column, n"):
        figures(text.replace("| table | column | n |", "| table | col | n |"))


@pytest.mark.parametrize(
    ("lack", "said"),
    [
        (lambda r: r["schema"]["fields"][0].pop("rule"), "column stage: no rule"),
        (lambda r: r["schema"]["fields"][-1].pop("missing"), "column note: no missing"),
        (lambda r: r.pop("difficulties"), "stages: no difficulties"),
        (lambda r: r["schema"]["fields"][1].update(question=""), "column task_id: no question"),
    ],
)
def test_a_table_that_tells_how_it_was_coded_tells_it_of_each_column(lack, said):
    whole = copy.deepcopy(RESOURCES["stages"])
    whole |= {"coding": "Which rows.", "difficulties": ["None."]}
    for field in whole["schema"]["fields"]:
        field |= {"question": "What?", "rule": "So.", "missing": "Nothing."}
    assert codebook.lacks(whole) == []
    lack(whole)
    with pytest.raises(ExtensionError, match=f"datapackage.json, .*{said}"):
        codebook.describe(whole)


def test_an_example_is_clear_and_not_the_usual_value():
    table = [
        {"kind": "a", "basis": "printed", "note": ""},
        {"kind": "a", "basis": "printed", "note": ""},
        {"kind": "b", "basis": "inferred", "note": "Why."},
        {"kind": "b", "basis": "printed", "note": "How."},
    ]
    assert codebook.example(table, "kind") is table[3]
    assert codebook.example(table[:2], "kind") is table[0]
    assert codebook.example(table[2:3], "kind") is table[2]


# The concordance


@functools.cache
def citing() -> dict[str, list[tuple[str, dict[str, str]]]]:
    """By passage the rows that cite it."""
    found: dict[str, list] = {}
    for name in RESOURCES:
        columns = [c for c, table in references(name).items() if table == "passages"]
        for row in lines(name) if name not in NOT_CITING else []:
            for locator in {row[column] for column in columns} - {""}:
                found.setdefault(locator, []).append((name, row))
    return found


def test_a_passage_leads_to_every_row_that_cites_it(site):
    for locator in KNOWN:
        entry = concordance(site).find(id=anchor(locator))
        targets = [a["href"] for a in entry.select("a") if "tables/" in a["href"]]
        expected = {
            f"tables/{name}.html#{rows.row_place(name, [row[c] for c in key(name)])}"
            for name, row in citing().get(locator, [])
            if name != "citations"
        }
        assert {target for target in targets if "#" in target} == expected, locator


def test_a_passage_gives_its_claims_words_sources_and_neighbours(site):
    order = load("passages").sort_values("order").locator.to_list()
    for number, locator in enumerate(order):
        entry = concordance(site).find(id=anchor(locator))
        text = words(entry)
        beside = [a.get_text() for a in entry.select(".tk-beside a")]
        assert beside == [*order[max(number - 1, 0) : number], *order[number + 1 : number + 2]]
        marked = [words(tag) for tag in entry.select("[lang=de]")]
        for name, row in citing().get(locator, []):
            if name == "claims":
                assert words(row["claim"]) in text
            if name == "citations":
                assert words(row["claim"].rstrip(".")) in text
            if row.get("locator") == locator and not locator.startswith("EN"):
                for piece in row.get("evidence", "").split(";"):
                    assert not piece.strip() or words(piece) in marked, (locator, piece)


def test_a_footnote_leads_to_the_works_that_it_cites(site):
    bibliography = read(site / "appendix" / "bibliography.html")
    for row in lines("citations"):
        entry = concordance(site).find(id=anchor(row["footnote"]))
        links = [a for a in entry.select("a") if "bibliography.html#" in a["href"]]
        assert len(links) == sum(r["footnote"] == row["footnote"] for r in lines("citations"))
        for link in links:
            work = bibliography.find(id=link["href"].partition("#")[2])
            assert words(link) in words(work).replace(" .", ".")


def test_a_passage_leads_to_the_charts_that_name_it(site):
    shown = [
        (path, out["data"][MIME])
        for path in notebooks()
        for cell in cells(path, "code")
        for out in cell.outputs
        if MIME in out.get("data", {})
    ]
    assert shown
    for path, spec in shown:
        target = f"../{name_of(path)}#{charts.name_of(spec)}"
        for line in charts.words(spec)[2]:
            for locator in {one for found in find(line) for one in expand(found[1], KNOWN)}:
                entry = concordance(site).find(id=anchor(locator))
                assert entry.select(f'a[href="{target}"]'), (locator, target)


def test_the_concordance_keeps_its_weight(site):
    text = (site / "appendix" / "concordance.html").read_bytes()
    assert len(text) < 1_500_000


# Coverage


def measured(site, name: str) -> BeautifulSoup:
    return read(site / "appendix" / "coverage.html").find(id=name)


def test_the_coverage_counts_what_the_tables_hold(site):
    cited = {locator for locator, found in citing().items() if found}
    assert f"{len(cited)} of {len(KNOWN)}." in words(measured(site, "passages-by-rows"))
    assert f"{len(lines('claims'))} of {len(lines('claims'))}: all" in words(
        measured(site, "claims")
    )
    quoting = [row for name in RESOURCES for row in lines(name) if row.get("evidence")]
    assert f"{len(quoting):,} of {len(quoting):,}." in words(measured(site, "rows-with-evidence"))
    notes = {row["locator"] for row in lines("passages") if row["kind"] == "footnote"}
    resolved = notes & {row["footnote"] for row in lines("citations")}
    assert f"{len(resolved)} of {len(notes)}." in words(measured(site, "footnotes"))
    lines_below = sum(len(read(site / name_of(path)).select("p.tk-from")) for path in notebooks())
    assert f"{lines_below} of {lines_below}: all" in words(measured(site, "outputs"))


def test_every_exception_is_named_with_its_reason(site):
    made = read(site / "appendix" / "coverage.html")
    totals = made.select("article table tbody tr")
    assert len(totals) == len(coverage.MEASURES)
    for row in totals:
        what, covered, of, without = (words(cell) for cell in row.select("td, th"))
        items = measured(site, row.a["href"].removeprefix("#")).select("li")
        assert without == (counted(len(items), "exception") if items else "none"), what
        if not what.startswith("Rows with evidence"):
            missing = int(of.replace(",", "")) - int(covered.replace(",", ""))
            assert missing == len(items), what
        for item in items:
            assert len(words(item).partition(": ")[2].split()) >= 4, words(item)
    cited = set(citing())
    listed = [item.a.get_text() for item in measured(site, "passages-by-rows").select("li")]
    assert listed == [
        locator for locator in load("passages").sort_values("order").locator if locator not in cited
    ]


def test_a_table_without_evidence_says_why():
    without = {name for name in RESOURCES if "evidence" not in lines(name)[0]}
    assert without <= set(coverage.NO_EVIDENCE)
