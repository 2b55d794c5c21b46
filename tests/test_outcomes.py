"""Expectations were fixed before outcomes, and no verdict lacks a source."""

import re

from tashkent import load
from tashkent.data import DATA, read_text

EXPECTATIONS = read_text(DATA / "expectations.csv")
OUTCOMES = read_text(DATA / "outcomes.csv")


def test_expectations_hold_nothing_of_what_came():
    shared = set(EXPECTATIONS) & set(OUTCOMES)
    assert shared == {"expectation_id"}
    told = EXPECTATIONS.agg(" ".join, axis="columns")
    years = {year for cell in told for year in re.findall(r"\b(?:19|20)\d\d\b", cell)}
    assert max(years) < "1996"
    cells = EXPECTATIONS.drop(columns="expectation_id").stack()
    assert set(cells) & set(load("record").key) == set()


def test_every_verdict_has_a_source_and_every_silence_a_reason():
    source = load("record").set_index("key").source
    judged = OUTCOMES[OUTCOMES.bearing != "silent"]
    assert len(judged) and source[judged.record_key].ne("").all()
    silent = OUTCOMES[OUTCOMES.bearing == "silent"]
    assert silent.record_key.eq("").all()
    assert OUTCOMES.reason.ne("").all()


def test_every_expectation_is_held_against_the_record():
    assert set(OUTCOMES.expectation_id) == set(EXPECTATIONS.expectation_id)


def test_silence_names_the_record_or_says_that_nothing_could_be_seen():
    reasons = OUTCOMES[OUTCOMES.bearing == "silent"].reason
    spoken = reasons.str.contains(r"\brecord\b") | reasons.str.startswith("Not testable")
    assert reasons[~spoken].to_list() == []
