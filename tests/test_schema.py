"""The codebook's texts in `datapackage.json`: whole, alike where they must be, true to the data."""

import json
import re

import pytest

from tashkent import load, locators
from tashkent.data import DATA, package, read_text

RESOURCES = package()["resources"]
TABLES = {resource["name"]: read_text(DATA / resource["path"]) for resource in RESOURCES}
each_table = pytest.mark.parametrize("resource", RESOURCES, ids=[r["name"] for r in RESOURCES])

#: Columns that mean the same wherever they stand, and so ask and decide the same.
SHARED = {"locator", "evidence", "basis", "note", "stated_by", "claim_type", "hedge", "scope"}

#: Where such a column truly means something else.
OWN = {
    ("passages", "locator"),  # names the passage itself
    ("glossary", "locator"),  # where a term is explained: no statement
    ("report_terms", "locator"),  # where a word stands
    ("name_terms", "locator"),  # where a word stands inside a name
    ("threat_targets", "locator"),  # the threat's passage, or the one that places the state
    ("threat_targets", "basis"),  # named as threatened, or placed in the region
    ("claim_links", "basis"),  # who makes the link
    ("claim_links", "note"),  # the connective that makes it
}

RESOURCE_KEYS = ["name", "title", "description", "coding", "difficulties", "path", "type"]
RESOURCE_KEYS += ["scheme", "format", "mediatype", "encoding", "hash", "bytes", "schema"]
FIELD_KEYS = ["name", "title", "type", "rdfType", "description"]
FIELD_KEYS += ["question", "rule", "missing", "constraints"]


def texts():
    """Give every text of the codebook with its place."""
    for text in package()["coding"]:
        yield "coding", text
    for resource in RESOURCES:
        yield f"{resource['name']}: coding", resource["coding"]
        for text in resource["difficulties"]:
            yield f"{resource['name']}: difficulties", text
        for field in resource["schema"]["fields"]:
            for key in ("description", "question", "rule", "missing"):
                if key in field:
                    yield f"{resource['name']}.{field['name']}: {key}", field[key]


def constraint(field: dict, name: str):
    return field.get("constraints", {}).get(name)


@each_table
def test_a_table_says_how_its_rows_are_found_and_what_is_hard(resource):
    assert 1 <= len(re.findall(r"[.?!](?= |$)", resource["coding"])) <= 3
    assert 1 <= len(resource["difficulties"]) <= 4
    assert all(text.endswith(".") for text in [resource["coding"], *resource["difficulties"]])


@each_table
def test_a_column_has_question_and_rule_and_says_what_an_empty_cell_means(resource):
    for field in resource["schema"]["fields"]:
        assert re.fullmatch(r"[A-Z][^?]*\?", field["question"]), field["name"]
        assert field["rule"].endswith("."), field["name"]
        if constraint(field, "required"):
            assert "missing" not in field, field["name"]
        else:
            assert field["missing"].endswith("."), field["name"]


@each_table
def test_a_rule_tells_every_allowed_value(resource):
    for field in resource["schema"]["fields"]:
        allowed = constraint(field, "enum") or []
        untold = [value for value in allowed if f"`{value}`" not in field["rule"]]
        assert untold == [], field["name"]


@each_table
def test_what_no_row_has_is_told_as_such(resource):
    for field in resource["schema"]["fields"]:
        if field["name"] in SHARED and (resource["name"], field["name"]) not in OWN:
            continue  # one text for many tables
        used = set(TABLES[resource["name"]][field["name"]])
        told = set(re.findall(r"`(\w+)`[^`]*\(no row so far", field["rule"]))
        assert told == set(constraint(field, "enum") or []) - used, field["name"]
        if "missing" in field:
            assert ("(no row so far)" in field["missing"]) is ("" not in used), field["name"]


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("arguments", "thesis"),
        ("factors", "of"),
        ("forces", "framework"),
        ("options", "debate"),
        ("plan_items", "plan"),
        ("positions", "debate"),
    ],
)
def test_a_rule_tells_the_identifiers_that_the_coder_made(table, column):
    fields = next(r["schema"]["fields"] for r in RESOURCES if r["name"] == table)
    rule = next(field["rule"] for field in fields if field["name"] == column)
    assert set(TABLES[table][column]) == set(re.findall(r"`(\w+)`", rule))


@pytest.mark.parametrize("column", sorted(SHARED))
def test_columns_of_one_meaning_have_one_text(column):
    found, own = set(), []
    for resource in RESOURCES:
        for field in resource["schema"]["fields"]:
            if field["name"] == column:
                text = tuple(field.get(key) for key in ("question", "rule", "missing"))
                if (resource["name"], column) in OWN:
                    own.append(text)
                else:
                    found.add(text)
    assert len(found) == 1
    assert not found & set(own), "a text of its own that is the shared one"


def test_locators_in_the_codebook_exist():
    known = load("passages").locator
    faults = [(place, found) for place, text in texts() for found in locators.misspelt(text)]
    for place, text in texts():
        for found in locators.find(text):
            try:
                locators.expand(found[1], known)
            except ValueError as error:
                faults.append((place, str(error)))
    assert faults == []


@each_table
def test_where_coding_names_passages_every_row_comes_from_one_of_them(resource):
    table, known = TABLES[resource["name"]], load("passages").locator
    cited = locators.find(resource["coding"])
    if cited and "locator" in table:
        named = {locator for found in cited for locator in locators.expand(found[1], known)}
        assert set(table.locator) - named == set()


def test_signal_words_are_words_of_the_report():
    terms = TABLES["report_terms"]
    german = set(terms.term[~terms.locator.str.startswith("EN")])
    faults = []
    for place, text in texts():
        for quoted in re.findall(r"(?<!\w)'([^']+)'(?!\w)", text):
            faults += [
                (place, w) for w in re.findall(r"[^\W_]+", quoted.lower()) if w not in german
            ]
    assert faults == []


def test_inferred_targets_follow_their_rule():
    threats, targets = TABLES["threats"], TABLES["threat_targets"]
    placed = TABLES["framework_regions"].merge(TABLES["framework_members"], on="framework_id")
    states = set(TABLES["states"].state_id)
    for threat in threats.itertuples():
        mine = targets[targets.threat_id == threat.threat_id].groupby("basis").target_id.agg(set)
        printed, inferred = mine.get("printed", set()), mine.get("inferred", set())
        region = set(placed[placed.region_id == threat.region_id].state_id)
        unnamed = not printed or printed - states  # nobody, or a group without names
        assert inferred == (region - printed if unnamed else set()), threat.threat_id


def test_the_description_is_written_in_one_form():
    text = (DATA / "datapackage.json").read_text(encoding="utf-8")
    assert text == json.dumps(package(), indent=2, ensure_ascii=False) + "\n"
    for resource in RESOURCES:
        assert list(resource) == [key for key in RESOURCE_KEYS if key in resource]
        for field in resource["schema"]["fields"]:
            assert list(field) == [key for key in FIELD_KEYS if key in field]
