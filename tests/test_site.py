"""The built site: complete in itself, every chart a figure, every widget and locator alive."""

import functools
import json
import re
import shutil
from urllib.parse import unquote, urlsplit

import nbformat
import pytest
from book import ROOT, cells, name_of, notebooks, pages, prose
from bs4 import BeautifulSoup
from conftest import IGNORED, finish, start_build
from sphinx.search.en import SearchEnglish

from tashkent import load
from tashkent.charts import DARK, MIME, PALETTE
from tashkent.locators import anchor, expand, find, find_records, is_locator, misspelt, split
from tashkent.site import charts, markup, theme, widgets
from tashkent.site import pages as site_pages

IDS = {"ids": lambda path: path.stem}
KNOWN = list(load("passages").locator)


@functools.cache
def read(path) -> BeautifulSoup:
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


@functools.cache
def places(path) -> set[str]:
    tags = read(path).find_all(lambda tag: tag.get("id") or tag.get("name"))
    return {tag.get(key) for tag in tags for key in ("id", "name")}


def html_files(site) -> list:
    return [path for path in site.rglob("*.html") if "_static" not in path.parts]


def page_of(site, source):
    return site / source.relative_to(ROOT).with_suffix(".html")


def outputs(path, mime) -> list:
    found = [out.get("data", {}) for cell in cells(path, "code") for out in cell.outputs]
    return [data[mime] for data in found if mime in data]


SPEC = {
    "$schema": "https://vega.github.io/schema/vega-lite/v6.4.1.json",
    "description": "Two bars.",
    "title": {"text": ["Two", "lines"], "subtitle": ["How to read it", "[1.1 ¶3]"]},
    "datasets": {"a": [{"n": 1.0, "day": "1993-01-01T00:00:00", "locator": "1.1 ¶3"}]},
    "data": {"name": "a"},
    "mark": {"type": "bar", "color": PALETTE["blue"]},
    "encoding": {"x": {"field": "n", "title": "States"}, "y": {"field": "day"}},
}


def words(text: str) -> str:
    return " ".join(text.split())


def straight(text: str) -> str:
    return words(re.sub("[“”]", '"', re.sub("[‘’]", "'", text)))


# The whole site


def test_two_builds_are_the_same_byte_by_byte(builds):
    files = [
        {path.relative_to(root): path.read_bytes() for path in root.rglob("*") if path.is_file()}
        for root in builds
    ]
    assert files[0].keys() == files[1].keys()
    assert [str(name) for name in files[0] if files[0][name] != files[1][name]] == []


def test_no_link_dangles(site):
    dangling = []
    for path in html_files(site):
        for tag in read(path).find_all(href=True):
            target = urlsplit(tag["href"])
            if target.scheme or target.netloc:
                continue
            there = (path.parent / unquote(target.path)).resolve() if target.path else path
            if not there.is_file():
                dangling.append(f"{path.name}: {tag['href']}")
                continue
            place = unquote(target.fragment)
            if place and there.suffix == ".html" and place not in places(there):
                dangling.append(f"{path.name}: {tag['href']}")
    assert dangling == []


def test_nothing_is_loaded_from_another_host(site):
    loaded = []
    for path in html_files(site):
        for tag in read(path).find_all(["script", "img", "iframe", "source", "object", "embed"]):
            loaded += [tag.get("src"), tag.get("data")]
        loaded += [tag["href"] for tag in read(path).find_all("link", href=True)]
        loaded += re.findall(r"url\(([^)]+)\)", path.read_text(encoding="utf-8"))
    for path in site.rglob("*.css"):
        text = path.read_text(encoding="utf-8")
        for pair in re.findall(r"url\(([^)]+)\)|@import\s+([^;]+);", text):
            loaded += pair
    elsewhere = [one for one in loaded if one and re.match(r"[\"']?\s*(\w+:)?//", one)]
    assert elsewhere == []


def test_no_page_carries_a_script_of_the_widget_manager(site):
    for path in html_files(site):
        for tag in read(path).find_all("script"):
            assert "widget" not in tag.get("type", ""), path.name
            assert not re.search(r"require|mathjax|thebe|jupyter", tag.get("src") or "", re.I)


# Chapters


@pytest.mark.parametrize("path", notebooks(), **IDS)
def test_every_chart_is_a_figure(site, path):
    specs = outputs(path, MIME)
    figures = read(page_of(site, path)).select("figure.tk-chart")
    assert len(figures) == len(specs)
    for spec, figure in zip(specs, figures, strict=True):
        picture = figure.find("svg")
        assert picture["role"] == "img"
        assert words(picture["aria-label"]) == words(spec["description"])
        assert picture.find("g")["aria-hidden"] == "true"
        assert straight(figure.figcaption.p.get_text()) == straight(charts.words(spec)[0])
        assert figure.select(".tk-chart-source a.tk-locator")
        text = str(picture).lower()
        assert not [colour for colour in PALETTE.values() if colour.lower() in text]


@pytest.mark.parametrize("path", notebooks(), **IDS)
def test_every_widget_is_a_chooser_with_all_its_panels(site, path):
    models = cells_state(path)
    views = outputs(path, widgets.VIEW)
    choosers = read(page_of(site, path)).select("[data-chooser]")
    assert len(choosers) == len(views)
    for view, chooser in zip(views, choosers, strict=True):
        label, panels, ids, chosen = widgets.read(view["model_id"], models)
        assert words(chooser.label.find(string=True)) == label
        options = chooser.select("option")
        assert [option.get_text() for option in options] == list(panels)
        assert [option["value"] for option in options] == ids
        assert options[chosen].has_attr("selected")
        sections = chooser.select("section")
        for section, (option, panel) in zip(sections, panels.items(), strict=True):
            assert section.h3.extract().get_text() == option
            for added in section.select(".tk-filter"):
                added.extract()
            expected = BeautifulSoup(panel, "html.parser").get_text()
            assert sorted(squeeze(section.get_text())) == sorted(squeeze(expected))


def cells_state(path) -> dict:
    metadata = json.loads(path.read_text(encoding="utf-8"))["metadata"]
    return metadata.get("widgets", {}).get(widgets.STATE, {}).get("state", {})


def squeeze(text: str) -> str:
    return re.sub(r"\s", "", text)


@pytest.mark.parametrize("path", notebooks(), **IDS)
def test_every_table_has_a_caption_of_its_own(site, path):
    tables = read(page_of(site, path)).select("table.dataframe")
    assert [words(table.get_text()) for table in tables if not table.caption] == []
    captions = [words(table.caption.get_text()) for table in tables]
    assert [one for one in set(captions) if captions.count(one) > 1] == []


@pytest.mark.parametrize("path", notebooks(), **IDS)
def test_every_table_scrolls_in_a_named_box(site, path):
    for table in read(page_of(site, path)).select("table.dataframe"):
        box = table.parent
        assert (box["role"], box["tabindex"]) == ("region", "0")
        if table.caption and not table.find_parent("figure"):
            assert box["aria-label"] == table.caption.get_text()
        assert box["aria-label"]


@pytest.mark.parametrize("path", pages(), **IDS)
def test_every_heading_of_a_table_says_what_it_heads(site, path):
    headings = read(page_of(site, path)).select("article table th")
    assert [str(heading) for heading in headings if not heading.has_attr("scope")] == []


@pytest.mark.parametrize("path", notebooks(), **IDS)
def test_every_checked_cell_is_a_fold(site, path):
    checked = [c for c in cells(path, "code") if "checked" in c.metadata.get("tags", [])]
    folds = read(page_of(site, path)).select("details.tk-checked")
    assert [squeeze(fold.pre.get_text()) for fold in folds] == [squeeze(c.source) for c in checked]


@pytest.mark.parametrize("path", notebooks(), **IDS)
def test_long_code_is_a_fold_and_short_code_is_not(site, path):
    shown = [c for c in cells(path, "code") if "checked" not in c.metadata.get("tags", [])]
    page = read(page_of(site, path))
    folded = [fold.pre.get_text() for fold in page.select("div.cell_input > details")]
    long = [c.source for c in shown if len(c.source.splitlines()) > site_pages.LONG_CODE]
    assert list(map(squeeze, folded)) == list(map(squeeze, long))


# Locators


@pytest.mark.parametrize("path", pages(), **IDS)
def test_every_locator_in_the_prose_is_a_link_to_its_passage(site, path):
    targets = {
        link["href"].partition("#")[2] for link in read(page_of(site, path)).select("a.tk-locator")
    }
    for text in prose(path):
        for match in find(re.sub(r"```.*?```|`[^`]*`", "", text, flags=re.DOTALL)):
            for part in split(match[1]):
                assert anchor(expand(part, KNOWN)[0]) in targets, part


@pytest.mark.parametrize("path", notebooks(), **IDS)
def test_no_locator_is_left_without_its_link(site, path):
    page = BeautifulSoup(str(read(page_of(site, path)).article), "html.parser")
    for tag in page(["a", "pre", "code", "svg", "select", "h1", "h2", "h3", "h4"]):
        tag.replace_with("x")
    assert find(page.get_text()) == []
    assert [td for td in page.select("td") if is_locator(td.get_text())] == []


def test_the_concordance_lists_every_passage_and_who_cites_it(site):
    page = read(site / "appendix" / "concordance.html")
    assert [place["id"] for place in page.select(".tk-passage")] == [
        anchor(locator) for locator in load("passages").sort_values("order").locator
    ]
    for path in notebooks():
        name = path.relative_to(ROOT).with_suffix(".html").as_posix()
        for text in prose(path):
            for match in find(re.sub(r"(?m)^#.*$|`[^`]*`", "", text)):
                for locator in expand(match[1], KNOWN):
                    entry = page.find(id=anchor(locator))
                    cited_in = [link["href"].partition("#")[0] for link in entry.select("a")]
                    assert f"../{name}" in cited_in, f"{locator} in {name}"


def test_search_knows_what_stands_in_tables_and_panels(site):
    index = (site / "searchindex.js").read_text(encoding="utf-8").lower()
    texts = list(load("passages").gist)
    for path in notebooks():
        for view in outputs(path, widgets.VIEW):
            panels = widgets.read(view["model_id"], cells_state(path))[1].values()
            texts += [BeautifulSoup(panel, "html.parser").get_text(" ") for panel in panels]
    long_words = {word.lower() for text in texts for word in re.findall(r"\b[a-z]{8,}\b", text)}
    stem = SearchEnglish({}).stem
    assert [word for word in long_words if stem(word) not in index] == []


# A small book that is built, changed and built again


@pytest.fixture(scope="module")
def small_book(tmp_path_factory):
    book = tmp_path_factory.mktemp("small") / "book"
    shutil.copytree(ROOT, book, ignore=IGNORED)
    shutil.rmtree(book / "chapters", ignore_errors=True)
    names = ("codebook", "rules", "coverage", "concordance", "tables/stages")
    contents = "format: jb-book\nroot: index\nchapters:\n" + "".join(
        f"- file: appendix/{name}\n" for name in names
    )
    (book / "_toc.yml").write_text(contents, encoding="utf-8")
    (book / "index.md").write_text("# Title\n\nText [1.1 ¶2].\n", encoding="utf-8")
    config = (book / "_config.yml").read_text(encoding="utf-8")
    config = config.replace('baseurl: ""', 'baseurl: "https://example.org/book/"')
    (book / "_config.yml").write_text(config, encoding="utf-8")
    assert finish(start_build(book, book))[0] == 0
    return book


def test_where_the_sites_address_is_set_each_page_says_its_own(small_book):
    html = small_book / "_build" / "html"
    for name in ("index.html", "appendix/codebook.html"):
        head = BeautifulSoup((html / name).read_text(encoding="utf-8"), "html.parser").head
        address = f"https://example.org/book/{name}"
        assert head.find("link", rel="canonical")["href"] == address
        assert head.find("meta", property="og:url")["content"] == address
        card = head.find("meta", property="og:image")["content"]
        assert (html / card.removeprefix("https://example.org/book/")).is_file()


def test_a_new_citation_and_a_new_gist_show_in_the_next_build(small_book):
    (small_book / "index.md").write_text("# Title\n\nText [1.1\n¶3].\n", encoding="utf-8")
    passages = small_book / "data" / "passages.csv"
    gist = load("passages").set_index("locator").gist["1.1 ¶3"]
    text = passages.read_text(encoding="utf-8").replace(gist, "A new gist.")
    passages.write_text(text, encoding="utf-8", newline="")
    code, log = finish(start_build(small_book, small_book))
    assert code == 0, log
    html = small_book / "_build" / "html"
    link = BeautifulSoup((html / "index.html").read_text(encoding="utf-8"), "html.parser")
    assert link.select_one("a.tk-locator")["title"].strip('"') == "A new gist."
    text = (html / "appendix" / "concordance.html").read_text(encoding="utf-8")
    page = BeautifulSoup(text, "html.parser")
    assert page.find(id="p-1-1-3").find("a", href="../index.html")
    assert not page.find(id="p-1-1-2").find("a", href="../index.html")


def test_unsound_tables_stop_the_build_with_a_line_for_each(small_book, tmp_path):
    book = shutil.copytree(small_book, tmp_path / "book", ignore=IGNORED)
    (book / "data" / "glossary.csv").unlink()
    motives = book / "data" / "motives.csv"
    text = motives.read_text(encoding="utf-8").replace(",protection,", ",shelter,", 1)
    motives.write_text(text, encoding="utf-8", newline="")
    code, log = finish(start_build(book, book))
    assert code != 0
    assert "glossary.csv: missing from" in log
    assert "column kind: 'shelter' is none of" in log
    assert "report" not in log.partition("Traceback")[0]


def test_what_is_wrong_in_a_chapter_stops_the_build_each_time(small_book):
    (small_book / "index.md").write_text("# T\n\n[1.1 ¶99] [1.1 ¶2, ¶3]\n", encoding="utf-8")
    shown = [{MIME: {key: SPEC[key] for key in SPEC if key != "description"}}]
    shown += [{widgets.VIEW: {"model_id": "x", "version_major": 2, "version_minor": 0}}]
    slider = {"model_name": "IntSliderModel", "model_module": "", "state": {}}
    notebook = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_markdown_cell("# Wrong"),
            nbformat.v4.new_code_cell(
                "chart, slider",
                outputs=[nbformat.v4.new_output("display_data", data) for data in shown],
            ),
        ],
        metadata={
            "language_info": {"name": "python"},
            "widgets": {widgets.STATE: {"state": {"x": slider}}},
        },
    )
    nbformat.write(notebook, small_book / "appendix" / "wrong.ipynb")
    with (small_book / "_toc.yml").open("a", encoding="utf-8") as contents:
        contents.write("- file: appendix/wrong\n")
    for _ in range(2):
        code, log = finish(start_build(small_book, small_book))
        assert code != 0
        assert "index.md:3: WARNING: [1.1 ¶99]: no such passage: 1.1 ¶99" in log
        assert "index.md:3: WARNING: no locator: [1.1 ¶2, ¶3]" in log
        assert "wrong.ipynb:20002: WARNING: chart: no description" in log
        assert "wrong.ipynb:20002: WARNING: widget: IntSliderModel where VBoxModel" in log


# Parts


@pytest.mark.parametrize(
    ("bracket", "expected"),
    [
        ("[1.1 ¶3-4; fn 5]", ["1.1 ¶3", "1.1 ¶4", "fn 5"]),
        ("[0 ¶1a-h]", [f"0 ¶1{letter}" for letter in "abcdefgh"]),
        ("[1.1 ¶6a; S\n¶5b]", ["1.1 ¶6a", "S ¶5b"]),
        ("[KF ¶3]", ["KF ¶3"]),
        ("[fn 17a]", ["fn 17a"]),
    ],
)
def test_a_bracket_names_every_passage(bracket, expected):
    (match,) = find(f"so it says {bracket}.")
    assert expand(match[1], KNOWN) == expected


@pytest.mark.parametrize("bracket", ["[1.2.2 ¶1b, ¶5]", "[fn 20-21]", "[1.1 ¶6a-7]", "[fn. 3]"])
def test_a_bracket_against_the_grammar_is_no_locator(bracket):
    assert find(bracket) == []
    assert misspelt(bracket) == [bracket]


@pytest.mark.parametrize("bracket", ["[1.1 ¶4-3]", "[1.1 ¶7-9]", "[9 ¶1]", "[2.2.1 ¶1]", "[fn 40]"])
def test_a_passage_that_is_not_there_is_named(bracket):
    with pytest.raises(ValueError, match=r"¶|fn"):
        expand(bracket, KNOWN)


def test_every_passage_has_a_place_of_its_own():
    assert len(set(map(anchor, KNOWN))) == len(KNOWN)


def test_html_is_linked_in_text_and_cells_but_not_in_code():
    text = "<p>[1.1 ¶3] <code>[1.1 ¶3]</code></p><td>fn 5</td><td>see fn 5</td><a>[fn 5]</a>"
    linked = markup.link_locators(text, lambda part: f"<b>{part}</b>")
    assert linked == (
        "<p>[<b>1.1 ¶3</b>] <code>[1.1 ¶3]</code></p><td><b>fn 5</b></td>"
        "<td>see fn 5</td><a>[fn 5]</a>"
    )


def test_keys_of_the_record_are_linked_in_the_same_places():
    text = "<p>[record: csto; uzbekistan] <code>[record: csto]</code></p><td>record: csto</td>"
    linked = markup.link_records(text, lambda part: f"<b>{part}</b>")
    assert linked == (
        "<p>[<b>record: csto</b>; <b>uzbekistan</b>] <code>[record: csto]</code></p>"
        "<td><b>record: csto</b></td>"
    )


def test_what_cites_the_record_leads_to_its_rows(site):
    cited = 0
    for path in notebooks():
        keys = {key for text in prose(path) for m in find_records(text) for key in split(m[1])}
        links = read(site / name_of(path)).select('a.tk-locator[href*="tables/record.html#"]')
        assert keys <= {link.get_text() for link in links}, path.name
        rows = {urlsplit(link["href"]).fragment for link in links}
        assert rows <= places(site / "appendix" / "tables" / "record.html"), path.name
        cited += len(keys)
    assert cited


def test_a_chart_is_written_whole():
    figure = BeautifulSoup(charts.figure(SPEC, charts.compile_chart(SPEC)), "html.parser")
    assert [p.get_text() for p in figure.figcaption("p")] == ["Two lines", "How to read it"]
    assert "var(--tk-blue)" in str(figure.svg)
    assert [th.get_text() for th in figure.select("th")] == ["day", "States", "locator"]
    assert [td.get_text() for td in figure.select("td")] == ["1993-01-01", "1", "1.1 ¶3"]
    assert figure.summary.get_text() == "Data (1 row)"


def test_a_chart_says_in_what_order_its_columns_stand():
    ordered = SPEC | {"usermeta": {"columns": ["locator", "n"]}}
    figure = BeautifulSoup(charts.figure(ordered, charts.compile_chart(ordered)), "html.parser")
    assert [th.get_text() for th in figure.select("th")] == ["locator", "States"]


def test_a_dataset_without_any_of_the_chosen_columns_only_helps_to_draw():
    helper = {"data": {"values": [{"x": 1}]}, "mark": "rule"}
    spec = SPEC | {"layer": [helper]}
    assert len(charts.datasets(spec)) == 2
    assert len(charts.datasets(spec | {"usermeta": {"columns": ["locator"]}})) == 1


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"description": " "}, "no description"),
        ({"title": {"subtitle": "[1.1 ¶3]"}}, "no title"),
        ({"title": {"text": "A finding", "subtitle": "the report"}}, "no locators"),
        ({"encoding": {"x": {"field": "m"}, "y": {"field": "day"}}}, "no column 'm' in its data"),
        ({"layer": [{"encoding": {"tooltip": [{"field": "dya"}]}}]}, "no column 'dya'"),
    ],
)
def test_a_chart_that_lacks_something_is_told_so(change, fault):
    (found,) = charts.faults(SPEC | change)
    assert found.startswith(fault)


def test_a_chart_of_an_unknown_version_cannot_be_drawn():
    with pytest.raises(ValueError, match="Vega-Lite 9 cannot be drawn"):
        charts.compile_chart(
            SPEC | {"$schema": "https://vega.github.io/schema/vega-lite/v9.0.0.json"}
        )


def test_a_widget_of_another_kind_is_refused():
    models = {"x": {"model_name": "IntSliderModel", "state": {}}}
    with pytest.raises(ValueError, match="IntSliderModel where VBoxModel was expected"):
        widgets.read("x", models)
    with pytest.raises(ValueError, match="not stored"):
        widgets.read("y", models)


def test_a_repair_that_no_longer_hits_is_told():
    with pytest.raises(Exception, match="the theme has changed"):
        theme.mend("<html><head></head></html>")


def test_both_themes_name_the_same_colours():
    assert PALETTE.keys() == DARK.keys()
    style = site_pages.palette_css()
    assert all(f"--tk-{name}: {DARK[name]};" in style for name in DARK)
