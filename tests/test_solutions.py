"""The switch that builds the book without solutions, tried on one page."""

import subprocess
import sys

import nbformat
import pytest
from book import ROOT

CONF = """\
from tashkent.site.parts import Fold

extensions = ["myst_nb", "tashkent.site.exercises"]
nb_execution_mode = "off"
tashkent_solutions = {shown}


def setup(app):
    app.add_node(Fold, html=(Fold.visit, Fold.depart))
"""


TEXT = """### 1. A question

What is asked.

<details><summary>What a good answer has</summary>

The told answer.

</details>"""


def notebook() -> nbformat.NotebookNode:
    """One exercise of each sort, as chapters have them."""
    v4, tags = nbformat.v4, {"tags": ["solution"]}
    cells = [v4.new_markdown_cell("# Exercises"), v4.new_markdown_cell(TEXT)]
    cells.append(v4.new_code_cell('answer = ...\ncheck("a-name", answer)'))
    cells.append(v4.new_code_cell("computed_answer", metadata=tags))
    return v4.new_notebook(cells=cells)


@pytest.fixture(scope="module")
def texts(tmp_path_factory) -> dict[bool, str]:
    """All that a site of one page holds, with solutions and without."""
    found = {}
    for shown in (True, False):
        folder = tmp_path_factory.mktemp("book")
        nbformat.write(notebook(), folder / "index.ipynb")
        (folder / "conf.py").write_text(CONF.format(shown=shown), encoding="utf-8")
        command = [sys.executable, "-m", "sphinx", "-q", "-b", "html", folder, folder / "site"]
        subprocess.run(command, check=True, cwd=ROOT, capture_output=True)
        pages = [p for p in (folder / "site").rglob("*") if p.suffix in (".html", ".js", ".ipynb")]
        own = [p for p in pages if "_static" not in p.parts]
        found[shown] = "\n".join(p.read_text(encoding="utf-8") for p in own)
    return found


@pytest.mark.parametrize(
    "solution", ["What a good answer has", "The told answer", "computed_answer"]
)
def test_without_solutions_no_file_of_the_site_holds_one(texts, solution):
    assert solution in texts[True]
    assert solution not in texts[False]


@pytest.mark.parametrize("task", ["What is asked", "a-name"])
def test_the_exercises_stay_with_or_without_them(texts, task):
    assert task in texts[True]
    assert task in texts[False]
