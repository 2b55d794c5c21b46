"""Put what was measured together: on which machine, with what, when."""

import datetime
import os
import platform
import re
import sys
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

from bench.tools import HERE, chromium, run

PARTS = {"pages": "The same chapters, by stock and by this book", "growth": "As it grows"}


def main(arguments: list[str]) -> int:
    """Measure the parts and print the result; write it to RESULTS.md where it is the whole."""
    chosen = [part for part in PARTS if part in arguments or not arguments]
    text = f"# What was measured\n\n{machine()}\n"
    for part in chosen:
        text += f"\n## {PARTS[part]}\n\n{import_module(f'bench.{part}').measure()}\n"
    print(text)
    if chosen == list(PARTS):
        (HERE / "RESULTS.md").write_text(text, encoding="utf-8")
        print("Written to bench/RESULTS.md.")
    return 0


def machine() -> str:
    """Say when, on what and with what is measured, in one line."""
    browser = re.search(r"Chrom\w+ [\d.]+", run([chromium(), "--version"]))
    parts = [
        f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d}",
        processor(),
        f"{cores()} cores",
        system(),
        f"Python {platform.python_version()}",
        f"jupyter-book {version('jupyter-book')}",
        browser[0] if browser else "Chromium",
    ]
    return f"{', '.join(parts)}. `make bench` writes this file."


def processor() -> str:
    """Name the processor as the system does."""
    listed = Path("/proc/cpuinfo")
    lines = listed.read_text(encoding="utf-8").splitlines() if listed.exists() else []
    models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor() or platform.machine()


def cores() -> int:
    """Count the cores that this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def system() -> str:
    """Name the operating system and its version."""
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        return f"{platform.system()} {platform.release()}"
