"""Review notebooks as a marker would look at them, before the reading begins.

`CRITERIA` says what is looked at. What cannot be counted stays with the reader: `LEFT_OPEN`.

A paragraph of prose must name a passage or a row of the record, unless it

- is a heading, stands under the title before the first section, or belongs to the exercises;
- leads on to another page by a link;
- is short (`BRIEF` words) and stands next to a cell: it introduces it, or reads its output;
- is not long (`CHECKED` words) and stands right before a checked cell, which bears it out.

A cell is long by its statements, whatever lines they take: those that build a chart are not
counted, since they place and label a picture, and a function counts as one here and by itself.

Review executes other people's code. Each notebook runs in a copy, beside a copy of its own folder
of data, in a fresh kernel with an empty profile. Bounded are the time of a cell, the memory of a
kernel (4 GiB, on Linux) and what it prints (10 million characters), and Python's sockets reach
this machine only. That contains accidents and is no sandbox: the code can read and write what its
user can, and start programs that have a network. Let strangers' notebooks run under an account or
in a container that has nothing to lose. With `--no-run` they are read, and nothing is executed.

Exit codes: 0 where nothing was found, 1 where something was, 2 where a path cannot be read.
"""

import argparse
import ast
import contextlib
import csv
import json
import re
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import nbformat
import pandas as pd
from IPython.core.inputtransformer2 import TransformerManager

from tashkent.check import check
from tashkent.data import load
from tashkent.locators import brackets, expand, find, find_records, keys, misspelt, split
from tashkent.prose import CODE, HEADING, findings, paragraphs
from tashkent.run import CELL_SECONDS, RunError, canonical, execute, parse, side_by_side

#: What is looked at: the name of each criterion, and what it asks.
CRITERIA = {
    "notebook_unreadable": "The file is a notebook of format 4.",
    "does_not_run": "It runs from top to bottom in a fresh kernel, without a network.",
    "output_stale": "What stands under its cells is what a full run shows.",
    "run_order": "Its cells are numbered from 1 without a gap, as a full run leaves them.",
    "locator_missing": "Each paragraph that states something names the passage that it rests on.",
    "locator_unknown": "Each locator is well spelt, and there is such a passage.",
    "number_untested": "Each number, date and set of states is borne out by a row of the passage "
    "cited there, or by the next checked cell.",
    "figure_undescribed": "Each figure is a chart with a description that can be read out.",
    "figure_unsourced": "Each figure's title says its finding, and its subtitle the passages.",
    "table_uncaptioned": "Each table that is shown has a caption.",
    "cell_long": "No cell has more than 24 statements, those that build a chart left aside.",
    "path_absolute": "No path of one machine and no address of another stands in it.",
    "door_opened": "No cell uses the shell or a magic command, starts programs, changes where "
    "modules are found, hides warnings or errors, or reads a file beside `load`.",
    "data_faulty": "The tables that it brings along are described, and hold to their description.",
}

#: What no command can say.
LEFT_OPEN = "the argument, fairness to the speakers, care with hedges"

#: Lines of code that a page shows as they are, and statements that a cell may have.
LONG_CODE = 24
#: Words of a paragraph that introduces a cell or reads it, and of one that a checked cell follows.
BRIEF, CHECKED = 70, 100
#: Letters that make a title, and a description.
TITLE, DESCRIPTION = 20, 60

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

ELSEWHERE = re.compile(
    r"~[\w.-]*[/\\]|/[\w.-]+/[\w.-]|[A-Za-z]:[\\/]|\\\\\w|file:|(?:https?|ftp|s3|gs)://",
    re.IGNORECASE,
)
COMMENT = re.compile(r"^%.*$", re.MULTILINE)
LINK = re.compile(r"\]\(\s*<?([^)>]*)")
WEB = re.compile(r"https?://", re.IGNORECASE)
PAGE = re.compile(r"\]\([^)\s]+\.(?:ipynb|md)(?:#[^)\s]*)?\)")

NETWORK = {"aiohttp", "ftplib", "http", "httpx", "requests", "smtplib", "socket", "urllib"}
PROGRAMS = {"pexpect", "pty", "subprocess"}
#: What is called or named so opens a door; by the last part of its name.
DOORS = {
    **dict.fromkeys(["filterwarnings", "simplefilter", "catch_warnings"], "warnings shown"),
    **dict.fromkeys(["open", "loadtxt", "genfromtxt"], "tables read by `load`"),
    "popen": "no program started",
}
#: The same, by its whole name.
NAMED = {"sys.path": "imports of what is installed", "os.system": "no program started"}


class Finding(NamedTuple):
    """What a marker would look at: where, by which criterion, what was found and expected."""

    notebook: str
    cell: int | None
    criterion: str
    found: str
    expected: str

    def __str__(self) -> str:
        """Write the finding as its one line."""
        where = f"{self.notebook}, cell {self.cell}" if self.cell else self.notebook
        return f"{where}: {self.criterion}: {self.found}, expected {self.expected}"


#: A finding before it is known in which notebook.
Found = tuple[int | None, str, str, str]


def review(
    paths: Iterable[Path], run: bool = True, seconds: int = CELL_SECONDS, jobs: int | None = None
) -> dict[Path, tuple[list[Finding], list[str]]]:
    """Review notebooks.

    Parameters
    ----------
    paths : iterable of path
        The notebooks.
    run : bool
        Whether to execute them; otherwise they are read.
    seconds : int
        How long one cell may take.
    jobs : int, optional
        How many notebooks run at a time; as many as there are cores by default.

    Returns
    -------
    dict of path to (list of Finding, list of str)
        For each notebook what was found, in the order of its cells, and lines on what it covers.
    """
    reviewed, due = {}, {}
    for path in paths:
        try:
            due[path] = read(path)
        except RunError as error:
            found, _, wanted = _short(str(error).lstrip(": "), 200).partition(", expected ")
            wrong = (None, "notebook_unreadable", found, wanted or "a notebook of format 4")
            reviewed[path] = ([Finding(path.as_posix(), *wrong)], [])
    runs = dict(zip(due, _run(due, seconds, jobs), strict=True)) if run else {}
    for path, notebook in due.items():
        try:
            found = [*look(notebook, runs.get(path)), *own_data(path)]
            covered = coverage(notebook)
        except Exception as error:  # one odd notebook of forty must not end the review
            said = _short(f"{type(error).__name__}: {error}")
            found = [(None, "notebook_unreadable", said, "a notebook that can be looked through")]
            covered = []
        order = list(CRITERIA)
        found = sorted(set(found), key=lambda f: (f[0] or 0, order.index(f[1]), f[2:]))
        reviewed[path] = ([Finding(path.as_posix(), *one) for one in found], covered)
    return dict(sorted(reviewed.items()))


def read(path: Path) -> nbformat.NotebookNode:
    """Read a notebook.

    Raises
    ------
    RunError
        Where the file is no notebook of format 4.
    """
    if not path.is_file():
        raise RunError("a folder" if path.is_dir() else "not a file")
    try:
        text = path.read_bytes().decode().replace("\r\n", "\n")
        if not text.strip():
            raise RunError("an empty file")
        notebook = parse(text)
        nbformat.validate(notebook)
    except (OSError, UnicodeDecodeError, RecursionError) as error:
        raise RunError(getattr(error, "strerror", None) or str(error)) from None
    except nbformat.ValidationError as error:
        raise RunError(f"not a notebook ({error.message})") from None
    return notebook


def look(
    notebook: nbformat.NotebookNode, ran: nbformat.NotebookNode | RunError | None
) -> Iterator[Found]:
    """Find all that is to be found in a notebook: `ran` is it after a run, or what stopped it."""
    yield from _runs(notebook, ran)
    yield from _stored(notebook, ran)
    shown = ran if isinstance(ran, nbformat.NotebookNode) else notebook
    quiet = nbformat.from_dict(notebook)
    for cell in quiet.cells:
        if cell.cell_type == "markdown":
            for pattern in (CODE, COMMENT):
                cell.source = pattern.sub(lambda found: " " * len(found[0]), cell.source)
    yield from _paragraphs_without_locator(notebook, quiet)
    yield from _unknown_locators(quiet, shown)
    yield from _untested(notebook)
    yield from _figures(shown)
    for number, cell in enumerate(quiet.cells, start=1):
        if cell.cell_type == "markdown":
            targets = [target for target in LINK.findall(cell.source) if not WEB.match(target)]
            yield from ((number, *one) for one in _elsewhere(targets))
        elif cell.cell_type == "code":
            yield from ((number, *one) for one in dict.fromkeys(_code(cell)))


# Running


def _run(
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


def _runs(notebook: nbformat.NotebookNode, ran: object) -> Iterator[Found]:
    """Find what keeps a notebook from running; what was not run is at least compiled."""
    if isinstance(ran, RunError):
        said = _short(str(ran).lstrip(":, "), 200)
        yield ran.cell, "does_not_run", said, "a run from top to bottom"
    elif ran is None:
        for number, cell in _executed(notebook):
            if _tree(cell.source) is None:
                said = f"a syntax error in {_quote(cell.source)}"
                yield number, "does_not_run", said, "a run from top to bottom"


def _stored(notebook: nbformat.NotebookNode, ran: object) -> Iterator[Found]:
    """Find outputs that are absent or not those of the run, and cells run out of order."""
    cells = _executed(notebook)
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


def _executed(notebook: nbformat.NotebookNode) -> list[tuple[int, nbformat.NotebookNode]]:
    """List the cells that a run executes, with their numbers."""
    return [
        (number, cell)
        for number, cell in enumerate(notebook.cells, start=1)
        if cell.cell_type == "code"
        and cell.source.strip()
        and "skip-execution" not in cell.metadata.get("tags", [])
    ]


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
    return _quote(text) if text.strip() else "no output"


# Prose


def _paragraphs_without_locator(
    notebook: nbformat.NotebookNode, quiet: nbformat.NotebookNode
) -> Iterator[Found]:
    """Find them by the rule that this module begins with."""
    listed, section = [], ""
    for cell, start, level, text in paragraphs(quiet):
        heading = HEADING.match(text)
        section = text if heading and level <= 2 else section
        listed.append((cell, start, level, text, section))
    for at, (cell, start, level, text, section) in enumerate(listed):
        words = len(re.findall(r"\w+", text))
        if HEADING.match(text) or level <= 1 or words < 5 or brackets(text) or misspelt(text):
            continue
        if PAGE.search(text) or re.match(r"##\s+Exercises\b", section):
            continue
        last = at + 1 == len(listed) or listed[at + 1][0] != cell
        first = listed[at - 1][0] != cell
        after = notebook.cells[cell + 1] if last and cell + 1 < len(notebook.cells) else None
        before = notebook.cells[cell - 1] if first and cell else None
        beside = [one for one in (after, before) if one and one.cell_type == "code"]
        checked = after in beside and "checked" in after.metadata.get("tags", [])
        if beside and words <= (CHECKED if checked else BRIEF):
            continue
        said = notebook.cells[cell].source[start : start + len(text)]
        yield cell + 1, "locator_missing", _quote(said), "a locator, as in [1.1 ¶3]"


def _unknown_locators(
    quiet: nbformat.NotebookNode, shown: nbformat.NotebookNode
) -> Iterator[Found]:
    """Find brackets that are no locators, or name what there is not, in prose and outputs."""
    passages, record = load("passages"), load("record")
    known = set(passages.locator)
    for number, text in [*_markdown(quiet), *_titles(shown)]:
        for bracket in misspelt(text):
            yield (
                number,
                "locator_unknown",
                _short(bracket),
                "[1.1 ¶3], [1.1 ¶3-4; fn 5] or the like",
            )
        for match in find(text):
            for part in split(match[1]):
                try:
                    expand(part, known)
                except ValueError as error:
                    section = part.split(" ")[0]
                    own = passages.locator[passages.locator.str.startswith(f"{section} ")].to_list()
                    there = f"{own[0]} to {own[-1]}" if own else "a section of the report"
                    yield number, "locator_unknown", f"[{part}], {error}", there
        for match in find_records(text):
            try:
                keys(match[1], record.key)
            except ValueError as error:
                yield number, "locator_unknown", f"{match[0]}, {error}", "a key of `record`"


def _untested(notebook: nbformat.NotebookNode) -> Iterator[Found]:
    """Find what is not borne out, what one thing would bear out together."""
    together: dict[tuple, list[str]] = {}
    for one in findings(notebook):
        if not any(one.found in bracket for bracket in misspelt(one.sentence)):
            together.setdefault((one.cell, one.sentence, one.expected), []).append(one.found)
    for (cell, sentence, expected), found in together.items():
        said = ", ".join(map(_quote, found))
        yield cell, "number_untested", f"{said} in {_quote(sentence)}", expected


def _markdown(notebook: nbformat.NotebookNode) -> list[tuple[int, str]]:
    cells = enumerate(notebook.cells, start=1)
    return [(number, cell.source) for number, cell in cells if cell.cell_type == "markdown"]


# Figures and tables


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


def _titles(notebook: nbformat.NotebookNode) -> Iterator[tuple[int, str]]:
    """Give the titles of charts and the captions of tables."""
    for number, spec in _charts(notebook):
        yield number, " ".join(_title(spec))
    for number, kind, content in _outputs(notebook):
        if kind == "text/html":
            for caption in re.findall(r"<caption\b[^>]*>(.*?)</caption>", str(content), re.DOTALL):
                yield number, caption


def _figures(notebook: nbformat.NotebookNode) -> Iterator[Found]:
    """Find figures and tables that do not say what they are."""
    for number, spec in _charts(notebook):
        text, subtitle = _title(spec)
        name = f"the chart {_quote(text)}" if text else "a chart"
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
                    said = _quote(", ".join(heads[:5])) if heads else ""
                    yield number, "table_uncaptioned", f"a table {said}".strip(), "`caption`"


# Code


def _tree(source: str) -> ast.Module | None:
    """Parse a cell as IPython does, magic commands as calls of `get_ipython()`."""
    try:
        return ast.parse(TransformerManager().transform_cell(source))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _code(cell: nbformat.NotebookNode) -> Iterator[tuple[str, str, str]]:
    """Find what one cell's code does that it should not."""
    if "raises-exception" in cell.metadata.get("tags", []):
        yield "door_opened", "the tag raises-exception", "a cell that runs"
    tree = _tree(cell.source)
    if tree is None:
        return
    for count in _statements(tree):
        if count > LONG_CODE:
            wanted = f"at most {LONG_CODE}"
            yield "cell_long", f"{count} statements from {_quote(cell.source)}", wanted
    texts = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
    yield from _elsewhere(text for text in texts if isinstance(text, str))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names = names or [alias.name for alias in node.names]
            for name in {name.partition(".")[0] for name in names} & (NETWORK | PROGRAMS):
                wanted = "no network" if name in NETWORK else "no program started"
                yield "door_opened", f"`import {name}`", wanted
        elif isinstance(node, ast.Call) and ast.unparse(node.func).startswith("get_ipython("):
            said = " ".join(str(a.value) for a in node.args if isinstance(a, ast.Constant))
            yield "door_opened", f"the command {_quote(said)}", "plain Python"
        elif isinstance(node, ast.Call | ast.Attribute):
            whole = ast.unparse(node.func if isinstance(node, ast.Call) else node)
            name = whole.rpartition(".")[2]
            wanted = NAMED.get(whole)
            if isinstance(node, ast.Call) and not wanted:
                wanted = DOORS.get("open" if name.startswith("read_") else name)
            if wanted:
                yield "door_opened", f"`{_short(whole)}`", wanted


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


def _elsewhere(texts: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    """Find paths of one machine, and addresses."""
    for text in texts:
        if ELSEWHERE.match(text.strip()):
            wanted = "a table read by `load`" if "://" in text else "a path relative to the file"
            yield "path_absolute", _quote(text), wanted


# What it covers, and its own data


def coverage(notebook: nbformat.NotebookNode) -> list[str]:
    """Say in lines which passages a notebook cites, which tables it loads, what it exempts."""
    passages, claims = load("passages"), load("claims")
    cited = set()
    for number, text in [*_markdown(notebook), *_titles(notebook)]:
        for match in find(text) if number > 1 else ():  # the first cell names the range
            for part in split(match[1]):
                with contextlib.suppress(ValueError):
                    cited |= set(expand(part, passages.locator))
    sections = passages.assign(cited=passages.locator.isin(cited)).groupby("section_id", sort=False)
    counts = sections.cited.agg(["sum", "size"]).query("sum > 0")
    told = "; ".join(f"{name} {some} of {every}" for name, some, every in counts.itertuples())
    calls = {
        node.args[0].value
        for _, cell in _executed(notebook)
        for node in ast.walk(_tree(cell.source) or ast.Module([], []))
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


def own_data(path: Path) -> Iterator[Found]:
    """Find the faults of the tables that a notebook brings along, in the folder of its name."""
    folder = path.with_suffix("")
    if not ((folder / "datapackage.json").exists() or any(folder.glob("*.csv"))):
        return
    for fault in map(str, check(folder)):
        found, _, wanted = fault.partition(", expected ")
        yield None, "data_faulty", found, wanted or "what `check` asks of a chapter's own tables"


# Words


def _short(text: str, longest: int = 80) -> str:
    """Bring a text into one line that is safe to print, cut at a word."""
    text = "".join(c for c in " ".join(text.split()) if c.isprintable())
    return text if len(text) <= longest else text[:longest].rsplit(" ", 1)[0] + " …"


def _quote(text: str) -> str:
    return f'"{_short(text)}"'


# The command


def notebooks(folder: Path) -> list[Path]:
    """List the notebooks of a folder and of those in it, no checkpoints."""
    found = sorted(folder.rglob("*.ipynb"))
    return [p for p in found if not any(x.startswith(".") for x in p.relative_to(folder).parts)]


def write_csv(found: list[Finding], file: Path) -> None:
    """Write the findings as a table that a spreadsheet opens.

    The mark at its start tells a spreadsheet that it is UTF-8, and what would be a formula there
    is kept a text.
    """
    with file.open("w", encoding="utf-8-sig", newline="") as opened:
        writer = csv.writer(opened, lineterminator="\n")
        writer.writerow(Finding._fields)
        for finding in found:
            cells = ["" if value is None else str(value) for value in finding]
            writer.writerow(["'" + c if c.startswith(("=", "+", "-", "@")) else c for c in cells])


def summary(reviewed: dict[Path, tuple[list[Finding], list[str]]]) -> str:
    """Count the findings of each notebook, a line each, by the criteria that found any."""
    counts = {
        path.as_posix(): Counter(finding.criterion for finding in found)
        for path, (found, _) in reviewed.items()
    }
    columns = [name for name in CRITERIA if any(count[name] for count in counts.values())]
    table = pd.DataFrame(
        [[count.total(), *(count[name] for name in columns)] for count in counts.values()],
        index=pd.Index(counts, name="notebook"),
        columns=["all", *columns],
    )
    table.index = table.index.str.ljust(table.index.str.len().max())
    return table.reset_index().to_string(index=False)


def main(arguments: list[str]) -> int:
    """Print what a marker would look at; 1 where something was found, 2 for unreadable paths."""
    about, _, safety = __doc__.partition("\n\nReview executes")
    parser = argparse.ArgumentParser(
        prog="python -m tashkent review",
        description=about.split("\n\n")[0],
        epilog=f"Review executes{safety}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("path", nargs="+", type=Path, help="a notebook, or a folder of them")
    parser.add_argument("--csv", type=Path, metavar="FILE", help="write the findings as a table")
    parser.add_argument("--no-run", action="store_true", help="read only, execute nothing")
    parser.add_argument("--jobs", type=int, metavar="N", help="how many at a time (all cores)")
    parser.add_argument(
        "--seconds",
        type=int,
        metavar="N",
        default=CELL_SECONDS,
        help="how long a cell may take (%(default)s)",
    )
    options = parser.parse_args(arguments)
    if options.csv and options.csv.suffix == ".ipynb":
        parser.error(f"--csv {options.csv} would overwrite a notebook")
    if options.csv and not options.csv.absolute().parent.is_dir():
        parser.error(f"--csv {options.csv}: no folder {options.csv.parent}")
    paths, faults = {}, []
    for path in options.path:
        found = [path] if path.suffix == ".ipynb" or not path.is_dir() else notebooks(path)
        if not path.exists():
            faults.append(f"{path}: no such file or folder")
        elif not found or found[0].suffix != ".ipynb":
            faults.append(f"{path}: no notebook, expected .ipynb or a folder of such")
        else:
            paths |= {one.resolve(): one for one in found}
    try:
        reviewed = review(paths.values(), not options.no_run, options.seconds, options.jobs)
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130
    every = [finding for found, _ in reviewed.values() for finding in found]
    for path, (found, covered) in reviewed.items():
        print(f"{path.as_posix()}: {_counted(len(found))}", *covered, sep="\n  ")
        print(*found, sep="\n", end="\n\n" if found else "\n")
    if len(reviewed) > 1:
        print(summary(reviewed), end="\n\n")
    if reviewed:
        print(f"notebooks: {len(reviewed)}, {_counted(len(every))}")
        print(f"left to the reader: {LEFT_OPEN}")
    if options.csv:
        try:
            write_csv(every, options.csv)
        except OSError as error:
            faults.append(f"{options.csv}: {error.strerror}")
    for fault in faults:
        print(fault, file=sys.stderr)
    return 2 if faults else min(1, len(every))


def _counted(number: int) -> str:
    return f"{number or 'no'} finding{'' if number == 1 else 's'}"
