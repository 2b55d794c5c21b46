"""Link what cites the record, `[record: csto]`, to the rows of that table."""

from functools import cache

from docutils import nodes

from tashkent import locators
from tashkent.locators import RECORD
from tashkent.site import markup
from tashkent.site.links import LinkCitations
from tashkent.site.rows import address_of, records, row_place


@cache
def facts() -> dict[str, dict[str, str]]:
    """Give the rows of the record by their key."""
    return {row["key"]: row for row in records("record")}


class LinkRecords(LinkCitations):
    """Makes links of the keys, as of locators before."""

    default_priority = 701
    find = staticmethod(locators.find_records)

    def expand(self, bracket: str) -> list[str]:
        """Name the rows that a bracket cites."""
        return locators.keys(bracket, facts())

    def target(self, part: str) -> str | None:
        """Address of a row of the record, or None without page or row."""
        key = part.removeprefix(RECORD)
        if key not in facts():
            return None
        place = row_place("record", [key])
        return address_of(self.env, self.app.builder, self.env.docname, "record", place)

    def title(self, part: str) -> str:
        """Say what a row of the record says, and how well it is attested."""
        row = facts()[part.removeprefix(RECORD)]
        return f"{row['fact']} Source: {row['strength'].replace('_', ' ')}."

    def linked(self, written: str, raw: nodes.raw) -> str:
        """Link the keys in the HTML of an output."""
        return markup.link_records(written, self.anchor)
