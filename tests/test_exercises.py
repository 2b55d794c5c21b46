"""What the exercises promise: each chapter has them, answers are compared and never given away."""

import re

import pandas as pd
import pytest
from book import ROOT, cells, notebooks, prose

from tashkent.exercises import CALL, ExerciseError, check, difference, solutions, solve

IDS = {"ids": lambda path: path.stem}
KINDS = {"Reading", "Computing", "Extending", "Arguing"}
NEEDS = {
    "Needs the tables only",
    "Needs the gists of the passages",
    "Needs the report's text; without German, work from the gists",
}
EXERCISE = re.compile(r"### (\d+)\. (.+)\n\n\*(\w+)\. ([^*]+)\.\*\n\n")
NAMES = [name for path in notebooks() for name, _ in solutions(path)]


def section(path) -> list:
    """The cells of a chapter's exercises, which are its last section."""
    found = cells(path)
    heads = [n for n, cell in enumerate(found) if cell.source.startswith("## Exercises\n")]
    assert len(heads) == 1, f"{path.name}: no section of exercises, or several"
    found = found[heads[0] :]
    assert not any(re.search(r"^## ", cell.source, re.MULTILINE) for cell in found[1:])
    return found


@pytest.mark.parametrize("path", notebooks(), **IDS)
def test_a_chapter_ends_with_four_to_six_exercises_of_every_kind(path):
    texts = [cell.source for cell in section(path) if cell.source.startswith("### ")]
    found = [EXERCISE.match(text) for text in texts]
    assert all(found), (
        f"{path.name}: {[t[:60] for t, m in zip(texts, found, strict=True) if not m]}"
    )
    assert [int(match[1]) for match in found] == list(range(1, len(found) + 1))
    assert 4 <= len(found) <= 6
    assert {match[3] for match in found} == KINDS
    assert {match[4] for match in found} <= NEEDS


@pytest.mark.parametrize("path", notebooks(), **IDS)
def test_every_exercise_has_a_solution_and_computing_ones_check_themselves(path):
    found = section(path)
    for n, cell in enumerate(found):
        if not (match := EXERCISE.match(cell.source)):
            continue
        following = [c.metadata.get("tags", []) for c in found[n + 1 : n + 3]]
        folded = cell.source.count("<details><summary>What a good answer has</summary>\n\n")
        assert folded == cell.source.count("\n\n</details>")
        if match[3] == "Computing":
            assert following == [["exercise"], ["solution"]], match[2]
        else:
            assert folded == 1, f"{path.name}, {match[2]}: no answer to compare with"


@pytest.mark.parametrize("path", notebooks(), **IDS)
def test_answers_are_open_and_solutions_are_folded(path):
    for cell in section(path):
        tags = cell.metadata.get("tags", [])
        if "exercise" in tags:
            assert re.fullmatch(r'answer = \.\.\.\ncheck\("[a-z0-9-]+", answer\)', cell.source)
            assert "no answer yet" in cell.outputs[0].text
        elif "solution" in tags:
            assert cell.metadata.jupyter == {"outputs_hidden": True, "source_hidden": True}
            # JupyterLab shows the first line of a closed cell.
            assert cell.source.startswith("# Solution\n")
            assert len(cell.source.splitlines()) <= 11
            assert cell.outputs, f"{path.name}: a solution without its value"


def test_every_name_is_given_once():
    calls = [CALL.search(c.source) for path in notebooks() for c in cells(path, "code")]
    assert sorted(call[1] for call in calls if call) == sorted(set(NAMES))
    assert len(NAMES) == len(set(NAMES))


@pytest.mark.parametrize("name", NAMES)
def test_a_solution_agrees_with_itself_and_with_no_other_answer(name, capsys):
    expected = solve(name)
    check(name, expected)
    check(name, ("something", "else"))
    check(name, ...)
    right, wrong, none = capsys.readouterr().out.splitlines()
    assert right == f"{name}: agrees with the solution"
    assert wrong.startswith(f"{name}: the ")
    assert none.startswith(f"{name}: no answer yet")


SERIES = pd.Series({"RUS": 3, "BLR": 2}).rename_axis("state_id")
FRAME = pd.DataFrame({"state": ["RUS", "BLR"], "n": [3, 2]})


@pytest.mark.parametrize(
    ("expected", "answer", "found"),
    [
        (3, 3.0, ""),
        (3, 4, "type, shape and keys agree, the values differ"),
        (3, "3", "the type differs, yours is a text, asked for is a number"),
        (3, True, "the type differs, yours is a truth value, asked for is a number"),
        (0.3, 0.1 + 0.2, ""),
        ({"RUS"}, {"BLR"}, "type, shape and keys agree, the values differ"),
        ({"RUS"}, {"RUS", "BLR"}, "the shape differs, yours is 2 long"),
        ({"RUS"}, ["RUS"], "the type differs, yours is a list, asked for is a set"),
        ([1, 2], [2, 1], "type, shape and keys agree, the values differ"),
        ({"a": 1}, {"b": 1}, "type and shape agree, the keys differ"),
        ({"a": 1}, {"a": 2}, "type, shape and keys agree, the values differ"),
        ({"a": {1, 2}}, {"a": {2, 1}}, ""),
        (SERIES, SERIES[::-1].rename_axis(None), ""),
        (SERIES, SERIES.rename({"RUS": "GEO"}), "type and shape agree, the keys differ"),
        (SERIES, SERIES + 1, "type, shape and keys agree, the values differ"),
        (SERIES, SERIES.to_dict(), "the type differs, yours is a dict, asked for is a Series"),
        (FRAME, FRAME[::-1][["n", "state"]], ""),
        (FRAME, FRAME.head(1), "the shape differs, yours is 1 long × 2 wide"),
        (FRAME, FRAME.rename(columns={"n": "k"}), "type and shape agree, the keys differ"),
        (FRAME, FRAME.assign(n=[2, 3]), "type, shape and keys agree, the values differ"),
        (FRAME.replace(3, None), FRAME.replace(3, float("nan")), ""),
        (None, 1, "the type differs, yours is a number, asked for is nothing (None)"),
    ],
)
def test_the_first_kind_of_difference_is_named(expected, answer, found):
    assert difference(answer, expected) == found


def test_an_unknown_exercise_is_one_line(capsys):
    with pytest.raises(ExerciseError) as caught:
        check("threats-shard", 1)
    assert str(caught.value).startswith("no exercise 'threats-shard' with a solution; there are: ")
    assert caught.value._render_traceback_() == [f"ExerciseError: {caught.value}"]


def test_a_solution_that_no_longer_runs_is_said_in_one_line(tmp_path):
    (tmp_path / "a.ipynb").write_text(NOTEBOOK, encoding="utf-8")
    (tmp_path / "b.ipynb").write_text("no notebook", encoding="utf-8")
    with pytest.raises(ExerciseError, match=r"^one: the solution does not run .*KeyError: 'gone'"):
        solve("one", tmp_path)


NOTEBOOK = """{"cells": [
{"cell_type": "code", "metadata": {}, "source": ["from tashkent import load"]},
{"cell_type": "code", "metadata": {}, "source": ["check('one', answer)"]},
{"cell_type": "code", "metadata": {"tags": ["solution"]}, "source": ["load('states')['gone']"]}
]}"""


def test_the_guide_is_linked_where_the_exercises_begin():
    for path in notebooks():
        up = "../" * len(path.parent.relative_to(ROOT).parts)
        link = f"[the guide]({up}guides/students.md#exercises)"
        assert sum(link in text for text in prose(path)) == 1, path.name
