"""Names and terms on the pages: links to the glossary, languages, words for the search."""

import html
import re
import unicodedata
from collections import Counter
from functools import cache

from docutils import nodes
from pybtex.database import parse_file
from sphinx.transforms.post_transforms import SphinxPostTransform

from tashkent.data import DATA, load
from tashkent.site.links import citations, places, prose, weave
from tashkent.site.markup import TOKEN

#: The tables that hold names: the column in English, then those in other languages.
NAMED = {
    "glossary": ("english", "german", "russian"),
    "states": ("name", "name_de"),
    "bodies": ("name", "name_de", "name_ru"),
    "people": ("name", "name_de"),
    "instruments": ("title", "title_de"),
    "groups": ("name", "name_de"),
}
#: What the columns, and the field `langid` of the bibliography, say in the web's terms.
LANGUAGES = {"german": "de", "russian": "ru-Latn"}
LANGUAGES |= {"name_de": "de", "title_de": "de", "name_ru": "ru-Latn"}

#: Columns of outputs that hold German words, by their headings; `term` is that of `report_terms`.
PRINTED = {"evidence", "printed words", "name de", "title de", "term"}

#: Links to the glossary in one paragraph at most: the next term waits for its next place.
AT_ONCE = 3

#: Letters of the scholarly transliteration of Russian, as English writes them.
_ENGLISH = {"š": "sh", "Š": "Sh", "ž": "zh", "Ž": "Zh", "č": "ch", "Č": "Ch", "ė": "e", "Ė": "E"}
_ENGLISH_LETTERS = str.maketrans(_ENGLISH)

#: HTML in which no word is marked: it holds no prose, or nothing but text.
_UNMARKED = {"code", "option", "pre", "script", "style", "textarea", "title", "desc"}

#: Where a page sets a word of another language into an English sentence.
_SET_OFF = re.compile(r"""(?<=[("'“‘])[^\W\d_][\w -]*(?=[)"'”’])""")


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


class SearchWords(nodes.Invisible, nodes.Element):
    """Words that the search index takes from a page and the page does not show."""

    @staticmethod
    def visit(translator, node: nodes.Element) -> None:
        """Write nothing."""
        raise nodes.SkipNode


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


class MarkLanguages(SphinxPostTransform):
    """Says of German and Russian words, in prose and in outputs, what language they are."""

    default_priority = 720
    formats = ("html",)

    def run(self, **kwargs) -> None:
        """Go over one page."""
        for run in list(prose(self.document)):
            if any(name.startswith("language-") for name in run[0].parent["classes"]):
                continue
            text = "".join(run)
            found = [(span, text[slice(*span)], of) for *span, of in foreign_words(text)]
            weave(run, [(span, [language_node(word, of)]) for span, word, of in found])
        for raw in self.document.findall(nodes.raw):
            if "html" in raw.get("format", ""):
                raw.rawsource = mark_html(raw.astext())
                raw.children = [nodes.Text(raw.rawsource)]


class IndexNames(SphinxPostTransform):
    """Has the search find a page by the German and Russian forms of the names it mentions."""

    default_priority = 730
    formats = ("html",)

    def run(self, **kwargs) -> None:
        """Go over one page."""
        words = foreign_names(shown_text(self.document))
        if words:
            self.document += SearchWords("", nodes.Text(" ".join(words)))


def term_anchor(term_id: str) -> str:
    """Name the place of a term on the glossary's page."""
    return "term-" + term_id.replace("_", "-")


def pieces(cell: str) -> list[str]:
    """Take apart a cell that holds several forms."""
    return [piece.strip() for piece in cell.split(";") if piece.strip()]


def language_node(text: str, language: str) -> nodes.inline:
    """Make a node of words in another language, whose quotes stay as they are."""
    word = nodes.inline("", text, classes=[f"language-{language}"])
    word["support_smartquotes"] = False
    return word


def forms(english: str) -> list[str]:
    """Give the ways in which a page may write a name.

    Without what stands in brackets; by the abbreviation that stands there; and, of a proper name,
    without what follows "of", "on" or "for", if two words are left.
    """
    found = []
    for piece in pieces(english):
        plain, _, bracket = piece.partition(" (")
        head = re.split(r" (?:of|on|for)\b", plain)[0]
        found.append(plain)
        if bracket and re.fullmatch(r"\w*[A-Z]\w*\)", bracket):
            found.append(bracket.rstrip(")"))
        if head[0].isupper() and len(re.findall(r"\w+", head)) > 1:
            found.append(head)
    return list(dict.fromkeys(found))


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


@cache
def _foreign_forms() -> tuple[dict[str, str], re.Pattern]:
    """Give the language of each name that is not the same in English, and what finds them."""
    english, found = set(), {}
    for table, (column, *others) in NAMED.items():
        rows = load(table)
        english |= {form.casefold() for cell in rows[column] for form in forms(cell)}
        for other in others:
            found |= {form: LANGUAGES[other] for cell in rows[other] for form in pieces(cell)}
    for entry in parse_file(DATA / "references.bib").entries.values():
        language = LANGUAGES.get(entry.fields.get("langid"))
        for field in ("title", "journal", "type", "institution"):
            if language and field in entry.fields:
                found[re.sub("[{}]", "", entry.fields[field])] = language
    found |= {form.translate(_ENGLISH_LETTERS): language for form, language in found.items()}
    found = {
        form: language
        for form, language in found.items()
        if form.casefold() not in english and re.search("[a-zäöüß]{2}", form)
    }
    longest = sorted(found, key=len, reverse=True)
    return found, re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, longest)) + r")(?!\w)")


@cache
def _vocabulary() -> tuple[set[str], set[str]]:
    """Give the German words of the report, and English words: those of names and gists."""
    words = load("report_terms")
    german = set(words[~words.locator.str.startswith("EN")].term)
    english = [
        *load("passages").gist,
        *(c for t, (name, *_) in NAMED.items() for c in load(t)[name]),
    ]
    return german, set(re.findall(r"\w+", " ".join(english).lower()))


def foreign_words(text: str) -> list[tuple[int, int, str]]:
    """Find the German and Russian words in English text.

    These are the names in the tables and the titles in the bibliography, and what stands between
    brackets or quotes, if the report prints all of its words in German and no name or gist in
    English has any.

    Returns
    -------
    list of tuple of (int, int, str)
        Start, end and language, in the order of the text.
    """
    languages, expression = _foreign_forms()
    german, english = _vocabulary()
    found = [(*match.span(), languages[match[0]]) for match in expression.finditer(text)]
    for match in _SET_OFF.finditer(text):
        words = set(re.findall(r"\w+", match[0].lower()))
        apart = all(match.end() <= start or end <= match.start() for start, end, _ in found)
        if apart and words <= german and words.isdisjoint(english):
            found.append((*match.span(), "de"))
    return sorted(found)


def mark_html(written: str) -> str:
    """Mark German and Russian words in HTML, and the cells of columns that hold nothing else.

    Parameters
    ----------
    written : str
        HTML of an output: tables, charts, panels.
    """
    written = re.sub(
        r"<table\b.*?</table>", lambda table: _mark_cells(table[0]), written, flags=re.S
    )
    tokens = TOKEN.split(written)
    closed_by, depth, picture = "", 0, 0
    for at, token in enumerate(tokens):
        if at % 2 == 0:
            if not closed_by:
                tokens[at] = _mark_text(token, "tspan" if picture else "span")
            continue
        name = re.match(r"</?(\w*)", token)[1]
        step = -1 if token.startswith("</") else 1
        if name == "svg":
            picture += step
        if closed_by == name:
            depth += step
            closed_by = name if depth else ""
        elif not closed_by and step == 1 and (name in _UNMARKED or " lang=" in token):
            closed_by, depth = name, 1
    return "".join(tokens)


def _mark_text(token: str, element: str) -> str:
    """Mark the words in a text of HTML."""
    text = html.unescape(token)
    found = foreign_words(text)
    if not found:
        return token
    made, done = [], 0
    for start, end, language in found:
        made.append(html.escape(text[done:start], quote=False))
        word = html.escape(text[start:end], quote=False)
        made.append(f'<{element} lang="{language}">{word}</{element}>')
        done = end
    return "".join(made) + html.escape(text[done:], quote=False)


def _mark_cells(table: str) -> str:
    """Mark the cells of the columns in German; counted from the right, as an index has gaps."""
    head, _, body = table.partition("</thead>")
    if "colspan" in head:
        return table
    row = re.findall(r"<tr\b.*?</tr>", head, re.DOTALL)[-1:] or [""]
    headings = re.findall(r"<t[hd]\b[^>]*>(.*?)</t[hd]>", row[0], re.DOTALL)
    plain = [re.sub("<[^>]*>", "", heading).strip().replace("_", " ") for heading in headings]
    printed = {n - len(plain) for n, heading in enumerate(plain) if heading in PRINTED}

    def mark_row(row: re.Match) -> str:
        cells = re.split(r"(?=<t[hd]\b)", row[0])
        for place in printed:
            if len(cells) > -place:
                cells[place] = re.sub(r"^<t[hd]\b", r'\g<0> lang="de"', cells[place])
        return "".join(cells)

    body = re.sub(r"<tr\b.*?</tr>", mark_row, body, flags=re.DOTALL) if printed else body
    return f"{head}</thead>{body}" if body else table


@cache
def _named() -> dict[str, set[str]]:
    """Give for each name in English, as a line of small words, its words in other languages."""
    found: dict[str, set[str]] = {}
    for table, (column, *others) in NAMED.items():
        for row in load(table).to_dict("records"):
            surname = row["name"].split()[-1:] if table == "people" else []
            foreign = {word for other in others for word in spellings(row[other])}
            for form in [*forms(row[column]), *surname]:
                found.setdefault(_line(form), set()).update(foreign)
    return found


def foreign_names(text: str) -> list[str]:
    """Give the German and Russian words of the names that English text mentions."""
    line = _line(text)
    mentioned = [
        foreign for name, foreign in _named().items() if name in line or f"{name[:-1]}s " in line
    ]
    return sorted(set().union(*mentioned))


def _line(text: str) -> str:
    return " " + " ".join(re.findall(r"\w+", text.lower())) + " "


def shown_text(document: nodes.document) -> str:
    """Give what a page shows to a reader, without its code."""
    texts = []
    for node in document.findall(nodes.Text):
        if isinstance(node.parent, nodes.raw):
            texts.append(html.unescape(re.sub(r"<[^>]*>", " ", node)))
        elif not isinstance(node.parent, nodes.literal_block):
            texts.append(node)
    return " ".join(texts)


def spellings(name: str) -> set[str]:
    """Give the words of a name as they are, without accents, and in letters of English."""
    found = set()
    for word in re.findall(r"\w+", name):
        plain = unicodedata.normalize("NFKD", word.replace("ß", "ss"))
        without = "".join(letter for letter in plain if not unicodedata.combining(letter))
        found |= {word, word.translate(_ENGLISH_LETTERS), without}
        found.add(re.sub("([aou])\u0308", r"\1e", plain))
    return found


def _around(node: nodes.Node | None, kind: type) -> nodes.Node | None:
    """Find the innermost node of a kind around a node."""
    while node is not None and not isinstance(node, kind):
        node = node.parent
    return node
