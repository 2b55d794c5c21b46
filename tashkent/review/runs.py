"""Run copies of notebooks; find what stops them, and stored outputs that a run does not show."""

import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import nbformat

from tashkent.review.code import tree_of
from tashkent.review.criteria import Found, quote, short
from tashkent.run import execute, side_by_side
from tashkent.stored import RunError, canonical, executed, parse

MEMORY = 4 * 1024**3
PRINTED = 10_000_000

# Runs in every kernel before the first cell. IPython puts its own `write` into the streams while a
# cell runs, so what is printed is counted where it is buffered.
BOUNDS = f"""
def _bounds():
    import contextlib
    from ipykernel import iostream

    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource
        resource.setrlimit(resource.RLIMIT_AS, ({MEMORY}, {MEMORY}))
    left = [{PRINTED}]

    class Buffer(iostream.StringIO):
        def write(self, text):
            left[0] -= len(text)
            if left[0] < 0:
                raise RuntimeError("it prints more than {PRINTED:,} characters")
            return super().write(text)

    iostream.StringIO = Buffer


_bounds()
del _bounds
"""


def run_copies(
    notebooks: dict[Path, nbformat.NotebookNode], seconds: int, jobs: int | None
) -> list[nbformat.NotebookNode | RunError]:
    """Execute copies of notebooks side by side: each after its run, or what stopped it."""

    async def one(path: Path) -> nbformat.NotebookNode | RunError:
        print(f"running {path.as_posix()} ...", file=sys.stderr, flush=True)
        with tempfile.TemporaryDirectory(prefix="tashkent-", ignore_cleanup_errors=True) as folder:
            copy, own = Path(folder) / "run" / path.name, path.with_suffix("")
            copy.parent.mkdir()
            try:
                text = nbformat.v4.writes(notebooks[path])
                copy.write_text(text, encoding="utf-8")
                if own.is_dir():
                    shutil.copytree(own, copy.with_suffix(""), symlinks=True)
                return parse(await execute(copy, text, "", folder, seconds, BOUNDS))
            except (RunError, OSError, ValueError) as error:
                return error if isinstance(error, RunError) else RunError(str(error))

    return side_by_side(one, notebooks, jobs)


def what_stops_it(notebook: nbformat.NotebookNode, ran: object) -> Iterator[Found]:
    """Find what keeps a notebook from running; what was not run is at least compiled."""
    if isinstance(ran, RunError):
        said = short(str(ran).lstrip(":, "), 200)
        yield ran.cell, "does_not_run", said, "a run from top to bottom"
    elif ran is None:
        for number, cell in executed(notebook):
            if tree_of(cell.source) is None:
                said = f"a syntax error in {quote(cell.source)}"
                yield number, "does_not_run", said, "a run from top to bottom"


def stale_outputs(notebook: nbformat.NotebookNode, ran: object) -> Iterator[Found]:
    """Find outputs that are absent or not those of the run, and cells run out of order."""
    cells = executed(notebook)
    counts = [cell.execution_count for _, cell in cells if cell.execution_count is not None]
    if cells and not counts:
        yield None, "output_stale", "no cell was run", "the outputs of a full run"
        return
    for number, cell in cells:
        if cell.execution_count is None:
            yield number, "output_stale", "a cell that was not run", "the outputs of a full run"
    wrong = next(((at, n) for at, n in enumerate(counts, start=1) if n != at), None)
    if wrong:
        yield None, "run_order", f"[{wrong[1]}] in the place of [{wrong[0]}]", "one full run"
    if not isinstance(ran, nbformat.NotebookNode):
        return
    before = canonical(notebook)
    for number, cell in cells:
        old, new = (_comparable(nb.cells[number - 1].outputs) for nb in (before, ran))
        if cell.execution_count is not None and old != new:
            said, says = _words(old), _words(new)
            if said == says:
                said, says = "what looks otherwise", "what a run shows now"
            yield number, "output_stale", said, says


def _comparable(outputs: list) -> list:
    """Leave of outputs what a reader sees: no warnings, no counts, no widgets' numbers."""
    kept = json.loads(json.dumps([out for out in outputs if out.get("name") != "stderr"]))
    for out in kept:
        for name in ("execution_count", "metadata", "traceback"):
            out.pop(name, None)
        for value in out.get("data", {}).values():
            if isinstance(value, dict):
                value.pop("model_id", None)
    return kept


def _words(outputs: list) -> str:
    """Say in short what outputs show."""
    said = [out.get("text") or out.get("data", {}).get("text/plain", "") for out in outputs]
    text = "".join(part if isinstance(part, str) else "".join(part) for part in said)
    return quote(text) if text.strip() else "no output"
