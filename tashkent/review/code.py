"""Find in code what a chapter does without.

A cell is long by its statements, whatever lines they take: those that build a chart are not
counted, since they place and label a picture, and a function counts as one here and by itself.
"""

import ast
import re
from collections.abc import Iterable, Iterator

import nbformat
from IPython.core.inputtransformer2 import TransformerManager

from tashkent.review.criteria import LONG_CODE, Found, quote, short

ELSEWHERE = re.compile(
    r"~[\w.-]*[/\\]|/[\w.-]+/[\w.-]|[A-Za-z]:[\\/]|\\\\\w|file:|(?:https?|ftp|s3|gs)://",
    re.IGNORECASE,
)

NETWORK = {"aiohttp", "ftplib", "http", "httpx", "requests", "smtplib", "socket", "urllib"}
PROGRAMS = {"pexpect", "pty", "subprocess"}
#: What opens a door: by the last part of its name where it is called, by its whole name anywhere.
DOORS = {
    **dict.fromkeys(["filterwarnings", "simplefilter", "catch_warnings"], "warnings shown"),
    **dict.fromkeys(["open", "loadtxt", "genfromtxt"], "tables read by `load`"),
    **dict.fromkeys(["write_text", "write_bytes", "to_csv", "to_excel"], "nothing written"),
    **dict.fromkeys(["unlink", "rmdir", "rmtree", "os.remove"], "nothing removed"),
    **dict.fromkeys(["exec", "__import__"], "code that can be read"),
    "popen": "no program started",
    "sys.path": "imports of what is installed",
    "os.system": "no program started",
}


def tree_of(source: str) -> ast.Module | None:
    """Parse a cell as IPython does, magic commands as calls of `get_ipython()`."""
    try:
        return ast.parse(TransformerManager().transform_cell(source))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def code_faults(notebook: nbformat.NotebookNode) -> Iterator[Found]:
    """Find what the code of a notebook does that it should not, once in a cell."""
    for number, cell in enumerate(notebook.cells, start=1):
        if cell.cell_type == "code":
            yield from ((number, *one) for one in dict.fromkeys(opened(cell)))


def opened(cell: nbformat.NotebookNode) -> Iterator[tuple[str, str, str]]:
    """Find what one cell's code does that it should not."""
    if "raises-exception" in cell.metadata.get("tags", []):
        yield "door_opened", "the tag raises-exception", "a cell that runs"
    tree = tree_of(cell.source)
    if tree is None:
        return
    for count in _statements(tree):
        if count > LONG_CODE:
            wanted = f"at most {LONG_CODE}"
            yield "cell_long", f"{count} statements from {quote(cell.source)}", wanted
    texts = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
    yield from elsewhere(text for text in texts if isinstance(text, str))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names = names or [alias.name for alias in node.names]
            for name in {name.partition(".")[0] for name in names} & (NETWORK | PROGRAMS):
                wanted = "no network" if name in NETWORK else "no program started"
                yield "door_opened", f"`import {name}`", wanted
        elif isinstance(node, ast.Call) and ast.unparse(node.func).startswith("get_ipython("):
            said = " ".join(str(a.value) for a in node.args if isinstance(a, ast.Constant))
            yield "door_opened", f"the command {quote(said)}", "plain Python"
        elif isinstance(node, ast.Call | ast.Attribute):
            called = isinstance(node, ast.Call)
            whole = ast.unparse(node.func if called else node)
            name = whole.rpartition(".")[2]
            name = "open" if name.startswith("read_") else name
            if wanted := DOORS.get(whole) or (called and DOORS.get(name)):
                yield "door_opened", f"`{short(whole)}`", wanted


def _statements(tree: ast.Module) -> Iterator[int]:
    """Count the statements of a cell and of each of its functions."""
    count = 0
    for statement in tree.body:
        nodes = list(ast.walk(statement))
        size = sum(isinstance(node, ast.stmt) for node in nodes)
        if isinstance(statement, ast.FunctionDef):
            yield size - 1
            count += 1
        elif not any(isinstance(node, ast.Name) and node.id in ("alt", "altair") for node in nodes):
            count += size
    yield count


def elsewhere(texts: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    """Find paths of one machine, and addresses."""
    for text in texts:
        if ELSEWHERE.match(text.strip()):
            wanted = "a table read by `load`" if "://" in text else "a path relative to the file"
            yield "path_absolute", quote(text), wanted
