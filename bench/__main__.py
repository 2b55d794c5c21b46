"""The command line: `python -m bench [pages] [growth]`, `python -m bench lighthouse [PAGE ...]`."""

import sys
from importlib import import_module

from bench import BenchError

USAGE = """\
usage: python -m bench [pages] [growth]
           measure both, or one, and write the result to bench/RESULTS.md
       python -m bench lighthouse [PAGE ...]
           Lighthouse on the landing page and the largest chapter, on the pages named, or on all"""


def main(arguments: list[str]) -> int:
    """Measure; what keeps it from that is said in plain lines, without a traceback."""
    try:
        if arguments[:1] == ["lighthouse"]:
            return import_module("bench.lighthouse").main(arguments[1:])
        if set(arguments) <= {"pages", "growth"}:
            return import_module("bench.results").main(arguments)
    except BenchError as error:
        print(error, file=sys.stderr)
        return 1
    print(USAGE)
    return 0 if arguments[0] in ("-h", "--help") else 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
