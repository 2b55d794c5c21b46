"""Read locators: the short names, in square brackets, of the report's passages.

`[1.2.2 ¶7]` is a paragraph, `[1.1 ¶6a]` an item, `[fn 20]` a footnote. Several stand in one
bracket, the section repeated after each `;`. Paragraphs and items have ranges, `[1.1 ¶3-4]` and
`[0 ¶1a-h]`; a range of paragraphs does not take in their items, and footnotes have no ranges.

What is not from the report is cited from the table `record`, by the keys of its rows and in a
bracket of its own: `[record: csto]`, `[record: renewal_1999; uzbekistan]`.
"""

import re
from collections.abc import Iterable

#: What stands before the first key of a bracket that cites the record.
RECORD = "record: "

_SECTION = r"(?:KF|EN|S|\d+(?:\.\d+)*)"
_ONE = rf"(?:{_SECTION}\s+¶\d+(?:-\d+|[a-z](?:-[a-z])?)?|fn\s+\d+[a-z]?)"
_SEVERAL = rf"{_ONE}(?:;\s+{_ONE})*"
_BRACKET = re.compile(rf"\[({_SEVERAL})\]")
_BARE = re.compile(_SEVERAL)
_KEYS = re.compile(r"record:\s+[a-z0-9_]+(?:;\s+[a-z0-9_]+)*")
_RECORD = re.compile(rf"\[({_KEYS.pattern})\]")
_SUSPECT = re.compile(r"\[[^\[\]]*(?:¶|\bfn\.?\s*\d|\b[Rr]ecord:)[^\[\]]*\]")


def find(text: str) -> list[re.Match]:
    """Find the brackets that hold locators.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    list of re.Match
        In order; `m[0]` is the bracket, `m[1]` what stands in it, for `split` and `expand`.
    """
    return list(_BRACKET.finditer(text))


def find_records(text: str) -> list[re.Match]:
    """Find the brackets that cite the record: `m[0]` the bracket, `m[1]` what stands in it."""
    return list(_RECORD.finditer(text))


def brackets(text: str) -> list[re.Match]:
    """Find the brackets that cite the report or the record, in order."""
    return sorted([*find(text), *find_records(text)], key=lambda match: match.start())


def misspelt(text: str) -> list[str]:
    """Find the brackets that seem meant as citations but do not follow the grammar.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    list of str
        The brackets, in order: those with a `¶`, an `fn` or a `record:` in them that `brackets`
        passes over.
    """
    found = [m[0] for m in _SUSPECT.finditer(text)]
    return [one for one in found if not (_BRACKET.fullmatch(one) or _RECORD.fullmatch(one))]


def is_locator(text: str) -> bool:
    """Tell whether the whole text is one or more locators, as in a `locator` column."""
    return _BARE.fullmatch(text.strip()) is not None


def is_record(text: str) -> bool:
    """Tell whether the whole text cites the record, without a bracket: `record: csto`."""
    return _KEYS.fullmatch(text.strip()) is not None


def split(text: str) -> list[str]:
    """Split what stands in a bracket at its semicolons: single locators and ranges."""
    return [" ".join(part.split()) for part in text.strip("[] \n").split(";")]


def expand(text: str, known: Iterable[str]) -> list[str]:
    """Name every passage that a bracket cites.

    Parameters
    ----------
    text : str
        A bracket, or what stands in it: `"[1.1 ¶3-4; fn 5]"`.
    known : iterable of str
        The locators that exist, such as the `locator` column of `passages`.

    Returns
    -------
    list of str
        Single locators, ranges counted out: `["1.1 ¶3", "1.1 ¶4", "fn 5"]`.

    Raises
    ------
    ValueError
        Where a passage does not exist or a range runs backwards; names all that are unknown.
    """
    known = set(known)
    found = [locator for part in split(text) for locator in _range(part)]
    unknown = [locator for locator in found if locator not in known]
    if unknown:
        raise ValueError(f"no such passage: {'; '.join(unknown)}")
    return found


def keys(text: str, known: Iterable[str]) -> list[str]:
    """Name every row of the record that a bracket cites.

    Parameters
    ----------
    text : str
        A bracket, or what stands in it: `"[record: renewal_1999; uzbekistan]"`.
    known : iterable of str
        The keys that exist, the column `key` of `record`.

    Returns
    -------
    list of str
        `["renewal_1999", "uzbekistan"]`.

    Raises
    ------
    ValueError
        Where the record has no such row; names all that are unknown.
    """
    known = set(known)
    found = [key.removeprefix(RECORD) for key in split(text)]
    unknown = [key for key in found if key not in known]
    if unknown:
        raise ValueError(f"no such row of the record: {'; '.join(unknown)}")
    return found


def anchor(locator: str) -> str:
    """Name the place of a passage on the concordance page: `p-1-2-2-7` for `1.2.2 ¶7`."""
    return "p-" + "-".join(re.findall(r"[0-9a-z]+", locator.lower()))


def _range(part: str) -> list[str]:
    """Count out a range; a single locator stands for itself."""
    ends = re.fullmatch(r"(.*¶)(\d+)(?:([a-z])-([a-z])|-(\d+))", part)
    if not ends:
        return [part]
    stem, number, first, last, until = ends.groups()
    if first:
        counted = [f"{stem}{number}{chr(c)}" for c in range(ord(first), ord(last) + 1)]
    else:
        counted = [f"{stem}{n}" for n in range(int(number), int(until) + 1)]
    if len(counted) < 2:
        raise ValueError(f"range runs backwards: {part}")
    return counted
