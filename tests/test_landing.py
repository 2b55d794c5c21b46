"""The five findings of the landing page: each number is what the tables give now."""

import networkx as nx
from book import ROOT

from tashkent import load

WORDS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
WORDS += ["eleven", "twelve"]
TEXT = (ROOT / "index.md").read_text(encoding="utf-8")


def says(sentence: str) -> bool:
    """Whether the page prints the sentence as one of its findings, in bold."""
    return f"**{sentence[0].upper()}{sentence[1:]}**" in TEXT


def test_nine_of_twelve_are_parties():
    treaty = load("memberships").query("instrument_id == 'tashkent_treaty'")
    parties, states = treaty.status.isin(["signatory", "acceded"]).sum(), len(treaty)
    assert says(
        f"{WORDS[parties]} of the {WORDS[states]} states are parties to the treaty; "
        f"one of the {WORDS[parties]} takes a position similar to that of the "
        f"{WORDS[states - parties]} outside."
    )


def test_the_staffs_threats_are_regional():
    listed = load("threats").query("region_id != ''")
    named = listed[listed.source_id != ""]
    assert named.groupby("source_id").region_id.nunique().max() == 1
    regions = WORDS[listed.region_id.nunique()]
    assert says(
        f"the staff's list names {len(listed)} threats in {regions} regions, and ties none to a "
        "source that threatens more than one."
    )


def test_half_of_minsk_left():
    minsk = load("memberships").query("instrument_id == 'minsk_1992'")
    left = minsk[minsk.end != ""]
    assert set(left.end_latest.astype(str)) == {"1992-03-20"}
    assert says(
        f"of the {WORDS[len(minsk)]} that signed for joint general purpose forces on 14 February "
        f"1992, {WORDS[len(left)]} had left by 20 March."
    )


def test_russian_territory_links_the_frameworks():
    members = load("framework_members")
    graph = nx.from_pandas_edgelist(members, "framework_id", "state_id")
    linked = sum(graph.has_edge(f, "RUS") for f in load("frameworks").framework_id)
    graph.remove_node("RUS")
    pieces = nx.number_connected_components(graph)
    assert says(
        f"russian territory links {WORDS[linked]} of the {len_word(load('frameworks'))} regional "
        "frameworks of the Grand Design; "
        f"without it they fall into {WORDS[pieces]} separate pieces."
    )


def test_the_stages_have_tasks_and_no_dates():
    stages = load("stages")
    assert says(
        f"the concept of 1995 puts {len_word(stages)} tasks into "
        f"{WORDS[stages.stage.nunique()]} stages and gives none of them a date."
    )


def len_word(table) -> str:
    return WORDS[len(table)]
