"""The rules between tables, each a short function that says what must hold and why.

A rule names the tables that it needs as its parameters (`tables` for all of them by name,
`schemas` for their schemas, `directory` for the folder); it is left out where one of them cannot
be read, because then that fault has been reported. Tables come as text, indexed by their row in
the file. A rule knows a number by heart only where the report states it as a count.
"""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pandas as pd

from tashkent.check import Fault
from tashkent.dates import EDTF, bounds

#: Files of the data package that are no tables.
OTHER_FILES = {
    "datapackage.json",
    "references.bib",
    "cis_region.topojson",
    "README.md",
    "LICENSE",
    "codings",
}

RULES = []


def rule(function):
    """Enter a function into the list of rules."""
    RULES.append(function)
    return function


def words(text: str) -> list[str]:
    """Split a text into the words that `report_terms` counts."""
    return re.findall(r"[^\W_]+", text.lower())


def several(cell: str) -> list[str]:
    """Split a cell that holds several values, `;` between them."""
    return [part.strip() for part in cell.split(";")] if cell else []


def _each(table: pd.DataFrame, *columns: str):
    """Row number and the cells of some columns, row by row."""
    return zip(table.index, *(table[column] for column in columns), strict=True)


@rule
def cells_are_trimmed(tables) -> Iterator[Fault]:
    """No cell has spaces at its ends, doubled spaces or line breaks: they split equal values."""
    for name, table in tables.items():
        for column in table:
            for row, cell in table[column].items():
                if cell != " ".join(cell.split()):
                    yield Fault(f"{name}.csv", row, column, f"'{cell}' has a stray space or break")


@rule
def keys_are_unique(tables, schemas) -> Iterator[Fault]:
    """A key names one row, or two charts could count the same thing differently."""
    for name, table in tables.items():
        key = _key(schemas[name])
        for row in table.index[table.duplicated(key)]:
            found = ", ".join(table.loc[row, key])
            yield Fault(f"{name}.csv", row, key[0], f"the key '{found}' stands in an earlier row")


@rule
def tables_are_sorted(tables, schemas) -> Iterator[Fault]:
    """Rows stand in the order of their key as text, so that a change shows as the change it is."""
    for name, table in tables.items():
        key = _key(schemas[name])
        rows = list(zip(table.index, table[key].itertuples(index=False, name=None), strict=True))
        for (_, before), (row, this) in pairwise(rows):
            if this < before:
                found, earlier = ", ".join(this), ", ".join(before)
                yield Fault(f"{name}.csv", row, key[0], f"'{found}' stands after '{earlier}'")


@rule
def references_exist(tables, schemas) -> Iterator[Fault]:
    """What a row points to exists: a passage, a state, a body, a claim."""
    for name, table in tables.items():
        for reference in schemas[name].get("foreignKeys", []):
            column, target = reference["fields"], reference["reference"]
            if target["resource"] not in tables:
                continue
            known = set(tables[target["resource"]][target["fields"]])
            for row, cell in table[column].items():
                if cell and cell not in known:
                    where = f"{target['resource']}.csv"
                    yield Fault(f"{name}.csv", row, column, f"'{cell}' is not in {where}")


@rule
def lists_name_known_ids(tables, states, groups, people, bodies) -> Iterator[Fault]:
    """Every actor that a row names has a row of its own, so that joins lose nothing."""
    known = {"states": set(states.state_id), "groups": set(groups.group_id)}
    known |= {"people": set(people.person_id), "bodies": set(bodies.body_id)}
    instruments = tables.get("instruments")
    if instruments is not None:
        known["instruments"] = set(instruments.instrument_id)
    everyone = set().union(*known.values())
    parties = known["states"] | known["groups"]
    columns = {
        ("groups", "members"): known["states"],
        ("events", "actor_ids"): everyone,
        ("motives", "subject_id"): parties,
        ("mutual_aid", "subject_id"): parties,
        ("mutual_aid", "for_id"): parties,
        ("bargains", "subject_id"): parties,
        ("troop_rules", "subject_id"): parties,
        ("ties", "from_id"): parties,
        ("ties", "to_id"): parties,
        ("threats", "source_id"): parties,
        ("threats", "trigger_id"): parties | {"NATO"},
        ("threats", "perceived_by"): everyone | {"author"},
        ("threat_targets", "target_id"): parties,
        ("positions", "actor_id"): everyone | {"author"},
        ("body_relations", "from_id"): known["bodies"] | known["people"],
        ("body_relations", "to_id"): known["bodies"] | parties,
    }
    for name, table in tables.items():
        if "stated_by" in table:
            columns[name, "stated_by"] = everyone | {"author"}
    for (name, column), allowed in columns.items():
        if name not in tables:
            continue
        for row, cell in tables[name][column].items():
            for part in several(cell):
                if part not in allowed:
                    yield Fault(f"{name}.csv", row, column, f"'{part}' has no row of its own")


@rule
def evidence_stands_in_the_passage(tables, report_terms) -> Iterator[Fault]:
    """Evidence is one to five words of the cited passage, by the passage's word counts."""
    passages = {
        locator: Counter(dict(zip(terms.term, terms["count"].astype(int), strict=True)))
        for locator, terms in report_terms.groupby("locator")
    }
    for name, table in tables.items():
        if "evidence" not in table:
            continue
        for row, locator, evidence in _each(table, "locator", "evidence"):
            pieces = several(evidence)
            for piece in pieces:
                if not 1 <= len(words(piece)) <= 5:
                    message = f"'{piece}' has {len(words(piece))} words, expected one to five"
                    yield Fault(f"{name}.csv", row, "evidence", message)
            for word in words(evidence):
                if locator in passages and word not in passages[locator]:
                    message = f"'{word}' is no word of [{locator}]"
                    yield Fault(f"{name}.csv", row, "evidence", message)
            for piece in pieces:
                over = Counter(words(piece)) - passages.get(locator, Counter())
                over = [word for word in over if word in passages.get(locator, ())]
                for word in over:
                    message = f"'{word}' stands more often than in [{locator}]"
                    yield Fault(f"{name}.csv", row, "evidence", message)


@rule
def inference_is_explained(tables) -> Iterator[Fault]:
    """A value that the coder inferred says why: a reader must be able to disagree."""
    for name, table in tables.items():
        if not {"basis", "note"} <= set(table):
            continue
        for row, basis, note in _each(table, "basis", "note"):
            if basis == "inferred" and not note:
                yield Fault(f"{name}.csv", row, "note", "empty, expected a reason: basis inferred")


@rule
def spells_run_forwards(tables, schemas) -> Iterator[Fault]:
    """What ends does not end before it can have begun."""
    pairs = [("start", "end"), ("established", "dissolved"), ("date", "in_force_after")]
    for name, table in tables.items():
        dated = {f["name"] for f in schemas[name]["fields"] if f.get("rdfType") == EDTF}
        for begin, end in pairs:
            if not {begin, end} <= dated:
                continue
            for row, first, last in _each(table, begin, end):
                try:
                    earliest, latest = bounds(first)[0], bounds(last)[1]
                except ValueError:
                    continue  # reported by the schema
                if earliest and latest and latest < earliest:
                    message = f"'{last}' is before the {begin} '{first}'"
                    yield Fault(f"{name}.csv", row, end, message)


@rule
def gists_are_short(passages) -> Iterator[Fault]:
    """A gist has at most 25 words: it names what a passage says, it does not replace it."""
    for row, gist in passages.gist.items():
        if len(gist.split()) > 25:
            yield Fault("passages.csv", row, "gist", f"{len(gist.split())} words, expected 25")


@rule
def passages_are_counted(passages) -> Iterator[Fault]:
    """The order of the passages runs from 1 without a gap, or one of them is lost."""
    for row, order in passages["order"].items():
        if not order.isdigit() or not 1 <= int(order) <= len(passages):
            message = f"'{order}' is not within 1 to {len(passages)}"
            yield Fault("passages.csv", row, "order", message)
    for row in passages.index[passages["order"].duplicated()]:
        found = passages.loc[row, "order"]
        yield Fault("passages.csv", row, "order", f"'{found}' stands in an earlier row")


@rule
def every_passage_is_used(tables, passages, uncited) -> Iterator[Fault]:
    """Each passage is cited by a row or listed in `uncited` with its reason, never both."""
    used = set()
    for name, table in tables.items():
        if name not in ("passages", "report_terms", "uncited", "glossary"):
            for column in set(table) & {"locator", "footnote", "locator_1995"}:
                used |= set(table[column])
    listed = set(uncited.passage)
    for row, locator in passages.locator.items():
        if locator not in used | listed:
            message = f"[{locator}] is cited by no row and not listed in uncited.csv"
            yield Fault("passages.csv", row, "locator", message)
    for row, locator in uncited.passage.items():
        if locator in used:
            yield Fault("uncited.csv", row, "passage", f"[{locator}] is cited by a row")


@rule
def positions_have_actors_of_their_kind(
    positions, states, people, bodies, instruments, groups
) -> Iterator[Fault]:
    """An actor is in the table that its kind names, so that states are counted as states."""
    known = {
        "state": set(states.state_id),
        "person": set(people.person_id) | {"author"},
        "body": set(bodies.body_id),
        "instrument": set(instruments.instrument_id),
        "group": set(groups.group_id),
    }
    for row, kind, actor in _each(positions, "actor_kind", "actor_id"):
        if actor not in known.get(kind, {actor}):
            yield Fault("positions.csv", row, "actor_id", f"'{actor}' is no {kind}")


@rule
def threats_of_the_list_have_a_region(threats) -> Iterator[Fault]:
    """A threat has a region exactly where it comes from footnote 17, which has the regions."""
    for row, region, locator in _each(threats, "region_id", "locator"):
        listed = bool(re.fullmatch(r"fn 17[a-d]", locator))
        if listed != bool(region):
            expected = "a region" if listed else "none outside footnote 17"
            message = f"'{region}' for a threat from [{locator}], expected {expected}"
            yield Fault("threats.csv", row, "region_id", message)


@rule
def sources_have_roles(threats) -> Iterator[Fault]:
    """A threat's source has a role where there is a source, and only there."""
    for row, source, role in _each(threats, "source_id", "source_role"):
        if bool(source) != bool(role):
            message = f"'{role}' with the source '{source}': both or neither"
            yield Fault("threats.csv", row, "source_role", message)


@rule
def frameworks_are_mapped(frameworks, framework_regions, framework_members) -> Iterator[Fault]:
    """Every framework names a territory and is held against a threat region."""
    for row, framework in frameworks.framework_id.items():
        for table, name in (
            (framework_regions, "framework_regions"),
            (framework_members, "framework_members"),
        ):
            if framework not in set(table.framework_id):
                message = f"'{framework}' has no row in {name}.csv"
                yield Fault("frameworks.csv", row, "framework_id", message)


@rule
def verdicts_are_complete(criteria, verdicts) -> Iterator[Fault]:
    """A criterion of collective security or defence is judged at one level at least."""
    judged = set(verdicts.criterion_id)
    for row, criterion, concept in _each(criteria, "criterion_id", "concept"):
        if concept != "russian_usage" and criterion not in judged:
            message = f"'{criterion}' has no row in verdicts.csv"
            yield Fault("criteria.csv", row, "criterion_id", message)


@rule
def claims_do_not_support_themselves(claim_links) -> Iterator[Fault]:
    """Support does not run in a circle, or an argument would rest on itself."""
    import networkx as nx

    support = claim_links[claim_links.relation == "supports"]
    graph = nx.from_pandas_edgelist(support, "from_id", "to_id", create_using=nx.DiGraph)
    for circle in nx.simple_cycles(graph):
        first = support.index[(support.from_id == circle[0])][0]
        message = f"support runs in a circle: {' > '.join([*circle, circle[0]])}"
        yield Fault("claim_links.csv", first, "from_id", message)


@rule
def citations_have_entries(citations, directory) -> Iterator[Fault]:
    """A cited work has its entry in `references.bib`, and no entry is cited by nobody."""
    from pybtex.database import parse_file

    path = Path(directory) / "references.bib"
    if not path.is_file():
        yield Fault("references.bib", None, None, f"missing from {directory}")
        return
    known = set(parse_file(str(path)).entries)
    for row, key in citations.bibkey.items():
        if key not in known:
            yield Fault("citations.csv", row, "bibkey", f"'{key}' is not in references.bib")
    for key in sorted(known - set(citations.bibkey) - {"zagorski1996"}):
        yield Fault("references.bib", None, None, f"'{key}' is cited in no row of citations.csv")


@rule
def no_stray_files(schemas, directory) -> Iterator[Fault]:
    """Every file in the folder is described: a forgotten copy is no second truth."""
    known = OTHER_FILES | {f"{name}.csv" for name in schemas}
    for path in sorted(Path(directory).iterdir()):
        if path.name not in known and not path.name.startswith("."):
            yield Fault(path.name, None, None, "no table of datapackage.json")


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


def _key(schema: dict) -> list[str]:
    key = schema["primaryKey"]
    return [key] if isinstance(key, str) else key
