"""Link what cites the record, `[record: csto]`, to the rows of that table."""

import html

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging

from tashkent import locators
from tashkent.site import markup
from tashkent.site.links import prose, weave
from tashkent.site.rows import address_of, records, row_place

logger = logging.getLogger(__name__)

#: Word before the first key of a bracket.
WORD = "record: "


def title_of(key: str) -> str:
    """Say what a row of the record says, and how well it is attested."""
    row = next(row for row in records("record") if row["key"] == key)
    return f"{row['fact']} Source: {row['strength'].replace('_', ' ')}."


class LinkRecords(SphinxPostTransform):
    """Makes links of the keys in prose and in the HTML of outputs, as of locators before."""

    default_priority = 701
    formats = ("html",)

    def run(self, **kwargs) -> None:
        """Go over one page."""
        for run in list(prose(self.document)):
            found = locators.find_records("".join(run))
            self._check(found, run[0].parent)
            weave(run, [(match.span(), self._references(match[1])) for match in found])
        for raw in list(self.document.findall(nodes.raw)):
            if "html" not in raw.get("format", "") or isinstance(raw.parent, nodes.TextElement):
                continue
            written = raw.astext()
            self._check(locators.find_records(markup.text_of(written)), raw)
            linked = markup.link_records(written, self._anchor)
            if linked != written:
                raw.children = [nodes.Text(linked)]
                raw.rawsource = linked

    def _check(self, found: list, where: nodes.Node) -> None:
        """Warn of keys that the record has not."""
        for match in found:
            try:
                locators.keys(match[1], (row["key"] for row in records("record")))
            except ValueError as error:
                logger.warning("%s: %s", match[0], error, location=where, type="locator")

    def _references(self, bracket: str) -> list[nodes.Node]:
        """Write a bracket anew, with a link for each key."""
        made: list[nodes.Node] = []
        for part in locators.split(bracket):
            target = self._target(part)
            if target is None:
                link = nodes.Text(part)
            else:
                link = nodes.reference(
                    "", part, refuri=target, internal=True, classes=["tk-locator"]
                )
                link["reftitle"] = title_of(part.removeprefix(WORD))
            made += [nodes.Text("; " if made else "["), link]
        return [*made, nodes.Text("]")]

    def _anchor(self, part: str) -> str:
        target = self._target(part)
        if target is None:
            return html.escape(part)
        title = html.escape(title_of(part.removeprefix(WORD)))
        return f'<a class="tk-locator" href="{target}" title="{title}">{html.escape(part)}</a>'

    def _target(self, part: str) -> str | None:
        """Address of a row of the record, or None without page or row."""
        key = part.removeprefix(WORD)
        if key not in {row["key"] for row in records("record")}:
            return None
        place = row_place("record", [key])
        return address_of(self.env, self.app.builder, self.env.docname, "record", place)
