"""Coding: the two codings, and the claims with what bears on them."""

import re
from collections.abc import Iterator

from tashkent.description import key_of
from tashkent.form import Fault
from tashkent.rules.common import by_key, each, once_a_table, rule, words

#: What the second coder wrote where a state is no target of a threat: there is no such row.
NOT_TOUCHED = "not_touched"

#: What prompts a reading that is the second coder's.
SECOND = "second_coding"

#: How the note of a row ends that neither coder had before them.
ADDED = "Added after both codings."


@rule
def second_coding_is_settled(tables, schemas, second) -> Iterator[Fault]:
    """A judged cell has the second coding's value, or its note says why it has another one.

    Either `Second coding: claim_type fact; kept as assessment, since ...`, or, of a cell that was
    changed later, `Corrected: claim_type from fact, since ...`; an empty cell is called `empty`.
    The value kept must be the cell's, the value corrected the one that was settled on.
    """
    rows = {name: by_key(table, *key_of(schemas[name])) for name, table in tables.items()}
    for _, table, key, column, value in each(second, "table", "key", "column", "value"):
        row = rows.get(table, {}).get(key, {})
        if column not in row:
            continue
        held, note = row[column] or "empty", row.get("note", "")
        if held == value and column not in note:
            continue
        told = re.escape(f"Second coding: {column} {value or 'empty'}; kept as ")
        kept = re.search(rf"{told}(.+?), since .", note)
        settled = kept[1] if kept else value or "empty"
        corrected = re.search(rf"Corrected: {column} from (.+?), since .", note)
        if corrected and (corrected[1] != settled or held == settled):
            message = f"'{held}', the note corrects '{corrected[1]}' where '{settled}' was settled"
            yield Fault(f"{table}.csv", row["row"], column, message)
        elif not corrected and held != settled:
            message = f"'{held}', the two codings are settled on '{settled}'"
            yield Fault(f"{table}.csv", row["row"], column, message)


@rule
def both_coders_judged_every_row(tables, schemas, second) -> Iterator[Fault]:
    """A table that was coded twice has the rows of the second coding, no more and no fewer.

    The note of a row that came later ends with `Added after both codings.`, and it alone does.

    For threat targets every state was held against every threat: `not_touched` is no row, and a
    target that the note of the threat leaves out is `kept without a row`.
    """
    for table in sorted(set(second.table) & set(tables)):
        rows, file = by_key(tables[table], *key_of(schemas[table])), f"{table}.csv"
        value = _judged(second, table)
        if NOT_TOUCHED not in value.values():
            for key, row in rows.items():
                added = row.get("note", "").endswith(ADDED)
                if added == (key in value):
                    also = ", which its note denies" if added else ""
                    message = f"'{key}' is {'' if added else 'not '}in codings/second.csv{also}"
                    yield Fault(file, row["row"], key_of(schemas[table])[0], message)
            for key in value:
                if key not in rows:
                    yield Fault(file, None, None, f"no row '{key}', codings/second.csv has one")
            continue
        notes = by_key(tables["threats"], "threat_id") if "threats" in tables else {}
        asked = {key.rpartition(" ")[2] for key in value}
        for key, row in rows.items():
            if key not in value and key.rpartition(" ")[2] in asked:
                message = f"'{key}' is not in codings/second.csv"
                yield Fault(file, row["row"], key_of(schemas[table])[0], message)
        for key, found in value.items():
            threat, _, target = key.rpartition(" ")
            dropped = f"Second coding: target {target} {found}; kept without a row"
            note = notes.get(threat, {}).get("note", "")
            if found != NOT_TOUCHED and key not in rows and dropped not in note:
                yield Fault(file, None, None, f"no row '{key}', codings/second.csv has one")


@once_a_table
def _judged(second, table: str) -> dict[str, str]:
    """The keys that the second coding has of a table, each with one of the values."""
    rows = each(second, "table", "key", "value")
    return {key: value for _, name, key, value in rows if name == table}


@rule
def readings_differ_from_the_tables(tables, schemas, readings, alternatives) -> Iterator[Fault]:
    """A rival reading changes cells that there are, to another value that the schema allows.

    `row` stands for the whole row, which the reading takes away (`absent`) or adds (`added`).
    """
    used = {reading for _, reading in each(alternatives, "alternative_id")}
    for row, reading in each(readings, "alternative_id"):
        if reading not in used:
            message = f"'{reading}' has no row in alternatives.csv"
            yield Fault("readings.csv", row, "alternative_id", message)
    cells = list(each(alternatives, "alternative_id", "table", "key", "column", "value"))
    added = {cell[1:4] for cell in cells if cell[4:] == ("row", "added")}
    for row, reading, table, key, column, value in cells:
        if table not in schemas:
            yield Fault("alternatives.csv", row, "table", f"'{table}' is no table")
            continue
        fields = {field["name"]: field for field in schemas[table]["fields"]}
        if table not in tables or ((reading, table, key) in added and column != "row"):
            continue
        held = by_key(tables[table], *key_of(schemas[table])).get(key)
        allowed = fields.get(column, {}).get("constraints", {}).get("enum", [])
        if column == "row" and (value, held is None) not in (("absent", False), ("added", True)):
            message = f"'{value}', but the row '{key}' is {'not ' if held is None else ''}there"
            yield Fault("alternatives.csv", row, "value", message)
        elif column != "row" and held is None:
            yield Fault("alternatives.csv", row, "key", f"no row '{key}' in {table}.csv")
        elif column != "row" and column not in fields:
            yield Fault("alternatives.csv", row, "column", f"'{column}' is no column of {table}")
        elif column != "row" and held[column] == value:
            yield Fault("alternatives.csv", row, "value", f"'{value}' is what {table}.csv has")
        elif column != "row" and allowed and value not in ("", *allowed):
            message = f"'{value}' is none of {', '.join(allowed)}"
            yield Fault("alternatives.csv", row, "value", message)


@rule
def readings_of_the_second_coding_are_its_own(readings, alternatives, second) -> Iterator[Fault]:
    """What is put down to the second coding has its values."""
    coded = {tuple(cell[1:4]): cell[4] for cell in each(second, "table", "key", "column", "value")}
    prompted = {r for _, r, by in each(readings, "alternative_id", "prompted_by") if by == SECOND}
    columns = ("alternative_id", "table", "key", "column", "value")
    for row, reading, table, key, column, value in each(alternatives, *columns):
        if reading not in prompted:
            continue
        if column == "row":
            found = coded.get((table, key, "basis"), NOT_TOUCHED) == NOT_TOUCHED
            found = "absent" if found else "added"
        else:
            found = coded.get((table, key, column), "")
        if found != value:
            message = f"'{value}', the second coding has '{found}'"
            yield Fault("alternatives.csv", row, "value", message)


@rule
def expectations_say_what_would_decide(expectations) -> Iterator[Fault]:
    """What is testable names a fact for and one against it, what is not neither, and why.

    What is testable in part names at least one of the two, and says why too.
    """
    columns = ("testable", "would_confirm", "would_contradict", "note")
    for row, testable, confirm, contradict, note in each(expectations, *columns):
        named = bool(confirm) + bool(contradict)
        if named not in {"yes": (2,), "partly": (1, 2), "no": (0,)}.get(testable, (named,)):
            message = f"'{testable}' with {named} of the two facts that would decide"
            yield Fault("expectations.csv", row, "testable", message)
        if testable in ("partly", "no") and not note:
            message = f"empty, expected a reason: testable {testable}"
            yield Fault("expectations.csv", row, "note", message)


@rule
def outcomes_rest_on_the_record(outcomes, expectations) -> Iterator[Fault]:
    """Each expectation has a fact of the record, or one row that says that the record is silent.

    A fact confirms or contradicts only what said beforehand what would.
    """
    kept = by_key(expectations, "expectation_id")
    judged = {}
    for row, key, record, timing, bearing in each(
        outcomes, "expectation_id", "record_key", "timing", "bearing"
    ):
        judged[key] = judged.get(key, 0) + 1
        if len({bool(record), bool(timing), bearing != "silent"}) > 1:
            message = f"'{bearing}' with the record key '{record}' and the timing '{timing}'"
            yield Fault("outcomes.csv", row, "bearing", message)
        for side, met in (("would_confirm", "confirms"), ("would_contradict", "contradicts")):
            if bearing in (met, "mixed") and not kept.get(key, {}).get(side, bearing):
                message = f"'{bearing}', but '{key}' names no fact that {side.replace('_', ' ')}"
                yield Fault("outcomes.csv", row, "bearing", message)
    for row, key, bearing in each(outcomes, "expectation_id", "bearing"):
        if bearing == "silent" and judged[key] > 1:
            message = f"'silent', but '{key}' has {judged[key]} rows"
            yield Fault("outcomes.csv", row, "bearing", message)
    for key in kept:
        if key not in judged:
            yield Fault("outcomes.csv", None, None, f"no row for '{key}', which is expected")


@rule
def outcomes_are_later_than_the_report(outcomes, record, works) -> Iterator[Fault]:
    """An outcome is dated after the report was printed; what was so before is called that."""
    printed = works["zagorski1996"].fields["year"] if "zagorski1996" in works else ""
    facts = dict(zip(record.key, record.fact, strict=True))
    for row, key, timing in each(outcomes, "record_key", "timing"):
        if not printed or not timing or key not in facts:
            continue
        years = re.findall(r"(?<!\d)(?:19|20)\d\d(?!\d)", facts[key])
        if timing == "after" and max(years, default="") <= printed:
            message = f"'after', but '{key}' has no year later than {printed}"
            yield Fault("outcomes.csv", row, "timing", message)
        if timing == "before" and min(years, default="") > printed:
            message = f"'before', but '{key}' has no year up to {printed}"
            yield Fault("outcomes.csv", row, "timing", message)


@rule
def claims_stand_in_their_section(claims, passages) -> Iterator[Fault]:
    """A claim's id and section are those of its passage; a footnote's is the section calling it."""
    home = dict(zip(passages.locator, passages.section_id, strict=True))
    called = dict(zip(passages.locator, passages.called_in, strict=True))
    for row, claim, section, locator in each(claims, "claim_id", "section_id", "locator"):
        expected = home.get(called.get(locator) or locator, section)
        if section != expected:
            message = f"'{section}', but [{locator}] belongs to '{expected}'"
            yield Fault("claims.csv", row, "section_id", message)
        prefix = f"c_{section.lower().replace('.', '_')}_"
        if not re.fullmatch(rf"{prefix}\d\d", claim):
            message = f"'{claim}' in section {section}, expected {prefix} and two digits"
            yield Fault("claims.csv", row, "claim_id", message)


@rule
def claims_are_counted(claims) -> Iterator[Fault]:
    """The claims of a section are numbered from 01 without a gap, or one of them is lost."""
    last = {}
    for row, claim, section in each(claims, "claim_id", "section_id"):
        last[section] = expected = last.get(section, 0) + 1
        if not claim.endswith(f"_{expected:02}"):
            message = f"'{claim}' where number {expected:02} is next"
            yield Fault("claims.csv", row, "claim_id", message)
            return


@rule
def claims_bear_on_each_other(claims, claim_links) -> Iterator[Fault]:
    """Each claim is linked with another one, and none with itself: an argument hangs together."""
    linked = set(claim_links.from_id) | set(claim_links.to_id)
    for row, claim in each(claims, "claim_id"):
        if claim not in linked:
            yield Fault("claims.csv", row, "claim_id", f"'{claim}' has no row in claim_links.csv")
    pairs = set(zip(claim_links.from_id, claim_links.to_id, strict=True))
    for row, first, second in each(claim_links, "from_id", "to_id"):
        if first == second:
            yield Fault("claim_links.csv", row, "to_id", f"'{first}' is linked with itself")
        elif first < second and (second, first) in pairs:
            message = f"'{first}' and '{second}' are linked both ways"
            yield Fault("claim_links.csv", row, "to_id", message)


@rule
def claims_do_not_support_themselves(claim_links) -> Iterator[Fault]:
    """Support does not run in a circle, or an argument would rest on itself."""
    import networkx as nx

    support = claim_links[claim_links.relation == "supports"]
    graph = nx.from_pandas_edgelist(support, "from_id", "to_id", create_using=nx.DiGraph)
    if nx.is_directed_acyclic_graph(graph):
        return
    for circle in sorted(nx.strongly_connected_components(graph), key=sorted):
        if len(circle) > 1:
            names = sorted(circle)
            first = support.index[support.from_id.isin(circle) & support.to_id.isin(circle)][0]
            message = f"support runs in a circle: {' > '.join([*names, names[0]])}"
            yield Fault("claim_links.csv", first, "from_id", message)


@rule
def printed_links_quote_their_word(claim_links, claims, words_of) -> Iterator[Fault]:
    """A link that the report prints quotes the word that makes it, from one of the two passages.

    Where the print makes it by its order (`list after a colon`, a `footnote called`), the note
    says so. What stands after `;`, `:` or in brackets explains.
    """
    locator = dict(zip(claims.claim_id, claims.locator, strict=True))
    columns = ("from_id", "to_id", "basis", "note")
    for row, first, second, basis, note in each(claim_links, *columns):
        if basis != "printed":
            if not note:
                message = f"empty, expected a reason: basis {basis}"
                yield Fault("claim_links.csv", row, "note", message)
            continue
        if re.match(r"(list after a )?colon|footnote called", note):
            continue
        quoted = _quoted(note)
        spoken = set()
        for claim in (first, second):
            spoken |= set(words_of.get(locator.get(claim), ()))
        for word in quoted if spoken else ():
            if word not in spoken:
                message = f"'{word}' is a word of neither passage"
                yield Fault("claim_links.csv", row, "note", message)
        if not quoted:
            yield Fault("claim_links.csv", row, "note", "empty, expected the printed word")


def _quoted(note: str) -> list[str]:
    """The printed words of a link: what stands after `;`, `:` or in brackets explains."""
    return words(re.split(r"[;:(]", re.sub(r"\[.*?\]", "", note))[0])


@rule
def printed_words_fit_the_relation(claim_links) -> Iterator[Fault]:
    """A printed `aber`, `jedoch`, `obwohl` or `zwar` supports nothing; a `daher` only supports.

    So do other words for reason or result: `deshalb`, `somit`, `insofern`, `indem`, `Folge`.
    """
    against = {"aber", "jedoch", "obwohl", "zwar"}
    because = {"daher", "deshalb", "somit", "insofern", "folge", "indem"}
    for row, relation, basis, note in each(claim_links, "relation", "basis", "note"):
        quoted = set(_quoted(note)) if basis == "printed" else set()
        if quoted & (against if relation == "supports" else because):
            message = f"'{relation}' for the printed word '{note}'"
            yield Fault("claim_links.csv", row, "relation", message)


@rule
def printed_words_give_the_direction(claim_links, claims) -> Iterator[Fault]:
    """A printed `daher` comes after its ground, a printed `da` or a list before it.

    Claims are numbered in the order of the argument, so the word says which of the two is the
    ground: the first for `daher`, `dann`, `Folge`, `insofern`, `nachdem`, `somit`, `zeigt`,
    `deutlich`; the second for `da`, `etwa`, `indem`, `insbesondere`, `folgende` and what they
    announce, a colon, a footnote, and for `jedoch`, whose objection follows.
    """
    first_bears = {"daher", "dann", "deutlich", "folge", "insofern", "nachdem", "somit", "zeigt"}
    second_bears = {"da", "etwa", "indem", "insbesondere", "jedoch", "folgende", "folgendem"}
    second_bears |= {"folgenden", "colon", "footnote"}
    place = {claim: index for index, (_, claim) in enumerate(each(claims, "claim_id"))}
    for row, ground, other, basis, note in each(claim_links, "from_id", "to_id", "basis", "note"):
        if basis != "printed" or not {ground, other} <= set(place):
            continue
        quoted = set(_quoted(note))
        forwards = place[ground] < place[other]
        if quoted & (second_bears if forwards else first_bears):
            message = f"'{ground}' bears on '{other}', by the printed '{note}' it is the other way"
            yield Fault("claim_links.csv", row, "from_id", message)


@rule
def reasons_for_links_are_their_own(claim_links) -> Iterator[Fault]:
    """The reason of an inferred link is about its two claims: it returns only where one does."""
    seen = {}
    columns = ("from_id", "to_id", "basis", "note")
    for row, first, second, basis, note in each(claim_links, *columns):
        if basis != "inferred" or not note:
            continue
        for before in seen.setdefault(note, []):
            if not before & {first, second}:
                message = f"'{note}' is the reason of two other claims"
                yield Fault("claim_links.csv", row, "note", message)
                break
        seen[note].append({first, second})
