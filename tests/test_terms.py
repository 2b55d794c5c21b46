"""Names and terms on the built pages: links to the glossary, languages, words for the search."""

import copy
import functools
import json
import re
from collections import Counter

import pytest
from book import ROOT, notebooks, prose, way_up
from bs4 import BeautifulSoup
from docutils import nodes
from sphinx.search.en import SearchEnglish

from tashkent import load
from tashkent.site import languages, links, terms

IDS = {"ids": lambda path: path.stem}


@functools.cache
def page_of(site, path) -> BeautifulSoup:
    text = (site / path.relative_to(ROOT).with_suffix(".html")).read_text(encoding="utf-8")
    return BeautifulSoup(text, "html.parser")


def page(site, name) -> BeautifulSoup:
    return page_of(site, ROOT / name)


def line(text: str) -> str:
    return " ".join(re.findall(r"\w+", text))


# Links to the glossary


@pytest.mark.parametrize("path", notebooks(), **IDS)
def test_every_term_leads_to_its_entry_and_says_what_it_means(site, path):
    meanings = {terms.term_anchor(r.term_id): r.meaning for r in load("glossary").itertuples()}
    entries = {row["id"] for row in page(site, "appendix/glossary").select("tr[id]")}
    assert entries == set(meanings)
    links = page_of(site, path).select("a.tk-term")
    assert links
    for link in links:
        file, _, target = link["href"].partition("#")
        assert file == f"{way_up(path)}appendix/glossary.html"
        assert link["data-hint"] == meanings[target]
        assert "title" not in link.attrs


@pytest.mark.parametrize("path", notebooks(), **IDS)
def test_terms_are_linked_in_prose_only_and_sparingly(site, path):
    made = page_of(site, path)
    elsewhere = "a, pre, code, h1, h2, h3, h4, table, figure, blockquote, .tk-chooser"
    assert not [
        link for link in made.select("a.tk-term") if link.find_parent(elsewhere.split(", "))
    ]
    assert not made.select(".tk-chooser a.tk-term, .cell_output a.tk-term")
    times = Counter(link["href"] for link in made.select("a.tk-term"))
    assert max(times.values()) == 1
    paragraphs = made.select("article section > p")
    sentences = sum(len(re.findall(r"[.?!](?:\s|$)", p.get_text())) for p in paragraphs)
    assert sum(times.values()) <= sentences / 3
    assert max(len(p.select("a.tk-term")) for p in paragraphs) <= terms.AT_ONCE


@pytest.mark.parametrize("path", notebooks(), **IDS)
def test_links_and_languages_leave_the_prose_as_it_is(site, path):
    written = line(page_of(site, path).article.get_text())
    for text in prose(path):
        text = re.sub(r"```.*?```|^#.*$", "", text, flags=re.DOTALL | re.MULTILINE)
        text = re.sub(r"\]\([^)]*\)", "]", text)
        for paragraph in filter(None, map(line, text.split("\n\n"))):
            assert paragraph in written


def test_equal_texts_in_a_paragraph_are_told_apart():
    first, second, last = nodes.Text("] "), nodes.Text("] "), nodes.Text("word")
    paragraph = nodes.paragraph("", "", first, nodes.emphasis("", "and"), second, last)
    links.weave([second, last], [((2, 6), [nodes.strong("", "word")])])
    assert paragraph.astext() == "] and] word"
    assert paragraph[0] is first


@pytest.mark.parametrize(
    ("english", "expected"),
    [
        ("new independent states (NIS)", ["new independent states", "NIS"]),
        ("Joint Armed Forces of the CIS", ["Joint Armed Forces of the CIS", "Joint Armed Forces"]),
        ("Council of Defence Ministers", ["Council of Defence Ministers"]),
        ("member state (of the CIS)", ["member state"]),
        ("in fact and in law;de facto", ["in fact and in law", "de facto"]),
    ],
)
def test_a_name_may_be_written_in_several_ways(english, expected):
    assert languages.forms(english) == expected


@pytest.mark.parametrize(
    ("form", "text", "found"),
    [
        ("collective defence", "Collective defence looks outward", "Collective defence"),
        ("Tashkent treaty", "the Tashkent\nTreaty", "Tashkent\nTreaty"),
        ("Joint Command", "a joint command", None),
        ("buffer zone", "two buffer zones.", "buffer zones"),
        ("joint forces", "the disjoint forces", None),
        ('"traditional" abroad', "the “traditional” abroad", "“traditional” abroad"),
        ('"16+9"', "formula 16+9.", "16+9"),
    ],
)
def test_a_term_is_found_as_whole_words(form, text, found):
    match = re.search(terms.pattern(form), text)
    assert (match and match[0]) == found


def test_an_everyday_word_is_not_linked():
    rows, _ = terms.linked_terms()
    linked = {row["term_id"] for row in rows}
    assert linked.isdisjoint({"contracting_party", "framework", "body", "member_state"})
    assert linked >= {"nis", "transcaucasia", "collective_security"}


# Languages


def forms_in(text: str) -> list[str]:
    """German forms of the glossary in a text, less those that English has too."""
    glossary = load("glossary")
    cells = glossary.english.str.replace('"', "")
    english = {form.casefold() for cell in cells for form in languages.forms(cell)}
    german = {form for cell in glossary.german for form in languages.pieces(cell)}
    return [f for f in german if f.casefold() not in english and re.search(rf"\b{f}\b", text)]


@pytest.mark.parametrize("path", notebooks(), **IDS)
def test_every_german_form_says_its_language(site, path):
    article = copy.copy(page_of(site, path).article)
    for tag in article.select("[lang=de], pre, code, script"):
        tag.replace_with(" ")
    assert forms_in(article.get_text()) == []


@pytest.mark.parametrize("path", notebooks(), **IDS)
def test_words_as_printed_say_their_language(site, path):
    for table in page_of(site, path).select("table.dataframe"):
        headings = [cell.get_text(strip=True) for cell in table.select("thead tr:last-child > *")]
        for row in table.select("tbody tr"):
            for back in range(1, len(row.select("td, th")) + 1):
                heading = headings[-back] if back <= len(headings) else ""
                printed = heading in {"evidence", "printed words", "name de"}
                assert not printed or row.select("td, th")[-back].get("lang") == "de", heading


@pytest.mark.parametrize(
    ("name", "language", "word"),
    [
        ("index", "de", "Regionale Strukturen der Sicherheitspolitik in der GUS"),
        ("appendix/how-to-cite", "de", "Regionale Strukturen der Sicherheitspolitik in der GUS"),
        ("appendix/bibliography", "ru-Latn", "Vozmožen li voenno-političeskij sojuz?"),
        ("chapters/1-2-1-collective-security", "ru-Latn", "Sodruzhestvo"),
        ("chapters/summary", "de", "höchstwahrscheinlich"),
    ],
)
def test_words_in_the_prose_say_their_language(site, name, language, word):
    marked = page(site, name).select(f'article [lang="{language}"]')
    assert word in [tag.get_text() for tag in marked]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("likely (dürfte)", ["dürfte"]),
        ("belongs ('gehören zu')", ["gehören zu"]),
        ("Policy (Analysis and Forecast)", []),
        ("Partnership for Peace (PfP)", []),
        ("Belarus (Moldova) and NATO, “Iran”", []),
        ("a de facto alliance (of the CIS)", []),
        ("Georgien; sovet oborony", ["Georgien", "sovet oborony"]),
    ],
)
def test_only_words_of_another_language_are_marked(text, found):
    assert [text[start:end] for start, end, _ in languages.foreign_words(text)] == found


def test_html_is_marked_in_text_and_columns_but_not_in_code():
    head = "<table><thead><tr><th></th><th>who</th><th>evidence</th></tr></thead>"
    rows = "<tr><th>1</th><td>x &amp; (kaum)</td><td>a</td></tr><tr><td>y</td><td>b</td></tr>"
    written = (
        f"<code>(kaum)</code>{head}<tbody>{rows}</tbody></table><svg><text>(kaum)</text></svg>"
    )
    marked = languages.mark_html(written)
    expected = (
        written.replace("x &amp; (kaum)", 'x &amp; (<span lang="de">kaum</span>)')
        .replace("<td>a", '<td lang="de">a')
        .replace("<td>b", '<td lang="de">b')
        .replace("<text>(kaum)", '<text>(<tspan lang="de">kaum</tspan>)')
    )
    assert marked == expected


def test_the_glossary_gives_every_form_its_language(site):
    rows = page(site, "appendix/glossary").select("tr[id] > :first-child")
    for column, language in (("german", "de"), ("russian", "ru-Latn")):
        shown = [tag.get_text() for row in rows for tag in row.select(f'[lang="{language}"]')]
        wanted = [form for cell in load("glossary")[column] for form in languages.pieces(cell)]
        assert sorted(shown) == sorted(wanted)


@pytest.mark.parametrize("table", [name for name in languages.NAMED if name != "glossary"])
def test_the_glossary_lists_the_names_of_a_table(site, table):
    section = page(site, "appendix/glossary").find(id=f"names-{table}")
    text = line(section.get_text())
    for row in load(table).to_dict("records"):
        column, *others = languages.NAMED[table]
        if any(row[other] for other in others):
            assert line(row[column]) in text
            assert all(line(row[other]) in text for other in others)


# The search


@pytest.fixture(scope="module")
def finds(site):
    """Look up words in the search's index, each of them on the same page, as the browser does."""
    text = (site / "searchindex.js").read_text(encoding="utf-8")
    index = json.loads(text.removeprefix("Search.setIndex(").removesuffix(")"))
    stem = SearchEnglish({}).stem

    def lookup(query: str) -> set[str]:
        found = []
        for word in map(stem, re.findall(r"\w+", query.lower())):
            places = [index[part].get(word, []) for part in ("terms", "titleterms")]
            places = [[p] if isinstance(p, int) else p for p in places]
            found.append({index["docnames"][place] for part in places for place in part})
        return set.intersection(*found)

    return lookup


@pytest.mark.parametrize(
    ("query", "english"),
    [
        ("Georgien", "Georgia"),
        ("Rußland", "Russia"),
        ("Russland", "Russia"),
        ("Türkei", "Turkey"),
        ("Tuerkei", "Turkey"),
        ("Taschkent", "Tashkent Treaty"),
        ("Gratschow", "Grachev"),
        ("Rat der Verteidigungsminister", "Council of Defence Ministers"),
        ("Sovet kollektivnoj bezopasnosti", "Collective Security Council"),
        ("Shtab po koordinacii", "Staff for Coordinating Military Cooperation"),
        ("einheitlicher strategischer Raum", "single strategic space"),
    ],
)
def test_a_page_is_found_by_a_name_in_any_language(site, finds, query, english):
    pages = [path for path in notebooks() if english in " ".join(prose(path))]
    wanted = {path.relative_to(ROOT).with_suffix("").as_posix() for path in pages}
    assert wanted
    assert wanted <= finds(query)


def test_words_for_the_search_are_not_shown(site, finds):
    name = "chapters/2-1-initial-phase"
    assert name in finds("Gratschow")
    text = (site / f"{name}.html").read_text(encoding="utf-8")
    assert "Gratschow" not in text
    assert 'name="keywords"' not in text


def test_words_of_a_panel_are_found(finds):
    assert "chapters/1-2-2-collective-defence" in finds("Xinjiang")
