"""`python -m tashkent run`: what is executed again, what is stored, and what a failure says."""

import io
import json
import shutil
from contextlib import redirect_stderr, redirect_stdout

import jupyter_client.kernelspec
import nbformat
import pytest

from tashkent.run import inputs, inputs_beside, is_current, main, notebooks, run, shared_inputs
from tashkent.stored import STATE, VIEW, RunError, canonical, parse, serialise

GOOD = [
    "from pathlib import Path\n\nimport ipywidgets",
    'print("a")\nprint(Path("../data/table.csv").read_text(), flush=True)\nprint("b")',
    "menu = ipywidgets.Dropdown(options=['one', 'two'], index=0)\n"
    "unused = ipywidgets.Text('nowhere shown')\n"
    "stack = ipywidgets.Stack([ipywidgets.HTML(text) for text in ('1', '2')])\n"
    "ipywidgets.jslink((menu, 'index'), (stack, 'selected_index'))\n"
    "ipywidgets.VBox([menu, stack])",
    "",
    "{1: menu.value}",
]
BAD = ["rows = 0", "# the share\n1 / rows"]
ONLINE = ["import socket", "socket.create_connection(('192.0.2.1', 80), timeout=5)"]


def notebook(cells, **more) -> str:
    made = [
        {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": s}
        for s in cells
    ]
    return json.dumps({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5, **more})


def answer(*arguments, root) -> tuple[int, str, str]:
    """The command's exit code and what it says on its two streams."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main(list(map(str, arguments)), root)
    return code, out.getvalue(), err.getvalue()


@pytest.fixture(scope="module")
def first_run(tmp_path_factory):
    """A small book after its first run, and what the command said."""
    root = tmp_path_factory.mktemp("book")
    for folder in ("chapters/.ipynb_checkpoints", "data/codings", "tashkent/site"):
        (root / folder).mkdir(parents=True)
    (root / "chapters/good.ipynb").write_text(notebook(GOOD))
    (root / "chapters/bad.ipynb").write_text(notebook(BAD))
    (root / "chapters/online.ipynb").write_text(notebook(ONLINE))
    (root / "chapters/.ipynb_checkpoints/old.ipynb").write_text("no notebook at all")
    (root / "data/table.csv").write_bytes(b"key,value\none,1\n")
    (root / "data/README.md").write_text("about the data")
    (root / "tashkent/charts.py").write_text("COLOUR = 'blue'\n")
    (root / "tashkent/run.py").write_text("")
    (root / "tashkent/site/pages.py").write_text("")
    return root, *answer(root=root)


@pytest.fixture
def book(first_run, tmp_path):
    """A copy of that book, to be changed."""
    return shutil.copytree(first_run[0], tmp_path / "book")


@pytest.fixture
def good(first_run):
    """The notebook that ran, as it was stored."""
    return nbformat.read(first_run[0] / "chapters/good.ipynb", as_version=4)


def current(book) -> bool:
    return is_current((book / "chapters/good.ipynb").read_text(), shared_inputs(book))


def test_it_says_what_it_runs_and_leaves_checkpoints_alone(first_run):
    _, _, out, _ = first_run
    started = [line for line in out.splitlines() if line.startswith("running")]
    assert started == [f"running chapters/{n}.ipynb ..." for n in ("bad", "good", "online")]
    assert out.splitlines()[-1] == "notebooks: 3, run 3, rewritten 1, failed 2"


def test_a_failing_notebook_keeps_its_file_and_names_its_cell(first_run):
    root, code, _, err = first_run
    assert code == 1
    assert (root / "chapters/bad.ipynb").read_text() == notebook(BAD)
    assert err.splitlines()[0] == (
        'chapters/bad.ipynb, cell [2] "1 / rows": ZeroDivisionError: division by zero'
    )
    assert "Traceback" not in err


def test_notebooks_run_without_a_network(first_run):
    message = first_run[3].splitlines()[1]
    assert message.startswith("chapters/online.ipynb, cell [2]")
    assert message.endswith("a notebook uses no network, and this one asked for 192.0.2.1")


def test_it_is_stored_in_one_form(first_run, good):
    nbformat.validate(good)
    assert (first_run[0] / "chapters/good.ipynb").read_bytes().endswith(b"}\n")
    assert good.metadata.kernelspec == {
        "name": "python3",
        "display_name": "Python 3",
        "language": "python",
    }
    assert good.metadata.language_info == {"name": "python", "pygments_lexer": "ipython3"}
    assert [cell.id for cell in good.cells] == [f"cell-0{n}" for n in (1, 2, 3, 4, 5)]
    assert [cell.execution_count for cell in good.cells] == [1, 2, 3, None, 4]
    assert all(cell.metadata == {} for cell in good.cells)
    (printed,) = good.cells[1].outputs
    assert printed.text == "a\nkey,value\none,1\n\nb\n"
    assert good.cells[4].outputs[0].data["text/plain"] == "{1: 'one'}"


def test_widgets_are_numbered_as_they_appear_and_the_others_dropped(good):
    models = good.metadata.widgets[STATE]["state"]
    assert list(models) == [f"{n:032x}" for n in range(1, len(models) + 1)]
    assert good.cells[2].outputs[0].data[VIEW]["model_id"] == f"{1:032x}"
    names = [model["model_name"] for model in models.values()]
    assert names[0] == "VBoxModel"
    assert names.count("HTMLModel") == 2
    assert "TextModel" not in names
    (link,) = (model["state"] for model in models.values() if model["model_name"] == "LinkModel")
    joined = [
        models[end.removeprefix("IPY_MODEL_")]["model_name"]
        for end, _ in (link["source"], link["target"])
    ]
    assert joined == ["DropdownModel", "StackModel"]
    mentioned = set(json.dumps(models).split("IPY_MODEL_")[1:])
    assert {text[:32] for text in mentioned} <= set(models)


def test_two_runs_store_the_same_bytes(book):
    path = book / "chapters/good.ipynb"
    before = path.read_bytes()
    assert run([path], force=True, root=book) == []
    assert path.read_bytes() == before


def test_unchanged_inputs_are_not_executed_again(book, capsys):
    path = book / "chapters/good.ipynb"
    assert run([path], root=book) == []
    assert capsys.readouterr().out == "notebooks: 1, run 0, rewritten 0, failed 0\n"


def test_a_changed_table_shows(book, capsys):
    path = book / "chapters/good.ipynb"
    (book / "data/table.csv").write_bytes(b"key,value\none,2\n")
    assert run([path], root=book) == [path]
    assert "one,2" in parse(path.read_text()).cells[1].outputs[0].text


@pytest.mark.parametrize(
    "name",
    ["data/table.csv", "data/codings/first.csv", "data/references.bib", "tashkent/charts.py"],
)
def test_data_and_modules_are_inputs(book, name):
    assert current(book)
    with (book / name).open("a") as file:
        file.write("# changed\n")
    assert not current(book)


def test_a_chapter_s_own_data_are_its_inputs_alone(book):
    shared = shared_inputs(book)
    good, bad = (book / f"chapters/{name}.ipynb" for name in ("good", "bad"))
    assert inputs_beside(good, shared) == shared
    (book / "chapters/good").mkdir()
    (book / "chapters/good/notes.txt").write_text("no data")
    assert inputs_beside(good, shared) == shared
    (book / "chapters/good/own.csv").write_bytes(b"a\n1\n")
    before = inputs_beside(good, shared)
    assert before != shared == inputs_beside(bad, shared) == shared_inputs(book)
    assert run([good], root=book) == [good] and run([good], root=book) == []
    (book / "chapters/good/own.csv").write_bytes(b"a\n2\n")
    assert inputs_beside(good, shared) not in (before, shared)
    assert run([good], root=book) == [good]


def test_a_removed_or_renamed_table_is_a_change(book):
    (book / "data/table.csv").rename(book / "data/other.csv")
    assert not current(book)
    (book / "data/other.csv").unlink()
    assert not current(book)


@pytest.mark.parametrize("name", ["data/README.md", "tashkent/run.py", "tashkent/site/pages.py"])
def test_what_changes_no_output_is_no_input(book, name):
    (book / name).write_text("changed\n")
    assert current(book)


def test_line_ends_and_file_times_are_no_change(book):
    path = book / "data/table.csv"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert current(book)


@pytest.mark.parametrize("change", ["source", "tags", "outputs", "kernel"])
def test_a_changed_notebook_is_executed_again(book, change):
    path = book / "chapters/good.ipynb"
    changed = parse(path.read_text())
    if change == "source":
        changed.cells[0].source += "\n"
    elif change == "tags":
        changed.cells[0].metadata["tags"] = ["checked"]
    elif change == "outputs":  # as JupyterLab clears them
        for cell in changed.cells:
            cell.outputs, cell.execution_count = [], None
        del changed.metadata["widgets"]
    else:  # as JupyterLab saves it
        changed.metadata.kernelspec.display_name = "Python 3 (ipykernel)"
    path.write_text(serialise(changed))
    assert not current(book)


def test_the_stored_form_is_its_own_canonical_form(good):
    assert serialise(canonical(good)) == serialise(good)


def test_a_view_without_its_model_does_no_harm():
    made = parse(notebook(["1"]))
    made.cells[0].outputs = [nbformat.v4.new_output("display_data", {VIEW: {"model_id": "gone"}})]
    stored = canonical(made)
    assert stored.cells[0].outputs == made.cells[0].outputs
    assert "widgets" not in stored.metadata


def test_timings_go_and_other_metadata_stay():
    made = parse(notebook(["1"]))
    made.cells[0].metadata = {"execution": {"shell.execute_reply": "now"}, "tags": ["checked"]}
    made.metadata["title"] = "kept"
    stored = canonical(made)
    assert stored.cells[0].metadata == {"tags": ["checked"]}
    assert stored.metadata["title"] == "kept"


def test_ids_stay_and_missing_or_doubled_ones_are_made_of_the_position():
    raw = json.loads(notebook(["1", "2", "3", "4"]))
    for cell, name in zip(raw["cells"], ["own", None, "own", "cell-02"], strict=True):
        if name:
            cell["id"] = name
    ids = [cell.id for cell in parse(json.dumps(raw)).cells]
    assert ids == ["own", "cell-02-2", "cell-03", "cell-02"]


def test_the_hash_is_of_the_cells_not_of_their_outputs():
    made = parse(notebook(["1"]))
    before = inputs(made, "shared")
    made.cells[0].execution_count = 7
    made.cells[0].outputs = [nbformat.v4.new_output("stream", text="1")]
    assert inputs(made, "shared") == before != inputs(made, "others")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "not a notebook (JSONDecodeError: "),
        ("[]", "not a notebook (TypeError: "),
        (notebook([], nbformat=3), "notebook format 3, expected 4"),
        (None, "No such file or directory"),
    ],
)
def test_what_is_no_notebook_is_said_in_one_line(book, text, reason):
    path = book / "chapters/new.ipynb"
    if text is not None:
        path.write_text(text)
    code, _, err = answer(path, root=book)
    assert code == 1
    assert err.startswith(f"chapters/new.ipynb: {reason}")
    assert err.count("\n") == 1


def test_a_missing_kernel_is_said_in_one_line(book, monkeypatch):
    def none(self, name):
        raise jupyter_client.kernelspec.NoSuchKernel(name)

    monkeypatch.setattr(jupyter_client.kernelspec.KernelSpecManager, "get_kernel_spec", none)
    code, _, err = answer("--force", book / "chapters/good.ipynb", root=book)
    assert code == 1
    assert err == (
        "chapters/good.ipynb: no Jupyter kernel 'python3' here, "
        "install the packages of requirements.txt (README.md has the commands)\n"
    )


@pytest.mark.parametrize(
    ("metadata", "name"),
    [
        ({"kernelspec": {"name": "ir", "display_name": "R", "language": "R"}}, "R"),
        ({"kernelspec": {"name": "julia-1.10"}, "language_info": {"name": "julia"}}, "julia-1.10"),
    ],
)
def test_a_kernel_of_another_language_is_said_in_one_line(book, metadata, name):
    path = book / "chapters/new.ipynb"
    path.write_text(notebook(["1"], metadata=metadata))
    code, _, err = answer(path, root=book)
    assert code == 1
    assert err == (
        f"chapters/new.ipynb: its kernel is '{name}', a chapter runs in Python: "
        "choose the kernel Python 3 in JupyterLab (Kernel > Change Kernel) and save\n"
    )


def test_a_python_kernel_of_another_name_is_no_obstacle(book):
    path = book / "chapters/new.ipynb"
    spec = {"name": "seminar", "display_name": "Seminar", "language": "python"}
    path.write_text(notebook(["1"], metadata={"kernelspec": spec}))
    assert run([path], root=book) == [path]
    assert parse(path.read_text()).metadata.kernelspec.name == "python3"


def test_a_notebook_saved_while_it_ran_is_not_overwritten(book):
    from tashkent.run import _store

    path = book / "chapters/good.ipynb"
    before = path.read_text()
    path.write_text("saved meanwhile")
    with pytest.raises(RunError, match="changed on disk while it ran"):
        _store(path, before, "outputs")
    assert path.read_text() == "saved meanwhile"


def test_the_book_s_own_notebooks_are_stored_in_that_form():
    shared = shared_inputs()
    stale = [
        path.name
        for path in notebooks()
        if not is_current(path.read_text("utf-8"), inputs_beside(path, shared))
    ]
    assert stale == [], "type make run and commit"
