"""Terms of the glossary in the prose: links with their meanings."""

import re
from collections import Counter
from functools import cache

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

from tashkent.data import load
from tashkent.site.languages import forms
from tashkent.site.links import citations, places, prose, weave

#: Links to the glossary in one paragraph at most: the next term waits for its next place.
AT_ONCE = 3


class Term(nodes.Inline, nodes.TextElement):
    """A link to a term in the glossary, with the meaning for a hint."""

    @staticmethod
    def visit(translator, node: nodes.Element) -> None:
        """Open the link."""
        address, hint = map(translator.attval, (node["refuri"], node["hint"]))
        translator.body.append(f'<a class="tk-term" href="{address}" data-hint="{hint}">')

    @staticmethod
    def depart(translator, node: nodes.Element) -> None:
        """Close the link."""
        translator.body.append("</a>")


class LinkTerms(SphinxPostTransform):
    """Links each term of the glossary where the prose of a page has it first."""

    default_priority = 710
    formats = ("html",)

    def run(self, **kwargs) -> None:
        """Go over one page, if it is about the report: generated pages and others cite nothing."""
        page, glossary = self.env.docname, places(self.env).get("glossary")
        if not glossary or page in places(self.env).values() or not citations(self.env).get(page):
            return
        address = self.app.builder.get_relative_uri(page, glossary)
        rows, expression = linked_terms()
        linked: set[str] = set()
        times: Counter[nodes.Node] = Counter()

        def link(found: re.Match, block: nodes.Node) -> nodes.Node | None:
            row = rows[found.lastindex - 1]
            if row["term_id"] in linked or times[block] == AT_ONCE:
                return None
            linked.add(row["term_id"])
            times[block] += 1
            target = f"{address}#{term_anchor(row['term_id'])}"
            return Term("", found[0], refuri=target, hint=row["meaning"])

        for run in list(prose(self.document)):
            if not _around(run[0], nodes.block_quote):
                block = _around(run[0], nodes.paragraph)
                found = expression.finditer("".join(run))
                linked_here = [(match.span(), link(match, block)) for match in found]
                weave(run, [(span, [term]) for span, term in linked_here if term])


def term_anchor(term_id: str) -> str:
    """Name the place of a term on the glossary's page."""
    return "term-" + term_id.replace("_", "-")


def is_distinct(form: str) -> bool:
    """Whether a form is no everyday word: it has two words or more, or a capital letter."""
    return len(re.findall(r"\w+", form)) > 1 or form != form.lower()


def pattern(form: str) -> str:
    """Match a form as whole words, in singular or plural, small words also with a capital."""
    words = []
    for word in re.sub(r'["“”]', "", form).split():
        small, rest = word[0].islower(), re.escape(word[1:])
        plain = f"[{word[0]}{word[0].upper()}]{rest}" if small else re.escape(word)
        words.append(f'(?:["“]{plain}["”]|{plain})')
    return r"(?<![\w-])" + r"\s+".join(words) + r"s?(?![\w-])"


@cache
def linked_terms() -> tuple[list[dict], re.Pattern]:
    """Give the terms that are linked, and what finds them.

    Returns
    -------
    tuple of (list of dict, re.Pattern)
        Rows of the glossary, one for each group of the expression, the longest form first.
    """
    rows = {
        form: row
        for row in load("glossary").to_dict("records")
        for form in forms(row["english"])
        if is_distinct(form) and not _narrowed(row["english"])
    }
    longest = sorted(rows, key=len, reverse=True)
    return [rows[form] for form in longest], re.compile(
        "|".join(f"({pattern(form)})" for form in longest)
    )


def _narrowed(english: str) -> bool:
    """Whether a bracket narrows a term: without it the words may mean something else."""
    return bool(re.search(r" \(.* ", english))


def _around(node: nodes.Node | None, kind: type) -> nodes.Node | None:
    """Find the innermost node of a kind around a node."""
    while node is not None and not isinstance(node, kind):
        node = node.parent
    return node
