"""Link the locators in pages to the concordance, and remember which page cites what."""

import html
from collections.abc import Iterator
from functools import cache

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging

from tashkent import locators
from tashkent.data import ROOT, STUDENTS, load
from tashkent.site import markup
from tashkent.site.collector import PageCollector
from tashkent.site.parts import joined

logger = logging.getLogger(__name__)

_NOT_PROSE = (nodes.FixedTextElement, nodes.literal, nodes.raw, nodes.reference, nodes.title)


@cache
def gists() -> dict[str, str]:
    """Give the gist of each passage, in the report's order."""
    passages = load("passages").sort_values("order")
    return dict(zip(passages.locator, passages.gist, strict=True))


def title_of(part: str) -> str:
    """Say what a locator or a range is about: its gist, or those of the range's two ends."""
    found = locators.expand(part, gists())
    return " … ".join(gists()[end] for end in dict.fromkeys((found[0], found[-1])))


def citations(env: BuildEnvironment) -> dict[str, dict[str, str]]:
    """Give for each page the locators that its prose cites, each with the id of a section."""
    return env.__dict__.setdefault("tashkent_citations", {})


class CitationCollector(PageCollector):
    """Keeps for each page the passages that its prose cites, with the section where it does."""

    kept = staticmethod(citations)

    def process_doc(self, app: Sphinx, doctree: nodes.document) -> None:
        """Note what one page cites."""
        cited: dict[str, str] = {}
        for run in prose(doctree):
            for found in locators.find("".join(run)):
                for locator in _known(found[1]):
                    cited.setdefault(locator, _section(run[0]))
        citations(app.env)[app.env.docname] = cited


class LinkCitations(SphinxPostTransform):
    """Makes links of what is cited in brackets, in prose and in the HTML of outputs.

    What is cited says how: `find` gives the brackets, `expand` what one names, `target` and `title`
    say for one part of a bracket where it leads and what stands there, and `linked` puts anchors
    into HTML.
    """

    formats = ("html",)

    def run(self, **kwargs) -> None:
        """Go over one page."""
        for run in list(prose(self.document)):
            text = "".join(run)
            self.check(text, run[0].parent)
            weave(run, [(found.span(), self._bracket(found[1])) for found in self.find(text)])
        for raw in list(self.document.findall(nodes.raw)):
            if "html" not in raw.get("format", "") or isinstance(raw.parent, nodes.TextElement):
                continue
            written = raw.astext()
            self.check(markup.text_of(written), raw)
            written = self.linked(written, raw)
            raw.children = [nodes.Text(written)]
            raw.rawsource = written

    def check(self, text: str, where: nodes.Node) -> None:
        """Warn of what is cited and is not there."""
        for found in self.find(text):
            try:
                self.expand(found[1])
            except ValueError as error:
                logger.warning("%s: %s", found[0], error, location=where, type="locator")

    def _bracket(self, content: str) -> list[nodes.Node]:
        """Write a bracket anew, with a link for each part."""
        parts = map(self._reference, locators.split(content))
        return [nodes.Text("["), *joined(parts, "; "), nodes.Text("]")]

    def _reference(self, part: str) -> nodes.Node:
        target = self.target(part)
        if target is None:
            return nodes.Text(part)
        link = nodes.reference("", part, refuri=target, internal=True, classes=["tk-locator"])
        link["reftitle"] = self.title(part)
        return link

    def anchor(self, part: str) -> str:
        """Write the link for one part of a bracket in HTML."""
        target, words = self.target(part), html.escape(part)
        if target is None:
            return words
        title = html.escape(self.title(part))
        return f'<a class="tk-locator" href="{target}" title="{title}">{words}</a>'


class LinkLocators(LinkCitations):
    """Makes links of the locators to the concordance, and frames the tables."""

    default_priority = 700
    find = staticmethod(locators.find)
    title = staticmethod(title_of)

    def expand(self, bracket: str) -> list[str]:
        """Name the passages that a bracket cites."""
        return locators.expand(bracket, gists())

    def check(self, text: str, where: nodes.Node) -> None:
        """Warn of locators that name no passage or are misspelt."""
        super().check(text, where)
        for bracket in locators.misspelt(text):
            logger.warning("no locator: %s", bracket, location=where, type="locator")

    def target(self, part: str) -> str | None:
        """Address of a locator on the concordance page, or None without page or passage."""
        page = places(self.env).get("concordance")
        known = _known(part)
        if page is None or not known:
            return None
        address = self.app.builder.get_relative_uri(self.env.docname, page)
        return f"{address}#{locators.anchor(known[0])}"

    def linked(self, written: str, raw: nodes.raw) -> str:
        """Frame the tables of an output, and link its locators."""
        if "tk-figure" not in raw["classes"]:
            written = markup.frame_tables(written)
        return markup.link_locators(written, self.anchor)


def is_students(page: str) -> bool:
    """Tell whether a page is a student's chapter: the book's own pages do not count those."""
    return page.startswith(f"{STUDENTS.relative_to(ROOT).as_posix()}/")


def places(env: BuildEnvironment) -> dict[str, str]:
    """Give the page that holds the concordance, the codebook: by the directive's name."""
    return env.__dict__.setdefault("tashkent_places", {})


def prose(doctree: nodes.document) -> Iterator[list[nodes.Text]]:
    """Find the texts in which a locator is a citation: no code, no links, no headings.

    Yields
    ------
    list of docutils.nodes.Text
        Texts that stand next to each other, as the parser splits them at the line's end.
    """
    for parent in doctree.findall(nodes.TextElement):
        if isinstance(parent, _NOT_PROSE) or _inside(parent, _NOT_PROSE):
            continue
        run: list[nodes.Text] = []
        for child in [*parent.children, None]:
            if isinstance(child, nodes.Text):
                run.append(child)
            elif run:
                yield run
                run = []


def weave(run: list[nodes.Text], made: list[tuple[tuple[int, int], list[nodes.Node]]]) -> None:
    """Put nodes into adjoining texts, each in the place of a span of the joined text."""
    text, parent = "".join(run), run[0].parent
    woven: list[nodes.Node] = []
    done = 0
    for (start, end), put in made:
        woven += [nodes.Text(text[done:start]), *put]
        done = end
    if made:
        # not parent.index(...), which takes the first text that is equal
        at = next(n for n, child in enumerate(parent.children) if child is run[0])
        parent[at : at + len(run)] = [*woven, nodes.Text(text[done:])]


def _inside(node: nodes.Node, kinds: tuple) -> bool:
    while node.parent is not None:
        node = node.parent
        if isinstance(node, kinds):
            return True
    return False


def _section(node: nodes.Node) -> str:
    """Id of the innermost section around a node, empty for the page's own."""
    while node is not None and not isinstance(node, nodes.section):
        node = node.parent
    if node is None or isinstance(node.parent, nodes.document):
        return ""
    return node["ids"][0]


def _known(part: str) -> list[str]:
    """Locators that a bracket names, empty where one of them is unknown."""
    try:
        return locators.expand(part, gists())
    except ValueError:
        return []
