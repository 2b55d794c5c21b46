"""The site in a real browser: every page loads quietly, and everything on it answers."""

import csv
import gzip
import io

import pytest
from book import ROOT, every_page, name_of, notebooks, table_pages

IDS = {"ids": lambda path: path.stem}

#: Of the pages of tables, which are all made alike: the longest, the widest, one without rows.
TABLES = [path for path in table_pages() if path.stem in ("claims", "threats", "report_terms")]
AXE = (ROOT / "tests" / "axe" / "axe.min.js").read_text(encoding="utf-8")

#: Sizes of the words in the pictures, in pixels of the page.
SIZES = """() => [...document.querySelectorAll("figure.tk-chart svg text")].map(
    (text) => parseFloat(getComputedStyle(text).fontSize) * text.closest("svg").getScreenCTM().a)"""

#: How far the page's content has moved since it was opened.
SHIFT = """() => new Promise((resolve) => {
    const moved = (list) => list.reduce((sum, entry) => sum + entry.value, 0);
    new PerformanceObserver((list) => resolve(moved(list.getEntries())))
        .observe({ type: "layout-shift", buffered: true });
    setTimeout(() => resolve(0), 100);
})"""

#: The faults that axe-core finds: rule, and where.
FAULTS = """() => axe.run(document, { resultTypes: ["violations"] }).then((found) =>
    found.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target)}`))"""

PAPER = {"light": "rgb(255, 255, 255)", "dark": "rgb(20, 24, 28)"}


def shown(locator) -> int:
    return sum(locator.nth(n).is_visible() for n in range(locator.count()))


def waken(page) -> int:
    """Bring each chart near the screen, and wait until it is alive."""
    figures = page.locator("figure.tk-chart")
    for figure in figures.all():
        figure.scroll_into_view_if_needed()
        figure.and_(page.locator("[data-alive=yes]")).wait_for(timeout=20_000)
    return figures.count()


# What a reader meets before anything is touched


@pytest.mark.parametrize("path", [*every_page(), *TABLES], **IDS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_a_page_is_quiet_whole_and_accessible(visit, address, path, width, scheme):
    page = visit(
        address + name_of(path),
        address,
        viewport={"width": width, "height": 900},
        color_scheme=scheme,
    )
    assert page.evaluate("document.documentElement.dataset.theme") == scheme
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == PAPER[scheme]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for picture in page.locator("figure.tk-chart svg").all():
        box = picture.bounding_box()
        assert box["width"] > 200 and box["height"] > 20
    assert all(size >= 10.9 for size in page.evaluate(SIZES))
    for chooser in page.locator("[data-chooser]").all():
        assert chooser.locator("select").is_visible()
        assert shown(chooser.locator("> section")) == 1
    assert page.evaluate(SHIFT) < 0.02
    waken(page)
    page.evaluate("document.querySelectorAll('details').forEach((fold) => (fold.open = true))")
    page.evaluate(AXE)
    assert page.evaluate(FAULTS) == []
    assert page.troubles == []


@pytest.mark.parametrize("path", every_page(), **IDS)
def test_a_page_works_from_disk_without_network(visit, site, path):
    page = visit((site / name_of(path)).as_uri(), site.as_uri(), offline=True)
    waken(page)
    assert page.troubles == []


@pytest.mark.parametrize("path", every_page(), **IDS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_without_script_the_page_is_whole(visit, address, path, scheme):
    page = visit(address + name_of(path), address, java_script_enabled=False, color_scheme=scheme)
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == PAPER[scheme]
    for chooser in page.locator("[data-chooser]").all():
        sections = chooser.locator("> section")
        assert shown(sections) == sections.count() > 1
        assert not chooser.locator("select").is_visible()
    pictures = page.locator("figure.tk-chart svg")
    assert shown(pictures) == pictures.count()
    assert shown(page.locator("[data-save]")) == 0


@pytest.mark.parametrize("path", notebooks(), **IDS)
def test_a_chapter_weighs_little_before_its_charts_come_alive(visit, address, path):
    bodies = []
    visit(address + name_of(path), address, watch=lambda r: bodies.append(r.body()))
    assert sum(len(gzip.compress(body)) for body in bodies) <= 300_000


@pytest.mark.parametrize("path", every_page(), **IDS)
def test_a_page_forbids_what_it_does_not_bring(visit, address, path):
    page = visit(address + name_of(path), address)
    page.evaluate(
        """() => {
            const script = document.createElement("script");
            script.textContent = "window.strange = true";
            document.head.append(script);
            document.body.insertAdjacentHTML("beforeend", '<b onclick="strange = true">x</b>');
            document.body.lastElementChild.click();
        }"""
    )
    assert page.evaluate("window.strange") is None
    policy = page.locator('meta[http-equiv="Content-Security-Policy"]').get_attribute("content")
    assert "unsafe-eval" not in policy and "*" not in policy and "http" not in policy


# Charts


@pytest.mark.parametrize("path", notebooks(), **IDS)
@pytest.mark.parametrize("width", [1280, 390])
def test_charts_come_alive_without_a_shift_and_answer(visit, address, path, width):
    page = visit(address + name_of(path), address, viewport={"width": width, "height": 900})
    pictures = page.locator("figure.tk-chart svg")
    sizes = [picture.bounding_box() for picture in pictures.all()]
    names = [picture.get_attribute("aria-label") for picture in pictures.all()]
    assert waken(page) == len(sizes)
    for picture, size, name in zip(pictures.all(), sizes, names, strict=True):
        box = picture.bounding_box()
        assert (box["width"], box["height"]) == (size["width"], size["height"])
        assert picture.get_attribute("aria-label") == name
    assert page.evaluate(SHIFT) < 0.02
    hint = page.locator("#tk-hint")
    for box in page.locator(".tk-picture").all():
        box.focus()
        page.keyboard.press("ArrowRight")
        hint.wait_for()
        by_key = hint.inner_text()
        assert by_key.strip()
        page.keyboard.press("Escape")
        assert not hint.is_visible()
        mark = box.locator(".tk-here")
        mark.scroll_into_view_if_needed()
        around = mark.bounding_box()
        page.mouse.move(0, 0)
        page.mouse.move(around["x"] + around["width"] / 2, around["y"] + around["height"] / 2)
        hint.wait_for()
        page.mouse.move(0, 0)
        hint.wait_for(state="hidden")
    assert page.troubles == []


def test_a_finger_and_the_keyboard_choose_in_a_chart_and_let_go(visit, address):
    path = address + "chapters/0-introduction.html"
    faded = "(all) => all.filter((mark) => Number(mark.getAttribute('opacity')) < 0.9).length"

    page = visit(path, address, viewport={"width": 390, "height": 800}, has_touch=True)
    assert waken(page)
    marks = page.locator("figure.tk-chart").last.locator("svg .mark-symbol path")
    marks.nth(3).tap()
    page.locator("#tk-hint").wait_for()
    page.touchscreen.tap(20, 100)
    page.locator("#tk-hint").wait_for(state="hidden")

    page = visit(path, address)
    assert waken(page)
    box = page.locator("figure.tk-chart .tk-picture").last
    marks = box.locator("svg .mark-symbol path")
    box.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    assert marks.evaluate_all(faded) > 0
    page.keyboard.press("Escape")
    assert marks.evaluate_all(faded) == 0
    assert page.troubles == []


def chapter_with(what: str):
    """Find the first chapter whose outputs hold something."""
    return next(path for path in notebooks() if what in path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("broken", ["no file", "not a script"])
def test_a_broken_vega_leaves_the_pictures(visit, address, broken):
    def answer(route):
        route.abort() if broken == "no file" else route.fulfill(
            body="(", content_type="text/javascript"
        )

    page = visit(
        address + name_of(chapter_with("vegalite")), address, routes={"**/vega.js": answer}
    )
    for figure in page.locator("figure.tk-chart").all():
        figure.scroll_into_view_if_needed()
        figure.and_(page.locator("[data-alive=failed]")).wait_for()
        assert figure.locator("svg").is_visible()
    figure.locator("[data-save=svg]").click()
    page.locator("p[role=status]", has_text="It could not be saved").wait_for(state="attached")


def test_without_the_books_script_every_panel_stands_there(visit, address):
    path = name_of(chapter_with("widget-view"))
    page = visit(address + path, address, routes={"**/tashkent.js*": lambda route: route.abort()})
    sections = page.locator("[data-chooser] > section")
    assert shown(sections) == sections.count() > 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_chart_is_saved_as_picture_and_as_rows(visit, address, scheme):
    page = visit(address + name_of(chapter_with("vegalite")), address, color_scheme=scheme)
    figure = page.locator("figure.tk-chart").last
    saved = {}
    for kind in ("svg", "png", "csv"):
        with page.expect_download() as download:
            figure.locator(f"[data-save={kind}]").click()
        assert download.value.suggested_filename.endswith(f".{kind}")
        saved[kind] = download.value.path().read_bytes()
    drawn = saved["svg"].decode()
    title = figure.locator(".tk-chart-title").inner_text()
    assert drawn.startswith("<svg") and title.split()[0] in drawn
    assert "var(" not in drawn and "currentColor" not in drawn
    assert saved["png"].startswith(b"\x89PNG") and len(saved["png"]) > 10_000
    rows = list(csv.reader(io.StringIO(saved["csv"].decode())))
    table = figure.locator("table").first
    assert len(rows) == table.locator("tr").count()
    assert rows[1] == [
        cell.strip() for cell in table.locator("tr").nth(1).locator("> *").all_text_contents()
    ]
    assert page.troubles == []


# Choosers


@pytest.mark.parametrize("path", notebooks(), **IDS)
def test_choosers_answer_keep_the_choice_and_print_whole(visit, address, path):
    page = visit(address + name_of(path), address)
    for number, chooser in enumerate(page.locator("[data-chooser]").all()):
        menu = chooser.locator("select")
        sections = chooser.locator("> section")
        options = menu.locator("option").evaluate_all("all => all.map((one) => one.value)")
        menu.select_option(options[-1])
        assert chooser.locator(f'section[data-option="{options[-1]}"]').is_visible()
        assert shown(sections) == 1
        menu.focus()
        page.keyboard.press("ArrowUp")
        assert menu.input_value() == options[-2]
        assert chooser.locator(f'section[data-option="{options[-2]}"]').is_visible()
        assert shown(sections) == 1

        again = visit(page.url, address).locator("[data-chooser]").nth(number)
        assert again.locator("select").input_value() == options[-2]
        assert again.locator(f'section[data-option="{options[-2]}"]').is_visible()
    assert page.troubles == []
    page.emulate_media(media="print")
    for chooser in page.locator("[data-chooser]").all():
        sections = chooser.locator("> section")
        assert shown(sections) == sections.count()


def test_a_states_dossier_has_an_address(visit, address):
    page = visit(address + "chapters/0-introduction.html#state=GEO", address)
    assert page.locator("[data-chooser=state] .tk-option:visible").inner_text() == "Georgia"


# Locators, search, paper


def test_a_locator_tells_its_passage_on_hover_and_focus_and_leads_there(visit, address):
    page = visit(address + "appendix/how-to-cite.html", address)
    link, hint = page.locator("article a.tk-locator").first, page.locator("#tk-hint")
    link.hover()
    hint.wait_for()
    told = hint.inner_text()
    page.keyboard.press("Escape")
    assert not hint.is_visible()
    page.mouse.move(0, 0)
    page.locator("article a:has(+ a.tk-locator), article a").first.focus()
    while not page.evaluate("document.activeElement.classList.contains('tk-locator')"):
        page.keyboard.press("Tab")
    assert hint.inner_text() == told
    page.keyboard.press("Enter")
    page.wait_for_url("**/concordance.html#p-1-2-2-7")
    assert told in page.locator("#p-1-2-2-7").inner_text()


def test_a_term_tells_its_meaning_and_leads_to_the_glossary(visit, address):
    page = visit(address + "index.html", address)
    term = page.locator("article a.tk-term").first
    word = term.inner_text()
    term.hover()
    page.locator("#tk-hint").wait_for()
    meaning = page.locator("#tk-hint").inner_text()
    page.keyboard.press("Escape")
    term.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/glossary.html#term-*")
    entry = page.locator("tr:target")
    assert meaning in entry.inner_text() and word.lower() in entry.inner_text().lower()
    assert page.troubles == []


@pytest.mark.parametrize("disk", [False, True], ids=["served", "from disk"])
def test_search_finds_a_word_of_the_data(visit, site, address, disk):
    origin = site.as_uri() if disk else address
    page = visit(f"{origin.rstrip('/')}/search.html?q=Verteidigungsraum", origin)
    page.locator("#search-results li a").first.wait_for()
    assert page.troubles == []


@pytest.mark.parametrize("path", notebooks(), **IDS)
def test_paper_shows_the_text_and_nothing_to_press(visit, address, path):
    page = visit(address + name_of(path), address, color_scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(34, 39, 46)"
    pressed = page.locator(
        ".bd-sidebar-primary, .bd-header-article, nav, input, select, button:not(.tk-sort)"
    )
    assert shown(pressed) == 0
