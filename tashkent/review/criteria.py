"""The criteria of review, and how a finding is said."""

from typing import NamedTuple

#: What is looked at: the name of each criterion, and what it asks.
CRITERIA = {
    "notebook_unreadable": "The file is a notebook of format 4.",
    "does_not_run": "It runs from top to bottom in a fresh kernel, without a network.",
    "output_stale": "What stands under its cells is what a full run shows.",
    "run_order": "Its cells are numbered from 1 without a gap, as a full run leaves them.",
    "locator_missing": "Each paragraph that states something names the passage that it rests on.",
    "locator_unknown": "Each locator is well spelt, and there is such a passage.",
    "number_untested": "Each number, date and set of states is borne out by a row of the passage "
    "cited there, or by the next checked cell.",
    "figure_undescribed": "Each figure is a chart with a description that can be read out.",
    "figure_unsourced": "Each figure's title says its finding, and its subtitle the passages.",
    "table_uncaptioned": "Each table that is shown has a caption.",
    "cell_long": "No cell has more than 24 statements, those that build a chart left aside.",
    "path_absolute": "No path of one machine and no address of another stands in it.",
    "door_opened": "No cell uses the shell or a magic command, starts programs, changes where "
    "modules are found, hides warnings, errors or its own code, reads a file beside `load`, or "
    "writes or removes one.",
    "data_faulty": "The tables that it brings along are described, and hold to their description.",
}

#: What no command can say.
LEFT_OPEN = "the argument, fairness to the speakers, care with hedges"

#: Lines of code that a page shows as they are, and statements that a cell may have.
LONG_CODE = 24


class Finding(NamedTuple):
    """What a marker would look at: where, by which criterion, what was found and expected."""

    notebook: str
    cell: int | None
    criterion: str
    found: str
    expected: str

    def __str__(self) -> str:
        """Write the finding as its one line."""
        where = f"{self.notebook}, cell {self.cell}" if self.cell else self.notebook
        return f"{where}: {self.criterion}: {self.found}, expected {self.expected}"


#: A finding before it is known in which notebook.
Found = tuple[int | None, str, str, str]


def short(text: str, longest: int = 80) -> str:
    """Bring a text into one line that is safe to print, cut at a word."""
    text = "".join(c for c in " ".join(text.split()) if c.isprintable())
    return text if len(text) <= longest else text[:longest].rsplit(" ", 1)[0] + " …"


def quote(text: str) -> str:
    """Put a text that is cut so between quotation marks."""
    return f'"{short(text)}"'
