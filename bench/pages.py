"""Compare the book's pages with those that stock Jupyter Book 1 makes of the same chapters.

Stock is measured twice: offline, every other host unreachable, and with the files that it asks
other hosts for served from their npm packages on this machine. The second is the best case for it:
no time is lost on a network, to either book. Text goes compressed by gzip in all cases, and bytes
are those of the bodies as they are sent.
"""

import json
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import NamedTuple
from urllib.parse import urlsplit

import nbformat
from playwright.sync_api import Browser, Error, Request, Route, sync_playwright

from bench.serve import Server, compress, serving
from bench.stock import build_stock
from bench.tools import (
    BUILD,
    MODULES,
    ROOT,
    build,
    chromium,
    empty,
    install_modules,
    timed,
)
from tashkent.charts import MIME
from tashkent.run import notebooks
from tashkent.site.chromium import FLAGS
from tashkent.stored import VIEW

#: A chapter with charts and a widget, looked at closely; the totals are over all.
CHAPTER = "chapters/1-1-structures"
RUNS = 3
#: How long a page may take to draw and to answer after its last request, in milliseconds.
PATIENCE = 3000
NOT_COPIED = shutil.ignore_patterns(".*", "_build", "__pycache__", "tests", "bench")

WATCH = (Path(__file__).parent / "watch.js").read_text(encoding="utf-8")
PACKAGE = re.compile(
    r"https://(?:cdn\.jsdelivr\.net/npm|unpkg\.com)/"
    r"(?P<name>(?:@[^/]+/)?[^@/?]+)(?:@(?P<version>[^/?]+))?(?:/(?P<path>[^?]+))?"
)
REQUIRE = re.compile(
    r"https://cdnjs\.cloudflare\.com/ajax/libs/(?P<name>require)\.js/(?P<version>[^/]+)/(?P<path>.+)"
)


class Visit(NamedTuple):
    """What was seen of one page, from the first request until nothing more came."""

    requests: int
    hosts: set[str]
    failed: set[str]
    sent: int
    first_chart: float | None
    answer: float | None
    charts: int
    widgets: int
    errors: int


# Files from other hosts


def answer(url: str) -> bytes | None:
    """Find the file that another host would send, in the package of the version it is asked for."""
    asked = PACKAGE.match(url) or REQUIRE.match(url)
    if not asked:
        return None
    folder = MODULES / asked["name"].replace("require", "requirejs")
    if not (folder / "package.json").is_file():
        return None
    described = json.loads((folder / "package.json").read_text(encoding="utf-8"))
    version = described["version"]
    if asked["version"] and not f"{version}.".startswith(f"{asked['version']}."):
        return None
    path = folder / (asked["path"] or described.get("jsdelivr") or described["main"])
    return path.read_bytes() if path.is_file() else None


def nothing(url: str) -> None:
    """Answer as an unreachable host does."""


# Visits


def visit(
    browser: Browser, server: Server, name: str, other: Callable[[str], bytes | None]
) -> Visit:
    """Open a page with nothing cached, and watch it until it is drawn and quiet."""
    hosts, failed, errors, asked = set(), set(), [], []
    sent = 0

    def elsewhere(route: Route) -> None:
        nonlocal sent
        url = route.request.url
        hosts.add(urlsplit(url).hostname)
        body = other(url)
        if body is None:
            failed.add(url)
            route.abort("internetdisconnected")
        else:
            sent += len(compress(body, "text/javascript")[0])
            headers = {"Access-Control-Allow-Origin": "*"}
            route.fulfill(body=body, content_type="text/javascript", headers=headers)

    def note(request: Request) -> None:
        if request.url.startswith("http"):
            asked.append(request.url)

    here = server.address
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.add_init_script(WATCH)
    context.route(lambda url: url.startswith("http") and not url.startswith(here), elsewhere)
    page = context.new_page()
    page.on("request", note)
    page.on("console", lambda message: message.type == "error" and errors.append(message.text))
    page.on("pageerror", lambda error: errors.append(str(error)))
    server.sent = 0
    page.goto(f"{here}{name}.html", wait_until="load")
    _wait(lambda: page.wait_for_load_state("networkidle", timeout=15_000))
    page.evaluate("(limit) => bench.settled(limit).then(() => null)", PATIENCE)
    seen = page.evaluate("({chart: bench.chart, answer: bench.answer, charts: bench.charts()})")
    answering = page.evaluate("bench.answering()")
    context.close()
    return Visit(
        requests=len(asked),
        hosts=hosts,
        failed=failed,
        sent=sent + server.sent,
        first_chart=seen["chart"],
        answer=seen["answer"] or None,
        charts=seen["charts"],
        widgets=answering,
        errors=len(errors),
    )


def _wait(until: Callable[[], object]) -> None:
    """Wait no longer than the limit: what does not come then is a result, too."""
    try:
        until()
    except Error as error:
        if "Timeout" not in str(error):
            raise


# Builds


def build_book(folder: Path) -> tuple[list[float], float]:
    """Build a copy of the book, clean: seconds of some builds, and to execute all notebooks."""
    shutil.copytree(ROOT, empty(folder), ignore=NOT_COPIED, dirs_exist_ok=True)
    seconds = []
    for _ in range(RUNS):
        shutil.rmtree(folder / "_build", ignore_errors=True)
        seconds.append(build(folder, folder))
    return seconds, timed([sys.executable, "-m", "tashkent", "run", "--force"], folder, folder)


def size(folder: Path) -> int:
    """Add up the files of a built site."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def outputs(kind: str) -> int:
    """Count the outputs of one type that the chapters hold."""
    return sum(
        kind in output.get("data", {})
        for path in notebooks()
        for cell in nbformat.read(path, as_version=4).cells
        for output in cell.get("outputs", [])
    )


# The tables


def measure() -> str:
    """Build both books, visit their chapters, and write what was seen as Markdown."""
    browser_path = chromium()
    install_modules()
    print("Building this book ...", flush=True)
    ours, executing = build_book(BUILD / "book")
    print("Building the same chapters with stock Jupyter Book ...", flush=True)
    stock = build_stock(BUILD / "stock")
    sites = [BUILD / name / "_build" / "html" for name in ("stock", "stock", "book")]
    names = [path.relative_to(ROOT).with_suffix("").as_posix() for path in notebooks()]
    seen, close = [], []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=FLAGS)
        for site, other in zip(sites, (nothing, answer, nothing), strict=True):
            print(f"Visiting {site.relative_to(BUILD).parts[0]}, {other.__name__} ...", flush=True)
            with serving(site) as server:
                visit(browser, server, "index", other)  # the browser's own first time
                seen.append([visit(browser, server, name, other) for name in names])
                close.append([visit(browser, server, CHAPTER, other) for _ in range(RUNS)])
        browser.close()
    unanswered = sorted(set().union(*(one.failed for one in seen[1])))
    built = [f"{stock:.0f} s, executing", "", f"{median(ours):.0f} s, from stored outputs"]
    anew = [f"{stock:.0f} s", "", f"{executing + median(ours):.0f} s"]
    sizes = [f"{size(site) / 1e6:.1f} MB" for site in sites]
    return "\n".join(
        [
            "Stock is Jupyter Book 1 with its default configuration, offline, and with what it asks"
            " other hosts for answered on this machine. Text is sent as gzip, and no network delays"
            " either book.",
            "",
            f"One chapter with charts and a widget, `{CHAPTER}`, medians of {RUNS}:",
            "",
            *table(chapter_rows(close)),
            "",
            f"All {len(names)} chapters:",
            "",
            *table(
                [
                    *total_rows(seen),
                    ["clean build", *built],
                    ["clean build, all notebooks executed", *anew],
                    ["size on disk", *sizes],
                ]
            ),
            "",
            *(["Not answered from packages, and counted as failed:", ""] if unanswered else []),
            *(f"- {url}" for url in unanswered),
        ]
    ).rstrip()


def chapter_rows(visits: list[list[Visit]]) -> list[list[str]]:
    """Write what was seen of the one chapter, a column for each way of serving it."""

    def after(value: Callable[[Visit], float | None]) -> list[str]:
        found = [[value(one) for one in some] for some in visits]
        return [f"{median(some):,.0f} ms" if all(some) else "never" for some in found]

    def count(value: Callable[[Visit], float]) -> list[str]:
        return [f"{median(map(value, some)):,.0f}" for some in visits]

    return [
        ["requests", *count(lambda one: one.requests)],
        ["other hosts asked", *count(lambda one: len(one.hosts))],
        ["kB over the wire", *count(lambda one: one.sent / 1000)],
        ["first chart shows after", *after(lambda one: one.first_chart)],
        ["widget answers after", *after(lambda one: one.answer)],
        ["console errors", *count(lambda one: one.errors)],
    ]


def total_rows(visits: list[list[Visit]]) -> list[list[str]]:
    """Add up what was seen of all chapters, a column for each way of serving them."""
    charts, widgets = outputs(MIME), outputs(VIEW)
    return [
        ["charts that show", *(f"{sum(v.charts for v in some)} of {charts}" for some in visits)],
        [
            "widgets that answer",
            *(f"{sum(v.widgets for v in some)} of {widgets}" for some in visits),
        ],
        ["requests", *(f"{sum(v.requests for v in some):,}" for some in visits)],
        [
            "other hosts asked",
            *(f"{len(set().union(*(v.hosts for v in some)))}" for some in visits),
        ],
        ["requests that failed", *(f"{sum(len(v.failed) for v in some)}" for some in visits)],
        ["kB over the wire", *(f"{sum(v.sent for v in some) / 1000:,.0f}" for some in visits)],
        ["console errors", *(f"{sum(v.errors for v in some)}" for some in visits)],
    ]


def table(rows: list[list[str]]) -> list[str]:
    """Write rows as a Markdown table with a column for each book."""
    head = ["", "stock, offline", "stock, other hosts answered here", "this book, offline"]
    return [f"| {' | '.join(row)} |" for row in [head, ["---", *["---:"] * 3], *rows]]
