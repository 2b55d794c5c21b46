"""The system's Chromium, which prints the PDF and in which the pages are tested and measured."""

import os
import shutil

NAMES = ("chromium", "chromium-browser", "google-chrome")

#: How it is started: without a window, and without requests of its own.
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
]

#: What to say where there is none.
LACKING = "no Chromium: apt-get install chromium, or name one in the variable CHROMIUM"


def path() -> str | None:
    """Find the browser: the one named in the variable CHROMIUM, or the system's."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
