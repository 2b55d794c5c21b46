"""Sphinx extension that makes the book's pages complete without a kernel, a network or a script.

Charts become figures with pictures, widgets become menus over plain sections, locators become
links to the concordance, keys of the record links to its rows; the appendix is written from the
data package.
"""

from pathlib import Path

from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ExtensionError

from tashkent.check import check
from tashkent.data import DATA, DataError
from tashkent.site import (
    alive,
    appendix,
    carry,
    codebook,
    concordance,
    coverage,
    criteria,
    exercises,
    languages,
    ledger,
    links,
    markup,
    pages,
    parts,
    recorded,
    rows,
    rulelist,
    terms,
    theme,
    trace,
)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register everything with Sphinx."""
    app.add_config_value("tashkent_stamp", "", "env", [str])
    app.connect("config-inited", check_tables)  # before anything reads them
    app.connect("config-inited", pages.stamp_inputs)
    app.connect("builder-inited", pages.add_assets)
    app.connect("builder-inited", theme.wrap_templates)
    app.connect("doctree-read", pages.drop_widget_state)
    app.connect("env-updated", concordance.rewrite)
    app.connect("env-updated", alive.write_scripts)
    app.connect("html-page-context", pages.describe)
    app.connect("html-page-context", markup.scope_grids)
    app.connect("build-finished", theme.lighten, priority=900)  # after the theme
    app.connect("build-finished", pages.forget_failed_build)

    app.add_env_collector(links.CitationCollector)
    app.add_env_collector(alive.ChartCollector)
    app.add_env_collector(trace.TraceCollector)
    app.add_post_transform(pages.FoldCode)
    app.add_post_transform(codebook.FillTables)
    app.add_post_transform(concordance.FillCiting)
    app.add_post_transform(coverage.FillCoverage)
    app.add_post_transform(rows.PlaceRowLinks)
    app.add_post_transform(links.LinkLocators)
    app.add_post_transform(recorded.LinkRecords)
    app.add_post_transform(terms.LinkTerms)
    app.add_post_transform(languages.MarkLanguages)
    app.add_post_transform(languages.IndexNames)

    app.add_node(parts.Fold, html=(parts.Fold.visit, parts.Fold.depart))
    app.add_node(terms.Term, html=(terms.Term.visit, terms.Term.depart))
    app.add_node(languages.SearchWords, html=(languages.SearchWords.visit, None))
    app.add_directive("codebook", codebook.Codebook)
    app.add_directive("codebook-table", codebook.CodebookTable)
    app.add_directive("concordance", concordance.Concordance)
    app.add_directive("coverage", coverage.Coverage)
    app.add_directive("glossary-table", appendix.GlossaryTable)
    app.add_directive("names-table", appendix.NamesTable)
    app.add_directive("review-criteria", criteria.ReviewCriteria)
    app.add_directive("rule-list", rulelist.RuleList)

    exercises.setup(app)
    ledger.setup(app)
    carry.setup(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def check_tables(app: Sphinx, config: Config) -> None:
    """Check the tables before anything is written, and say all faults at once.

    Pages of an earlier build are removed where there are faults: they would pass for these tables.

    Raises
    ------
    ExtensionError
        One line for each fault, as `python -m tashkent check --no-hash` prints them.
    """
    try:
        lines = list(map(str, check(DATA)))
    except DataError as error:
        lines = [str(error)]
    if lines:
        for page in Path(app.outdir).rglob("*.html"):
            page.unlink()
        raise ExtensionError("\n".join(lines))
