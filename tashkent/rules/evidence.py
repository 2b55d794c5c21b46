"""Evidence: each row held against the words of the passage that it cites."""

import calendar
import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from tashkent.dates import EDTF, bounds
from tashkent.form import Fault
from tashkent.rules.common import each, has_form, number, rule, several, words

_BARE = re.compile(r"(?:(?:KF|EN|S|\d+(?:\.\d+)*) ¶\d+[a-z]?|fn \d+[a-z]?)")
_MONTHS = (
    *("januar", "februar", "märz", "april", "mai", "juni", "juli"),
    *("august", "september", "oktober", "november", "dezember"),
)


@rule
def evidence_stands_in_the_passage(tables, words_of) -> Iterator[Fault]:
    """Evidence is one to five words of the cited passage, by the passage's word counts."""
    for name, table in tables.items():
        if not {"evidence", "locator"} <= set(table):
            continue
        for row, locator, evidence in each(table, "locator", "evidence"):
            spoken = words_of.get(locator)
            for piece in several(evidence):
                said = Counter(words(piece))
                if not 1 <= said.total() <= 5:
                    message = f"'{piece}' has {said.total()} words, expected one to five"
                    yield Fault(f"{name}.csv", row, "evidence", message)
                for word, times in said.items():
                    if spoken and word not in spoken:
                        message = f"'{word}' is no word of [{locator}]"
                        yield Fault(f"{name}.csv", row, "evidence", message)
                    elif spoken and times > spoken[word]:
                        message = f"'{word}' stands more often than in [{locator}]"
                        yield Fault(f"{name}.csv", row, "evidence", message)


@rule
def evidence_singles_out_its_passage(tables, passages, words_of) -> Iterator[Fault]:
    """The passages before and after lack a word of the evidence, or a slip would go unseen."""
    order = [
        row[2] for row in sorted(each(passages, "order", "locator"), key=lambda r: number(r[1]))
    ]
    beside = {}
    for first, second in pairwise(order):
        beside.setdefault(first, []).append(second)
        beside.setdefault(second, []).append(first)
    for name, table in tables.items():
        if not {"evidence", "locator"} <= set(table):
            continue
        for row, locator, evidence in each(table, "locator", "evidence"):
            said = set(words(evidence))
            for neighbour in beside.get(locator, ()):
                if said and said <= set(words_of.get(neighbour, ())):
                    message = f"'{evidence}' could as well be [{neighbour}]: expected another word"
                    yield Fault(f"{name}.csv", row, "evidence", message)


@rule
def names_stand_in_the_passage(tables, words_of) -> Iterator[Fault]:
    """A printed German name is one of the cited passage, in whatever case it is printed there."""
    columns = [
        *(("states", "name_de"), ("people", "name_de"), ("bodies", "name_de")),
        *(("frameworks", "name_de"), ("threat_regions", "name_de"), ("glossary", "german")),
    ]
    for name, column in columns:
        if name not in tables:
            continue
        for row, locator, cell in each(tables[name], "locator", column):
            spoken = words_of.get(locator)
            for word in words(cell) if spoken else ():
                if not has_form(word, spoken):
                    message = f"'{word}' is no word of [{locator}], in no form"
                    yield Fault(f"{name}.csv", row, column, message)


@rule
def families_hold_german_words_of_the_report(word_families, words_of) -> Iterator[Fault]:
    """A form of a word family is a word of a German passage, and counts in one family at most."""
    german = set().union(*(spoken for at, spoken in words_of.items() if not at.startswith("EN ")))
    counted = set()
    for row, term, counts in each(word_families, "term", "counted"):
        if term not in german:
            message = f"'{term}' is no word of a German passage"
            yield Fault("word_families.csv", row, "term", message)
        if counts == "yes" and term in counted:
            message = f"'{term}' is counted in an earlier row, expected in one family at most"
            yield Fault("word_families.csv", row, "counted", message)
        if counts == "yes":
            counted.add(term)


@rule
def names_hold_no_more_words_than_the_passage(
    name_terms, word_families, words_of
) -> Iterator[Fault]:
    """Words inside names are words of the passage, and no more of them than it has.

    The name around the word is printed there too, as one to five words with the word among them.
    """
    forms, inside = set(word_families.term), Counter()
    columns = ("locator", "term", "printed_name", "count")
    for row, locator, term, name, count in each(name_terms, *columns):
        spoken = words_of.get(locator, Counter())
        if term not in forms:
            message = f"'{term}' is in no family of word_families.csv"
            yield Fault("name_terms.csv", row, "term", message)
        said = words(name)
        if term not in said or len(said) > 5 or not set(said) <= set(spoken):
            message = f"'{name}', expected up to five words of [{locator}], '{term}' among them"
            yield Fault("name_terms.csv", row, "printed_name", message)
        inside[locator, term] += number(count)
        if inside[locator, term] > spoken[term]:
            message = f"'{term}' stands {spoken[term]} times in [{locator}], in names "
            yield Fault("name_terms.csv", row, "count", f"{message}{inside[locator, term]} times")


@rule
def names_are_known_by_their_kind(
    name_terms, instruments, bodies, forces, works
) -> Iterator[Fault]:
    """What a name names has its row in the table of its kind, or the cell is empty."""
    known = {"treaty": set(instruments.instrument_id), "document": set(instruments.instrument_id)}
    known |= {"body": set(bodies.body_id), "force": set(forces.force_id), "work": set(works)}
    for row, kind, cell in each(name_terms, "kind", "name_id"):
        if cell and cell not in known.get(kind, ()):
            message = f"'{cell}' is known as no {kind}"
            yield Fault("name_terms.csv", row, "name_id", message)


@rule
def names_are_read_in_one_way(name_terms) -> Iterator[Fault]:
    """A printed name has one kind and one id, wherever it stands."""
    seen = {}
    for row, name, kind, name_id in each(name_terms, "printed_name", "kind", "name_id"):
        for column, cell in (("kind", kind), ("name_id", name_id)):
            if (before := seen.setdefault((column, name), cell)) != cell:
                message = f"'{cell}', but an earlier row of '{name}' has '{before}'"
                yield Fault("name_terms.csv", row, column, message)


@rule
def states_in_the_evidence_are_in_the_row(tables, states, groups) -> Iterator[Fault]:
    """Where a row is about states and its evidence names some, one of them is the row's.

    It stands in a cell of the row, alone, in a list or as member of a group.
    """
    names = {
        words(name)[-1]: state for _, state, name in each(states, "state_id", "name_de") if name
    }
    names |= {f"{name}s": state for name, state in names.items()}
    members = {g: set(several(cell)) for _, g, cell in each(groups, "group_id", "members")}
    about = ("assets", "framework_members", "memberships", "mutual_aid", "partner_groups")
    for name in (*about, "states", "threat_targets", "ties"):
        table = tables.get(name)
        columns = [] if table is None else [c for c in table if c not in ("evidence", "note")]
        for row, evidence, *cells in each(table, "evidence", *columns) if columns else ():
            ids = {part for cell in cells for part in several(cell)}
            ids |= {state for group in ids for state in members.get(group, ())}
            named = {names[word] for word in words(evidence) if word in names}
            if named and not named & ids:
                message = f"'{evidence}' names {', '.join(sorted(named))}, the row has none of them"
                yield Fault(f"{name}.csv", row, "evidence", message)


@rule
def counterparts_are_named(assets, states) -> Iterator[Fault]:
    """Where the evidence for an asset names a state, it is the one that Russia negotiates with."""
    names = {
        state: words(name)[-1] for _, state, name in each(states, "state_id", "name_de") if name
    }
    for row, counterpart, evidence in each(assets, "counterpart", "evidence"):
        named = {
            state for state, name in names.items() if {name, f"{name}s"} & set(words(evidence))
        }
        if named and named != {counterpart}:
            message = f"'{counterpart}', the evidence names {', '.join(sorted(named))}"
            yield Fault("assets.csv", row, "counterpart", message)


@rule
def dates_stand_in_the_passage(tables, schemas, words_of) -> Iterator[Fault]:
    """Year, month and day of a date stand in the cited passage or in one that the note names.

    So no date is more precise than the page. An interval's ends may be dates of instruments: the
    day lies between them and is not printed.
    """
    instruments = tables.get("instruments")
    known = set(instruments.date) - {""} if instruments is not None else set()
    for name, table in tables.items():
        dated = [f["name"] for f in schemas[name]["fields"] if f.get("rdfType") == EDTF]
        for column in dated if {"locator", "note"} <= set(table) else ():
            for row, cell, locator, note in each(table, column, "locator", "note"):
                if not cell or locator not in words_of:
                    continue
                cited = (locator, *_BARE.findall(note))
                spoken = set().union(*(words_of.get(passage, ()) for passage in cited))
                ends = cell.split("/")
                if "" in ends:
                    message = f"'{cell}' lacks an end, expected two days that it lies between"
                    yield Fault(f"{name}.csv", row, column, message)
                if len(ends) > 1 and set(ends) <= known:
                    continue
                for part in _unprinted(ends, spoken):
                    message = f"'{part}' of '{cell}' does not stand in [{locator}]"
                    yield Fault(f"{name}.csv", row, column, message)


def _unprinted(ends: list[str], spoken: set[str]) -> Iterator[str]:
    """The parts of a date that none of some words says."""
    for end in ends:
        year, *rest = re.findall(r"\d+", end) or [""]
        if year and year not in spoken:
            yield year
        for part, names in zip(rest, (_MONTHS, ()), strict=False):
            said = {part, str(int(part))}
            if names and 1 <= int(part) <= 12:
                said.add(names[int(part) - 1])
            if not said & spoken:
                yield part


@rule
def footnotes_name_the_work(citations, works, words_of) -> Iterator[Fault]:
    """A footnote names the work: by author or title with its date, or by pointing to another one.

    `Ebenda` points to the footnote before; `a.a.O. (Anm. 6)` to footnote 6.
    """
    cited = {}
    for footnote, bibkey in zip(citations.footnote, citations.bibkey, strict=True):
        cited.setdefault(footnote, set()).add(bibkey)
    for row, footnote, bibkey, pages in each(citations, "footnote", "bibkey", "pages"):
        spoken, work = words_of.get(footnote), works.get(bibkey)
        if not spoken or not work:
            continue  # reported elsewhere
        if "ebenda" in spoken:
            before = f"fn {number(footnote[3:]) - 1}"
            if bibkey not in cited.get(before, ()):
                message = f"'{bibkey}' is not cited in [{before}], to which [{footnote}] points"
                yield Fault("citations.csv", row, "bibkey", message)
            continue
        by_author = _by_author(work, spoken)
        if not by_author and not _titled(work, spoken, "title", "journal"):
            message = f"[{footnote}] names neither author nor title of '{bibkey}'"
            yield Fault("citations.csv", row, "bibkey", message)
        others = {f"fn {word}" for word in spoken if "anm" in spoken} - {footnote}
        pointed = by_author and any(bibkey in cited.get(other, ()) for other in others)
        if not pointed and not _dated(work, spoken):
            message = f"[{footnote}] does not have the date of '{bibkey}'"
            yield Fault("citations.csv", row, "bibkey", message)
        for page in re.findall(r"\d+", pages):
            if page not in spoken:
                message = f"'{page}' does not stand in [{footnote}]"
                yield Fault("citations.csv", row, "pages", message)


@rule
def works_that_a_footnote_names_are_cited(citations, works, words_of) -> Iterator[Fault]:
    """A work whose author or title stands in a footnote with its date is cited from it by a row."""
    cited = set(zip(citations.footnote, citations.bibkey, strict=True))
    for footnote, spoken in words_of.items():
        for bibkey, work in works.items() if footnote.startswith("fn ") else ():
            named = _by_author(work, spoken) or _titled(work, spoken, "title")
            if named and _dated(work, spoken) and (footnote, bibkey) not in cited:
                message = f"no row cites '{bibkey}' from [{footnote}], which names it"
                yield Fault("citations.csv", None, None, message)


def _by_author(work, spoken: Counter) -> bool:
    """Whether some words hold the surname of an author."""
    names = [words(" ".join(person.last_names)) for person in work.persons.get("author", ())]
    return any(name and set(name) <= set(spoken) for name in names)


def _titled(work, spoken: Counter, *fields: str) -> bool:
    """Whether some words hold the title of a work, or of what it stands in."""
    titles = [words(work.fields.get(field, "")) for field in fields]
    return any(title and set(title) <= set(spoken) for title in titles)


def _dated(work, spoken: Counter) -> bool:
    """Whether some words hold what a work has of year, issue, day and month."""
    names = list(calendar.month_name)[1:]
    said = [{work.fields.get("year", "")}]
    said += [{part} for part in re.findall(r"\d+", work.fields.get("number", ""))]
    for part in work.fields.get("month", "").split():
        if part in names:
            index = names.index(part)
            said.append({str(index + 1), f"{index + 1:02}", _MONTHS[index]})
        else:
            said.append({part, part.zfill(2)})
    return all(any(form in spoken for form in forms) for forms in said)


@rule
def works_are_cited(citations, works) -> Iterator[Fault]:
    """A cited work has its entry in `references.bib`, and no entry is cited by nobody."""
    for row, key in each(citations, "bibkey"):
        if key not in works:
            yield Fault("citations.csv", row, "bibkey", f"'{key}' is not in references.bib")
    for key in sorted(set(works) - set(citations.bibkey) - {"zagorski1996"}):
        yield Fault("references.bib", None, None, f"'{key}' is cited in no row of citations.csv")


@rule
def inference_is_explained(tables) -> Iterator[Fault]:
    """A value that the coder inferred says why: a reader must be able to disagree."""
    for name, table in tables.items():
        if not {"basis", "note"} <= set(table):
            continue
        for row, basis, note in each(table, "basis", "note"):
            if basis == "inferred" and not note:
                yield Fault(f"{name}.csv", row, "note", "empty, expected a reason: basis inferred")


@rule
def notes_cite_known_passages(tables, passages) -> Iterator[Fault]:
    """A locator in a note or a reason names a passage that there is."""
    known = set(passages.locator)
    for name, table in tables.items():
        for column in sorted({"note", "reason"} & set(table)):
            for row, cell in each(table, column):
                for locator in _BARE.findall(cell) if "¶" in cell or "fn " in cell else ():
                    if locator not in known:
                        yield Fault(f"{name}.csv", row, column, f"no passage [{locator}]")


@rule
def spells_run_forwards(tables, schemas) -> Iterator[Fault]:
    """What ends does not end before it can have begun."""
    pairs = [("start", "end"), ("established", "dissolved"), ("date", "in_force_after")]
    for name, table in tables.items():
        dated = {f["name"] for f in schemas[name]["fields"] if f.get("rdfType") == EDTF}
        for begin, end in pairs:
            if not {begin, end} <= dated:
                continue
            for row, first, last in each(table, begin, end):
                try:
                    earliest, latest = bounds(first)[0], bounds(last)[1]
                except ValueError:
                    continue  # reported by the schema
                if earliest and latest and latest < earliest:
                    message = f"'{last}' is before the {begin} '{first}'"
                    yield Fault(f"{name}.csv", row, end, message)
