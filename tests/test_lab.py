"""`make lab` as a student meets it: a chapter opens, runs, draws its charts and answers."""

import contextlib
import os
import shutil
import socket
import subprocess
import urllib.error
import urllib.request

import nbformat
import pytest
from book import ROOT

from tashkent.charts import MIME

if not shutil.which("make"):
    pytest.skip("no make: apt-get install make", allow_module_level=True)

CHAPTER = "2-3-doctrine.ipynb"

#: What a page may ask for: this machine, and what it holds itself.
OWN = ("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:")

#: The prompt of the cell that an output belongs to.
PROMPT = "e => e.closest('.jp-Cell').querySelector('.jp-InputPrompt').textContent"


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """Start JupyterLab by the Makefile on a copy of the chapter, and give its address."""
    folder = tmp_path_factory.mktemp("lab")
    (folder / "chapters").mkdir()
    shutil.copy(ROOT / "chapters" / CHAPTER, folder / "chapters")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    arguments = (
        f"--no-browser --ServerApp.ip=127.0.0.1 --ServerApp.port={port} --ServerApp.port_retries=0 "
        f"--IdentityProvider.token= --ServerApp.root_dir={folder}"
    )
    log = folder / "log"
    server = subprocess.Popen(
        ["make", "lab", f"ARGS={arguments}"],
        cwd=ROOT,
        stdout=log.open("w"),
        stderr=subprocess.STDOUT,
        start_new_session=True,
        env=os.environ | {"JUPYTER_CONFIG_DIR": str(folder / "config")},
    )
    try:
        _until_it_answers(server, f"http://127.0.0.1:{port}/api", log)
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(server.pid, 15)
        server.wait(30)


def _until_it_answers(server, address, log):
    for _ in range(240):
        try:
            with urllib.request.urlopen(address):
                return
        except (urllib.error.URLError, ConnectionError):
            with contextlib.suppress(subprocess.TimeoutExpired):
                server.wait(0.5)
                break
    pytest.fail(f"JupyterLab does not answer:\n{log.read_text()[-2000:]}")


@pytest.fixture(scope="module")
def chapter(browser, lab):
    """Open the chapter from the list, clear what is stored, run every cell from the menu."""
    from playwright.sync_api import expect

    page = browser.new_page(viewport={"width": 1400, "height": 1000})
    page.troubles = []
    page.on("request", lambda r: r.url.startswith(OWN) or page.troubles.append(r.url))
    # JupyterLab asks for the kernel where a notebook is opened before the kernels are listed.
    asked = page.get_by_role("dialog").get_by_role("button", name="Select", exact=True)
    page.add_locator_handler(asked, lambda button: button.click())
    page.goto(lab)
    page.wait_for_selector(".jp-Launcher", timeout=90_000)
    page.locator(".jp-DirListing-item", has_text=CHAPTER).dblclick()
    page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=90_000)
    kernel = page.locator(".jp-NotebookPanel .jp-Toolbar-kernelName")
    expect(kernel).to_contain_text("Python 3", timeout=90_000)
    page.wait_for_selector('.jp-Notebook-ExecutionIndicator[data-status="idle"]', timeout=90_000)
    _menu(page, "Edit", "Clear Outputs of All Cells")
    page.wait_for_selector(".jp-OutputArea-output", state="detached", timeout=30_000)
    _menu(page, "Run", "Run All Cells")
    page.wait_for_selector(".jp-OutputArea-output", timeout=90_000)
    page.wait_for_selector('.jp-Notebook-ExecutionIndicator[data-status="idle"]', timeout=90_000)
    yield page
    page.close()


def _menu(page, name, entry):
    page.get_by_role("menuitem", name=name, exact=True).click()
    page.get_by_role("menuitem", name=entry, exact=True).click()


def _down(page):
    """Go a screen's third down and wait until it is drawn: JupyterLab draws what is in view."""
    page.mouse.wheel(0, 300)
    page.evaluate("() => new Promise(done => requestIdleCallback(done, {timeout: 500}))")


def test_every_cell_runs_and_every_chart_is_drawn(chapter):
    book = nbformat.read(ROOT / "chapters" / CHAPTER, as_version=4)
    charts = sum(MIME in out.get("data", {}) for c in book.cells for out in c.get("outputs", []))
    seen = set()
    chapter.locator(".jp-WindowedPanel-outer").first.hover()
    for _ in range(200):
        drawn = chapter.locator(".vega-embed svg:visible, .vega-embed canvas:visible").all()
        seen |= {chart.evaluate(PROMPT) for chart in drawn}
        if len(seen) == charts:
            break
        _down(chapter)
    assert len(seen) == charts > 0
    assert chapter.locator('[data-mime-type="application/vnd.jupyter.stderr"]').count() == 0


def test_the_widget_answers(chapter):
    from playwright.sync_api import expect

    menu = chapter.locator(".jp-OutputArea select").first
    for _ in range(200):
        if menu.count():
            break
        _down(chapter)
    panel = chapter.locator(".jp-OutputArea .widget-html:visible").first
    before = panel.inner_text()
    menu.select_option(index=1)
    expect(panel).not_to_have_text(before)


def test_nothing_is_asked_of_another_host(chapter):
    assert chapter.troubles == []
