"""Notebooks as files: read, brought into the one form in which they are stored, and written."""

import copy
import json
from collections.abc import Iterator
from pathlib import Path

import nbformat

VIEW = "application/vnd.jupyter.widget-view+json"
STATE = "application/vnd.jupyter.widget-state+json"
MODEL = "IPY_MODEL_"


class RunError(Exception):
    """What keeps a notebook from being run, a line for each; `cell` counts all cells from 1."""

    cell: int | None = None


def parse(text: str) -> nbformat.NotebookNode:
    """Read a notebook; a cell without an id, or with another's, gets one made of its position.

    Raises
    ------
    RunError
        Where the text is no notebook of format 4.
    """
    try:
        raw = json.loads(text)
        if raw["nbformat"] != 4:
            raise RunError(f": notebook format {raw['nbformat']}, expected 4")
        cells = raw["cells"]
        taken = {cell.get("id") for cell in cells}
        seen = set()
        for position, cell in enumerate(cells, 1):
            if cell.get("id") is None or cell["id"] in seen:
                cell["id"] = next(i for i in _cell_ids(position) if i not in taken)
                taken.add(cell["id"])
            seen.add(cell["id"])
        raw["nbformat_minor"] = max(5, raw.get("nbformat_minor", 5))
        return nbformat.v4.reads(json.dumps(raw))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise RunError(f": not a notebook ({type(error).__name__}: {error})") from None


def _cell_ids(position: int) -> Iterator[str]:
    yield f"cell-{position:02}"
    for repeat in range(2, 1000):
        yield f"cell-{position:02}-{repeat}"


def serialise(notebook: nbformat.NotebookNode) -> str:
    """Write a notebook as the text of its file."""
    return nbformat.v4.writes(notebook).rstrip("\n") + "\n"


def canonical(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Bring an executed notebook into the one form in which it is stored.

    Timings go, kernel and language are named without versions, cells count from 1, what was
    printed in pieces is one output, and widgets are numbered in the order in which they appear.
    """
    stored = copy.deepcopy(notebook)
    stored.metadata["kernelspec"] = {
        "display_name": "Python 3",
        "language": "python",
        "name": "python3",
    }
    stored.metadata["language_info"] = {"name": "python", "pygments_lexer": "ipython3"}
    count = 0
    for cell in stored.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type != "code":
            continue
        if cell.execution_count is not None:
            count += 1
            cell.execution_count = count
        cell.outputs = _join_streams(cell.outputs)
        for output in cell.outputs:
            if output.output_type == "execute_result":
                output.execution_count = cell.execution_count
    _number_widgets(stored)
    return stored


def _join_streams(outputs: list) -> list:
    joined = []
    for output in outputs:
        last = joined[-1] if joined else None
        if last and output.output_type == last.output_type == "stream" and output.name == last.name:
            last.text += output.text
        else:
            joined.append(output)
    return joined


def _number_widgets(notebook: nbformat.NotebookNode) -> None:
    """Keep the models that the shown widgets need, and number them as they are met."""
    kept = notebook.metadata.pop("widgets", {}).get(STATE, {})
    models = kept.get("state", {})
    shown = [
        output.data[VIEW]
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if VIEW in output.get("data", {})
    ]
    order = {}

    def visit(model: str) -> None:
        if model in models and model not in order:
            order[model] = f"{len(order) + 1:032x}"
            for other in _mentions(models[model]["state"]):
                visit(other)

    for view in shown:
        visit(view["model_id"])
    # A link between two widgets is a model that neither of them mentions.
    links = {
        key: ends
        for key, model in models.items()
        if key not in order and (ends := _link_ends(model["state"]))
    }
    ready = [key for key, ends in links.items() if all(end in order for end, _ in ends)]
    for key in sorted(ready, key=lambda k: [(order[end], name) for end, name in links[k]]):
        visit(key)
    if not order:
        return
    for view in shown:
        view["model_id"] = order.get(view["model_id"], view["model_id"])
    kept["state"] = {order[key]: _renumber(models[key], order) for key in order}
    notebook.metadata["widgets"] = {STATE: kept}


def _mentions(value: object) -> Iterator[str]:
    """Yield the ids of the models that a widget's state mentions, in a fixed order."""
    if isinstance(value, str) and value.startswith(MODEL):
        yield value.removeprefix(MODEL)
    elif isinstance(value, dict):
        for key in sorted(value):
            if key == VIEW:
                yield value[key]["model_id"]
            else:
                yield from _mentions(value[key])
    elif isinstance(value, list):
        for item in value:
            yield from _mentions(item)


def _link_ends(state: dict) -> list[tuple[str, str]]:
    """Return the two (model, trait) that a link joins; nothing for any other model."""
    ends = [state.get("source"), state.get("target")]
    if all(isinstance(e, list) and len(e) == 2 and str(e[0]).startswith(MODEL) for e in ends):
        return [(model.removeprefix(MODEL), trait) for model, trait in ends]
    return []


def _renumber(value: object, order: dict[str, str]) -> object:
    if isinstance(value, str) and value.startswith(MODEL):
        model = value.removeprefix(MODEL)
        return MODEL + order.get(model, model)
    if isinstance(value, dict):
        return {
            key: {**item, "model_id": order.get(item["model_id"], item["model_id"])}
            if key == VIEW
            else _renumber(item, order)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [_renumber(item, order) for item in value]
    return value


def executed(notebook: nbformat.NotebookNode) -> list[tuple[int, nbformat.NotebookNode]]:
    """List the cells that a run executes, each with its place among all cells, from 1."""
    return [
        (number, cell)
        for number, cell in enumerate(notebook.cells, start=1)
        if cell.cell_type == "code"
        and cell.source.strip()
        and "skip-execution" not in cell.metadata.get("tags", [])
    ]


def write(path: Path, text: str) -> None:
    """Write a file in one step, or leave it as it is."""
    draft = path.with_name(f".{path.name}.new")
    try:
        draft.write_bytes(text.encode("utf-8"))
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
