"""Re-execute notebooks in place and store what they show, the same bytes each time.

A notebook is executed again when its inputs differ, by content, from those whose hash it carries
in `metadata.tashkent.inputs`: its own cells, the modules of the package that a chapter can import,
the files under `data/`, and those in a folder of its own name beside it. `tashkent/site/`,
`__main__.py` and this module change no output and do not count; `STORED_FORM` does, for changes to
how `stored.py` brings a notebook into its form.
"""

import argparse
import asyncio
import atexit
import hashlib
import json
import logging
import os
import re
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path

import nbformat

from tashkent.data import ROOT
from tashkent.stored import RunError, canonical, executed, parse, serialise, write

FOLDERS = ("chapters", "appendix")
DATA_SUFFIXES = {".bib", ".csv", ".json", ".topojson"}
#: Modules that no chapter runs, and folders of such.
NO_INPUTS = {"__main__.py", "contents.py", "diff.py", "export.py", "mutants.py", "new.py"}
NO_INPUTS |= {"prose.py", "release.py", "review", "rules", "run.py", "sheets.py", "site"}
NO_INPUTS |= {"stored.py"}
STORED_FORM = 1

CELL_SECONDS = 300
KERNEL_SECONDS = 120

# Runs in every kernel before the first cell: Python code there reaches this machine only, and pip,
# where a cell starts it, asks no index.
OFFLINE = """
def _offline():
    import os
    import sys
    os.environ["PIP_NO_INDEX"] = "1"
    asks = ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr")
    here = (None, "", "localhost", "127.0.0.1", "::1", b"", b"localhost", b"127.0.0.1", b"::1")

    def refuse(event, args):
        if event in ("socket.connect", "socket.sendto"):
            host = args[1][0] if isinstance(args[1], tuple) else None
        elif event in asks:
            host = args[0]
        else:
            return
        if host not in here:
            raise OSError(f"a notebook uses no network, and this one asked for {host}")

    sys.addaudithook(refuse)


_offline()
del _offline
"""


# Inputs


def notebooks(root: Path = ROOT) -> list[Path]:
    """List the book's notebooks: those under `chapters/` and `appendix/`."""
    return [path for folder in FOLDERS for path in notebooks_in(root / folder)]


def notebooks_in(folder: Path) -> list[Path]:
    """List the notebooks of a folder and of those in it, no checkpoints."""
    found = sorted(folder.rglob("*.ipynb"))
    return [p for p in found if not any(x.startswith(".") for x in p.relative_to(folder).parts)]


def shared_inputs(root: Path = ROOT) -> str:
    """Hash what every notebook depends on: the package's modules and the data."""
    modules = (
        path
        for path in (root / "tashkent").rglob("*.py")
        if not NO_INPUTS & set(path.relative_to(root).parts)
    )
    data = (path for path in (root / "data").rglob("*") if path.suffix in DATA_SUFFIXES)
    return _hashed([*modules, *data], root, f"stored form {STORED_FORM}")


def inputs_beside(path: Path, shared: str) -> str:
    """Join the hash of what all notebooks share with a notebook's own data, where it has some."""
    own = [file for file in path.with_suffix("").rglob("*") if file.suffix in DATA_SUFFIXES]
    return _hashed(own, path.parent, shared) if own else shared


def _hashed(files: Iterable[Path], folder: Path, begin: str) -> str:
    """Hash files by their names and contents.

    Names are taken with forward slashes and line ends as LF, so that every platform agrees.
    """
    digest = hashlib.sha256(begin.encode())
    for name, path in sorted((p.relative_to(folder).as_posix(), p) for p in files):
        content = hashlib.sha256(path.read_bytes().replace(b"\r\n", b"\n")).hexdigest()
        digest.update(f"\n{name} {content}".encode())
    return digest.hexdigest()


def inputs(notebook: nbformat.NotebookNode, shared: str) -> str:
    """Hash a notebook's inputs: its cells (kind, source, tags) and the shared ones."""
    cells = [
        [cell.cell_type, cell.source.replace("\r\n", "\n"), cell.metadata.get("tags", [])]
        for cell in notebook.cells
    ]
    return hashlib.sha256(json.dumps([cells, shared]).encode()).hexdigest()


# Execution


def is_current(text: str, shared: str) -> bool:
    """Say whether a notebook's text is what a run with these inputs would have stored.

    A notebook that was saved from JupyterLab, or whose outputs were cleared, is not in the stored
    form any more and counts as changed.
    """
    notebook = parse(text)
    marked = notebook.metadata.get("tashkent", {}).get("inputs") == inputs(notebook, shared)
    counted = all(cell.execution_count is not None for _, cell in executed(notebook))
    return marked and counted and serialise(canonical(notebook)) == text


def run(
    paths: Iterable[Path | str],
    force: bool = False,
    jobs: int | None = None,
    root: Path = ROOT,
) -> list[Path]:
    """Execute the notebooks whose inputs changed, side by side, and store their outputs.

    Parameters
    ----------
    paths : iterable of path
        The notebooks; each runs in its own folder.
    force : bool
        Execute them all, changed or not.
    jobs : int, optional
        How many at a time; as many as there are cores by default.
    root : pathlib.Path
        The folder that holds `tashkent/` and `data/`.

    Returns
    -------
    list of pathlib.Path
        The files that were written, because their bytes changed.

    Raises
    ------
    RunError
        When all are through, with one line for each notebook that failed. Its file is as it was.
    """
    shared = shared_inputs(root)
    faults, due = {}, {}
    paths = list(dict.fromkeys(Path(path).resolve() for path in paths))
    for path in paths:
        try:
            text = path.read_bytes().decode()
            own = inputs_beside(path, shared)
            if force or not is_current(text.replace("\r\n", "\n"), own):
                due[path] = (text, own)
        except RunError as error:
            faults[path] = f"{_name(path, root)}{error}"
        except (OSError, UnicodeDecodeError) as error:
            faults[path] = f"{_name(path, root)}: {getattr(error, 'strerror', error)}"
    written = []
    if due:
        with tempfile.TemporaryDirectory(prefix="tashkent-") as profile:
            results = _run_all(due, jobs, root, profile)
        written = [path for path, result in results.items() if result is True]
        faults |= {path: result for path, result in results.items() if isinstance(result, str)}
    counts = f"run {len(due)}, rewritten {len(written)}, failed {len(faults)}"
    _say(f"notebooks: {len(paths)}, {counts}")
    if faults:
        raise RunError("\n".join(faults[path] for path in paths if path in faults))
    return written


def _run_all(
    due: dict[Path, tuple[str, str]], jobs: int | None, root: Path, profile: str
) -> dict[Path, bool | str]:
    """Execute all, each given as its text and the hash of what it depends on, `jobs` at a time.

    Returns
    -------
    dict of path to (bool or str)
        Whether it was written, or what went wrong.
    """

    async def one(path: Path) -> bool | str:
        _say(f"running {_name(path, root)} ...")
        text, own = due[path]
        try:
            return _store(path, text, await execute(path, text, own, profile))
        except RunError as error:
            return f"{_name(path, root)}{error}"

    return dict(zip(due, side_by_side(one, due, jobs), strict=True))


def side_by_side(
    work: Callable[[Path], Awaitable], paths: Iterable[Path], jobs: int | None = None
) -> list:
    """Await some work on each path, `jobs` or as many as there are cores at a time, in order."""
    logging.getLogger("traitlets").setLevel(logging.CRITICAL)

    async def everything() -> list:
        turn = asyncio.Semaphore(max(1, jobs or _cores()))

        async def one(path: Path) -> object:
            async with turn:
                return await work(path)

        return await asyncio.gather(*map(one, paths))

    with asyncio.Runner(loop_factory=_loop) as runner:
        return runner.run(everything())


def _channels(sockets: Path):
    """Have a kernel answer through files where it can: a port may be taken before it gets there."""
    from traitlets.config import Config

    config = Config()
    if os.name == "posix":
        config.ConnectionFileMixin.transport = "ipc"
        config.ConnectionFileMixin.ip = str(sockets)
    return config


async def execute(
    path: Path,
    text: str,
    shared: str,
    profile: str,
    seconds: int = CELL_SECONDS,
    bounds: str = "",
) -> str:
    """Execute one notebook and return the text to store; nothing is written.

    Parameters
    ----------
    path : pathlib.Path
        Where the notebook is: the code runs in this file's folder.
    text : str
        The notebook, as its file has it.
    shared : str
        The hash of what it depends on beside its own cells, as `inputs_beside` gives it.
    profile : str
        An empty folder, for IPython's settings and the kernel's sockets.
    seconds : int
        How long one cell may take.
    bounds : str
        Code that the kernel runs before the first cell, beside `OFFLINE`.

    Raises
    ------
    RunError
        Where it cannot be run to its end.
    """
    from jupyter_client.kernelspec import NoSuchKernel
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    notebook = parse(text)
    _refuse_other_languages(notebook)
    digest = inputs(notebook, shared)
    notebook.metadata.pop("widgets", None)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    reached = []
    client = NotebookClient(
        notebook,
        kernel_name="python3",
        timeout=seconds,
        startup_timeout=KERNEL_SECONDS,
        record_timing=False,
        shutdown_kernel="immediate",
        resources={"metadata": {"path": str(path.parent)}},
        extra_arguments=[
            f"--IPKernelApp.exec_lines={OFFLINE}{bounds}",
            "--IPKernelApp.log_level=50",
        ],
        on_cell_execute=lambda cell, cell_index: reached.append(cell),
        config=_channels(Path(profile) / f"kernel-{id(notebook)}"),
    )
    # An empty profile: the settings and start-up scripts of whoever runs it stay out.
    env = os.environ | {"IPYTHONDIR": profile}
    try:
        await client.async_execute(env=env)
    except NoSuchKernel:
        raise RunError(
            ": no Jupyter kernel 'python3' here, install the packages of requirements.txt"
            " (README.md has the commands)"
        ) from None
    except CellExecutionError as error:
        last = [line for line in error.evalue.splitlines() if line.strip()][-1:]
        if error.ename == "AssertionError" and not last:
            last = ["the tables no longer give what the prose before this cell says"]
        said = ": ".join([error.ename, *last])
        raise _stopped(notebook, reached, said, error.traceback) from None
    except CellTimeoutError:
        raise _stopped(notebook, reached, f"no answer in {seconds} seconds") from None
    except DeadKernelError:
        raise _stopped(notebook, reached, "the kernel died") from None
    except (RuntimeError, OSError) as error:
        raise RunError(
            f": the kernel did not start ({error}), jupyter kernelspec list says where it lies"
        ) from None
    finally:
        # nbclient leaves its emergency exit in place when it is interrupted.
        atexit.unregister(client._cleanup_kernel)
    notebook = canonical(notebook)
    notebook.metadata["tashkent"] = {"inputs": digest}
    try:
        nbformat.validate(notebook)
    except nbformat.ValidationError as error:
        raise RunError(f": its outputs are no valid notebook ({error.message})") from None
    return serialise(notebook)


def _stopped(
    notebook: nbformat.NotebookNode, reached: list, said: str, traceback: str = ""
) -> RunError:
    """Make the error for a notebook that stopped in the last cell that was started."""
    error = RunError(_where(reached, traceback) + said)
    if reached:
        error.cell = [cell.id for cell in notebook.cells].index(reached[-1].id) + 1
    return error


def _refuse_other_languages(notebook: nbformat.NotebookNode) -> None:
    """Refuse what is not written in Python; a Python kernel of any name is run by `python3`.

    Raises
    ------
    RunError
        Names the kernel, and says how to choose another.
    """
    kernel = notebook.metadata.get("kernelspec") or {}
    spoken = notebook.metadata.get("language_info") or {}
    language = kernel.get("language") or spoken.get("name") or "python"
    if language.lower() != "python":
        name = kernel.get("display_name") or kernel.get("name") or language
        raise RunError(
            f": its kernel is '{name}', a chapter runs in Python: choose the kernel Python 3 in "
            "JupyterLab (Kernel > Change Kernel) and save"
        )


def _where(reached: list, traceback: str = "") -> str:
    """Name the last cell that was started: the number in its brackets and its failing line.

    Where the traceback points to no line of the cell, it is the cell's first.
    """
    if not reached:
        return ": "
    lines = [line.strip() for line in reached[-1].source.strip().splitlines()]
    pointed = re.findall(r"^-+> *\d+ (.*)$", re.sub(r"\x1b\[[\d;]*m", "", traceback), re.M)
    line = next((line.strip() for line in pointed if line.strip() in lines), lines[0])
    return f', cell [{len(reached)}] "{line}": '


def _store(path: Path, before: str, after: str) -> bool:
    """Write the file in one step if its bytes change; say whether they did."""
    if after == before:
        return False
    if path.read_bytes() != before.encode():
        raise RunError(": changed on disk while it ran, run it again")
    write(path, after)
    return True


def _loop() -> asyncio.AbstractEventLoop:
    """Make an event loop that leaves Ctrl-C to `asyncio.Runner`.

    nbclient would set a handler for each notebook, and the last one set would stop only its own.
    """
    loop = asyncio.SelectorEventLoop()

    def refuse(*_: object) -> None:
        raise NotImplementedError

    loop.add_signal_handler = refuse
    return loop


def _cores() -> int:
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def _name(path: Path, root: Path) -> str:
    inside = path.is_relative_to(root.resolve())
    return path.relative_to(root.resolve()).as_posix() if inside else str(path)


def _say(line: str) -> None:
    print(line, flush=True)


def main(arguments: list[str], root: Path = ROOT) -> int:
    """Run `python -m tashkent run [--force] [--jobs N] [NOTEBOOK ...]`."""
    parser = argparse.ArgumentParser(
        prog="python -m tashkent run",
        description="Re-execute the notebooks whose inputs changed and store their outputs.",
    )
    parser.add_argument("notebook", nargs="*", help="by default all of chapters/ and appendix/")
    parser.add_argument("--force", action="store_true", help="execute all, changed or not")
    parser.add_argument("--jobs", type=int, help="how many at a time (by default, all cores)")
    options = parser.parse_args(arguments)
    try:
        run(options.notebook or notebooks(root), options.force, options.jobs, root)
    except RunError as error:
        print(error, file=sys.stderr)
        if "DataError" in str(error):
            print("every fault of the tables: python -m tashkent check", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped; notebooks that were still running keep their old files", file=sys.stderr)
        return 130
    return 0
