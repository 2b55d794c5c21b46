"""The built site, made once for all the tests that look at it, and a browser to look at it with."""

import functools
import http.server
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from book import ROOT
from filelock import FileLock

from tashkent.site import chromium

IGNORED = shutil.ignore_patterns(".*", "_build", "__pycache__", "tests")


def start_build(source: Path, output: Path, **environment: str) -> subprocess.Popen:
    """Start the plain command of the README, warnings being errors, on a copy of the book."""
    command = [Path(sys.executable).with_name("jupyter-book"), "build", source]
    command += ["--path-output", output, "-W", "-n", "--keep-going"]
    return subprocess.Popen(
        command,
        cwd=source,
        env=os.environ | {"PYTHONPATH": str(source)} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def finish(build: subprocess.Popen) -> tuple[int, str]:
    log, _ = build.communicate(timeout=600)
    return build.returncode, log


@pytest.fixture(scope="session")
def builds(tmp_path_factory, worker_id) -> list[Path]:
    """Build the book twice at a time: as it is, and elsewhere under another zone and seed.

    Tests that run side by side share the two sites.
    """
    alone = worker_id == "master"
    shared = tmp_path_factory.getbasetemp() if alone else tmp_path_factory.getbasetemp().parent
    first, second = shared / "first", shared / "second" / "elsewhere"
    sites = [first / "_build" / "html", second / "_build" / "html"]
    with FileLock(shared / "builds.lock"):
        if first.exists():
            assert all(map(Path.exists, sites)), (
                "the book could not be built, see the first failure"
            )
            return sites
        shutil.copytree(ROOT, second, ignore=IGNORED)
        running = [
            start_build(ROOT, first),
            start_build(second, second, TZ="Pacific/Auckland", PYTHONHASHSEED="7"),
        ]
        for build in running:
            code, log = finish(build)
            told = [
                line for line in log.splitlines() if re.search(r"WARNING|ERROR|[Ee]rror:", line)
            ]
            assert code == 0, "\n".join(told) or log[-4000:]
    return sites


@pytest.fixture(scope="session")
def site(builds) -> Path:
    """Give the folder of the built site."""
    return builds[0]


@pytest.fixture(scope="module")
def browser():
    """Start Chromium; where there is none, skip, and fail where CI is set."""
    lacks = ""
    if not importlib.util.find_spec("playwright"):
        lacks = "no Playwright: pip install -r requirements-test.txt"
    elif not chromium.path():
        lacks = chromium.LACKING
    if lacks:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(lacks)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium.path(), args=chromium.FLAGS)
        yield running
        running.close()


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files without a word."""

    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def address(site):
    """Serve the site on a free port of this machine, in a folder as many hosts do."""
    handler = functools.partial(Quiet, directory=str(site.parent))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/{site.name}/"
        server.shutdown()


@pytest.fixture
def visit(browser):
    """Open addresses in new pages, and note what a reader should never meet."""
    contexts = []

    def opened(url: str, origin: str, routes=None, watch=None, **options):
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        for pattern, answer in (routes or {}).items():
            page.route(pattern, answer)
        page.troubles = []
        note = page.troubles.append
        page.on("console", lambda m: note(f"{m.type}: {m.text}"))
        page.on("pageerror", lambda error: note(str(error)))
        page.on("response", lambda r: r.status >= 400 and note(f"{r.status} {r.url}"))
        page.on("requestfailed", lambda r: note(f"failed: {r.url}"))
        page.on("request", lambda r: r.url.startswith((origin, "data:")) or note(f"asks {r.url}"))
        responses = []
        page.on("response", lambda response: responses.append(response))
        page.goto(url, wait_until="load")
        page.wait_for_timeout(50)
        if watch:
            list(map(watch, responses))
        return page

    yield opened
    for context in contexts:
        context.close()
