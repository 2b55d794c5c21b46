"""Compare an answer to an exercise with its solution: feedback that runs offline.

An exercise that can be computed is two cells of a chapter: one that ends with
`check("its-name", answer)`, and after it one tagged `solution`, whose last line is the solution.
The solution is run when an answer is checked, so it holds on the tables as they then are.
"""

import ast
import json
import math
import numbers
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from tashkent.data import ROOT

CHAPTERS = ROOT / "chapters"

CALL = re.compile(r"""^check\(\s*["']([^"']*)["']""", re.MULTILINE)

KINDS = {
    bool: "a truth value",
    np.bool_: "a truth value",
    numbers.Number: "a number",
    str: "a text",
    pd.DataFrame: "a DataFrame",
    pd.Series: "a Series",
    pd.Index: "an Index",
    dict: "a dict",
    set: "a set",
    frozenset: "a set",
    list: "a list",
    tuple: "a tuple",
    type(None): "nothing (None)",
}


class ExerciseError(Exception):
    """What keeps an answer from being compared: one line, shown without a traceback."""

    def _render_traceback_(self) -> list[str]:
        """Show only the message in Jupyter."""
        return [f"ExerciseError: {self}"]


def check(name: str, answer: object) -> None:
    """Say whether an answer agrees with the solution, and if not, what differs first.

    Parameters
    ----------
    name : str
        The exercise, as its cell names it, such as `"threats-shared"`.
    answer : object
        Your answer; `...` stands for none yet.

    Raises
    ------
    ExerciseError
        Where no exercise has that name, or its solution is gone or does not run on these tables.
    """
    sources = find(name)
    if answer is ...:
        print(f"{name}: no answer yet, put your expression in place of the dots")
        return
    found = difference(answer, evaluate(name, sources))
    print(f"{name}: {found or 'agrees with the solution'}")


def solve(name: str, chapters: Path = CHAPTERS) -> object:
    """Run the solution of an exercise on the tables as they are now.

    Raises
    ------
    ExerciseError
        As `check` does.
    """
    return evaluate(name, find(name, chapters))


def find(name: str, chapters: Path = CHAPTERS) -> list[str]:
    """Find the code of an exercise's solution, in the first chapter that has one of that name.

    Raises
    ------
    ExerciseError
        Where none has.
    """
    known = set()
    for path in sorted(chapters.rglob("*.ipynb")):
        for found, sources in solutions(path):
            if found == name:
                return sources
            known.add(found)
    near = ", ".join(sorted(known)) or "none"
    raise ExerciseError(f"no exercise '{name}' with a solution; there are: {near}")


def solutions(path: Path) -> Iterator[tuple[str, list[str]]]:
    """Find the exercises of a chapter that have a solution.

    Yields
    ------
    (str, list of str)
        The exercise's name, and the code of its solution: the chapter's first code cell, which
        imports, and the cell tagged `solution`. A file that is no notebook has none.
    """
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        code = [
            ("".join(cell["source"]), cell["metadata"].get("tags", []))
            for cell in cells
            if cell["cell_type"] == "code"
        ]
    except (OSError, ValueError, LookupError, TypeError):
        return
    name = None
    for source, tags in code:
        if "solution" in tags and name:
            yield name, [code[0][0], source]
            name = None
        elif call := CALL.search(source):
            name = call[1]


def evaluate(name: str, sources: list[str]) -> object:
    """Run the cells of a solution one after another, and give the value of the last line.

    Raises
    ------
    ExerciseError
        Where they do not run on these tables.
    """
    try:
        *statements, last = ast.parse("\n".join(sources)).body
        if not isinstance(last, ast.Expr):
            raise ValueError("its last line is no expression")
        names: dict[str, object] = {}
        exec(compile(ast.Module(statements, []), "<solution>", "exec"), names)
        return eval(compile(ast.Expression(last.value), "<solution>", "eval"), names)
    except Exception as error:  # whatever a changed table makes of a solution
        said = " ".join(f"{type(error).__name__}: {error}".split())
        raise ExerciseError(f"{name}: the solution does not run on these tables ({said})") from None


def difference(answer: object, expected: object) -> str:
    """Name the first kind of difference: type, shape, keys, values; empty where there is none.

    What the solution holds is never said. Sets and dicts have no order; nor have rows and columns
    of a DataFrame, or a Series where the solution's has an index with a name.
    """
    yours, asked = kind(answer), kind(expected)
    if yours != asked:
        return f"the type differs, yours is {yours}, asked for is {asked}"
    if shape(answer) != shape(expected):
        return f"the shape differs, yours is {said(shape(answer))}"
    labelled = any(getattr(getattr(expected, "index", None), "names", []))
    (keys, values), (asked_keys, asked_values) = (
        parts(value, labelled) for value in (answer, expected)
    )
    if keys != asked_keys:
        return "type and shape agree, the keys differ"
    if not same(values, asked_values):
        return "type, shape and keys agree, the values differ"
    return ""


def kind(value: object) -> str:
    """Name a value's type as far as an exercise asks for it."""
    return next((name for of, name in KINDS.items() if isinstance(value, of)), type(value).__name__)


def shape(value: object) -> tuple[int, ...]:
    """Count rows and columns, or members; a single value has no shape."""
    if isinstance(value, pd.DataFrame | pd.Series | pd.Index):
        return value.shape
    return (len(value),) if isinstance(value, dict | set | frozenset | list | tuple) else ()


def said(counts: tuple[int, ...]) -> str:
    """Say a shape in words."""
    return " × ".join(f"{n:,} {what}" for n, what in zip(counts, ("long", "wide"), strict=False))


def parts(value: object, labelled: bool) -> tuple[list, object]:
    """Take a value apart: what its parts are called, and what they hold, with no order of its own.

    Labels of rows count where the solution's index has a name.
    """
    if isinstance(value, pd.DataFrame):
        columns = sorted(value.columns, key=str)
        rows = value[columns].itertuples(index=labelled, name=None)
        labels = sorted(value.index, key=str) if labelled else []
        return [columns, labels], sorted(rows, key=str)
    if isinstance(value, pd.Series) and labelled:
        return sorted(value.index, key=str), sorted(value.items(), key=str)
    if isinstance(value, pd.Series | pd.Index):
        return [], value.to_list()
    return sorted(value, key=str) if isinstance(value, dict) else [], value


def same(one: object, other: object) -> bool:
    """Compare two values of one kind and shape; numbers may differ in the ninth place."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, numbers.Real) and isinstance(other, numbers.Real):
        return math.isclose(one, other, rel_tol=1e-9) or (one != one and other != other)
    if pd.api.types.is_scalar(one) and pd.isna(one):
        return bool(pd.api.types.is_scalar(other) and pd.isna(other))
    return bool(one == other)
