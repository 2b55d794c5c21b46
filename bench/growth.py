"""Measure how the work grows: with chapters, with notebooks to run, with rows to check.

The chapters are made for this: each has its own stored chart, a table, and paragraphs with
locators. They are built by the book's own configuration and extension.
"""

import shutil
import sys
from pathlib import Path

import altair as alt
import nbformat
import nbformat.v4 as form
import pandas as pd

from bench import BenchError
from bench.tools import BUILD, ROOT, build, empty, timed
from tashkent import load
from tashkent.charts import MIME
from tashkent.data import DATA, package, read_text
from tashkent.stored import canonical
from tashkent.widgets import caption, table_html

CHAPTERS = (50, 100, 200)
NOTEBOOKS = (5, 10, 20)
TIMES = (1, 2, 4)

#: Tables that may have any number of rows without a fault, the largest among them.
GROWING = ("claims", "command_levels", "events", "glossary", "positions", "report_terms", "ties")
#: What has been written into the chapter that is changed, and must show on its page.
CHANGE = "A sentence that was not here before."


def measure() -> str:
    """Build, run and check more and more, and write the seconds as Markdown."""
    book = BUILD / "growth"
    built = []
    for count in CHAPTERS:
        print(f"Building {count} chapters ...", flush=True)
        write_book(book, count)
        built.append(build(book))
    print("Building them again with one changed ...", flush=True)
    changed = rebuild(book, CHAPTERS[-1] // 2)
    run = []
    for count in NOTEBOOKS:
        print(f"Running {count} notebooks ...", flush=True)
        run.append(timed(run_command(BUILD / "notebooks", count), ROOT))
    rows, checked = [], []
    for times in TIMES:
        rows.append(grow_tables(BUILD / "data", times))
        print(f"Checking {rows[-1]} rows ...", flush=True)
        checked.append(timed([sys.executable, "-m", "tashkent", "check", BUILD / "data"], ROOT))
    return "\n".join(
        [
            "Chapters with a chart, a table and locators, built from stored outputs:",
            "",
            *table("chapters", CHAPTERS, built, 1),
            "",
            f"One of {CHAPTERS[-1]} changed, until its page shows it: {changed:.1f} s",
            "",
            "Notebooks of three lines, executed and stored:",
            "",
            *table("notebooks", NOTEBOOKS, run, 1),
            "",
            "`python -m tashkent check`:",
            "",
            *table("rows", rows, checked, 1000),
        ]
    )


def table(what: str, counts: list[int], seconds: list[float], unit: int) -> list[str]:
    """Write counts and seconds as a Markdown table, with what one unit more has cost."""
    written = [f"| {what} | seconds | for each {f'{unit:,} ' if unit > 1 else ''}more |"]
    written += ["| ---: | ---: | ---: |"]
    for number, (count, took) in enumerate(zip(counts, seconds, strict=True)):
        more = ""
        if number:
            slope = (took - seconds[number - 1]) / (count - counts[number - 1]) * unit
            more = f"{slope:.2f}"
        written.append(f"| {count:,} | {took:.1f} | {more} |")
    return written


# Chapters


def write_book(folder: Path, count: int) -> None:
    """Write a book with the configuration and the appendix of this one, and chapters of its own."""
    empty(folder)
    (folder / "chapters").mkdir()
    (folder / "data").mkdir()
    for name in ("_config.yml", "CITATION.cff"):
        shutil.copy(ROOT / name, folder)
    shutil.copy(DATA / "references.bib", folder / "data")
    shutil.copytree(ROOT / "appendix", folder / "appendix")
    (folder / "index.md").write_text("# A book that grows\n\nIts pages follow.\n", encoding="utf-8")
    passages = load("passages")
    for number in range(1, count + 1):
        nbformat.write(chapter(number, passages), path(folder, number))
    pages = [f"chapters/{path(folder, number).stem}" for number in range(1, count + 1)]
    pages += [f"appendix/{page.stem}" for page in sorted((ROOT / "appendix").glob("*.md"))]
    contents = ["format: jb-book", "root: index", "chapters:", *(f"- file: {p}" for p in pages)]
    (folder / "_toc.yml").write_text("\n".join(contents) + "\n", encoding="utf-8")


def path(folder: Path, number: int) -> Path:
    """Name the file of a chapter."""
    return folder / "chapters" / f"{number:03}-chapter.ipynb"


def chapter(number: int, passages: pd.DataFrame) -> nbformat.NotebookNode:
    """Write a chapter with its outputs; what it says and shows changes with its number."""
    turn = [(number * 7 + step) % len(passages) for step in range(18)]
    said = passages.iloc[turn]
    sentences = [f"{gist} [{at}]." for gist, at in zip(said.gist, said.locator, strict=True)]
    paragraphs = [" ".join(sentences[start : start + 3]) for start in range(0, 18, 3)]
    counted = pd.DataFrame(
        {
            "passage": said.locator.to_list()[:12],
            "words": [len(gist.split()) + number for gist in said.gist[:12]],
        }
    )
    bars = alt.Chart(counted).mark_bar().encode(x="words", y=alt.Y("passage", sort=None))
    title = {"text": f"Words of chapter {number}", "subtitle": f"[{said.locator.iloc[0]}]"}
    spec = bars.properties(title=title, description=f"Twelve bars, number {number}.").to_dict()
    shown = caption(counted, f"Words by passage in chapter {number}")
    notebook = form.new_notebook(
        cells=[
            form.new_markdown_cell(f"# Chapter {number}\n\n{paragraphs[0]}\n\n{paragraphs[1]}"),
            _code("counted", 1, {"text/html": table_html(shown), "text/plain": "a table"}),
            form.new_markdown_cell(f"## As a table\n\n{paragraphs[2]}\n\n{paragraphs[3]}"),
            _code("bars", 2, {MIME: spec, "text/plain": "a chart"}),
            form.new_markdown_cell(f"## As a chart\n\n{paragraphs[4]}\n\n{paragraphs[5]}"),
        ]
    )
    return canonical(notebook)


def _code(source: str, count: int, data: dict) -> nbformat.NotebookNode:
    output = form.new_output("execute_result", data=data, execution_count=count)
    return form.new_code_cell(source, execution_count=count, outputs=[output])


def rebuild(folder: Path, number: int) -> float:
    """Change one chapter of a built book, build it again, and return the seconds.

    Raises
    ------
    BenchError
        Where the change does not show on the page.
    """
    changed = path(folder, number)
    notebook = nbformat.read(changed, as_version=4)
    notebook.cells[-1].source += f"\n\n{CHANGE}"
    nbformat.write(notebook, changed)
    seconds = build(folder)
    page = folder / "_build" / "html" / "chapters" / f"{changed.stem}.html"
    if CHANGE not in page.read_text(encoding="utf-8"):
        raise BenchError(f"the change does not show in {page.name}")
    return seconds


# Notebooks and tables


def run_command(folder: Path, count: int) -> list:
    """Write notebooks that load a table each, and give the command that runs them."""
    empty(folder)
    lines = ["import altair as alt", "from tashkent import load", 'load("stages")']
    cells = [form.new_code_cell(line) for line in lines]
    paths = [folder / f"{number:03}.ipynb" for number in range(1, count + 1)]
    for each in paths:
        nbformat.write(form.new_notebook(cells=cells), each)
    return [sys.executable, "-m", "tashkent", "run", *paths]


def grow_tables(folder: Path, times: int) -> int:
    """Copy the data package with some tables several times as long; return the rows of all."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(DATA, folder)
    rows = 0
    for resource in package()["resources"]:
        file = folder / resource["path"]
        one = read_text(file)
        if resource["name"] in GROWING:
            key = resource["schema"]["primaryKey"]
            key = [key] if isinstance(key, str) else key
            copies = [one.assign(**{key[-1]: one[key[-1]] + f"x{n}"}) for n in range(2, times + 1)]
            one = pd.concat([one, *copies]).sort_values(key)
            one.to_csv(file, index=False, lineterminator="\n")
        rows += len(one)
    return rows
