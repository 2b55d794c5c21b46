"""Tables in a real browser: they sort, they are narrowed down, they scroll where they must."""

from pathlib import Path

import pandas as pd
import pytest
from book import ROOT

from tashkent import load
from tashkent.site import markup
from tashkent.site import pages as site_pages
from tashkent.widgets import caption, table_html

#: In the order as printed, which is that of no column.
ROWS = pd.DataFrame(
    {
        "word": ["éclair", "zone", "Act", "", "eagle"],
        "n": ["1,000", "-2.5", "10", "", "9"],
        "day": ["1993-12", "1992-02-14/1992-03-20", "", "1992-02-14", "1993-12-03"],
        "passage": ["1.2.2 ¶10", "fn 2", "1.2.2 ¶9", "S ¶1", "KF ¶4"],
    }
)
LINES = pd.DataFrame(
    {
        "who": ["Rußland", "Médecins", *["Armenia"] * 18],
        "line": [f"line {n}" for n in range(1, 21)],
    }
)
SORTED = {
    "word": ["Act", "eagle", "éclair", "zone", ""],
    "n": ["-2.5", "9", "10", "1,000", ""],
    "day": ["1992-02-14", "1992-02-14/1992-03-20", "1993-12", "1993-12-03", ""],
    "passage": ["KF ¶4", "1.2.2 ¶9", "1.2.2 ¶10", "S ¶1", "fn 2"],
}

#: Where each cell stands and each word in it.
PLACES = """() => [...document.querySelectorAll("th, td")].flatMap((cell) => {
    const text = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT).nextNode();
    const words = document.createRange();
    words.selectNodeContents(text ?? cell);
    return [cell, words].map((one) => JSON.stringify(one.getBoundingClientRect()));
})"""


@pytest.fixture
def show(visit, tmp_path):
    """Open a page that holds these tables, with the book's own style and script."""

    def shown(*tables: pd.DataFrame, **options):
        framed = "\n".join(markup.frame_tables(table_html(table)) for table in tables)
        body = markup.link_locators(framed, '<a class="tk-locator" href="#p">{}</a>'.format)
        static = Path(site_pages.STATIC)
        style = "".join(
            f'<link rel="stylesheet" href="{p.as_uri()}">' for p in static.glob("*.css")
        )
        (tmp_path / "tashkent.js").write_text(site_pages.joined_scripts(), encoding="utf-8")
        written = tmp_path / "page.html"
        written.write_text(
            f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Tables</title>{style}'
            "<script>const DOCUMENTATION_OPTIONS = {};"
            'document.documentElement.classList.add("tk-on")</script>'
            '<script defer src="tashkent.js"></script>'
            f'<main class="bd-content"><article class="bd-article">{body}</article></main></html>',
            encoding="utf-8",
        )
        return visit(written.as_uri(), "file:", **options)

    return shown


def column(page, name: str) -> list[str]:
    at = list(ROWS.columns).index(name) + 1
    return page.locator(f"tbody tr td:nth-child({at})").all_inner_texts()


def said(page) -> str:
    return page.locator("main > [role=status]").inner_text()


@pytest.mark.parametrize("name", ROWS.columns)
def test_a_heading_sorts_and_the_third_press_returns(show, name):
    page = show(ROWS)
    heading = page.get_by_role("columnheader", name=name, exact=True)
    assert heading.get_attribute("aria-sort") == "none"
    page.get_by_role("button", name=name, exact=True).click()
    assert column(page, name) == SORTED[name]
    assert heading.get_attribute("aria-sort") == "ascending"
    assert said(page) == f"Sorted by {name}, ascending"

    page.keyboard.press("Enter")
    filled = [cell for cell in SORTED[name] if cell]
    assert column(page, name) == filled[::-1] + [""] * (len(ROWS) - len(filled))
    assert heading.get_attribute("aria-sort") == "descending"
    assert said(page) == f"Sorted by {name}, descending"

    page.keyboard.press("Space")
    assert column(page, name) == list(ROWS[name])
    assert heading.get_attribute("aria-sort") == "none"
    assert said(page) == "In the order as printed"
    assert page.troubles == []


def test_one_column_at_a_time_is_sorted(show):
    page = show(ROWS)
    for name in ("word", "n"):
        page.get_by_role("button", name=name, exact=True).click()
    states = [head.get_attribute("aria-sort") for head in page.locator("th").all()]
    assert states == ["none", "ascending", "none", "none"]


def test_tables_that_cannot_be_sorted_offer_nothing(show):
    grouped = pd.DataFrame({"a": ["x", "x", "x", "y"], "b": [1, 2, 3, 4], "n": [1, 2, 3, 4]})
    page = show(ROWS[:2], grouped.set_index(["a", "b"]))
    assert page.locator("button").count() == page.locator("[aria-sort]").count() == 0


def test_the_buttons_move_nothing(show):
    still, alive = show(ROWS, java_script_enabled=False), show(ROWS)
    assert alive.locator("button").count() == len(ROWS.columns)
    assert still.evaluate(PLACES) == alive.evaluate(PLACES)


def test_a_filter_hides_rows_says_how_many_and_brings_them_back(show):
    page = show(caption(LINES, "Lines"))
    field = page.get_by_role("searchbox", name="Filter the rows of Lines", exact=True)
    count = page.locator("output")
    rows = page.locator("tbody tr")
    assert count.inner_text() == "20 rows"
    for typed, left in (("russland", 1), ("MEDEC", 1), ("armenia 1", 10), ("1 nobody", 0)):
        field.fill(typed)
        assert rows.filter(visible=True).count() == left, typed
        assert count.inner_text() == f"{left} of 20 rows"
    field.fill("line 20")
    page.get_by_role("button", name="who").click()
    assert rows.filter(visible=True).all_inner_texts() == ["Armenia\tline 20"]

    page.emulate_media(media="print")
    assert rows.filter(visible=True).count() == 20
    assert not field.is_visible()
    page.emulate_media(media="screen")
    field.fill("")
    assert rows.filter(visible=True).count() == 20
    assert count.inner_text() == "20 rows"
    assert page.troubles == []


ACTS = pd.DataFrame(
    {
        "date": ["1992-05-15", "1993", "1993-09", "1993-12"],
        "act": ["sign", "demand", "accede", "set up"],
        "actor": ["Armenia; Russia", "Azerbaijan", "Azerbaijan", ""],
        "body": ["", "", "", "Council of Heads of State; Staff"],
    }
)
MENUS = caption(ACTS, "Acts", filters=["actor", "body"])


def acts(page) -> list[str]:
    return page.locator("tbody tr td:nth-child(2)").filter(visible=True).all_inner_texts()


@pytest.mark.parametrize("width", [1280, 390])
def test_menus_narrow_a_table_down_together_and_stand_in_the_address(show, width):
    page = show(MENUS, viewport={"width": width, "height": 800})
    actor, body = page.get_by_label("actor"), page.get_by_label("body")
    count, field = page.locator("output"), page.get_by_role("searchbox")
    assert count.inner_text() == "4 rows"
    for who, left in (("Armenia", ["sign"]), ("Russia", ["sign"]), ("Azerbaijan", ACTS.act[1:3])):
        actor.select_option(who)
        assert acts(page) == list(left)
    assert count.inner_text() == "2 of 4 rows"
    assert page.url.endswith("#actor=azerbaijan")
    field.fill("demand")
    assert acts(page) == ["demand"]
    field.fill("")
    page.get_by_role("button", name="act", exact=True).click()
    assert acts(page) == ["accede", "demand"]
    body.select_option("Staff")
    assert acts(page) == [] and count.inner_text() == "0 of 4 rows"
    assert page.url.endswith("#actor=azerbaijan&body=staff")
    page.get_by_role("button", name="Show all").click()
    assert len(acts(page)) == 4 and "#" not in page.url
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.troubles == []


def test_a_menu_follows_the_address_and_the_keyboard(show):
    page = show(MENUS)
    page.evaluate("location.hash = 'body=council-of-heads-of-state&actor=nobody'")
    page.wait_for_function("document.querySelector('output').textContent === '1 of 4 rows'")
    assert acts(page) == ["set up"]
    page.get_by_role("button", name="Show all").focus()
    page.keyboard.press("Enter")
    page.get_by_label("actor").focus()
    page.keyboard.type("Aze")
    page.wait_for_function("document.querySelector('output').textContent === '2 of 4 rows'")
    page.emulate_media(media="print")
    assert len(acts(page)) == 4
    assert page.troubles == []


def test_without_script_menus_are_away_and_every_row_is_there(show):
    page = show(MENUS, java_script_enabled=False)
    assert len(acts(page)) == 4
    assert not page.get_by_label("actor").is_visible()


def test_without_script_there_is_only_the_table(show):
    page = show(LINES, java_script_enabled=False)
    assert page.locator("tbody tr").filter(visible=True).count() == 20
    assert page.locator("button").count() == 0
    assert not page.locator(".tk-filter").is_visible()
    assert page.locator(".tk-scroll").get_attribute("tabindex") == "0"


def test_a_box_is_a_stop_for_the_keyboard_only_where_it_scrolls(show):
    long = pd.DataFrame({f"column {n}": ["a-long-word-here " * 4] for n in range(6)})
    page = show(caption(long, "Long words " * 8), viewport={"width": 1800, "height": 800})
    box = page.locator(".tk-scroll")
    page.wait_for_function("!document.querySelector('.tk-scroll').hasAttribute('role')")
    assert box.get_attribute("tabindex") is None
    page.set_viewport_size({"width": 390, "height": 800})
    page.wait_for_function("document.querySelector('.tk-scroll').tabIndex === 0")
    assert page.get_by_role("region", name="Long words").count() == 1

    box.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.wait_for_function("document.querySelector('.tk-scroll').scrollLeft > 50")
    title = page.locator("caption > span").bounding_box()
    frame = box.bounding_box()
    assert title["x"] >= frame["x"] - 1
    assert title["x"] + title["width"] <= frame["x"] + frame["width"] + 1


def test_the_caption_does_not_stretch_a_narrow_table(show):
    one = pd.DataFrame({"n": [1]})
    bare, titled = show(one), show(caption(one, "What the only number of this table is"))
    width = "document.querySelector('table').offsetWidth"
    assert bare.evaluate(width) == titled.evaluate(width)
    assert titled.locator("caption > span").bounding_box()["height"] < 30


def test_a_table_of_the_appendix_sorts_too(visit, address):
    page = visit(address + "appendix/glossary.html", address)
    table = page.locator("#names-states table")
    names = table.locator("tbody tr > :first-child").all_inner_texts()
    heading = table.get_by_role("button", name="English")
    heading.click()
    heading.click()
    assert table.locator("tbody tr > :first-child").all_inner_texts() == names[::-1]
    assert page.troubles == []


#: What is narrowed down on a page, and by what word.
FILTERS = {
    "glossary": ("tbody tr", "peacekeeping"),
    "concordance": (".tk-passage", "peacekeeping"),
    "codebook": ("#tables tbody tr", "treaty"),
    "tables/positions": (".tk-rows tbody tr", "peacekeeping"),
}


@pytest.mark.parametrize("name", FILTERS)
def test_the_appendix_is_narrowed_down_and_a_link_leads_to_what_is_hidden(visit, address, name):
    items, word = FILTERS[name]
    page = visit(f"{address}appendix/{name}.html", address)
    shown = page.locator(f"article {items}").filter(visible=True)
    every = shown.count()
    page.get_by_role("searchbox", name="Filter the").last.fill(word)
    assert 0 < shown.count() < every
    assert " of " in page.locator("output").last.inner_text()
    page.emulate_media(media="print")
    assert shown.count() == every
    page.emulate_media(media="screen")
    if name in ("concordance", "tables/positions"):
        hidden = page.locator(f"article {items}[hidden]").last.get_attribute("id")
        page.evaluate("(id) => { location.hash = id; }", hidden)
        page.locator(f"#{hidden}").wait_for(state="visible")
        assert shown.count() == every
    assert page.troubles == []


def test_two_clicks_lead_from_a_figure_to_the_passage_of_a_row_and_back(visit, address):
    page = visit(f"{address}chapters/0-introduction.html", address)
    lines = page.locator(".cell_output:has(figure.tk-chart) p.tk-from")
    lines.first.get_by_role("link", name="memberships").click()
    page.wait_for_url("**/tables/memberships.html#rows")
    row = page.locator("#memberships-minsk-1992-ukr")
    row.locator("a.tk-locator").first.click()
    page.wait_for_url("**/concordance.html#p-fn-21")
    passage = page.locator("#p-fn-21")
    passage.locator("summary", has_text="rows in the data").click()
    passage.get_by_role("link", name="minsk_1992 UKR").click()
    page.wait_for_url("**/tables/memberships.html#memberships-minsk-1992-ukr")
    box = page.locator("tr:target").bounding_box()
    assert 0 < box["y"] < page.viewport_size["height"] - box["height"]
    left = [one for one in page.troubles if not one.startswith("failed: ")]  # left while loading
    assert left == []


def test_the_rows_of_a_table_sort_and_keep_their_places(visit, address):
    page = visit(f"{address}appendix/tables/events.html", address)
    table = page.locator("table.tk-rows")
    cells = table.locator("tbody tr td:nth-child(3)").all_inner_texts()
    widths = "all => all.map((cell) => cell.getBoundingClientRect().width)"
    before = table.locator("thead th").evaluate_all(widths)
    table.get_by_role("button", name="date", exact=True).click()
    assert table.locator("tbody tr td:nth-child(3)").all_inner_texts() == sorted(cells)
    assert table.locator("thead th").evaluate_all(widths) == before
    assert page.troubles == []


@pytest.mark.parametrize("width", [1280, 390])
def test_the_chronology_is_narrowed_down_by_actor_body_and_kind(visit, address, width):
    wanted = f"{address}chapters/beyond/chronology.html#actor=azerbaijan&kind=accession"
    size = {"width": width, "height": 900}
    page = visit(wanted, address, viewport=size)
    bar = page.locator(".tk-menus")
    rows = bar.locator("+ .tk-scroll tbody tr").filter(visible=True)
    events = load("events")
    both = events.query("actor_ids == 'AZE' and kind == 'accession'")
    assert rows.count() == len(both) > 0
    assert bar.locator("output").inner_text() == f"{len(both)} of {len(events)} rows"
    bar.get_by_label("kind").select_option("all")
    bar.get_by_label("actor").select_option("Armenia")  # one of several, each time
    assert [text.split("\t")[3] for text in rows.all_inner_texts()] == ["signature"] * 2
    bar.get_by_role("button", name="Show all").click()
    bar.get_by_label("body").select_option("Council of Heads of State")
    held = events.body_id + ";" + events.actor_ids
    assert rows.count() == held.str.contains("council_heads_of_state").sum()
    page.evaluate((ROOT / "tests" / "axe" / "axe.min.js").read_text(encoding="utf-8"))
    found = "axe.run(document).then((all) => all.violations.map(({ id }) => id))"
    assert page.evaluate(found) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.troubles == []

    still = visit(wanted, address, viewport=size, java_script_enabled=False)
    assert not still.locator(".tk-menus").is_visible()
    every = still.locator(".tk-menus + .tk-scroll tbody tr").filter(visible=True)
    assert every.count() == len(events)
