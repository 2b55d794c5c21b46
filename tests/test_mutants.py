"""The figures on what the check catches: of these ways, on this data, and honest."""

import re

import pytest

from tashkent.check import check
from tashkent.data import DATA, parse_text, resource
from tashkent.description import key_of
from tashkent.marks import between
from tashkent.mutants import (
    CODEBOOK,
    EACH,
    PAGE,
    WAYS,
    Tables,
    by_command,
    mutants,
    report,
    same,
    verdicts,
)

#: The first mutant of each way: a way's mutants come in one order, however many are made.
FIRST = dict.fromkeys(EACH, 1)


@pytest.fixture(scope="module")
def tables():
    return Tables()


@pytest.fixture(scope="module")
def sample(tables):
    return mutants(tables, FIRST)


@pytest.fixture(scope="module")
def page():
    return between(PAGE.read_text(encoding="utf-8"), "mutants", PAGE.name)


def rows(text: str) -> dict[str, tuple[int, int, str]]:
    """Read the table of figures: for each way how many were made and caught, and the share."""
    found = re.findall(
        r"^\| ([^|]+) \| [^|]* \| (\d+) \| (\d+) \| ([\d.]+%) \|$", text, re.MULTILINE
    )
    return {name: (int(made), int(caught), share) for name, made, caught, share in found}


def test_there_are_ways_enough_and_half_are_faults_of_meaning():
    made = {family: sum(EACH[family] for way in WAYS if way.family == family) for family in EACH}
    assert len(WAYS) == len({way.name for way in WAYS}) >= 20
    assert made["meaning"] == made["form"] >= 400


def test_the_page_has_the_figures_of_these_ways(page):
    figures = rows(page)
    for way in WAYS:
        assert figures[way.name][0] == EACH[way.family], way.name
    for family in EACH:
        names = [way.name for way in WAYS if way.family == family]
        total = figures[f"**all faults of {family}**"]
        assert total[:2] == tuple(sum(figures[name][n] for name in names) for n in (0, 1))
    made, caught, share = figures["**all**"]
    assert share == f"{caught / made:.1%}"
    assert len(re.findall(r"^- ", page, re.MULTILINE)) == made - caught


def test_the_codebook_has_the_figures_of_the_page(page):
    said = between(CODEBOOK.read_text(encoding="utf-8"), "mutants", CODEBOOK.name)
    figures = rows(page)
    made, caught, share = figures["**all**"]
    shares = [figures[f"**all faults of {family}**"][2] for family in EACH]
    assert re.findall(r"[\d.]+%|\d+", said) == [
        str(made),
        str(len(WAYS)),
        str(caught),
        share,
        *shares,
    ]


def test_the_page_says_of_a_sample_what_the_check_says(sample, page):
    for mutant, faults in zip(sample, verdicts(sample), strict=True):
        assert (f"`{mutant.done}`" in page) == (not faults), mutant.done


def test_the_command_says_what_the_function_says(sample):
    chosen = sample[:: len(sample) // 3]
    assert [bool(lines) for lines in by_command(chosen)] == [bool(f) for f in verdicts(chosen)]


def test_mutants_are_drawn_alike_and_differ_from_the_original(tables, sample):
    assert mutants(tables, FIRST) == sample
    assert not [mutant.done for mutant in sample if same(mutant.files, DATA)]
    assert len({tuple(mutant.files.items()) for mutant in sample}) == len(sample)


def test_faults_of_meaning_are_well_formed(sample, tables):
    families = {way.name: way.family for way in WAYS}
    for mutant in sample:
        if families[mutant.way] == "meaning":
            (data,) = mutant.files.values()
            key = key_of(resource(mutant.table)["schema"])
            keys = parse_text(data.decode())[key].to_numpy().tolist()
            assert keys == sorted(keys), mutant.done


def test_the_original_is_left_as_it_was(sample):
    before = {path: path.read_bytes() for path in DATA.rglob("*") if path.is_file()}
    verdicts(sample[:4])
    assert before == {path: path.read_bytes() for path in DATA.rglob("*") if path.is_file()}
    assert check() == []


def test_a_check_that_sees_nothing_is_reported_as_such(sample, tables):
    text = report(sample, [[] for _ in sample], tables)
    assert rows(text)["**all**"] == (len(sample), 0, "0.0%")
    for mutant in sample:
        assert f"- {mutant.way}: `{mutant.done}`" in text
