"""The command line: `python -m tashkent check`, `run` and so on, as COMMANDS lists them."""

import sys
from importlib import import_module

from tashkent.data import DataError

COMMANDS = {
    "check": "check [--no-hash] [DIR]: find every fault of the tables",
    "new": "new [--data] TITLE: begin a chapter of your own in chapters/student/",
    "run": "run [--force] [NOTEBOOK ...]: re-run the notebooks whose inputs changed",
    "review": "review [--no-run] [--csv FILE] PATH ...: what a marker would look at in notebooks",
    "agreement": "agreement: compare the two codings, write the result to data/README.md",
    "mutants": "mutants: break copies of the tables, write what is caught to appendix/rules.md",
    "release-data": "release-data VERSION: record what the tables hold as a version",
    "diff-data": "diff-data REV|A..B [DIR]: say in words what changed in the data since a revision",
}


def main(arguments: list[str]) -> int:
    """Run one command; a fault of the data is said in plain lines, without a traceback."""
    if not arguments or arguments[0] not in COMMANDS:
        print("usage: python -m tashkent COMMAND", *COMMANDS.values(), sep="\n  ")
        return 0 if arguments in ([], ["-h"], ["--help"]) else 2
    try:
        module = arguments[0].removesuffix("-data")
        return import_module(f"tashkent.{module}").main(arguments[1:])
    except DataError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
