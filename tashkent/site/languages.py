"""German and Russian on the pages: words marked with their language, names for the search."""

import html
import re
import unicodedata
from functools import cache

from docutils import nodes
from pybtex.database import parse_file
from sphinx.transforms.post_transforms import SphinxPostTransform

from tashkent.data import DATA, load
from tashkent.site.links import prose, weave
from tashkent.site.markup import CELL, ROW, TABLE, TOKEN, plain

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
PRINTED = {"evidence", "printed words", "printed name", "name de", "title de", "term"}

#: Letters of the scholarly transliteration of Russian, as English writes them.
_ENGLISH = {"š": "sh", "Š": "Sh", "ž": "zh", "Ž": "Zh", "č": "ch", "Č": "Ch", "ė": "e", "Ė": "E"}
_ENGLISH_LETTERS = str.maketrans(_ENGLISH)

#: HTML in which no word is marked: it holds no prose, or nothing but text.
_UNMARKED = {"code", "option", "pre", "script", "style", "textarea", "title", "desc"}

#: Where a page sets a word of another language into an English sentence.
_SET_OFF = re.compile(r"""(?<=[("'“‘])[^\W\d_][\w -]*(?=[)"'”’])""")


class SearchWords(nodes.Invisible, nodes.Element):
    """Words that the search index takes from a page and the page does not show."""

    @staticmethod
    def visit(translator, node: nodes.Element) -> None:
        """Write nothing."""
        raise nodes.SkipNode


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


def marked(text: str) -> list[nodes.Node]:
    """Set a text whose German and Russian words say their language."""
    made: list[nodes.Node] = []
    done = 0
    for start, end, language in foreign_words(text):
        made += [nodes.Text(text[done:start]), language_node(text[start:end], language)]
        done = end
    return [*made, nodes.Text(text[done:])]


def mark_html(written: str) -> str:
    """Mark German and Russian words in HTML, and the cells of columns that hold nothing else.

    Parameters
    ----------
    written : str
        HTML of an output: tables, charts, panels.
    """
    tokens = TOKEN.split(TABLE.sub(lambda table: _mark_cells(table[0]), written))
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
    row = ROW.findall(head)[-1:] or [""]
    headings = [plain(cell).replace("_", " ") for cell in CELL.findall(row[0])]
    printed = {n - len(headings) for n, heading in enumerate(headings) if heading in PRINTED}

    def mark_row(row: re.Match) -> str:
        cells = re.split(r"(?=<t[hd]\b)", row[0])
        for place in printed:
            if len(cells) > -place:
                cells[place] = re.sub(r"^<t[hd]\b", r'\g<0> lang="de"', cells[place])
        return "".join(cells)

    body = ROW.sub(mark_row, body) if printed else body
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
