"""The check of the data: every fault is caught, each said in one line with its place."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tashkent.check import check
from tashkent.data import DATA, DataError, load, read_text
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
    (
        "lists_name_known_ids",
        "other_coders",
        "variable == 'CONSUL'",
        "provision_ids",
        "tashkent_1b;tashkent_9",
        "'tashkent_9' has no row of its own",
    ),
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
    ("words_keep_their_case", "claims", "", "claim", "security is.", "begins with a small letter"),
    ("words_keep_their_case", "states", "state_id == 'ARM'", "name_de", "ARMENIEN", "has capitals"),
    ("descriptions_differ", "states", "state_id == 'AZE'", "name", "Armenia", "in an earlier row"),
    ("numbers_run_from_one", "factors", "number == '4'", "number", "5", "'5' where 4 is next"),
    ("numbers_follow_the_items", "fields", "number == '4'", "number", "5", "'5' for item d of"),
    (
        "lists_name_each_once",
        "groups",
        "group_id == 'acceders_1993'",
        "members",
        "AZE;GEO;BLR",
        "expected each once and in order",
    ),
    (
        "scopes_fit_their_subjects",
        "motives",
        "subject_id == 'ARM'",
        "scope",
        "most",
        "which is no group",
    ),
    (
        "regions_keep_to_their_passage",
        "threats",
        "locator == 'fn 17a'",
        "region_id",
        "caucasus",
        "'caucasus' is [fn 17b], the row cites [fn 17a]",
    ),
    (
        "members_cite_their_framework",
        "framework_members",
        "framework_id == 'caucasus'",
        "locator",
        "2.2.2 ¶1a",
        "but 'caucasus' is named in [2.2.2 ¶1b]",
    ),
    (
        "regions_are_drawn_of_their_state",
        "framework_members",
        "state_id == 'ARM'",
        "geo_regions",
        "UKR",
        "expected ARM",
    ),
    (
        "survival_is_read_from_the_concept",
        "design_survival",
        "",
        "locator_1995",
        "2.3 ¶1",
        "is no passage that the concept of 1995 is coded from",
    ),
    (
        "signatories_join_on_the_day_of_signing",
        "memberships",
        TREATY + "'ARM'",
        "start",
        "1992-05",
        "'1992-05' for a signatory",
    ),
    (
        "dates_told_twice_agree",
        "bodies",
        "body_id == 'main_command'",
        "dissolved",
        "1993",
        "events.csv has its dissolution on '1993-09'",
    ),
    (
        "record_names_its_source",
        "record",
        "strength == 'good'",
        "strength",
        "not_found",
        "'not_found' with the source",
    ),
    (
        "expectations_say_what_would_decide",
        "expectations",
        "testable == 'no'",
        "testable",
        "yes",
        "'yes' with 0 of the two facts that would decide",
    ),
    (
        "expectations_say_what_would_decide",
        "expectations",
        "testable == 'partly'",
        "note",
        "",
        "expected a reason: testable partly",
    ),
    (
        "outcomes_rest_on_the_record",
        "outcomes",
        "bearing == 'silent'",
        "bearing",
        "confirms",
        "'confirms' with the record key ''",
    ),
    (
        "outcomes_rest_on_the_record",
        "outcomes",
        "expectation_id == 'one_alliance_unrealistic'",
        "record_key",
        "",
        "'confirms' with the record key '' and the timing 'after'",
    ),
    (
        "outcomes_rest_on_the_record",
        "outcomes",
        "expectation_id == 'one_alliance_unrealistic'",
        "expectation_id",
        "project_may_fail",
        "'project_may_fail' names no fact that would confirm",
    ),
    (
        "outcomes_rest_on_the_record",
        "outcomes",
        "expectation_id == 'turkey_intervenes'",
        "expectation_id",
        "us_coercion",
        "no row for 'turkey_intervenes'",
    ),
    (
        "outcomes_are_later_than_the_report",
        "outcomes",
        "record_key == 'air_defence_1995'",
        "timing",
        "after",
        "has no year later than 1996",
    ),
    (
        "outcomes_are_later_than_the_report",
        "outcomes",
        "record_key == 'csto'",
        "timing",
        "before",
        "has no year up to 1996",
    ),
    (
        "the_record_gives_its_dates",
        "record_dates",
        "date_id == 'tashkent_treaty_accession_aze'",
        "date",
        "1993-09-25",
        "'1993-09-25' does not stand in the fact 'accession_aze'",
    ),
    (
        "the_record_gives_its_dates",
        "record_dates",
        "date_id == 'tashkent_treaty_accession_aze'",
        "state_id",
        "GEO",
        "'GEO' is not named in the fact 'accession_aze'",
    ),
    (
        "the_record_gives_its_dates",
        "coder_members",
        "coder == 'atop' and state_id == 'BLR'",
        "start",
        "1993-12-31",
        "'1993-12-31' does not stand in the fact 'atop_4220'",
    ),
    (
        "the_record_gives_its_values",
        "other_coders",
        "variable == 'NONAGG'",
        "value",
        "0",
        "'NONAGG 0' does not stand in the fact 'atop_4220'",
    ),
    (
        "comparisons_have_two_sides",
        "comparisons",
        "comparison_id == 'azerbaijan_acceded'",
        "key",
        "azerbaijan_joined",
        "'azerbaijan_joined' is no row of events.csv",
    ),
    (
        "comparisons_have_two_sides",
        "comparisons",
        "comparison_id == 'azerbaijan_acceded'",
        "claim_ids",
        "c_9_9_99",
        "'c_9_9_99' is not in claims.csv",
    ),
    (
        "comparisons_are_computed_or_judged",
        "comparisons",
        "comparison_id == 'azerbaijan_acceded'",
        "relation",
        "agrees",
        "'agrees' with the event 'accession'",
    ),
    (
        "comparisons_are_computed_or_judged",
        "comparisons",
        "comparison_id == 'charter_ukraine'",
        "reason",
        "",
        "and the reason ''",
    ),
    ("locators_say_what_a_passage_is", "passages", "", "kind", "footnote", "expected paragraph"),
    ("locators_say_what_a_passage_is", "passages", "", "section_id", "1.1", "expected '0'"),
    (
        "passages_stand_in_reading_order",
        "passages",
        "locator == '0 ¶1'",
        "order",
        "0",
        "is put after [0 ¶1], which follows it",
    ),
    (
        "footnotes_are_called_in_order",
        "passages",
        "locator == 'fn 2'",
        "called_in",
        "2.1 ¶1",
        "[fn 3] is called before [fn 2]",
    ),
    (
        "abstracts_restate_sections",
        "passages",
        "locator == 'KF ¶4'",
        "restates",
        "0",
        "'0' goes back behind",
    ),
    (
        "the_abstracts_leave_out_no_chapter",
        "sections",
        "section_id == 'fn'",
        "chapter",
        "notes",
        "'fn' is restated by no passage",
    ),
    (
        "sections_are_counted",
        "sections",
        "section_id == 'S'",
        "order",
        "18",
        "'16' where 15 is next",
    ),
    (
        "sections_with_text_have_a_chapter",
        "sections",
        "section_id == '1'",
        "chapter",
        "1-treaty",
        "expected none",
    ),
    ("passages_have_words", "report_terms", "", "term", "Drei", "is not one word in small type"),
    (
        "families_hold_german_words_of_the_report",
        "word_families",
        "term == 'kollektive'",
        "term",
        "collective",
        "'collective' is no word of a German passage",
    ),
    (
        "families_hold_german_words_of_the_report",
        "word_families",
        "term == 'verteidigungsregion' and counted == 'no'",
        "counted",
        "yes",
        "is counted in an earlier row",
    ),
    (
        "names_hold_no_more_words_than_the_passage",
        "name_terms",
        "locator == '1.1 ¶2' and term == 'kollektiven'",
        "count",
        "4",
        "'kollektiven' stands 3 times in [1.1 ¶2], in names 4 times",
    ),
    (
        "names_hold_no_more_words_than_the_passage",
        "name_terms",
        "locator == '2.1 ¶6' and term == 'sicherheit'",
        "printed_name",
        "Vertrag über Sicherheit in Europa",
        "expected up to five words of [2.1 ¶6], 'sicherheit' among them",
    ),
    (
        "names_hold_no_more_words_than_the_passage",
        "name_terms",
        "locator == '2.1 ¶6' and term == 'sicherheit'",
        "term",
        "vertrag",
        "'vertrag' is in no family",
    ),
    (
        "dates_of_the_record_are_called_by_what_they_date",
        "record_dates",
        "date_id == 'tashkent_treaty_accession_aze'",
        "event",
        "signature",
        "'tashkent_treaty_accession_aze', expected 'tashkent_treaty_signature_aze'",
    ),
    (
        "names_are_read_in_one_way",
        "name_terms",
        "locator == '2.1 ¶6' and term == 'sicherheit'",
        "name_id",
        "",
        "'', but an earlier row of 'Vertrag über kollektive Sicherheit' has 'tashkent_treaty'",
    ),
    (
        "names_are_known_by_their_kind",
        "name_terms",
        "name_id == 'defence_council'",
        "kind",
        "document",
        "'defence_council' is known as no document",
    ),
    (
        "names_stand_in_the_passage",
        "states",
        "state_id == 'ARM'",
        "name_de",
        "Ungarn",
        "'ungarn' is no word of [fn 1], in no form",
    ),
    (
        "dates_stand_in_the_passage",
        "memberships",
        TREATY + "'ARM'",
        "start",
        "1992-05-16",
        "'16' of '1992-05-16' does not stand in",
    ),
    (
        "states_in_the_evidence_are_in_the_row",
        "mutual_aid",
        "evidence.str.contains('Aserbaidschan')",
        "evidence",
        "China",
        "'China' names CHN, the row has none of them",
    ),
    (
        "counterparts_are_named",
        "assets",
        "asset_id == 'facilities_kazakhstan'",
        "counterpart",
        "",
        "'', the evidence names KAZ",
    ),
    (
        "the_options_of_a_debate_have_one_speaker",
        "options",
        "debate == 'grand_design_1994' and number == '3'",
        "stated_by",
        "author",
        "'author', the options before it are stated by 'grand_design'",
    ),
    (
        "evidence_singles_out_its_passage",
        "claims",
        "locator == 'fn 20'",
        "evidence",
        "Turkmenistan",
        "could as well be [fn 21]",
    ),
    (
        "notes_cite_known_passages",
        "uncited",
        "",
        "reason",
        "Restates 2.2.1 ¶9.",
        "no passage [2.2.1 ¶9]",
    ),
    (
        "footnotes_name_the_work",
        "citations",
        "footnote == 'fn 26'",
        "bibkey",
        "tiller1995",
        "[fn 26] names neither author nor title",
    ),
    (
        "second_coding_is_settled",
        "verdicts",
        "verdict == 'hardly'",
        "verdict",
        "met",
        "'met', the two codings are settled on 'hardly'",
    ),
    (
        "second_coding_is_settled",
        "claims",
        "note.str.contains('claim_type fact; kept as assessment')",
        "claim_type",
        "fact",
        "'fact', the two codings are settled on 'assessment'",
    ),
    (
        "second_coding_is_settled",
        "claims",
        "claim_id == 'c_2_1_02'",
        "claim_type",
        "forecast",
        "the note corrects 'forecast' where 'forecast' was settled",
    ),
    (
        "both_coders_judged_every_row",
        "assets",
        "note.str.endswith('Added after both codings.')",
        "note",
        "Owner inferred.",
        "is not in codings/second.csv",
    ),
    (
        "readings_differ_from_the_tables",
        "alternatives",
        "alternative_id == 'aggressor_anywhere'",
        "value",
        read_text(DATA / "provisions.csv")
        .query("provision_id == 'tashkent_1d'")
        .direction_coder.item(),
        "is what provisions.csv has",
    ),
    (
        "readings_differ_from_the_tables",
        "alternatives",
        "column == 'row' and value == 'absent'",
        "value",
        "added",
        "is there",
    ),
    (
        "readings_of_the_second_coding_are_its_own",
        "alternatives",
        "alternative_id == 'consultations_outward'",
        "value",
        "inward",
        "'inward', the second coding has 'outward'",
    ),
    (
        "claims_stand_in_their_section",
        "claims",
        "claim_id == 'c_0_01'",
        "section_id",
        "1.1",
        "belongs to '0'",
    ),
    ("claims_bear_on_each_other", "claim_links", "", "to_id", "c_0_01", "is linked with itself"),
    (
        "printed_links_quote_their_word",
        "claim_links",
        "basis == 'printed'",
        "note",
        "weil",
        "'weil' is a word of neither passage",
    ),
    (
        "printed_words_fit_the_relation",
        "claim_links",
        "note == 'aber'",
        "relation",
        "supports",
        "'supports' for the printed word 'aber'",
    ),
    (
        "printed_words_give_the_direction",
        "claim_links",
        "note == 'Somit'",
        "note",
        "da",
        "by the printed 'da' it is the other way",
    ),
    (
        "reasons_for_links_are_their_own",
        "claim_links",
        "from_id == 'c_0_02'",
        "note",
        read_text(DATA / "claim_links.csv").note.iloc[0],
        "is the reason of two other claims",
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
        "works_are_cited",
        "citations",
        "footnote == 'fn 29'",
        "is cited in no row of citations.csv",
    ),
    (
        "works_that_a_footnote_names_are_cited",
        "citations",
        "footnote == 'fn 26'",
        "no row cites 'rossijskaja_1993_08_25' from [fn 26]",
    ),
    (
        "both_coders_judged_every_row",
        "memberships",
        "state_id == 'MDA'",
        "no row 'cis MDA', codings/second.csv has one",
    ),
    (
        "both_coders_judged_every_row",
        "threat_targets",
        "threat_id == 'cau_economic_disputes'",
        "no row 'cau_economic_disputes RUS', codings/second.csv has one",
    ),
    (
        "coders_have_a_row_for_each_state",
        "coder_members",
        "coder == 'atop' and state_id == 'KGZ'",
        "no row 'atop KGZ', expected one for each state of the CIS",
    ),
    ("claims_are_counted", "claims", "claim_id == 'c_0_03'", "'c_0_04' where number 03 is next"),
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
    line = f"memberships.csv, row {row}, column start: '1993-13' is no EDTF date"
    assert line in faults(copy)


def text(change):
    """Change the text of `memberships.csv`."""

    def apply(copy):
        path = copy / "memberships.csv"
        path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8", newline="")

    return apply


def raw(data: bytes | None, name="memberships.csv"):
    """Put bytes in the place of a file, or a folder where there are none."""

    def apply(copy):
        (copy / name).unlink()
        (copy / name).mkdir() if data is None else (copy / name).write_bytes(data)

    return apply


def described(change):
    """Change what `datapackage.json` says of `memberships`."""

    def apply(copy):
        path = copy / "datapackage.json"
        package = json.loads(path.read_text(encoding="utf-8"))
        names = [resource["name"] for resource in package["resources"]]
        change(package, package["resources"][names.index("memberships")])
        path.write_text(json.dumps(package), encoding="utf-8")

    return apply


def locked(copy):
    path = copy / "memberships.csv"
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may read every file")


HEADER = b"instrument_id,state_id,status,start,end,locator,evidence,basis,note\n"
ROW = b"cis,ARM,member,,,fn 1,Armenien,computed,x\n"
M, D = "memberships.csv", "datapackage.json: table 'memberships', "
BAD = {
    "a folder": (raw(None), f"{M}: is a folder, expected a file"),
    "unreadable": (locked, f"{M}: cannot be read (Permission denied)"),
    "missing": (lambda copy: (copy / M).unlink(), f"{M}: missing from"),
    "empty": (raw(b""), f"{M}: empty, expected a header"),
    "blank": (raw(b" \n\n"), f"{M}: empty, expected a header"),
    "header only": (raw(HEADER), f"{M}: no row below the header, expected at least one"),
    "NUL": (raw(HEADER + ROW + b"\0"), f"{M}: line 3 holds a NUL byte"),
    "Latin-1": (raw(HEADER + "ä,é".encode("latin-1")), f"{M}: line 2 is not UTF-8 (byte 0xe4)"),
    "UTF-16": (raw("a,b\n".encode("utf-16")), f"{M}: line 1 is not UTF-8"),
    "byte-order mark": (text("\ufeff{}".format), f"{M}: starts with a byte-order mark"),
    "CR LF": (text(lambda t: t.replace("\n", "\r\n")), f"{M}: line 1 ends in CR LF"),
    "no last end": (text(str.rstrip), f"{M}: the last line has no end, expected LF"),
    "open quote": (text(lambda t: t.replace(",", ',"', 9)), f"{M}: line 1: the quotation marks"),
    "stray quote": (raw(HEADER + b'"a"b,\n'), f"{M}: line 2: the quotation marks do not pair"),
    "long cell": (raw(HEADER + b"a" * 10_000_000 + b"\n"), f"{M}: line 2: a cell of more than"),
    "semicolons": (
        text(lambda t: t.replace(",", ";")),
        f"{M}: semicolons between the cells, expected commas",
    ),
    "tabs": (text(lambda t: t.replace(",", "\t")), f"{M}: tabs between the cells"),
    "wrong delimiter": (
        text(lambda t: t.replace(",", "|")),
        f"{M}, column instrument_id: missing from the header",
    ),
    "two columns of a name": (
        text(lambda t: t.replace("status", "state_id", 1)),
        f"{M}, column state_id: stands twice in the header",
    ),
    "renamed column": (
        text(lambda t: t.replace("status", "state", 1)),
        f"{M}, column state: 'state' is not a column of this table",
    ),
    "moved column": (
        text(lambda t: t.replace("start,end", "end,start", 1)),
        f"{M}, column end: found where 'start' was expected",
    ),
    "unknown value": (
        text(lambda t: t.replace("signatory", "signer", 1)),
        "column status: 'signer' is none of signatory, acceded",
    ),
    "empty cell": (
        text(lambda t: t.replace("signatory", "", 1)),
        "column status: empty, expected a value",
    ),
    "short row": (
        text(lambda t: t.replace("signatory,", "", 1)),
        "column note: the row ends before this column",
    ),
    "long row": (text(lambda t: t.replace("signatory,", "signatory,,", 1)), "one cell too many"),
    "empty row": (text(lambda t: t.replace("\n", "\n\n", 1)), f"{M}, row 2: empty row"),
    "no such day": (
        text(lambda t: t.replace("1993-09", "1993-02-30", 1)),
        "column start: '1993-02-30' is no EDTF date",
    ),
    "half an interval": (
        text(lambda t: t.replace("1993-09", "1993-09/", 1)),
        "column start: '1993-09/' lacks an end",
    ),
    "no number": (
        lambda copy: put(copy, "report_terms", "", "count", "many"),
        "report_terms.csv, row 2, column count: 'many' is no integer",
    ),
    "no list": (raw(b"[]", "datapackage.json"), "datapackage.json: a list, expected an object"),
    "no tables": (
        described(lambda package, _: package.pop("resources")),
        "datapackage.json: resources: missing, expected a list of tables",
    ),
    "no version": (
        described(lambda package, _: package.update(version="1")),
        "datapackage.json: version: '1', expected three numbers like 1.2.0",
    ),
    "described twice": (
        described(lambda package, table: package["resources"].append(table)),
        "datapackage.json: table 'memberships': described twice",
    ),
    "no object": (
        described(lambda package, _: package["resources"].insert(0, 7)),
        "datapackage.json: resource 1: a whole number, expected an object",
    ),
    "no path": (
        described(lambda _, table: table.pop("path")),
        f"{D}path: missing, expected 'memberships.csv'",
    ),
    "no schema": (
        described(lambda _, table: table.pop("schema")),
        f"{D}schema: missing, expected an object",
    ),
    "fields of a wrong kind": (
        described(lambda _, table: table["schema"].update(fields={})),
        f"{D}fields: an object, expected a list of columns",
    ),
    "unknown type": (
        described(lambda _, table: table["schema"]["fields"][3].update(type="date")),
        f"{D}column 'start', type: 'date', expected string or integer",
    ),
    "broken pattern": (
        described(lambda _, table: table["schema"]["fields"][0]["constraints"].update(pattern="(")),
        f"{D}column 'instrument_id', pattern: '(' is no pattern",
    ),
    "values of a wrong kind": (
        described(lambda _, table: table["schema"]["fields"][2]["constraints"].update(enum="a")),
        f"{D}column 'status', enum: 'a', expected a list",
    ),
    "key without a column": (
        described(lambda _, table: table["schema"].update(primaryKey=["id", "state_id"])),
        f"{D}primaryKey: 'id' is no column",
    ),
    "no key": (
        described(lambda _, table: table["schema"].pop("primaryKey")),
        f"{D}primaryKey: missing, expected a column or several",
    ),
    "reference to no table": (
        described(
            lambda _, table: table["schema"]["foreignKeys"][0]["reference"].update(resource="nil")
        ),
        f"{D}foreign key 'instrument_id': 'nil' is no table",
    ),
    "reference to no column": (
        described(
            lambda _, table: table["schema"]["foreignKeys"][0]["reference"].update(fields="nil")
        ),
        f"{D}foreign key 'instrument_id': 'nil' is no column of 'instruments'",
    ),
    "reference of no column": (
        described(lambda _, table: table["schema"]["foreignKeys"][0].update(fields="nil")),
        f"{D}foreign key 'nil': no column of this table",
    ),
    "no BibTeX": (raw(b"@book{", "references.bib"), "references.bib: no BibTeX ("),
    "no bibliography": (raw(None, "references.bib"), "references.bib: is a folder"),
    "no second coding": (raw(b"", "codings/second.csv"), "codings/second.csv: empty, expected"),
    "no coding": (
        raw(b"a,b\n1,2\n", "codings/first.csv"),
        "codings/first.csv: the header is a, b, expected table, key, column, value",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_told_in_lines_that_say_where_and_what(copy, case):
    change, says = BAD[case]
    change(copy)
    put(copy, "states", "state_id == 'ARM'", "group", "nowhere")
    found = check(copy)
    lines = list(map(str, found))
    assert any(says in line for line in lines), lines
    blind = {"no list", "no tables"}  # then there is no schema to hold another table against
    assert any("'nowhere' is none of cis," in line for line in lines) == (case not in blind)
    assert lines == [str(fault) for fault in sorted(found, key=lambda f: (f.file, f.row or 0))]
    assert not [line for line in lines if "\n" in line]


@pytest.mark.parametrize(
    "case", [case for case, (_, says) in BAD.items() if says.startswith((M, D))]
)
def test_a_table_with_bad_input_does_not_load(copy, case):
    change, says = BAD[case]
    change(copy)
    with pytest.raises(DataError) as caught:
        load("memberships", copy)
    assert any(says in line for line in str(caught.value).splitlines())


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
