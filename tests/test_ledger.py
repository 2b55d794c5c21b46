"""The ledger of claims: every claim once, every link both ways, what bears on it by the rule."""

import functools

import pytest
from book import ROOT, name_of, notebooks
from bs4 import BeautifulSoup

from tashkent import load
from tashkent.locators import anchor, expand, find

CLAIMS = load("claims").set_index("claim_id")
LINKS = load("claim_links")
KNOWN = list(load("passages").locator)
PAGE = "appendix/ledger.html"


@functools.cache
def read(path) -> BeautifulSoup:
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def place(claim_id: str) -> str:
    return "claim-" + claim_id.replace("_", "-")


def addresses(tags) -> set[str]:
    return {tag["href"] for tag in tags}


def test_every_claim_stands_there_once_with_its_speaker_and_its_passage(site):
    entries = read(site / PAGE).select(".tk-claim")
    assert sorted(entry["id"] for entry in entries) == sorted(map(place, CLAIMS.index))
    names = {"author": "The author", "ivashov": "Leonid Ivashov", "RUS": "Russia"}
    names |= {"grand_design": "Grand Design of the Coordination Staff"}
    for claim_id, claim in CLAIMS.iterrows():
        entry = read(site / PAGE).find(id=place(claim_id))
        text, facts = entry.find_all("p", recursive=False)[:2]
        assert text.get_text().replace("’", "'")[:30] == claim.claim.replace('"', "“")[:30]
        assert facts.strong.get_text() == names.get(claim.stated_by, facts.strong.get_text())
        assert facts.strong.get_text() not in ("", claim.stated_by)
        assert claim.claim_type in facts.get_text()
        assert (claim.hedge.replace("_", " ") in facts.get_text()) == (claim.hedge != "none")
        assert addresses(facts.select("a")) == {f"concordance.html#{anchor(claim.locator)}"}


def test_every_link_stands_at_both_claims_under_what_it_says(site):
    sides = {"supports": "Supported by", "qualifies": "Qualified by", "undercuts": "Undercut by"}
    expected = set()
    for link in LINKS.itertuples():
        here, there = place(link.from_id), place(link.to_id)
        expected.add((here, link.relation.capitalize(), f"#{there}", link.basis))
        expected.add((there, sides[link.relation], f"#{here}", link.basis))
    ties = {"Printed": "printed", "Read by the coder": "inferred"}
    found = [
        (
            entry["id"],
            item.find_parent("ul").find_previous_sibling("p").get_text(),
            item.a["href"],
            ties[item.select_one(".tk-kind").get_text().partition(":")[0]],
        )
        for entry in read(site / PAGE).select(".tk-claim")
        for item in entry.select("details:not(.tk-in-book) li")
    ]
    assert len(found) == 2 * len(LINKS) == len(expected)
    assert set(found) == expected


def bearing_on(site, passage: str) -> set[str]:
    """What a reader who looks through the pages finds to bear on a passage."""
    found = set()
    for path in notebooks():
        page = read(site / path.relative_to(ROOT).with_suffix(".html"))
        name = f"../{name_of(path)}"
        if path.stem == "claims":
            continue
        for figure in page.select("figure.tk-chart"):
            if cites(figure.select(".tk-chart-source"), passage):
                found.add(f"{name}#{figure['id']}")
        for check in page.select("details.tk-checked"):
            cell = check.find_parent("div", class_="cell")
            before = cell.find_previous_sibling(["p", "ul", "ol"])
            if before and cites([before], passage):
                section = cell.find_parent("section")
                whole = section.find_parent("section") is None
                found.add(name if whole else f"{name}#{section['id']}")
    return found


def cites(tags, passage: str) -> bool:
    text = " ".join(tag.get_text() for tag in tags)
    return any(passage in expand(bracket[1], KNOWN) for bracket in find(text))


@pytest.mark.parametrize("claim_id", ["c_2_3_09", "c_1_2_2_29", "c_s_11"])
def test_what_bears_on_a_claim_is_what_the_rule_says(site, claim_id):
    entry = read(site / PAGE).find(id=place(claim_id))
    told = addresses(entry.select(".tk-in-book a"))
    assert told == bearing_on(site, CLAIMS.locator[claim_id]) != set()
    kinds = {"chart" if "#chart-" in address else "check" for address in told}
    assert set(entry["data-book"].split()) == kinds


def test_a_claim_on_which_nothing_bears_says_so_and_is_counted(site):
    page = read(site / PAGE)
    idle = page.select(".tk-claim[data-book=nothing]")
    assert f"on {len(idle)} nothing yet" in page.article.get_text()
    for entry in idle:
        assert "nothing counted yet" in entry.get_text()
        locator = entry.select_one(".tk-facts a").get_text()
        assert bearing_on(site, locator) == set(), locator


# In a browser


def shown(page):
    return page.locator(".tk-claim").filter(visible=True)


def test_the_claims_are_narrowed_down_by_key_and_the_address_keeps_it(visit, site):
    url = (site / PAGE).as_uri()
    page = visit(url, "file:")
    said = page.locator(".tk-ledger output")
    assert said.inner_text() == f"{len(CLAIMS)} claims"
    page.get_by_label("Who says it").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    who = page.get_by_label("Who says it").input_value()
    theirs = CLAIMS[CLAIMS.stated_by == who]
    assert 0 < len(theirs) == shown(page).count() < len(CLAIMS)
    assert said.inner_text() == f"{len(theirs)} of {len(CLAIMS)} claims"

    for _ in range(2):
        page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    hedge = page.get_by_label("How certain").input_value()
    both = theirs[theirs.hedge == hedge]
    assert shown(page).count() == len(both)
    assert page.url == f"{url}#who={who}&hedge={hedge}"
    again = visit(page.url, "file:")
    assert shown(again).count() == len(both)

    for _ in range(4):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # on the button
    assert shown(page).count() == len(CLAIMS)
    assert page.url == url
    assert page.troubles == again.troubles == []


@pytest.mark.parametrize(
    ("menu", "column", "value"),
    [("Of what kind", "claim_type", "forecast"), ("Section", "section_id", "1.2.1")],
)
def test_each_menu_asks_its_column(visit, address, menu, column, value):
    page = visit(address + PAGE, address)
    page.get_by_label(menu).select_option(value)
    left = [entry.get_attribute("id") for entry in shown(page).all()]
    assert left == sorted(map(place, CLAIMS.index[CLAIMS[column] == value]))
    headings = page.locator("section[id^=steps] > h2").filter(visible=True)
    sections = CLAIMS.section_id[CLAIMS[column] == value].nunique()
    assert headings.count() == sections


def test_the_menu_of_the_book_finds_what_nothing_bears_on(visit, address):
    page = visit(address + PAGE, address)
    page.get_by_label("In the book").select_option("nothing")
    assert 0 < shown(page).count() < len(CLAIMS)
    assert shown(page).count() == shown(page).filter(has_text="nothing counted yet").count()


def test_words_narrow_down_by_the_claim_itself_and_a_link_leads_to_what_is_hidden(visit, address):
    page = visit(address + PAGE, address)
    page.get_by_label("Words").fill("BUFFER zone")
    assert [e.get_attribute("id") for e in shown(page).all()] == [place("c_s_17")]
    shown(page).locator("summary").first.click()
    shown(page).get_by_role("link", name="Following the Grand Design").click()
    page.locator(f"#{place('c_s_02')}").wait_for(state="visible")
    assert shown(page).count() == len(CLAIMS)
    assert page.locator(f"#{place('c_s_02')}:target").count() == 1


def test_on_paper_and_without_script_every_claim_is_there(visit, address):
    page = visit(address + PAGE + "#hedge=hardly", address)
    assert shown(page).count() == (CLAIMS.hedge == "hardly").sum()
    page.emulate_media(media="print")
    assert shown(page).count() == len(CLAIMS)
    assert not page.locator(".tk-ledger").is_visible()
    still = visit(address + PAGE, address, java_script_enabled=False)
    assert shown(still).count() == len(CLAIMS)
    assert not still.locator(".tk-ledger").is_visible()


def test_a_step_of_the_map_shows_what_leads_to_it_and_lets_go_by_key(visit, address):
    page = visit(address + "chapters/claims.html", address)
    figure = page.locator("figure.tk-chart")
    figure.scroll_into_view_if_needed()
    figure.and_(page.locator("[data-alive=yes]")).wait_for(timeout=20_000)
    strong = """() => [...document.querySelectorAll("figure.tk-chart svg *")].filter(
        (mark) => mark.__data__?.tooltip?.step && mark.getAttribute("opacity") === "1").length"""
    picture = figure.locator(".tk-picture")
    assert page.evaluate(strong) == 1 + 100 + 3  # the goal, what leads to it, what qualifies it
    picture.focus()
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    page.wait_for_function(f"({strong})() < 10")
    page.keyboard.press("Escape")
    page.wait_for_function(f"({strong})() === {len(CLAIMS)}")
    assert page.troubles == []
