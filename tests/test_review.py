"""`python -m tashkent review`: each criterion finds its fault, and nothing is written."""

import csv
import io
import json
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path

import jupyter_client.kernelspec
import nbformat
import pytest
from book import notebooks
from docutils import nodes
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tashkent import review
from tashkent.charts import MIME
from tashkent.review import CRITERIA, LEFT_OPEN, Finding, coverage, look, main
from tashkent.run import run
from tashkent.site.criteria import criteria_table
from tashkent.stored import VIEW, parse, serialise

SPEC = {
    "title": {"text": "Three states acceded in one year", "subtitle": "[0 ¶4; 1.1 ¶5]"},
    "description": "Bars for the states: three of them acceded in the second year of the treaty.",
}
TABLE = "<table><thead><tr><th>state</th></tr></thead></table>"
CAPTIONED = TABLE.replace("<thead", "<caption>Acts</caption><thead")
TITLE = new_markdown_cell("# A title\n\n*On [1.1 ¶1-7].*\n\nWho came in? The tables have it.")
STATED = "Russia ratified as the last, and the treaty came into force after it had done so"
LONG = "\n".join(f"step_{number} = {number}" for number in range(25))


def text(source: str, **metadata) -> nbformat.NotebookNode:
    return new_markdown_cell(source, metadata=metadata)


def code(source: str, *shown: dict, tags=(), count=0) -> nbformat.NotebookNode:
    """A code cell that shows something; `count` is its number, by default its place."""
    outputs = [new_output("display_data", data) for data in shown]
    cell = new_code_cell(source, outputs=outputs, execution_count=count)
    if tags:
        cell.metadata["tags"] = list(tags)
    return cell


def chart(**changes) -> dict:
    return {MIME: SPEC | changes}


def made(*cells) -> nbformat.NotebookNode:
    """A notebook as a full run would have stored it, but for what a cell says itself."""
    book = new_notebook(cells=[TITLE.copy(), *map(nbformat.from_dict, cells)])
    for place, cell in enumerate((c for c in book.cells if c.cell_type == "code"), start=1):
        if cell.execution_count == 0:
            cell.execution_count = place
    return book


def told(*cells) -> list[tuple[int | None, str]]:
    """What is found when the cells are read: the cell and the criterion."""
    return [(cell, criterion) for cell, criterion, *_ in look(made(*cells), None)]


CLEAN = [
    code("from tashkent import caption, load"),
    text(f"## A part\n\n{STATED}, on 31 July 1993 [1.1 ¶3]. " * 2),
    text("The table lists it, from `../data` and [the web](https://example.org):"),
    code("caption(load('events'), 'Acts')", {"text/html": CAPTIONED}),
]

FAULTS = {
    "locator_missing": [
        text(f"## A part\n\n{STATED}.\n\nSo the report has it [1.1 ¶3]."),
        text(f"{STATED}, as all could see who looked at it with some care. " * 5),
    ],
    "locator_unknown": [
        text("So says the report [1.1 ¶99]."),
        text("So says the report [1.1 ¶3; 9.9 ¶1]."),
        text("So says the report [1.1, ¶3]."),
        text("So says another [record: no_such_key]."),
        code("chart", chart(title={"text": SPEC["title"]["text"], "subtitle": "[1.1 ¶99]"})),
    ],
    "number_untested": [
        text("Russia ratified on 30 July 1993 [1.1 ¶3]."),
        text("Seventeen states ratified [1.1 ¶3]."),
        text("Azerbaijan, Armenia and Belarus acceded [1.1 ¶5]."),
    ],
    "figure_undescribed": [
        code("chart", chart(description=" ")),
        code("picture", {"image/png": "aGVsbG8="}),
    ],
    "figure_unsourced": [
        code("chart", chart(title={"text": "Accessions", "subtitle": "[0 ¶4]"})),
        code("chart", chart(title=SPEC["title"]["text"])),
    ],
    "table_uncaptioned": [code("table", {"text/html": TABLE})],
    "cell_long": [code(LONG), code("def steps():\n    " + LONG.replace("\n", "\n    "))],
    "path_absolute": [
        code("place = '/home/me/table.csv'"),
        code("place = '~/table.csv'"),
        code(r"place = 'C:\\me\\table.csv'"),
        code("place = 'file:///table.csv'"),
        code("place = 'https://example.org/table.csv'"),
        text("So it looks: ![a picture](/Users/me/picture.png)"),
        text(r"So it looks: ![a picture](C:\me\picture.png)"),
    ],
    "door_opened": [
        code("!pip install seaborn"),
        code("%pip install seaborn"),
        code("%%bash\nls"),
        code("import sys\nsys.path.insert(0, '..')"),
        code("import warnings\nwarnings.filterwarnings('ignore')"),
        code("import os\nos.system('ls')"),
        code("import os\nos.remove('rows.csv')"),
        code("load('states').to_csv('states.csv')"),
        code("exec('load')"),
        code("import subprocess"),
        code("from urllib.request import urlopen"),
        code("import pandas as pd\npd.read_csv('table.csv')"),
        code("open('table.csv')"),
        code("1 / 0", tags=["raises-exception"]),
    ],
    "output_stale": [code("1 + 1", count=None)],
    "run_order": [code("1 + 1", count=7)],
    "does_not_run": [code("1 +")],
}


def test_a_clean_notebook_has_no_finding():
    assert told(*CLEAN, code("chart", chart())) == []


@pytest.mark.parametrize(
    ("criterion", "cell"),
    [(criterion, cell) for criterion, cells in FAULTS.items() for cell in cells],
    ids=lambda given: given if isinstance(given, str) else given.source[-30:],
)
def test_a_fault_is_found_once_and_as_what_it_is(criterion, cell):
    place = None if criterion == "run_order" else len(CLEAN) + 2
    assert told(*CLEAN, cell) == [(place, criterion)]


def test_each_criterion_is_tried():
    assert set(FAULTS) | {"notebook_unreadable", "data_faulty"} == set(CRITERIA)


@pytest.mark.parametrize(
    "cells",
    [
        [text(f"## A part\n\n{STATED}:"), code("1")],
        [code("1"), text(STATED)],
        [text((STATED + " ") * 6), code("assert True", tags=["checked"])],
        [text(f"## Where next\n\n{STATED}: [the next](1-1-structures.ipynb).\n\nOn [1.1 ¶3].")],
        [text(f"## Exercises\n\n{STATED}? Say why.\n\nAnd then some [1.1 ¶3].")],
        [text(f"## A part\n\n```\n{STATED}\n\n[9.9 ¶9] /home/me\n```\n\nSo it is [1.1 ¶3].")],
        [text(f"## A part\n\n% {STATED} [9.9 ¶9].\n\nSo it is [1.1 ¶3].")],
    ],
    ids=["introduces", "reads", "checked", "leads on", "exercise", "code", "comment"],
)
def test_what_needs_no_locator(cells):
    assert told(*cells) == []


def test_lines_of_a_chart_do_not_make_a_cell_long():
    steps = "\n".join(LONG.splitlines()[:24])
    assert told(code(f"{steps}\nalt.Chart(rows).mark_bar()")) == []
    assert told(code(f"{steps}\ntable")) == [(2, "cell_long")]


def test_a_notebook_that_was_never_run_is_said_once():
    assert told(code("1", count=None), code("2", count=None)) == [(None, "output_stale")]


def test_a_marker_sees_what_is_covered():
    cells = [
        text("[1.1 ¶3-4; fn 5] and [9.9 ¶9]", exempt={"¶9": "a reason"}),
        code("load('events')"),
    ]
    passages, claims, tables, exempt = coverage(made(*cells))
    assert passages.startswith("cites 3 of 172 passages: 1.1 2 of ")
    assert claims.startswith("these passages make ")
    assert tables == "tables loaded: events"
    assert exempt == "phrases exempt from the check: 1, in cells 2"


# The command


def write(folder: Path, name: str, *cells) -> Path:
    path = folder / name
    nbformat.write(made(*cells), path)
    return path


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


WRITES = """from pathlib import Path
Path("stray.txt").write_text("x")
Path("writes.ipynb").write_text("gone")
_ = Path("writes/notes.txt").write_text("gone")"""
WARNS = "import os, sys\nprint(os.getpid(), file=sys.stderr)"
WIDGET = "import ipywidgets\nipywidgets.HTML('one')"
FLOOD = "while True:\n    print('x' * 100_000)"


@pytest.fixture(scope="module")
def submissions(tmp_path_factory):
    """A folder of notebooks as students hand them in, and what is in it."""
    folder = tmp_path_factory.mktemp("work") / "in"
    (folder / "folder.ipynb").mkdir(parents=True)
    (folder / ".ipynb_checkpoints").mkdir()
    (folder / ".ipynb_checkpoints/old.ipynb").write_text("{")
    (folder / "writes").mkdir()
    (folder / "writes/notes.txt").write_text("key\none\n")
    good = write(folder, "good.ipynb", *map(code, ["print(1 + 1)", "{1: 'one'}", WARNS, WIDGET]))
    run([good], force=True, root=folder)
    saved = parse(good.read_text("utf-8"))  # as JupyterLab saves it: a widget without its state
    del saved.metadata["widgets"]
    saved.cells[4].outputs[0].data[VIEW]["model_id"] = "another"
    good.write_text(serialise(saved), encoding="utf-8")
    (folder / "stale.ipynb").write_bytes(
        good.read_bytes().replace(b"{1: 'one'}\"\n      ]", b'{}"\n      ]')
    )
    write(folder, "fails.ipynb", code("rows = 0"), text("## Then"), code("# share\n1 / rows"))
    write(folder, "writes.ipynb", code(WRITES))
    write(folder, "floods.ipynb", code(FLOOD))
    write(folder, "=formula.ipynb", text("So it is [1.1 ¶99]."))
    (folder / "broken.ipynb").write_text("{")
    (folder / "empty.ipynb").write_text("")
    (folder / "old.ipynb").write_text('{"nbformat": 3, "worksheets": []}')
    (folder / "odd.ipynb").write_text(json.dumps(made(text("a", exempt=["list"]))))
    return folder, contents(folder)


def answer(*arguments) -> tuple[int, str, str]:
    """The command's exit code and what it says on its two streams."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main(list(map(str, arguments)))
    return code, out.getvalue(), err.getvalue()


@pytest.fixture(scope="module")
def reviewed(submissions):
    """The folder after a review: exit code, the lines printed, the table written."""
    folder, _ = submissions
    table = folder.parent / "table.csv"
    with chdir(folder):
        code, out, _ = answer(".", "--csv", table)
    return code, out.splitlines(), table


def lines(out: list[str], name: str) -> list[str]:
    """What is found in a notebook, without its name."""
    return [x.removeprefix(name) for x in out if x.startswith((f"{name}, cell", f"{name}: "))][1:]


RUN = "expected a run from top to bottom"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("good", []),
        ("stale", [', cell 3: output_stale: "{}", expected "{1: \'one\'}"']),
        (
            "fails",
            [
                f', cell 4: does_not_run: cell [2] "1 / rows": ZeroDivisionError: '
                f"division by zero, {RUN}"
            ],
        ),
        (
            "floods",
            [
                f", cell 2: does_not_run: cell [1] \"print('x' * 100_000)\": RuntimeError: it "
                f"prints more than 10,000,000 characters, {RUN}"
            ],
        ),
        (
            "writes",
            [
                f", cell 2: door_opened: `Path('{name}').write_text`, expected nothing written"
                for name in ("stray.txt", "writes.ipynb", "writes/notes.txt")
            ],
        ),
        ("empty", [": notebook_unreadable: an empty file, expected a notebook of format 4"]),
        ("folder", [": notebook_unreadable: a folder, expected a notebook of format 4"]),
        ("old", [": notebook_unreadable: notebook format 3, expected 4"]),
        (
            "=formula",
            [
                ", cell 2: locator_unknown: [1.1 ¶99], no such passage: 1.1 ¶99, "
                "expected 1.1 ¶1 to 1.1 ¶8"
            ],
        ),
    ],
)
def test_each_finding_is_one_line(reviewed, name, expected):
    assert lines(reviewed[1], f"{name}.ipynb") == expected


@pytest.mark.parametrize("name", ["broken", "odd"])
def test_an_odd_file_is_named_and_the_others_are_reviewed(reviewed, name):
    (line,) = lines(reviewed[1], f"{name}.ipynb")
    assert line.startswith(": notebook_unreadable: ")


def test_a_line_for_each_notebook_counts_and_the_reader_s_part_is_said(reviewed):
    code, out, _ = reviewed
    assert code == 1
    head = next(at for at, line in enumerate(out) if line.split()[:2] == ["notebook", "all"])
    names = [line.split()[0] for line in out[head + 1 : head + 11]]
    assert names == sorted(names) and names[0] == "=formula.ipynb" and len(names) == 10
    assert out[head + 1].split()[1] == "1"
    assert out[-2:] == ["notebooks: 11, 12 findings", f"left to the reader: {LEFT_OPEN}"]


def test_the_table_has_a_row_for_each_finding(reviewed):
    _, out, table = reviewed
    with table.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == Finding._fields
    printed = [line for line in out if ": " in line and line.split(": ")[1] in CRITERIA]
    cells = [Finding(**row | {"cell": row["cell"] or None}) for row in rows]
    assert [str(finding).removeprefix("'") for finding in cells] == printed
    assert rows[0]["notebook"] == "'=formula.ipynb"


def test_nothing_is_written_to_what_is_reviewed(submissions, reviewed):
    folder, before = submissions
    assert contents(folder) == before


def test_without_a_run_no_kernel_is_started(submissions, monkeypatch):
    monkeypatch.setattr(review, "run_copies", None)
    folder, _ = submissions
    code, out, err = answer("--no-run", folder / "good.ipynb", folder / "stale.ipynb")
    assert (code, err) == (0, "")
    assert out.splitlines()[-2] == "notebooks: 2, no findings"
    assert answer("--no-run", folder) == answer("--no-run", folder)


def test_an_endless_cell_is_stopped(tmp_path):
    path = write(tmp_path, "loop.ipynb", code("while True:\n    pass"))
    out = answer(path, "--seconds", 1)[1]
    assert 'cell 2: does_not_run: cell [1] "while True:": no answer in 1 seconds' in out


def test_a_missing_kernel_is_said_in_one_line(tmp_path, monkeypatch):
    def none(self, name):
        raise jupyter_client.kernelspec.NoSuchKernel(name)

    monkeypatch.setattr(jupyter_client.kernelspec.KernelSpecManager, "get_kernel_spec", none)
    out = answer(write(tmp_path, "good.ipynb", code("1")))[1]
    assert "good.ipynb: does_not_run: no Jupyter kernel 'python3' here, install the" in out


def test_its_own_tables_are_checked(tmp_path):
    path = write(tmp_path, "own.ipynb", text("So it is [1.1 ¶3]."))
    (tmp_path / "own").mkdir()
    (tmp_path / "own/datapackage.json").write_text("{")
    code, out, _ = answer("--no-run", path)
    assert code == 1
    assert "own.ipynb: data_faulty: own/datapackage.json: no JSON" in out


@pytest.mark.parametrize("arguments", [[], ["--csv", "a.ipynb", "."], ["--csv", "no/a.csv", "."]])
def test_wrong_usage_is_said(arguments):
    with pytest.raises(SystemExit) as stopped:
        answer(*arguments)
    assert stopped.value.code == 2


def test_a_path_that_cannot_be_read_is_said_and_the_others_are_reviewed(tmp_path):
    path = write(tmp_path, "good.ipynb", text("So it is [1.1 ¶3]."))
    (tmp_path / "empty").mkdir()
    code, out, err = answer("--no-run", path, tmp_path / "empty", tmp_path / "none.ipynb")
    assert code == 2
    assert out.startswith(f"{path}: no findings")
    assert err.splitlines() == [
        f"{tmp_path / 'empty'}: no notebook, expected .ipynb or a folder of such",
        f"{tmp_path / 'none.ipynb'}: no such file or folder",
    ]


# The rubric, and the book itself


def test_the_rubric_has_each_criterion():
    rows = [[cell.astext() for cell in row] for row in criteria_table().findall(nodes.row)]
    asked = {name: says.replace("`", "") for name, says in CRITERIA.items()}
    assert dict(rows[1:]) == asked


def test_the_book_holds_to_what_it_asks_of_students():
    found = [(path, *one) for path in notebooks() for one in look(review.read(path), None)]
    assert {one[2] for one in found} <= {"locator_missing", "cell_long"}
    assert len(found) < len(notebooks()), found
