"""From a figure to its tables: what the code says of each output, and what really flows into it."""

import ast
import functools

import ipywidgets
import pandas as pd
import pytest
from book import ROOT, cells, notebooks
from bs4 import BeautifulSoup

import tashkent
from tashkent.data import package
from tashkent.site import trace

IDS = {"ids": lambda path: path.stem}
KNOWN = {resource["name"] for resource in package()["resources"]}

#: Chapters that are run again and again, each time with one of their tables changed.
SHORTENED = [ROOT / "chapters" / f"{name}.ipynb" for name in ("2-1-initial-phase", "3-assessment")]

#: What is made of a table: a row less, one half of it, the other, and words that were changed.
CHANGED = [
    lambda rows: rows.drop(rows.index[len(rows) // 3]),
    lambda rows: rows[::2],
    lambda rows: rows[1::2],
    lambda rows: rows.assign(**{column: rows[column] + "*" for column in free_texts(rows)}),
]


def free_texts(rows: pd.DataFrame) -> list[str]:
    """Name the columns that hold words and neither ids nor dates nor allowed values."""
    return [
        c
        for c in rows
        if c in ("name", "place", "title") or rows[c].astype(str).str.contains(" ").any()
    ]


def named(path) -> list[list[str]]:
    return trace.tables_of([cell.source for cell in cells(path, "code")], KNOWN)


@functools.cache
def page(site, path) -> BeautifulSoup:
    text = (site / path.relative_to(ROOT).with_suffix(".html")).read_text(encoding="utf-8")
    return BeautifulSoup(text, "html.parser")


@pytest.mark.parametrize("path", notebooks(), **IDS)
def test_every_output_says_its_tables_and_leads_to_them(site, path):
    shown = [
        tables
        for cell, tables in zip(cells(path, "code"), named(path), strict=True)
        if any(
            "text/html" in out.get("data", {}) or len(out.get("data", {})) > 1
            for out in cell.outputs
        )
    ]
    made = page(site, path)
    assert [len(tables) for tables in shown if not tables] == []
    lines = made.select("p.tk-from")
    assert [[link.get_text() for link in line("a")] for line in lines] == shown
    for link in made.select("p.tk-from a"):
        target, _, place = link["href"].partition("#")
        assert (target, place) == (f"../appendix/tables/{link.get_text()}.html", "rows")
    for output in made.select("figure.tk-chart, .tk-chooser, .cell_output > * table.dataframe"):
        cell = output.find_parent(class_="cell_output")
        assert cell.select("p.tk-from"), output.get_text()[:80]


# What truly flows


def run(path, load) -> list[str | None]:
    """Run a chapter with another `load`, and write down what each of its cells shows."""
    names: dict = {}
    shown: list[str | None] = []
    for cell in cells(path, "code"):
        body = ast.parse(cell.source).body
        last = body.pop() if body and isinstance(body[-1], ast.Expr) else None
        value = None
        if "checked" not in cell.metadata.get("tags", []):
            try:
                exec(compile(ast.Module(body, []), path.name, "exec"), names)
                names["load"] = load
                if last:
                    value = eval(compile(ast.Expression(last.value), path.name, "eval"), names)
            except Exception:  # there may be too few rows for it: nothing is known of this cell
                value = None
        shown.append(text(value))
    return shown


def text(value) -> str | None:
    if isinstance(value, pd.DataFrame):
        return value.to_html()
    if isinstance(value, ipywidgets.Box):
        return str([panel.value for panel in value.children[1].children])
    return value.to_json() if hasattr(value, "to_json") else None


@pytest.mark.parametrize("path", SHORTENED, **IDS)
def test_what_changes_with_a_table_names_it(path):
    loaded = set()

    def noting(name):
        loaded.add(name)
        return tashkent.load(name)

    whole = run(path, noting)
    assert sum(value is not None for value in whole) > 4
    changed_by: dict[str, set[int]] = {}
    for table in sorted(loaded):
        for change in CHANGED:

            def changed(name, table=table, change=change):
                return change(tashkent.load(name)) if name == table else tashkent.load(name)

            for number, (before, now) in enumerate(zip(whole, run(path, changed), strict=True)):
                if before is not None and now not in (None, before):
                    changed_by.setdefault(table, set()).add(number)
    assert loaded - set(changed_by) == set(), "nothing changes with it: change something else"
    by_code = named(path)
    for table, outputs in changed_by.items():
        assert [n for n in outputs if table not in by_code[n]] == [], table


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (['load("threats").query("x")'], [["threats"]]),
        (['a = load("threats")', 'b = load("states")', "a"], [[], [], ["threats"]]),
        (['a = load("threats")\nb = a.merge(load("states"))\nb'], [["states", "threats"]]),
        (['a, b = load("threats"), load("states")\nb'], [["states"]]),
        (['a = load("threats")\na["n"] = load("states").name\na'], [["states", "threats"]]),
        (['a = load("threats")\na = 1\na'], [[]]),
        (['a = load("threats")\nif a:\n    a = load("states")\na'], [["states", "threats"]]),
        (['def f():\n    return a\na = load("states")', "f()"], [[], ["states"]]),
        (['a = load("threats")', "def f(a):\n    return a\nf(1)"], [[], []]),
        (['a = load("threats")\n[a for a in (1, 2)]'], [[]]),
        (['a = load("threats")\n[b for b in a]'], [["threats"]]),
        (['a = load("threats")\nb = load("states").query("x in @a")\nb'], [["states", "threats"]]),
        (['who = {"people": 1}\n[load(t) for t in who]'], [["people"]]),
        (['for t in ["people", "states"]:\n    a = load(t)\na'], [["people", "states"]]),
        (['a = {}\na.update(load("states"))\na'], [["states"]]),
        (['display(load("states"))\nx = 1'], [["states"]]),
        (['x = load("states")'], [[]]),
        (["def f(t):\n    return load(t)", 'f("states")'], [[], ["states"]]),
        (
            [
                "kept = []\ndef keep(f):\n    kept.append(f)\n    return f",
                '@keep\ndef f(t):\n    return t("states")',
                "[f(load) for f in kept]",
            ],
            [[], [], ["states"]],
        ),
        (
            ["from tashkent.alternatives import otherwise", 'otherwise("threats", "x")'],
            [[], ["alternatives", "readings", "threats"]],
        ),
        (
            ['a = load("rows", "01-mine")', 'b = load("states", directory="01-mine")', "[a, b]"],
            [[], [], ["01-mine/rows.csv", "01-mine/states.csv"]],
        ),
        (["a ="], [[]]),
    ],
)
def test_names_are_followed(code, expected):
    assert trace.tables_of(code, KNOWN) == expected
