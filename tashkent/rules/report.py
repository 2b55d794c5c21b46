"""The report: its passages and sections, and what it prints as a count."""

import re
from collections.abc import Iterator
from itertools import pairwise

from tashkent.form import Fault
from tashkent.rules.common import each, number, rule, several, words

_LOCATOR = re.compile(r"(?:(?P<section>KF|EN|S|\d+(?:\.\d+)*) ¶|(?P<fn>fn) )(\d+)([a-z]?)")


@rule
def passages_are_counted(passages) -> Iterator[Fault]:
    """The order of the passages runs from 1 without a gap, or one of them is lost."""
    for row, order in each(passages, "order"):
        if not 1 <= number(order) <= len(passages):
            message = f"'{order}' is not within 1 to {len(passages)}"
            yield Fault("passages.csv", row, "order", message)
    for row in passages.index[passages["order"].duplicated()]:
        found = passages.loc[row, "order"]
        yield Fault("passages.csv", row, "order", f"'{found}' stands in an earlier row")


@rule
def locators_say_what_a_passage_is(passages) -> Iterator[Fault]:
    """A locator names its section, and a letter in it an item: the columns must say the same."""
    for row, locator, section, kind in each(passages, "locator", "section_id", "kind"):
        found = _LOCATOR.fullmatch(locator)
        if not found:
            message = f"'{locator}' is no locator like 1.1 ¶6a or fn 17"
            yield Fault("passages.csv", row, "locator", message)
            continue
        home, expected = found["section"] or "fn", "footnote" if found["fn"] else "paragraph"
        if found[4]:
            expected = "item"
        if section != home:
            message = f"'{section}' for [{locator}], expected '{home}'"
            yield Fault("passages.csv", row, "section_id", message)
        if kind != expected:
            message = f"'{kind}' for [{locator}], expected {expected}"
            yield Fault("passages.csv", row, "kind", message)


@rule
def passages_stand_in_reading_order(passages, sections) -> Iterator[Fault]:
    """Order follows sections, paragraphs and items, so that neighbours are neighbours."""
    place = {s: number(o) for s, o in zip(sections.section_id, sections["order"], strict=True)}
    rows = []
    for row, locator, section, order in each(passages, "locator", "section_id", "order"):
        found = _LOCATOR.fullmatch(locator)
        if found and section in place:
            rows.append((number(order), (place[section], int(found[3]), found[4]), row, locator))
    for (_, before, _, first), (_, this, row, second) in pairwise(sorted(rows)):
        if this < before:
            message = f"[{second}] is put after [{first}], which follows it in the report"
            yield Fault("passages.csv", row, "order", message)


@rule
def footnotes_are_called_in_order(passages) -> Iterator[Fault]:
    """A footnote, and nothing else, is called somewhere: in the text, no earlier than the last."""
    place = dict(zip(passages.locator, map(number, passages["order"]), strict=True))
    rows = []
    columns = ("order", "locator", "section_id", "called_in")
    for row, order, locator, section, called in each(passages, *columns):
        if bool(called) != (section == "fn"):
            expected = "a passage that calls it" if section == "fn" else "nothing: no footnote"
            message = f"'{called}' for [{locator}], expected {expected}"
            yield Fault("passages.csv", row, "called_in", message)
        elif called and (called not in place or called.startswith("fn")):
            message = f"'{called}' is no passage of the text"
            yield Fault("passages.csv", row, "called_in", message)
        elif called:
            rows.append((number(order), place[called], row, locator))
    for (_, before, _, first), (_, this, row, second) in pairwise(sorted(rows)):
        if this < before:
            message = f"[{second}] is called before [{first}]"
            yield Fault("passages.csv", row, "called_in", message)


@rule
def abstracts_restate_sections(passages, sections) -> Iterator[Fault]:
    """Each passage of the two abstracts restates sections in their order; no other one does."""
    place = {s: number(o) for s, o in zip(sections.section_id, sections["order"], strict=True)}
    last = {}
    rows = sorted(each(passages, "order", "section_id", "restates"), key=lambda r: number(r[1]))
    for row, _, section, restates in rows:
        if section not in ("KF", "EN"):
            if restates:
                message = f"'{restates}' for a passage of no abstract, expected nothing"
                yield Fault("passages.csv", row, "restates", message)
            continue
        told = [place.get(part, 0) for part in several(restates)]
        if not told or min(told) < 1:
            message = f"'{restates}', expected sections"
            yield Fault("passages.csv", row, "restates", message)
        elif told != sorted(set(told)) or told[0] < last.get(section, 0):
            message = f"'{restates}' goes back behind what is restated before it"
            yield Fault("passages.csv", row, "restates", message)
        last[section] = max([last.get(section, 0), *told])


@rule
def the_abstracts_leave_out_no_chapter(passages, sections) -> Iterator[Fault]:
    """The German abstract restates every section that has a chapter and is no abstract."""
    restated = {part for cell in passages.restates for part in several(cell)}
    for row, section, chapter in each(sections, "section_id", "chapter"):
        if chapter and section not in restated | {"KF", "EN"}:
            message = f"'{section}' is restated by no passage of an abstract"
            yield Fault("sections.csv", row, "section_id", message)


@rule
def sections_are_counted(sections) -> Iterator[Fault]:
    """Sections stand in the report's order, from 1 without a gap, numbered ones by number."""
    rows = sorted(each(sections, "order", "section_id"), key=lambda r: number(r[1]))
    for expected, (row, order, _) in enumerate(rows, 1):
        if number(order) != expected:
            yield Fault("sections.csv", row, "order", f"'{order}' where {expected} is next")
            break
    numbered = [(row, section) for row, _, section in rows if section[:1].isdigit()]
    for (_, before), (row, this) in pairwise(numbered):
        if this < before:
            yield Fault("sections.csv", row, "order", f"'{this}' is put after '{before}'")


@rule
def sections_with_text_have_a_chapter(sections, passages) -> Iterator[Fault]:
    """A section with passages has a chapter named by its number, one without has none."""
    told = set(passages.section_id) - {"fn"}
    for row, section, chapter in each(sections, "section_id", "chapter"):
        if bool(chapter) != (section in told):
            expected = "a chapter" if section in told else "none: a heading only, or the notes"
            yield Fault("sections.csv", row, "chapter", f"'{chapter}', expected {expected}")
        start = section.replace(".", "-") + "-"
        if chapter and section[:1].isdigit() and not chapter.startswith(start):
            message = f"'{chapter}' for section {section}, expected {start}..."
            yield Fault("sections.csv", row, "chapter", message)


@rule
def gists_are_short(passages) -> Iterator[Fault]:
    """A gist has at most 25 words: it names what a passage says, it does not replace it."""
    for row, gist in each(passages, "gist"):
        if len(gist.split()) > 25:
            yield Fault("passages.csv", row, "gist", f"{len(gist.split())} words, expected 25")


@rule
def every_passage_is_used(tables, passages, uncited, described) -> Iterator[Fault]:
    """Each passage is cited by a row or listed in `uncited` with its reason, never both."""
    if described != {f"{name}.csv" for name in tables}:
        return  # a table that cannot be read may cite it
    used = set()
    for name, table in tables.items():
        if name not in ("passages", "report_terms", "name_terms", "uncited", "glossary"):
            for column in set(table) & {"locator", "footnote", "locator_1995"}:
                used |= set(table[column])
    listed = set(uncited.passage)
    for row, locator in each(passages, "locator"):
        if locator not in used | listed:
            message = f"[{locator}] is cited by no row and not listed in uncited.csv"
            yield Fault("passages.csv", row, "locator", message)
    for row, locator in each(uncited, "passage"):
        if locator in used:
            yield Fault("uncited.csv", row, "passage", f"[{locator}] is cited by a row")


@rule
def passages_have_words(passages, report_terms, words_of) -> Iterator[Fault]:
    """Every passage has its words counted, each word once and as the counting spells it."""
    for row, locator in each(passages, "locator"):
        if not words_of.get(locator):
            yield Fault("passages.csv", row, "locator", f"[{locator}] has no words")
    for row, term, count in each(report_terms, "term", "count"):
        if words(term) != [term]:
            yield Fault("report_terms.csv", row, "term", f"'{term}' is not one word in small type")
        if not number(count):
            message = f"'{count}' for a word that is there, expected 1 or more"
            yield Fault("report_terms.csv", row, "count", message)


@rule
def numbers_follow_the_items(tables) -> Iterator[Fault]:
    """Where the report lists things as items a, b, c, the numbers 1, 2, 3 are theirs.

    Seats and arguments are counted inside one passage and have no items.
    """
    for name, table in tables.items():
        if "number" not in table or name in ("arguments", "council_seats"):
            continue
        for row, cell, locator in each(table, "number", "locator"):
            item = re.search(r"¶\d+([a-z])$", locator)
            if item and number(cell) != ord(item[1]) - ord("a") + 1:
                message = f"'{cell}' for item {item[1]} of [{locator[:-1]}]"
                yield Fault(f"{name}.csv", row, "number", message)


def counted(file: str, what: str, expected: int, found: int) -> Iterator[Fault]:
    """One fault where a count differs from the one that the report states."""
    if found != expected:
        yield Fault(file, None, None, f"{found} {what}, the report counts {expected}")


@rule
def the_report_counts(tables) -> Iterator[Fault]:
    """Where the report states a count, the table holds as many.

    Nine parties after six [0 ¶4; 1.1 ¶2], eight signatories of Minsk of whom four left
    [2.1 ¶4; 2.1 ¶5], three participant states [0 ¶4], three levels [2.2.3 ¶1], three stages
    [2.3 ¶3].
    """
    if "memberships" in tables:
        member = tables["memberships"]
        treaty = member[member.instrument_id == "tashkent_treaty"].status
        minsk = member[member.instrument_id == "minsk_1992"]
        file = "memberships.csv"
        yield from counted(file, "signatories of the treaty", 6, (treaty == "signatory").sum())
        parties = treaty.isin(["signatory", "acceded"]).sum()
        yield from counted(file, "parties of the treaty", 9, parties)
        yield from counted(file, "signatories of Minsk", 8, len(minsk))
        yield from counted(file, "states that left Minsk", 4, (minsk.end != "").sum())
    if "states" in tables:
        participants = (tables["states"].charter_status == "participant").sum()
        yield from counted("states.csv", "participant states", 3, participants)
    for name, column, what in (
        ("stages", "stage", "stages"),
        ("command_levels", "level", "levels"),
    ):
        if name in tables:
            yield from counted(f"{name}.csv", what, 3, tables[name][column].nunique())
