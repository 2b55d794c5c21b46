"""What the prose promises: every locator exists, every passage is told, no link dangles."""

import re

import pytest
from book import cells, notebooks, pages, prose

from tashkent import load
from tashkent.charts import MIME
from tashkent.locators import expand, find, misspelt

PASSAGES = load("passages")
KNOWN = set(PASSAGES.locator)
IDS = {"ids": lambda path: path.stem}


def cited(texts) -> set[str]:
    return {one for text in texts for m in find(text) for one in expand(m[1], KNOWN)}


def texts_of(path) -> list[str]:
    """The prose of a page and, of a notebook, the locators that its charts name."""
    found = prose(path)
    if path.suffix == ".ipynb":
        found = found + [spec_title(spec)[1] for spec in charts(path)]
    return found


def charts(path) -> list[dict]:
    outputs = [out for cell in cells(path, "code") for out in cell.outputs]
    return [out.data[MIME] for out in outputs if MIME in out.get("data", {})]


def spec_title(spec) -> tuple[str, str]:
    title = spec.get("title") or {}
    text, subtitle = title.get("text", ""), title.get("subtitle", "")
    return tuple(" ".join(part) if isinstance(part, list) else part for part in (text, subtitle))


@pytest.mark.parametrize("path", pages(), **IDS)
def test_every_locator_follows_the_grammar_and_exists(path):
    for text in texts_of(path):
        assert misspelt(text) == []
        for match in find(text):
            expand(match[1], KNOWN)


@pytest.mark.parametrize("path", notebooks(), **IDS)
def test_every_passage_of_the_section_is_told(path):
    sections = load("sections").query("chapter == @path.stem").section_id
    if path.stem != "summary" and not len(sections):
        pytest.fail(f"{path.name}: no section in sections.csv names this chapter")
    own = PASSAGES[PASSAGES.section_id.isin(sections)]
    called = PASSAGES[PASSAGES.called_in.isin(own.locator)]
    wanted = set(own.locator) | set(called.locator)
    body = prose(path)[1:]  # the first cell names the section's range, which tells nothing
    assert wanted - cited(body) == set()


@pytest.mark.parametrize("path", pages(), **IDS)
def test_links_between_pages_lead_to_files(path):
    for text in prose(path):
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text):
            if not re.match(r"[a-z]+:", target):
                assert (path.parent / target).exists(), f"{path.name}: {target}"


@pytest.mark.parametrize("path", notebooks(), **IDS)
def test_every_chart_says_its_finding_its_passages_and_itself(path):
    for spec in charts(path):
        text, subtitle = spec_title(spec)
        assert len(text) > 20, f"{path.name}: a chart without a finding as its title"
        assert find(subtitle), f"{path.name}: '{text}' without locators"
        assert len(spec.get("description", "")) > 60, f"{path.name}: '{text}' without description"


@pytest.mark.parametrize("path", notebooks(), **IDS)
def test_every_code_cell_is_introduced_and_no_door_is_opened_beside_load(path):
    before = None
    for cell in cells(path):
        if cell.cell_type == "code":
            checked = "checked" in cell.metadata.get("tags", [])
            assert checked or before == "markdown", f"{path.name}: not introduced: {cell.source}"
            assert checked == cell.source.startswith("assert "), f"{path.name}: {cell.source}"
            for door in ("read_csv", "open(", "!pip", "sys.path", "filterwarnings", "http"):
                assert door not in cell.source, f"{path.name}: {door}"
        before = cell.cell_type


@pytest.mark.parametrize("path", notebooks(), **IDS)
def test_every_chapter_checks_numbers_that_it_prints(path):
    tagged = [cell for cell in cells(path, "code") if "checked" in cell.metadata.get("tags", [])]
    assert tagged, f"{path.name}: no checked cell"
    assert all(not cell.outputs for cell in tagged)


def test_chapters_stand_in_the_order_of_the_report():
    order = load("sections").sort_values("order").chapter
    wanted = [name for name in dict.fromkeys(order) if name and name != "summary"]
    present = [path.stem for path in notebooks() if path.stem in wanted]
    assert present == [name for name in wanted if name in present]


@pytest.mark.parametrize("path", notebooks(), **IDS)
def test_no_cell_shows_a_warning(path):
    streams = [out for cell in cells(path, "code") for out in cell.outputs if "name" in out]
    assert [out.text for out in streams if out.name == "stderr"] == []
