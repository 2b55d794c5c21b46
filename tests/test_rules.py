"""The page of rules: each rule of the check, with its sentence, and no other."""

import inspect

import pytest
from bs4 import BeautifulSoup

from tashkent.rules import KINDS, RULES
from tashkent.site.rulelist import reads, sentences, title


def test_every_rule_is_of_a_kind_that_the_page_shows():
    assert {inspect.getmodule(rule) for rule in RULES} == set(KINDS)
    assert len({rule.__name__ for rule in RULES}) == len(RULES)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_a_rule_says_what_must_hold(rule):
    first, *_ = sentences(rule)
    assert first.endswith(".") and len(first.split()) > 6
    assert reads(rule)


def test_the_page_lists_the_rules_of_the_check(site):
    text = (site / "appendix" / "rules.html").read_text(encoding="utf-8")
    straight = str.maketrans("\u2019\u2018\u201c\u201d", "''\"\"")
    page = BeautifulSoup(text.translate(straight), "html.parser")
    listed = {}
    for term in page.select("dl.tk-rules > dt"):
        listed[term.get_text()] = [p.get_text() for p in term.find_next_sibling("dd")("p")]
    assert sorted(listed) == sorted(map(title, RULES))
    for rule in RULES:
        said = [part.replace("`", "") for part in sentences(rule)]
        assert listed[title(rule)][:-1] == said
        assert listed[title(rule)][-1].startswith("Reads: ")
