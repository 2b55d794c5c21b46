"""The site in a real browser: every page loads quietly, charts show, choosers answer."""

import pytest
from book import name_of, notebooks, pages

IDS = {"ids": lambda path: path.stem}

#: Sizes of the words in the pictures, in pixels of the page.
SIZES = """() => [...document.querySelectorAll("figure.tk-chart svg text")].map(
    (text) => parseFloat(getComputedStyle(text).fontSize) * text.closest("svg").getScreenCTM().a)"""


def shown(locator) -> int:
    return sum(locator.nth(n).is_visible() for n in range(locator.count()))


@pytest.mark.parametrize("path", pages(), **IDS)
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_a_page_loads_quietly_and_shows_everything(visit, address, path, width, scheme):
    page = visit(
        address + name_of(path),
        address,
        viewport={"width": width, "height": 900},
        color_scheme=scheme,
    )
    assert page.troubles == []
    assert page.evaluate("document.documentElement.dataset.theme") == scheme
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    pictures = page.locator("figure.tk-chart svg")
    for number in range(pictures.count()):
        box = pictures.nth(number).bounding_box()
        assert box["width"] > 200 and box["height"] > 20
    for chooser in page.locator("[data-chooser]").all():
        assert chooser.locator("select").is_visible()
        assert shown(chooser.locator("section")) == 1
    assert all(size >= 10.9 for size in page.evaluate(SIZES))


@pytest.mark.parametrize("path", pages(), **IDS)
def test_a_page_loads_quietly_from_disk(visit, site, path):
    page = visit((site / name_of(path)).as_uri(), site.as_uri())
    assert page.troubles == []


@pytest.mark.parametrize("path", notebooks(), **IDS)
def test_choosers_answer_keep_the_choice_and_print_whole(visit, address, path):
    page = visit(address + name_of(path), address)
    for number, chooser in enumerate(page.locator("[data-chooser]").all()):
        menu = chooser.locator("select")
        options = menu.locator("option").evaluate_all("all => all.map((one) => one.value)")
        menu.select_option(options[-1])
        assert chooser.locator(f'section[data-option="{options[-1]}"]').is_visible()
        assert shown(chooser.locator("section")) == 1
        menu.focus()
        page.keyboard.press("ArrowUp")
        assert menu.input_value() == options[-2]
        assert chooser.locator(f'section[data-option="{options[-2]}"]').is_visible()
        assert shown(chooser.locator("section")) == 1

        again = visit(page.url, address).locator("[data-chooser]").nth(number)
        assert again.locator("select").input_value() == options[-2]
        assert again.locator(f'section[data-option="{options[-2]}"]').is_visible()
    assert page.troubles == []
    page.emulate_media(media="print")
    for chooser in page.locator("[data-chooser]").all():
        assert shown(chooser.locator("section")) == chooser.locator("section").count()


@pytest.mark.parametrize("path", notebooks(), **IDS)
def test_without_script_every_panel_stands_there(visit, address, path):
    page = visit(address + name_of(path), address, java_script_enabled=False)
    for chooser in page.locator("[data-chooser]").all():
        sections = chooser.locator("section")
        assert shown(sections) == sections.count()
        assert not chooser.locator("select").is_visible()


def test_a_locator_leads_to_its_passage(visit, address):
    page = visit(address + "appendix/how-to-cite.html", address)
    page.locator("article a.tk-locator").first.click()
    page.wait_for_url("**/concordance.html#p-1-2-2-7")
    assert page.locator("#p-1-2-2-7").is_visible()


def test_search_finds_a_word_of_the_data(visit, address):
    page = visit(address + "search.html?q=Verteidigungsraum", address)
    page.locator("#search-results li a").first.wait_for()
    assert page.troubles == []
