"""What a caller sent for a collection, as values that can be stored; errors are gathered by field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sandbox.omnitron.errors import REQUIRED, BadRequest, field_error
from sandbox.omnitron.schema import TABLES, Table
from sandbox.omnitron.store import Store
from sandbox.omnitron.values import BadValue, clean


def cleaned(
    store: Store, table: Table, body: Mapping[str, Any], writable: Iterable[str], required: Iterable[str] = ()
) -> dict[str, Any]:
    """The writable fields that stand in `body`. Other keys are ignored; a link must point at a row.

    Raises BadRequest with the errors of all fields.
    """
    values: dict[str, Any] = {}
    errors: dict[str, list[str]] = {name: [REQUIRED] for name in required if body.get(name) in (None, "")}
    for name in writable:
        if name not in body or name in errors:
            continue
        try:
            values[name] = clean(table.fields[name], body[name])
        except BadValue as error:
            errors[name] = [str(error)]
            continue
        target = table.fields[name].to
        if target and values[name] is not None and store.get(TABLES[target], values[name]) is None:
            errors[name] = [f'Invalid pk "{values[name]}" - object does not exist.']
    if errors:
        raise BadRequest(errors, "required" if set(errors) <= set(required) else "invalid")
    return {name: value for name, value in values.items() if not _erases_a_default(table, name, value)}


def _erases_a_default(table: Table, name: str, value: Any) -> bool:
    """Null for a field that always has a value is the same as leaving it out."""
    return value is None and table.fields[name].default is not None


def objects(raw: Any, name: str) -> list[dict[str, Any]]:
    """`raw` as a list of objects. Raises BadRequest naming the field."""
    if raw is None:
        raise field_error(name, REQUIRED, "required")
    if not isinstance(raw, list) or not all(isinstance(each, dict) for each in raw):
        raise field_error(name, "Expected a list of objects.", "not_a_list")
    return raw
