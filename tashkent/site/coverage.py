"""Coverage: how much of the report and of the tables can be followed down and up, counted."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from docutils import nodes
from pybtex.database import parse_file
from sphinx.environment import BuildEnvironment
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective

from tashkent.data import DATA
from tashkent.rules import RULES
from tashkent.site.concordance import citing_pages
from tashkent.site.links import citations, places
from tashkent.site.parts import counted, depend, make_grid, make_row, make_section, paragraph
from tashkent.site.rows import citing_rows, passage_columns, records, resources, table_link, text_of
from tashkent.site.trace import traces

#: Why a table has no column for evidence.
NO_EVIDENCE = {
    "citations": "The footnote itself is the passage; the work stands in the bibliography.",
    "claim_links": "Joins two claims, each of which has its own evidence.",
    "coder_members": "Comes from outside the report, by rows of the record.",
    "comparisons": "Joins cells coded from passages, each with its evidence, with the record.",
    "glossary": "Explains terms; each entry names the passage where the term is explained or used.",
    "outcomes": "Holds facts of the record against expectations, each with its evidence.",
    "other_coders": "Comes from outside the report, by rows of the record.",
    "passages": "Lists the passages themselves.",
    "readings": "Questions of the coder; the passages stand with the values in `alternatives`.",
    "record": "Comes from outside the report, and names its sources.",
    "record_dates": "Dates of the record, from outside the report, each with its source.",
    "report_terms": "Counts the words by which evidence is checked.",
    "sections": "Lists the report's headings.",
    "uncited": "Lists the passages from which no row was coded.",
}


@dataclass
class Measure:
    """How many of a kind are covered, and each that is not with the reason."""

    covered: int
    of: int
    exceptions: list[tuple[nodes.Node | str, str]] = field(default_factory=list)


class Measured(nodes.General, nodes.Element):
    """Stands for one measure, or for the table of all, until all pages are read."""


class Coverage(SphinxDirective):
    """What is covered, as one table, and a section for each count."""

    def run(self) -> list[nodes.Node]:
        """Leave the places for the figures: they need all pages."""
        places(self.env)["coverage"] = self.env.docname
        depend(
            self.env, [*(resource["path"] for resource in resources().values()), "references.bib"]
        )
        made: list[nodes.Node] = [Measured(name="")]
        for name, (what, said, _) in MEASURES.items():
            part = make_section(name, what)
            part += paragraph(said)
            part += Measured(name=name)
            made.append(part)
        return made


class FillCoverage(SphinxPostTransform):
    """Counts, and writes the figures in."""

    default_priority = 600

    def run(self, **kwargs) -> None:
        """Go over one page."""
        holders = list(self.document.findall(Measured))
        if not holders:
            return
        found = {name: count(self.env) for name, (_, _, count) in MEASURES.items()}
        for holder in holders:
            name = holder["name"]
            holder.replace_self(_written(found[name]) if name else _table(found))


def _table(found: dict[str, Measure]) -> list[nodes.Node]:
    rows = []
    for name, measure in found.items():
        link = nodes.reference("", MEASURES[name][0], refid=name)
        without = counted(len(measure.exceptions), "exception") if measure.exceptions else "none"
        numbers = [f"{measure.covered:,}", f"{measure.of:,}"]
        cells = [paragraph(link), *map(paragraph, numbers)]
        rows.append(make_row([[cell] for cell in [*cells, paragraph(without)]]))
    return [
        make_grid(["What", "Covered", "Of", "Not covered"], rows, [50, 14, 12, 24], numbers=[1, 2])
    ]


def _written(measure: Measure) -> list[nodes.Node]:
    text = f"{measure.covered:,} of {measure.of:,}"
    if not measure.exceptions:
        return [paragraph(f"{text}: all." if measure.covered == measure.of else f"{text}.")]
    items = [
        nodes.list_item("", paragraph(name, f": {reason}")) for name, reason in measure.exceptions
    ]
    return [paragraph(f"{text}. The exceptions:"), nodes.bullet_list("", *items)]


# The counts


def _passages_by_rows(env: BuildEnvironment) -> Measure:
    cited = citing_rows()
    reasons = {row["passage"]: row["reason"] for row in records("uncited")}
    every = _passages()
    left = [locator for locator in every if locator not in cited]
    return Measure(
        len(every) - len(left),
        len(every),
        [(f"[{locator}]", reasons.get(locator, "no reason is given")) for locator in left],
    )


def _passages_by_chapters(env: BuildEnvironment) -> Measure:
    pages = [page for page in citing_pages(env) if page.startswith("chapters/")]
    cited = {locator for page in pages for locator in citations(env)[page]}
    every = _passages()
    left = [locator for locator in every if locator not in cited]
    return Measure(
        len(every) - len(left),
        len(every),
        [(f"[{locator}]", "no chapter discusses it yet") for locator in left],
    )


def _rows_with_evidence(env: BuildEnvironment) -> Measure:
    having = [name for name in resources() if "evidence" in text_of(name)]
    rows = [(name, row) for name in having for row in records(name)]
    others = [
        (table_link(name), f"{counted(len(records(name)), 'row')}. {NO_EVIDENCE.get(name, '')}")
        for name in resources()
        if name not in having
    ]
    return Measure(sum(bool(row["evidence"]) for _, row in rows), len(rows), others)


def _evidence_in_its_passage(env: BuildEnvironment) -> Measure:
    (rule,) = [r for r in RULES if r.__name__ == "evidence_stands_in_the_passage"]
    tables = {name: text_of(name) for name in resources()}
    wrong = Counter((fault.file, fault.row) for fault in rule(tables, tables["report_terms"]))
    rows = sum(len(table) for table in tables.values() if "evidence" in table)
    listed = [(f"`{file}`, row {row}", "a word is not in the passage") for file, row in wrong]
    return Measure(rows - len(wrong), rows, listed)


def _rows_with_passage(env: BuildEnvironment) -> Measure:
    every, covered, left = set(_passages()), 0, []
    total = 0
    for name, resource in resources().items():
        columns = passage_columns(resource)
        if not columns:
            continue
        for number, row in enumerate(records(name), start=2):
            total += 1
            if all(row[column] in every for column in columns):
                covered += 1
            else:
                left.append((f"`{resource['path']}`, row {number}", "it names no passage"))
    return Measure(covered, total, left)


def _claims(env: BuildEnvironment) -> Measure:
    rows, every = records("claims"), set(_passages())
    left = [row for row in rows if row["locator"] not in every]
    return Measure(
        len(rows) - len(left), len(rows), [(row["claim_id"], "it names no passage") for row in left]
    )


def _footnotes(env: BuildEnvironment) -> Measure:
    known = set(parse_file(DATA / "references.bib").entries)
    cited: dict[str, set[str]] = {}
    for row in records("citations"):
        cited.setdefault(row["footnote"], set()).add(row["bibkey"])
    resolved = {footnote for footnote, works in cited.items() if works <= known}
    notes = [row for row in records("passages") if row["kind"] == "footnote"]
    left = [row for row in notes if row["locator"] not in resolved]
    why = {row["locator"]: "a work without an entry" for row in left if row["locator"] in cited}
    listed = [
        (f"[{row['locator']}]", why.get(row["locator"], f"cites no work. {row['gist']}"))
        for row in left
    ]
    return Measure(len(notes) - len(left), len(notes), listed)


def _outputs(env: BuildEnvironment) -> Measure:
    shown = [(page, *cell) for page in sorted(traces(env)) for cell in traces(env)[page]]
    covered = sum(number for _, number, names in shown if names)
    left = [
        (env.titles[page].astext(), "an output whose code names no table")
        for page, number, names in shown
        for _ in range(0 if names else number)
    ]
    return Measure(covered, covered + len(left), left)


def _passages() -> list[str]:
    ordered = sorted(records("passages"), key=lambda row: int(row["order"]))
    return [row["locator"] for row in ordered]


#: What is counted: heading, what it means, and how it is counted.
MEASURES: dict[str, tuple[str, str, Callable[[BuildEnvironment], Measure]]] = {
    "passages-by-rows": (
        "Passages from which a row was coded",
        "Upwards from the report: a passage is covered where at least one row names it as its "
        "locator. A passage that only repeats another, or only opens a list, has none.",
        _passages_by_rows,
    ),
    "passages-by-chapters": (
        "Passages discussed in a chapter",
        "A passage is covered where the prose of a chapter cites it.",
        _passages_by_chapters,
    ),
    "rows-with-passage": (
        "Rows that name their passage",
        "Of the tables coded from passages. The word counts, the list of uncited passages and the "
        "tables that have no locator are left out.",
        _rows_with_passage,
    ),
    "rows-with-evidence": (
        "Rows with evidence",
        "Of the tables that have a column for the printed words on which the coding rests. The "
        "tables without one are named as exceptions.",
        _rows_with_evidence,
    ),
    "evidence-in-its-passage": (
        "Rows whose evidence stands in the passage",
        "Each word of the evidence is among the counted words of the passage that the row names.",
        _evidence_in_its_passage,
    ),
    "claims": (
        "Claims with a passage",
        "Of the steps of the argument, those that name the passage in which they are made.",
        _claims,
    ),
    "footnotes": (
        "Footnotes resolved to their sources",
        "A footnote is covered where `citations` has works of it, all of them with an entry "
        "in the bibliography.",
        _footnotes,
    ),
    "outputs": (
        "Charts, tables and choices that lead to their rows",
        "Of all that the chapters show: covered is what names the tables from which it comes, "
        "each a link to the rows.",
        _outputs,
    ),
}
