"""The HTML of tables: boxes, captions, scopes, columns by kind, filters."""

import pandas as pd
import pytest
from bs4 import BeautifulSoup

from tashkent.site import markup, widgets
from tashkent.widgets import caption, table_html


def framed(table: pd.DataFrame) -> BeautifulSoup:
    return BeautifulSoup(markup.frame_tables(table_html(table)), "html.parser")


def scopes(tags) -> list[tuple[str, str]]:
    return [(tag.get_text(), tag["scope"]) for tag in tags]


def test_a_named_index_is_one_heading_among_the_others():
    table = pd.DataFrame({"status": ["acceded"], "n": [3]}).set_index("status")
    written = markup.frame_tables(table_html(table))
    page = BeautifulSoup(written, "html.parser")
    assert [[th.get_text() for th in row("th")] for row in page.thead("tr")] == [["status", "n"]]
    assert page.div["aria-label"] == "status, n"
    assert page.td["class"] == ["num"]


def test_a_caption_names_the_box():
    table = caption(pd.DataFrame({"status": ["acceded"]}), 'Parties & "others" [1.1 ¶3]')
    page = framed(table)
    assert page.div["aria-label"] == page.caption.get_text() == 'Parties & "others" [1.1 ¶3]'


def test_a_caption_that_repeats_the_choice_is_not_shown():
    panels = {option: table_html(caption(FORCES, title)) for option, title in CAPTIONS.items()}
    page = BeautifulSoup(widgets.chooser("State", panels, ["a", "b"]), "html.parser")
    assert [found.get("class") for found in page.select("caption")] == [["tk-unseen"], None]


FORCES = pd.DataFrame(
    {
        "body": ["Staff", "Staff", "Council"],
        "level": ["cis", "region", "cis"],
        "n": [3, 12, 1],
    }
)
CAPTIONS = {"Georgia": "State: Georgia", "Armenia": "Threats to Armenia"}


def test_headings_that_span_rows_head_their_group():
    page = framed(FORCES.set_index(["body", "level"]))
    assert scopes(page.select("thead th")) == [("body", "col"), ("level", "col"), ("n", "col")]
    groups = page.select("tbody")
    assert scopes(groups[0].select("th")) == [
        ("Staff", "rowgroup"),
        ("cis", "row"),
        ("region", "row"),
    ]
    assert scopes(groups[1].select("th")) == [("Council", "row"), ("cis", "row")]
    assert len(groups) == 2
    assert [cell["class"] for cell in page.select("td")] == [["num"]] * 3


def test_headings_that_span_columns_head_their_group():
    page = framed(FORCES.pivot(index="body", columns="level", values=["n"]))
    assert scopes(page.select("thead tr:first-child th")) == [("n", "colgroup")]
    assert scopes(page.select("thead tr:nth-child(2) th")) == [
        ("level", "col"),
        ("cis", "col"),
        ("region", "col"),
    ]
    assert [group["span"] for group in page.select("colgroup")] == ["1", "2"]


def test_columns_are_marked_by_what_they_hold():
    table = pd.DataFrame(
        {
            "n": ["1,000", "−2.5", ""],
            "day": ["1993-12", "1992-02-14/1992-03-20", "no date"],
            "long": ["word " * 20, "a", "b"],
            "mixed": ["1", "one", ""],
        }
    )
    page = framed(table)
    kinds = [["num"], ["day"], ["long"], None]
    assert [cell.get("class") for cell in page.select("thead th")] == kinds
    assert [cell.get("class") for cell in page.select("tbody tr:first-child td")] == kinds


def test_only_a_long_table_has_a_filter():
    lines = pd.DataFrame({"line": range(markup.LONG_TABLE + 1)})
    box = framed(caption(lines, "Lines")).select_one("p[data-filter=rows]")
    assert box.label.get_text(" ", strip=True) == "Filter the rows of Lines"
    assert not framed(lines[1:]).select("[data-filter]")


def test_menus_offer_each_value_of_a_column_once():
    actors = pd.DataFrame({"who": ["Ukraine; Äneas & Co", "Ukraine", ""], "n": [1, 2, 3]})
    page = framed(caption(actors, "Acts", filters=["who"]))
    label = page.select_one("p[data-filter=rows] label")
    assert label.get_text().split("\n")[0] == "who"
    options = [(o["value"], o.get_text()) for o in label.select("option")]
    assert options == [("", "all"), ("ukraine", "Ukraine"), ("äneas-co", "Äneas & Co")]
    assert label.select_one("select")["data-column"] == "0"
    assert not page.select("table[data-menus]")


def test_a_menu_for_no_column_or_for_values_alike_is_refused():
    acts = pd.DataFrame({"who": ["a-b", "a b"]})
    with pytest.raises(ValueError, match="no column 'whom' to filter by, only who"):
        caption(acts, "Acts", filters=["whom"])
    with pytest.raises(ValueError, match="values of 'who' alike but for signs: a b, a-b"):
        framed(caption(acts, "Acts", filters=["who"]))
