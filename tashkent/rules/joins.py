"""Joins: what one table says of another."""

import calendar
import re
from collections.abc import Iterator

from tashkent.description import key_of
from tashkent.form import Fault
from tashkent.rules.common import by_key, each, rule, several


@rule
def references_exist(tables, schemas) -> Iterator[Fault]:
    """What a row points to exists: a passage, a state, a body, a claim."""
    for name, table in tables.items():
        for reference in schemas[name].get("foreignKeys", []):
            column, target = reference["fields"], reference["reference"]
            if target["resource"] not in tables:
                continue
            known = set(tables[target["resource"]][target["fields"]])
            for row, cell in each(table, column):
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
        ("assets", "owner"): parties,
        ("assets", "control_law"): everyone,
        ("assets", "control_fact"): everyone,
        ("assets", "counterpart"): parties,
        ("groups", "members"): known["states"],
        ("events", "actor_ids"): everyone,
        ("forces", "command"): known["bodies"] | parties,
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
    if "provisions" in tables:
        columns["other_coders", "provision_ids"] = set(tables["provisions"].provision_id)
    for name, table in tables.items():
        if "stated_by" in table:
            columns[name, "stated_by"] = everyone | {"author"}
    for (name, column), allowed in columns.items():
        if name not in tables or column not in tables[name]:
            continue
        for row, cell in each(tables[name], column):
            for part in several(cell):
                if part not in allowed:
                    yield Fault(f"{name}.csv", row, column, f"'{part}' has no row of its own")


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
    for row, kind, actor in each(positions, "actor_kind", "actor_id"):
        if actor not in known.get(kind, {actor}):
            yield Fault("positions.csv", row, "actor_id", f"'{actor}' is no {kind}")


@rule
def scopes_fit_their_subjects(tables, groups) -> Iterator[Fault]:
    """Only of a group can something be said of most or of all; a state is this one."""
    known = set(groups.group_id)
    for name, table in tables.items():
        if not {"scope", "subject_id"} <= set(table):
            continue
        for row, scope, subject in each(table, "scope", "subject_id"):
            if scope in ("most", "all") and subject not in known:
                message = f"'{scope}' of '{subject}', which is no group"
                yield Fault(f"{name}.csv", row, "scope", message)


@rule
def the_options_of_a_debate_have_one_speaker(options) -> Iterator[Fault]:
    """The options of a debate are one list of the report, so that one states them all."""
    first = {}
    for row, debate, speaker in each(options, "debate", "stated_by"):
        if speaker != first.setdefault(debate, speaker):
            message = f"'{speaker}', the options before it are stated by '{first[debate]}'"
            yield Fault("options.csv", row, "stated_by", message)


@rule
def threats_of_the_list_have_a_region(threats) -> Iterator[Fault]:
    """A threat has a region exactly where it comes from footnote 17, which has the regions."""
    for row, region, locator in each(threats, "region_id", "locator"):
        listed = bool(re.fullmatch(r"fn 17[a-d]", locator))
        if listed != bool(region):
            expected = "a region" if listed else "none outside footnote 17"
            message = f"'{region}' for a threat from [{locator}], expected {expected}"
            yield Fault("threats.csv", row, "region_id", message)


@rule
def regions_keep_to_their_passage(threats, threat_regions, framework_regions) -> Iterator[Fault]:
    """A region of footnote 17 is one item of it, and what is coded of the region cites that."""
    home = dict(zip(threat_regions.region_id, threat_regions.locator, strict=True))
    for name, table in (("threats", threats), ("framework_regions", framework_regions)):
        for row, region, locator in each(table, "region_id", "locator"):
            if region and home.get(region, locator) != locator:
                message = f"'{region}' is [{home[region]}], the row cites [{locator}]"
                yield Fault(f"{name}.csv", row, "region_id", message)


@rule
def sources_have_roles(threats) -> Iterator[Fault]:
    """A threat's source has a role where there is a source, and only there."""
    for row, source, role in each(threats, "source_id", "source_role"):
        if bool(source) != bool(role):
            message = f"'{role}' with the source '{source}': both or neither"
            yield Fault("threats.csv", row, "source_role", message)


@rule
def frameworks_are_mapped(frameworks, framework_regions, framework_members) -> Iterator[Fault]:
    """Every framework names a territory and is held against a threat region."""
    for row, framework in each(frameworks, "framework_id"):
        for table, name in (
            (framework_regions, "framework_regions"),
            (framework_members, "framework_members"),
        ):
            if framework not in set(table.framework_id):
                message = f"'{framework}' has no row in {name}.csv"
                yield Fault("frameworks.csv", row, "framework_id", message)


@rule
def members_cite_their_framework(frameworks, framework_members) -> Iterator[Fault]:
    """A framework's territories stand in the passage that names the framework."""
    home = dict(zip(frameworks.framework_id, frameworks.locator, strict=True))
    for row, framework, locator in each(framework_members, "framework_id", "locator"):
        if home.get(framework, locator) != locator:
            message = f"[{locator}], but '{framework}' is named in [{home[framework]}]"
            yield Fault("framework_members.csv", row, "locator", message)


@rule
def regions_are_drawn_of_their_state(framework_members) -> Iterator[Fault]:
    """A state named without limit is drawn whole, and a part of it is drawn as part of no other."""
    columns = ("state_id", "extent", "geo_regions")
    for row, state, extent, drawn in each(framework_members, *columns):
        whole = extent == "whole_or_unstated"
        parts = all(part.startswith(f"{state[:2]}-") for part in several(drawn))
        if drawn != state if whole else not parts:
            expected = state if whole else f"parts of {state}, or none"
            message = f"'{drawn}' for {extent}, expected {expected}"
            yield Fault("framework_members.csv", row, "geo_regions", message)


@rule
def survival_is_read_from_the_concept(
    design_survival, instruments, concept_elements, stages
) -> Iterator[Fault]:
    """What the concept of 1995 made of a feature stands where the concept itself is coded from.

    That is the passage of the instrument, of one of its elements or of its stages.
    """
    own = dict(zip(instruments.instrument_id, instruments.locator, strict=True))
    concept = {own.get("almaty_concept"), *concept_elements.locator, *stages.locator}
    for row, locator in each(design_survival, "locator_1995"):
        if locator not in concept:
            message = f"[{locator}] is no passage that the concept of 1995 is coded from"
            yield Fault("design_survival.csv", row, "locator_1995", message)


@rule
def verdicts_are_complete(criteria, verdicts) -> Iterator[Fault]:
    """A criterion of collective security or defence is judged at one level at least."""
    judged = set(verdicts.criterion_id)
    for row, criterion, concept in each(criteria, "criterion_id", "concept"):
        if concept != "russian_usage" and criterion not in judged:
            message = f"'{criterion}' has no row in verdicts.csv"
            yield Fault("criteria.csv", row, "criterion_id", message)


@rule
def signatories_join_on_the_day_of_signing(memberships, instruments) -> Iterator[Fault]:
    """Who signed joined on the instrument's date; who acceded or returned did so later."""
    dated = dict(zip(instruments.instrument_id, instruments.date, strict=True))
    for row, instrument, status, start in each(memberships, "instrument_id", "status", "start"):
        date = dated.get(instrument, "")
        if status == "signatory" and start != date:
            message = f"'{start}' for a signatory, '{instrument}' is dated '{date}'"
            yield Fault("memberships.csv", row, "start", message)
        if status in ("acceded", "returned") and start and start == date:
            message = f"'{start}' is the date of '{instrument}' itself, expected a later one"
            yield Fault("memberships.csv", row, "start", message)
        if status == "never_joined" and start:
            message = f"'{start}' for a state that never joined, expected nothing"
            yield Fault("memberships.csv", row, "start", message)


@rule
def dates_told_twice_agree(events, instruments, bodies) -> Iterator[Fault]:
    """An instrument or body has the date of the event that made it, or one of them is wrong."""
    dated = dict(zip(instruments.instrument_id, instruments.date, strict=True))
    made = {}
    for row, date, kind, instrument, body in each(
        events, "date", "kind", "instrument_id", "body_id"
    ):
        if kind in ("signature", "adoption", "founding") and dated.get(instrument, date) != date:
            message = f"'{date}', but '{instrument}' is dated '{dated[instrument]}'"
            yield Fault("events.csv", row, "date", message)
        if kind in ("establishment", "dissolution") and body:
            made[body, kind] = date
    for kind, column in (("establishment", "established"), ("dissolution", "dissolved")):
        for row, body, date in each(bodies, "body_id", column):
            if made.get((body, kind), date) != date:
                message = f"'{date}', but events.csv has its {kind} on '{made[body, kind]}'"
                yield Fault("bodies.csv", row, column, message)


@rule
def record_names_its_source(record) -> Iterator[Fault]:
    """A fact from outside the report has its source; what was not found has none."""
    for row, source, strength in each(record, "source", "strength"):
        if bool(source) == (strength == "not_found"):
            message = f"'{strength}' with the source '{source}'"
            yield Fault("record.csv", row, "strength", message)


@rule
def the_record_gives_its_dates(record, record_dates, coder_members, states) -> Iterator[Fault]:
    """A date of the record, and the state whose act it dates, stand in the fact that gives it."""
    facts = dict(zip(record.key, record.fact, strict=True))
    named = dict(zip(states.state_id, states.name, strict=True))
    for name, table, column in (
        ("record_dates", record_dates, "date"),
        ("coder_members", coder_members, "start"),
        ("coder_members", coder_members, "end"),
    ):
        for row, key, state, date in each(table, "record_key", "state_id", column):
            fact = facts.get(key, "")
            if not date:
                continue
            if not any(re.search(rf"(?<!\d){day}(?!\d)", fact) for day in _written(date)):
                message = f"'{date}' does not stand in the fact '{key}'"
                yield Fault(f"{name}.csv", row, column, message)
            if state and state not in fact and named.get(state, state) not in fact:
                message = f"'{state}' is not named in the fact '{key}'"
                yield Fault(f"{name}.csv", row, "state_id", message)


def _written(date: str) -> list[str]:
    """Give patterns of an EDTF date as the record may have it, the year left out where told."""
    first, _, last = date.rpartition("/")
    year, *rest = last.split("-")
    if not all(part.isdigit() for part in rest) or len(rest) > 2:
        return [re.escape(date)]
    month = calendar.month_name[int(rest[0])] if rest and 1 <= int(rest[0]) <= 12 else ""
    days = [str(int(part.split("-")[-1])) for part in (first, last) if part.count("-") == 2]
    short = " ".join(part for part in ("-".join(days), month) if part)
    return [re.escape(date), f"{short} {year}".strip(), rf"{short}(?! \d)" if days else "(?!)"]


@rule
def the_record_gives_its_values(record, other_coders) -> Iterator[Fault]:
    """A variable of another data set stands beside its value in the fact that gives it."""
    facts = dict(zip(record.key, record.fact, strict=True))
    for row, key, variable, value in each(other_coders, "record_key", "variable", "value"):
        both = rf"\b(?:{re.escape(f'{variable} {value}')}|{re.escape(f'{value} {variable}')})\b"
        if not re.search(both, facts.get(key, "")):
            message = f"'{variable} {value}' does not stand in the fact '{key}'"
            yield Fault("other_coders.csv", row, "value", message)


@rule
def dates_of_the_record_are_called_by_what_they_date(record_dates) -> Iterator[Fault]:
    """The id of a date is made of subject, event and state, and no two rows say the same."""
    columns, seen = ("date_id", "subject", "event", "state_id", "date", "record_key"), set()
    for row, name, subject, event, state, date, key in each(record_dates, *columns):
        expected = "_".join(part for part in (subject, event, state.lower()) if part)
        if name != expected and not name.startswith(f"{expected}_"):
            message = f"'{name}', expected '{expected}'"
            yield Fault("record_dates.csv", row, "date_id", message)
        if (same := (subject, event, state, date, key)) in seen:
            yield Fault(
                "record_dates.csv", row, "date_id", f"'{name}' says what an earlier row says"
            )
        seen.add(same)


@rule
def coders_have_a_row_for_each_state(coder_members, states) -> Iterator[Fault]:
    """Each coder's list has every state of the Commonwealth, listed or not."""
    for coder in sorted(set(coder_members.coder)):
        for state in states[states.group == "cis"].state_id:
            if not ((coder_members.coder == coder) & (coder_members.state_id == state)).any():
                message = f"no row '{coder} {state}', expected one for each state of the CIS"
                yield Fault("coder_members.csv", None, None, message)


@rule
def comparisons_have_two_sides(comparisons, claims, tables, schemas) -> Iterator[Fault]:
    """What is compared is a cell that there is, and the claims that rest on it are claims."""
    known = set(claims.claim_id)
    for row, name, key, column, ids in each(comparisons, "table", "key", "column", "claim_ids"):
        for claim in several(ids):
            if claim not in known:
                message = f"'{claim}' is not in claims.csv"
                yield Fault("comparisons.csv", row, "claim_ids", message)
        if name not in tables:
            if name or key or column:
                yield Fault("comparisons.csv", row, "table", f"no table '{name}'")
        elif key not in by_key(tables[name], *key_of(schemas[name])):
            yield Fault("comparisons.csv", row, "key", f"'{key}' is no row of {name}.csv")
        elif column not in tables[name]:
            yield Fault("comparisons.csv", row, "column", f"{name}.csv has no column '{column}'")


@rule
def comparisons_are_computed_or_judged(comparisons) -> Iterator[Fault]:
    """A relation is judged, with a reason, exactly where none can be computed from dates or lists.

    Where no cell of the report is named, it is silent.
    """
    columns = ("event", "relation", "reason", "table", "column")
    for row, event, relation, reason, table, column in each(comparisons, *columns):
        if bool(event) == bool(relation) or bool(relation) != bool(reason):
            message = f"'{relation}' with the event '{event}' and the reason '{reason}'"
            yield Fault("comparisons.csv", row, "relation", message)
        if event and column not in ("date", "in_force_after", "members"):
            message = f"'{column}' holds no date and no list of states to compute with"
            yield Fault("comparisons.csv", row, "column", message)
        if not table and relation != "report_silent":
            message = f"'{relation}' where no cell of the report is named"
            yield Fault("comparisons.csv", row, "relation", message)
