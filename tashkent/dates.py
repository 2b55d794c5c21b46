"""Dates as the report prints them: EDTF text, never more precise than the page.

An interval `a/b` in a date column means one unprinted day between the two, never a duration.
"""

import datetime
import functools

from undate.converters.edtf import EDTFDateConverter

EDTF = "http://id.loc.gov/datatypes/edtf/EDTF"


@functools.lru_cache(maxsize=4096)  # the parser is slow, and dates come back in many tables
def bounds(text: str) -> tuple[datetime.date | None, datetime.date | None]:
    """Earliest and latest day that an EDTF date can mean.

    Parameters
    ----------
    text : str
        An EDTF date (`1993`, `1993-12`, `1992-02-14/1992-03-20`, `1993-07-31/..`) or nothing.

    Returns
    -------
    tuple of (datetime.date or None, datetime.date or None)
        None on the side that is open; both None where the text is empty.

    Raises
    ------
    ValueError
        Where the text is no EDTF date, or an interval that runs backwards or has but one end.
    """
    if not text:
        return None, None
    if text.startswith("/") or text.endswith("/"):  # EDTF has it for an end that nobody knows
        raise ValueError(f"'{text}' is an interval without an end, expected a day or '..'")
    try:
        date = EDTFDateConverter().parse(text)
        earliest, latest = (_day(date.earliest, "earliest"), _day(date.latest, "latest"))
    except Exception as error:  # the parser raises its grammar's own kinds
        raise ValueError(f"'{text}' is no EDTF date") from error
    if earliest and latest and earliest > latest:
        raise ValueError(f"'{text}' runs backwards")
    return earliest, latest


def _day(value, side: str) -> datetime.date | None:
    """One end as a calendar day: the ends of an interval are dates with ends of their own."""
    value = getattr(value, side, value)
    return value and datetime.date(int(value.year), int(value.month), int(value.day))
