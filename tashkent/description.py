"""Check `datapackage.json` itself: the tables can only be held against a description that holds."""

import re

#: The types that `load` knows, and the limits of a cell that the check can explain.
TYPES = ("string", "integer")
LIMITS = {"required": bool, "enum": list, "pattern": str, "minimum": int}
HASH = r"sha256:[0-9a-f]{64}"
VERSION = r"\d+\.\d+\.\d+"


def description_faults(described: object) -> list[str]:
    """Find every fault of a data package's description.

    Parameters
    ----------
    described : object
        What stands in `datapackage.json`, as JSON gives it.

    Returns
    -------
    list of str
        One line for each fault, in the order of the file; empty where all is well.
    """
    if not isinstance(described, dict):
        return [f"{_kind(described)}, expected an object"]
    faults = [*_texts(described, "", "name", "title")]
    version = described.get("version")
    if not isinstance(version, str) or not re.fullmatch(VERSION, version):
        faults.append(f"version: {_shown(version)}, expected three numbers like 1.2.0")
    resources = described.get("resources")
    if not isinstance(resources, list) or not resources:
        return [*faults, f"resources: {_kind(resources)}, expected a list of tables"]
    seen, columns = set(), _columns(resources)
    for number, resource in enumerate(resources, 1):
        if not isinstance(resource, dict):
            faults.append(f"resource {number}: {_kind(resource)}, expected an object")
            continue
        name = resource.get("name")
        if not isinstance(name, str) or not re.fullmatch(r"[a-z0-9_]+", name):
            faults.append(f"resource {number}, name: {_shown(name)}, expected [a-z0-9_]+")
            continue
        if name in seen:
            faults.append(f"table '{name}': described twice")
            continue
        seen.add(name)
        faults += _resource_faults(resource, columns)
    return faults


def filled(described: object, name: str) -> object:
    """Fill in what the description of a chapter's own data may leave out.

    That is all that a release of the data needs: the package's name, title and version, and that
    each resource is a table. What is there stays.
    """
    if not isinstance(described, dict):
        return described
    whole = {"name": name, "title": name, "version": "0.0.0"} | described
    if isinstance(described.get("resources"), list):
        whole["resources"] = [
            {"type": "table"} | one if isinstance(one, dict) else one
            for one in described["resources"]
        ]
    return whole


def undescribed(described: object) -> list[str]:
    """Name the columns without a description, a line for each."""
    faults = []
    for resource in sound_resources(described):
        for field in resource["schema"]["fields"]:
            where = f"table '{resource['name']}', column '{field['name']}', "
            faults += _texts(field, where, "description")
    return faults


def sound_resources(described: object) -> list[dict]:
    """Choose the tables that are described without a fault of their own, the first of each name."""
    resources = described.get("resources") if isinstance(described, dict) else None
    columns = _columns(resources)
    chosen = {}
    for resource in resources if isinstance(resources, list) else []:
        named = isinstance(resource, dict) and isinstance(resource.get("name"), str)
        if named and resource["name"] not in chosen and not _resource_faults(resource, columns):
            chosen[resource["name"]] = resource
    return list(chosen.values())


def described_names(described: object) -> set[str]:
    """Name every table that is described, with or without faults."""
    return set(_columns(described.get("resources") if isinstance(described, dict) else None))


def key_of(schema: dict) -> list[str]:
    """Name the columns of a table's key."""
    key = schema["primaryKey"]
    return [key] if isinstance(key, str) else key


def _columns(resources: object) -> dict[str, set[str]]:
    """Name the columns of every table, as far as they can be read."""
    found = {}
    for resource in resources if isinstance(resources, list) else []:
        if isinstance(resource, dict) and isinstance(resource.get("name"), str):
            schema = resource.get("schema")
            fields = schema.get("fields") if isinstance(schema, dict) else None
            fields = fields if isinstance(fields, list) else []
            names = {f["name"] for f in fields if isinstance(f, dict) and _is_text(f.get("name"))}
            found.setdefault(resource["name"], names)
    return found


def _resource_faults(resource: dict, columns: dict[str, set[str]]) -> list[str]:
    where = f"table '{resource['name']}'"
    faults = [*_texts(resource, f"{where}, ", "title", "description")]
    expected = f"{resource['name']}.csv"
    if resource.get("path") != expected:
        faults.append(f"{where}, path: {_shown(resource.get('path'))}, expected '{expected}'")
    if resource.get("type") != "table":
        faults.append(f"{where}, type: {_shown(resource.get('type'))}, expected 'table'")
    if not re.fullmatch(HASH, resource.get("hash", f"sha256:{'0' * 64}") or ""):
        faults.append(f"{where}, hash: {_shown(resource['hash'])}, expected sha256: and 64 digits")
    if not _is(resource.get("bytes", 0), int):
        faults.append(f"{where}, bytes: {_shown(resource['bytes'])}, expected a whole number")
    schema = resource.get("schema")
    if not isinstance(schema, dict):
        return [*faults, f"{where}, schema: {_kind(schema)}, expected an object"]
    fields = schema.get("fields")
    if not isinstance(fields, list) or not fields:
        return [*faults, f"{where}, fields: {_kind(fields)}, expected a list of columns"]
    seen = set()
    for number, field in enumerate(fields, 1):
        name = field.get("name") if isinstance(field, dict) else None
        if not _is_text(name):
            faults.append(f"{where}, column {number}: expected an object with a name")
        elif name in seen:
            faults.append(f"{where}, column '{name}': described twice")
        else:
            seen.add(name)
            faults += [f"{where}, column '{name}', {fault}" for fault in _field_faults(field)]
    key = schema.get("primaryKey")
    parts = [key] if isinstance(key, str) else key
    if not isinstance(parts, list) or not parts:
        faults.append(f"{where}, primaryKey: {_kind(key)}, expected a column or several")
    else:
        missing = [part for part in parts if not isinstance(part, str) or part not in seen]
        faults += [f"{where}, primaryKey: {_shown(part)} is no column" for part in missing]
    references = schema.get("foreignKeys", [])
    if not isinstance(references, list):
        return [*faults, f"{where}, foreignKeys: {_kind(references)}, expected a list"]
    for reference in references:
        faults += [f"{where}, foreign key {f}" for f in _reference_faults(reference, seen, columns)]
    return faults


def _field_faults(field: dict) -> list[str]:
    faults = []
    if field.get("type") not in TYPES:
        expected = " or ".join(TYPES)
        faults.append(f"type: {_shown(field.get('type'))}, expected {expected}")
    limits = field.get("constraints", {})
    if not isinstance(limits, dict):
        return [*faults, f"constraints: {_kind(limits)}, expected an object"]
    for limit, value in limits.items():
        if limit not in LIMITS:
            faults.append(f"constraint '{limit}': not known, expected {', '.join(LIMITS)}")
        elif not _is(value, LIMITS[limit]):
            faults.append(f"{limit}: {_shown(value)}, expected {_NAMES[LIMITS[limit]]}")
    if _is(limits.get("enum"), list) and not all(_is_text(v) for v in limits["enum"]):
        faults.append("enum: expected texts only")
    if _is(limits.get("pattern"), str):
        try:
            re.compile(limits["pattern"])
        except re.error as error:
            faults.append(f"pattern: '{limits['pattern']}' is no pattern ({error})")
    return faults


def _reference_faults(reference: object, own: set, columns: dict[str, set[str]]) -> list[str]:
    target = reference.get("reference") if isinstance(reference, dict) else None
    if not isinstance(target, dict):
        return [f"{_shown(reference)}, expected fields and a reference"]
    column, table, there = reference.get("fields"), target.get("resource"), target.get("fields")
    if not _is_text(column) or column not in own:
        return [f"{_shown(column)}: no column of this table"]
    if not _is_text(table) or table not in columns:
        return [f"'{column}': {_shown(table)} is no table"]
    if not _is_text(there) or there not in columns[table]:
        return [f"'{column}': {_shown(there)} is no column of '{table}'"]
    return []


def _texts(thing: dict, where: str, *keys: str) -> list[str]:
    faults = []
    for key in keys:
        if not _is_text(thing.get(key)):
            faults.append(f"{where}{key}: {_shown(thing.get(key))}, expected a text")
    return faults


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _is(value: object, kind: type) -> bool:
    """Whether a value is of a kind; JSON's true is no number."""
    return isinstance(value, kind) and (kind is bool or not isinstance(value, bool))


_NAMES = {
    bool: "true or false",
    list: "a list",
    dict: "an object",
    str: "a text",
    int: "a whole number",
    float: "a number",
    type(None): "missing",
}


def _kind(value: object) -> str:
    return _NAMES[type(value)]


def _shown(value: object) -> str:
    """Write a value as a fault quotes it, whatever it is."""
    if value is None:
        return "missing"
    text = value if isinstance(value, str) else repr(value)
    return f"'{text[:60]}'"
