"""Make the same book for stock Jupyter Book 1: its chapters, no extension, no configuration.

The copy has a `_config.yml` with title and author and nothing else, so that Jupyter Book's own
defaults hold: it executes the notebooks as it builds. What differs from the book's sources:

- The cell that imports the package ends with three lines more, which give charts and tables back to
  the renderers that Altair and pandas have by themselves.
- Outputs and widget states are taken out, so that the default `execute_notebooks: auto` executes.
- Where the appendix uses a directive of the book's own, a sentence stands instead.

Once it is built, one attribute is taken out of its pages: the checksum of require.js. The file that
answers for it here is minified from its package, and Chromium would refuse it for the difference,
and with it every widget.
"""

import re
import shutil
import sys
from pathlib import Path

import nbformat

from bench import BenchError
from bench.tools import HERE, empty, timed
from tashkent.run import ROOT, notebooks

CONFIG = """\
title: Regional Security Structures in the CIS
author: The companion's contributors
bibtex_bibfiles: [references.bib]
"""
OWN_RENDERERS = """

import altair, pandas
altair.renderers.enable("default")
get_ipython().display_formatter.formatters["text/html"].pop(pandas.DataFrame, None)"""
INTEGRITY = re.compile(r'\s+integrity="[^"]*"\s+')
DIRECTIVE = re.compile(
    r"^```\{(?:codebook|codebook-table|concordance|coverage|glossary-table|names-table|downloads)\}"
    r".*?^```",
    re.M | re.S,
)


def build_stock(folder: Path) -> float:
    """Copy the book into a folder, build it there, and return the seconds of the build.

    Raises
    ------
    BenchError
        Where a notebook fails: stock would go on, and show less than there is.
    """
    copy_stock(folder)
    seconds = timed([sys.executable, HERE / "plain.py", "build", "."], folder)
    if failed := [path.name for path in (folder / "_build").rglob("*.err.log")]:
        raise BenchError(f"notebooks that fail in the stock build: {', '.join(failed)}")
    for page in (folder / "_build" / "html" / "chapters").glob("*.html"):
        page.write_text(INTEGRITY.sub(" ", page.read_text("utf-8")), encoding="utf-8")
    return seconds


def copy_stock(folder: Path) -> None:
    """Copy the book's pages into a folder, as stock Jupyter Book takes them."""
    empty(folder)
    (folder / "_config.yml").write_text(CONFIG, encoding="utf-8")
    shutil.copy(ROOT / "_toc.yml", folder)
    shutil.copy(ROOT / "data" / "references.bib", folder)
    for page in [ROOT / "index.md", *sorted((ROOT / "appendix").glob("*.md"))]:
        copy = folder / page.relative_to(ROOT)
        copy.parent.mkdir(exist_ok=True)
        text = DIRECTIVE.sub(
            "This page is made by the book's own extension.", page.read_text("utf-8")
        )
        copy.write_text(text, encoding="utf-8")
    for path in notebooks():
        copy = folder / path.relative_to(ROOT)
        copy.parent.mkdir(exist_ok=True)
        copy.write_text(_plain(path), encoding="utf-8")


def _plain(path: Path) -> str:
    notebook = nbformat.read(path, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for cell in code:
        if "from tashkent" in cell.source:
            cell.source += OWN_RENDERERS
        cell.outputs, cell.execution_count = [], None
    notebook.metadata.pop("widgets", None)
    notebook.metadata.pop("tashkent", None)
    return nbformat.writes(notebook)
