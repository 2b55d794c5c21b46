"""Find figures and tables that do not say what they are."""

import re
from collections.abc import Iterator

import nbformat

from tashkent.locators import brackets
from tashkent.review.criteria import Found, quote

#: Letters that make a title, and a description.
TITLE, DESCRIPTION = 20, 60


def _outputs(notebook: nbformat.NotebookNode) -> Iterator[tuple[int, str, object]]:
    """Give what is shown, form by form: the cell, the type and the content."""
    for number, cell in enumerate(notebook.cells, start=1):
        for out in cell.get("outputs", []):
            for kind, content in out.get("data", {}).items():
                yield number, kind, content


def _charts(notebook: nbformat.NotebookNode) -> Iterator[tuple[int, dict]]:
    for number, kind, content in _outputs(notebook):
        if kind.startswith("application/vnd.vega") and isinstance(content, dict):
            yield number, content


def _title(spec: dict) -> tuple[str, str]:
    """Read a chart's title and subtitle."""
    title = spec.get("title") or {}
    title = title if isinstance(title, dict) else {"text": title}
    parts = (title.get(name) or "" for name in ("text", "subtitle"))
    return tuple(" ".join(map(str, p)) if isinstance(p, list) else str(p) for p in parts)


def titles(notebook: nbformat.NotebookNode) -> Iterator[tuple[int, str]]:
    """Give the titles of charts and the captions of tables."""
    for number, spec in _charts(notebook):
        yield number, " ".join(_title(spec))
    for number, kind, content in _outputs(notebook):
        if kind == "text/html":
            for caption in re.findall(r"<caption\b[^>]*>(.*?)</caption>", str(content), re.DOTALL):
                yield number, caption


def unexplained(notebook: nbformat.NotebookNode) -> Iterator[Found]:
    """Find figures and tables that do not say what they are."""
    for number, spec in _charts(notebook):
        text, subtitle = _title(spec)
        name = f"the chart {quote(text)}" if text else "a chart"
        if len(str(spec.get("description") or "").strip()) < DESCRIPTION:
            wanted = f"a description of at least {DESCRIPTION} letters"
            yield number, "figure_undescribed", f"{name} without", wanted
        if len(text) < TITLE:
            yield number, "figure_unsourced", name, "a title that says the finding"
        if not brackets(subtitle):
            yield number, "figure_unsourced", name, "a subtitle with locators"
    for number, kind, content in _outputs(notebook):
        if kind.startswith("image/"):
            wanted = "a chart of Altair with a description"
            yield number, "figure_undescribed", f"a picture ({kind})", wanted
        if kind == "text/html":
            for table in re.findall(r"<table\b.*?</table>", str(content), re.DOTALL):
                if "<caption" not in table:
                    heads = re.findall(r"<th\b[^>]*>([^<]+)</th>", table)
                    said = quote(", ".join(heads[:5])) if heads else ""
                    yield number, "table_uncaptioned", f"a table {said}".strip(), "`caption`"
