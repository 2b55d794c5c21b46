"""The site in a real browser: every page loads quietly, charts show, choosers answer.

Needs Chromium. Where there is none the tests are skipped; where CI is set, that fails.
"""

import functools
import http.server
import importlib.util
import os
import shutil
import threading

import pytest
from book import ROOT, notebooks, pages

IDS = {"ids": lambda path: path.stem}
NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
]


CHROMIUM = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)

lacks = ""
if not importlib.util.find_spec("playwright"):
    lacks = "no Playwright: pip install -r requirements-test.txt"
elif not CHROMIUM:
    lacks = "no Chromium: apt-get install chromium, or name one in the variable CHROMIUM"
if lacks and os.environ.get("CI"):
    raise RuntimeError(lacks)
if lacks:
    pytest.skip(lacks, allow_module_level=True)


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield running
        running.close()


#: Sizes of the words in the pictures, in pixels of the page.
SIZES = """() => [...document.querySelectorAll("figure.tk-chart svg text")].map(
    (text) => parseFloat(getComputedStyle(text).fontSize) * text.closest("svg").getScreenCTM().a)"""


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files without a word."""

    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def address(site):
    """Serve the site on a free port of this machine."""
    handler = functools.partial(Quiet, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture
def visit(browser):
    """Open addresses in new pages, and note what a reader should never meet."""
    contexts = []

    def opened(url: str, origin: str, **options):
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.troubles = []
        note = page.troubles.append
        page.on("console", lambda m: m.type in ("error", "warning") and note(m.text))
        page.on("pageerror", lambda error: note(str(error)))
        page.on("response", lambda r: r.status >= 400 and note(f"{r.status} {r.url}"))
        page.on("requestfailed", lambda r: note(f"failed: {r.url}"))
        page.on("request", lambda r: r.url.startswith((origin, "data:")) or note(f"asks {r.url}"))
        page.goto(url, wait_until="load")
        page.wait_for_timeout(50)
        return page

    yield opened
    for context in contexts:
        context.close()


def name_of(path) -> str:
    return path.relative_to(ROOT).with_suffix(".html").as_posix()


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
