"""The criteria of `python -m tashkent review`, as a table: rubric and command say one thing."""

import inspect

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from tashkent.review import criteria
from tashkent.site.parts import make_grid, make_row, paragraph


class ReviewCriteria(SphinxDirective):
    """Write `{review-criteria}` as a table: the name of each criterion, and what it asks."""

    def run(self) -> list[nodes.Node]:
        """Write the table."""
        for module in (ReviewCriteria, criteria):
            self.env.note_dependency(inspect.getsourcefile(module))
        return [criteria_table()]


def criteria_table() -> nodes.table:
    """Make the table of `tashkent.review.CRITERIA`."""
    rows = [
        make_row([[paragraph(nodes.literal("", name))], [paragraph(asks)]])
        for name, asks in criteria.CRITERIA.items()
    ]
    headings = ["criterion", "what it asks"]
    return make_grid(headings, rows, [25, 75], "The criteria of review", "review-criteria")
