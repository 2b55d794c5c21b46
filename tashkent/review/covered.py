"""Say which passages a notebook cites, and which tables it loads."""

import ast
import contextlib

import nbformat

from tashkent.data import load
from tashkent.locators import expand, find, split
from tashkent.review.code import tree_of
from tashkent.review.outputs import titles
from tashkent.review.text import markdown
from tashkent.stored import executed


def coverage(notebook: nbformat.NotebookNode) -> list[str]:
    """Say in lines which passages a notebook cites, which tables it loads, what it exempts."""
    passages, claims = load("passages"), load("claims")
    cited = set()
    for number, text in [*markdown(notebook), *titles(notebook)]:
        for match in find(text) if number > 1 else ():  # the first cell names the range
            for part in split(match[1]):
                with contextlib.suppress(ValueError):
                    cited |= set(expand(part, passages.locator))
    sections = passages.assign(cited=passages.locator.isin(cited)).groupby("section_id", sort=False)
    counts = sections.cited.agg(["sum", "size"]).query("sum > 0")
    told = "; ".join(f"{name} {some} of {every}" for name, some, every in counts.itertuples())
    calls = {
        node.args[0].value
        for _, cell in executed(notebook)
        for node in ast.walk(tree_of(cell.source) or ast.Module([], []))
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "load"
        if node.args and isinstance(node.args[0], ast.Constant)
    }
    borne = int(claims.locator.isin(cited).sum())
    lines = [f"cites {len(cited)} of {len(passages)} passages" + (f": {told}" if told else "")]
    lines.append(f"these passages make {borne} of the {len(claims)} claims")
    lines.append(f"tables loaded: {', '.join(sorted(map(str, calls))) or 'none'}")
    exempt = [len(cell.metadata.get("exempt", {})) for cell in notebook.cells]
    if any(exempt):
        where = [str(number) for number, count in enumerate(exempt, start=1) if count]
        lines.append(f"phrases exempt from the check: {sum(exempt)}, in cells {', '.join(where)}")
    return lines
