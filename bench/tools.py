"""What the measurements need beside Python: a browser, Node.js, packages from npm."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from bench import BenchError
from tashkent.site import chromium as browser

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
BUILD = ROOT / "_build" / "bench"
MODULES = BUILD / "npm" / "node_modules"


def chromium() -> str:
    """Find the browser."""
    found = browser.path()
    if not found:
        raise BenchError(browser.LACKING)
    return found


def install_modules() -> None:
    """Install the locked packages of `package.json` into `_build/bench/npm`, once."""
    if not shutil.which("npm"):
        raise BenchError("no Node.js: install it with npm, version 18 or newer")
    lock = (HERE / "package-lock.json").read_bytes()
    mark = MODULES / "installed.json"
    if mark.is_file() and mark.read_bytes() == lock:
        return
    print("Installing the packages of bench/package.json ...", flush=True)
    folder = MODULES.parent
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, folder)
    run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], folder)
    # The host that stock asks has require.js minified; its package has the tool for that.
    minify = "bin/r.js -o baseUrl=. paths.it=require name=it out=require.min.js"
    run(["node", *minify.split(), "skipModuleInsertion=true"], MODULES / "requirejs")
    mark.write_bytes(lock)


def run(command: list, folder: Path = ROOT, **environment: str) -> str:
    """Run a command and return what it printed.

    Raises
    ------
    BenchError
        Where it fails, with the end of what it said.
    """
    done = subprocess.run(
        list(map(str, command)),
        cwd=folder,
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
    )
    if done.returncode:
        said = "\n".join(done.stdout.strip().splitlines()[-15:])
        raise BenchError(f"{' '.join(map(str, command))} failed:\n{said}")
    return done.stdout


def timed(command: list, folder: Path, package: Path = ROOT) -> float:
    """Run a command that uses the package of a folder, and return the seconds that it took."""
    start = time.perf_counter()
    run(command, folder, PYTHONPATH=str(package))
    return time.perf_counter() - start


def build(folder: Path, package: Path = ROOT, *options: str) -> float:
    """Build a book by the README's command and return the seconds that it took."""
    command = [Path(sys.executable).with_name("jupyter-book"), "build", "."]
    return timed([*command, "-W", "-n", "--keep-going", "-q", *options], folder, package)


def empty(folder: Path) -> Path:
    """Make a folder, without what was in it from the last time."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
