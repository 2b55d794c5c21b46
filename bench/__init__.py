"""Measure the book: against stock Jupyter Book, as it grows, and by Lighthouse."""


class BenchError(Exception):
    """What keeps a measurement from being made, in a line."""
