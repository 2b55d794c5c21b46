"""The built site, made once for all the tests that look at it."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from book import ROOT

IGNORED = shutil.ignore_patterns(".*", "_build", "__pycache__", "tests")


def start_build(source: Path, output: Path, **environment: str) -> subprocess.Popen:
    """Start the plain command of the README, warnings being errors, on a copy of the book."""
    command = [Path(sys.executable).with_name("jupyter-book"), "build", source]
    command += ["--path-output", output, "-W", "-n", "--keep-going"]
    return subprocess.Popen(
        command,
        cwd=source,
        env=os.environ | {"PYTHONPATH": str(source)} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def finish(build: subprocess.Popen) -> tuple[int, str]:
    log, _ = build.communicate(timeout=600)
    return build.returncode, log


@pytest.fixture(scope="session")
def builds(tmp_path_factory) -> list[Path]:
    """Build the book twice at a time: as it is, and elsewhere under another zone and seed."""
    first = tmp_path_factory.mktemp("first")
    second = tmp_path_factory.mktemp("second") / "elsewhere"
    shutil.copytree(ROOT, second, ignore=IGNORED)
    running = [
        start_build(ROOT, first),
        start_build(second, second, TZ="Pacific/Auckland", PYTHONHASHSEED="7"),
    ]
    for build in running:
        code, log = finish(build)
        faults = [line for line in log.splitlines() if re.search(r"WARNING|ERROR|[Ee]rror:", line)]
        assert code == 0, "\n".join(faults) or log[-4000:]
    return [first / "_build" / "html", second / "_build" / "html"]


@pytest.fixture(scope="session")
def site(builds) -> Path:
    """Give the folder of the built site."""
    return builds[0]
