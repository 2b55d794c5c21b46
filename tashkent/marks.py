"""Text that a command writes between two marks of a page that is otherwise written by hand."""

from tashkent.data import DataError


def marks(name: str) -> tuple[str, str]:
    """Name the two marks: Markdown shows neither."""
    return f"<!-- {name}: written by `make {name}` -->", f"<!-- end of {name} -->"


def between(text: str, name: str, file: str) -> str:
    """Read what stands between two marks.

    Raises
    ------
    DataError
        Where a mark is missing.
    """
    begin, end = marks(name)
    if begin not in text or end not in text.split(begin, 1)[1]:
        raise DataError(f"{file}: the marks '{begin}' and '{end}' are missing")
    return text.split(begin, 1)[1].split(end, 1)[0].strip("\n")


def put_between(text: str, name: str, body: str, file: str) -> str:
    """Put a text between two marks and leave the rest as it is.

    Raises
    ------
    DataError
        Where a mark is missing.
    """
    between(text, name, file)
    begin, end = marks(name)
    before, rest = text.split(begin, 1)
    return f"{before}{begin}\n\n{body}\n\n{end}{rest.split(end, 1)[1]}"
