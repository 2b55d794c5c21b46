"""Review notebooks as a marker would look at them, before the reading begins.

`CRITERIA` says what is looked at; `text`, `outputs`, `code` and `runs` find it. What cannot be
counted stays with the reader: `LEFT_OPEN`.

Review executes other people's code. Each notebook runs in a copy, beside a copy of its own folder
of data, in a fresh kernel with an empty profile. Bounded are the time of a cell, the memory of a
kernel (4 GiB, on Linux) and what it prints (10 million characters), and Python's sockets reach
this machine only. That contains accidents and is no sandbox: the code can read and write what its
user can, and start programs that have a network. Let strangers' notebooks run under an account or
in a container that has nothing to lose. With `--no-run` they are read, and nothing is executed.

Exit codes: 0 where nothing was found, 1 where something was, 2 where a path cannot be read.
"""

import argparse
import csv
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import nbformat
import pandas as pd

from tashkent.check import check
from tashkent.own import holds_data
from tashkent.review.code import code_faults
from tashkent.review.covered import coverage
from tashkent.review.criteria import CRITERIA, LEFT_OPEN, Finding, Found, short
from tashkent.review.outputs import unexplained
from tashkent.review.runs import run_copies, stale_outputs, what_stops_it
from tashkent.review.text import text_faults
from tashkent.run import CELL_SECONDS, notebooks_in
from tashkent.stored import RunError, parse


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
    reviewed, due, order = {}, {}, list(CRITERIA)
    for path in paths:
        try:
            due[path] = read(path)
        except RunError as error:
            found, _, wanted = short(str(error).lstrip(": "), 200).partition(", expected ")
            wrong = (None, "notebook_unreadable", found, wanted or "a notebook of format 4")
            reviewed[path] = ([Finding(path.as_posix(), *wrong)], [])
    runs = dict(zip(due, run_copies(due, seconds, jobs), strict=True)) if run else {}
    for path, notebook in due.items():
        try:
            found = [*look(notebook, runs.get(path)), *own_data(path)]
            covered = coverage(notebook)
        except Exception as error:  # one odd notebook of forty must not end the review
            said = short(f"{type(error).__name__}: {error}")
            found = [(None, "notebook_unreadable", said, "a notebook that can be looked through")]
            covered = []
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
    yield from what_stops_it(notebook, ran)
    yield from stale_outputs(notebook, ran)
    shown = ran if isinstance(ran, nbformat.NotebookNode) else notebook
    yield from text_faults(notebook, shown)
    yield from unexplained(shown)
    yield from code_faults(notebook)


def own_data(path: Path) -> Iterator[Found]:
    """Find the faults of the tables that a notebook brings along, in the folder of its name."""
    folder = path.with_suffix("")
    for fault in map(str, check(folder)) if holds_data(folder) else ():
        found, _, wanted = fault.partition(", expected ")
        yield None, "data_faulty", found, wanted or "what `check` asks of a chapter's own tables"


# The command


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
    about, _, safety = __doc__.split("\n\n", 2)
    parser = argparse.ArgumentParser(
        prog="python -m tashkent review",
        description=about,
        epilog=safety,
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
        found = [path] if path.suffix == ".ipynb" or not path.is_dir() else notebooks_in(path)
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
