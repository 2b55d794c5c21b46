"""The glossary, and the names in each language: pages written from the tables."""

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from tashkent.data import load, tables
from tashkent.site import languages, terms
from tashkent.site.links import places
from tashkent.site.parts import depend, joined, make_filter, make_grid, make_row, make_section

#: What the languages of names are called.
_LANGUAGE_NAMES = {"de": "German", "ru-Latn": "Russian"}


class GlossaryTable(SphinxDirective):
    """The terms, each in English, German and Russian, with what it means."""

    def run(self) -> list[nodes.Node]:
        """Write one row for each term."""
        places(self.env)["glossary"] = self.env.docname
        depend(self.env, ["glossary.csv"])
        rows = []
        glossary = load("glossary").to_dict("records")
        for term in sorted(glossary, key=lambda term: term["english"].strip('“"').lower()):
            names = [
                nodes.paragraph(
                    "", "", nodes.strong("", ", ".join(languages.pieces(term["english"])))
                )
            ]
            for column in ("german", "russian"):
                if term[column]:
                    names.append(nodes.paragraph("", "", *_in_language(column, term[column])))
            meaning = nodes.paragraph("", f"{term['meaning']} [{term['locator']}]")
            rows.append(make_row([names, [meaning]], [terms.term_anchor(term["term_id"])]))
        grid = make_grid(["English, German, Russian", "Meaning"], rows, [40, 60])
        return [make_filter("terms", "the glossary"), grid]


class NamesTable(SphinxDirective):
    """The names of states, bodies, people, instruments and groups in each language."""

    def run(self) -> list[nodes.Node]:
        """Write a section with a table for each kind of name."""
        made = []
        for table, (column, *others) in languages.NAMED.items():
            if table == "glossary":
                continue
            depend(self.env, [f"{table}.csv"])
            shown = load(table).sort_values(column)
            shown = shown[(shown[others] != "").any(axis=1)]
            rows = [
                make_row(
                    [
                        [nodes.paragraph("", row[column])],
                        *([nodes.paragraph("", "", *_in_language(o, row[o]))] for o in others),
                    ]
                )
                for row in shown.to_dict("records")
            ]
            headings = [
                "English",
                *(_LANGUAGE_NAMES[languages.LANGUAGES[other]] for other in others),
            ]
            section = make_section(f"names-{table}", tables().title[table])
            section += make_grid(headings, rows, [1] * len(headings))
            made.append(section)
        return made


def _in_language(column: str, cell: str) -> list[nodes.Node]:
    """Set the forms in a cell, each marked with its language."""
    marked = [
        languages.language_node(form, languages.LANGUAGES[column])
        for form in languages.pieces(cell)
    ]
    return joined(marked)
