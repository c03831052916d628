"""Query parameters of a list as SQL: fields, relations, JSON keys, each with an operator; repeated keys mean OR."""
# ruff: noqa: S608  (names come from our own tables, values are parameters)

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from sandbox.omnitron.errors import BadRequest
from sandbox.omnitron.folding import fold
from sandbox.omnitron.schema import TABLES, Field, Table
from sandbox.omnitron.values import BadValue, as_flag, as_integer, as_moment, as_number

OPERATORS = frozenset({"exact", "in", "iexact", "startswith", "gt", "gte", "lt", "lte", "date"})
NOT_FILTERS = frozenset({"page", "limit", "sort", "format"})
_COMPARISONS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
_JSON_KEY = re.compile(r"[\w .-]+")
_NOTHING = "0"
_LAST_CHARACTER = "\U0010ffff"


@dataclass
class Condition:
    """SQL with its parameters."""

    sql: str
    params: list[Any] = field(default_factory=list)


@dataclass
class Filtered:
    """What a query string asks for; `unknown` lists the keys that mean nothing here."""

    condition: Condition
    unknown: list[str]


class _Unknown(Exception):
    """The key names nothing that can be filtered by."""


def compile_filters(table: Table, pairs: Iterable[tuple[str, str]]) -> Filtered:
    """All filters of a query string, joined by AND. Raises BadRequest naming the key whose value cannot be read."""
    grouped: dict[str, list[str]] = {}
    for key, value in pairs:
        if key not in NOT_FILTERS and value != "":
            grouped.setdefault(key, []).append(value)
    mapping = {key: grouped.pop(key) for key in list(grouped) if key.startswith("mapping__") and table.model}
    conditions, unknown = [], []
    for key, given in grouped.items():
        try:
            conditions.append(_readable(table, key, key, given))
        except _Unknown:
            unknown.append(key)
    if mapping:
        conditions.append(_mapped(table, mapping))
    return Filtered(all_of(conditions), unknown)


def all_of(conditions: Iterable[Condition]) -> Condition:
    """Every one of them; none at all is always true."""
    listed = list(conditions)
    sql = " AND ".join(f"({each.sql})" for each in listed) or "1"
    return Condition(sql, [param for each in listed for param in each.params])


def compile_sort(table: Table, asked: str) -> tuple[str, list[str]]:
    """`sort=-modified_date,number` as ORDER BY, ties by id; and the words that name no field."""
    terms, unknown = [], []
    for word in filter(None, asked.split(",")):
        name = word.removeprefix("-")
        name = "id" if name == "pk" else name
        if name != "id" and (name not in table.fields or table.fields[name].hidden):
            unknown.append(word)
            continue
        column = (
            f'CAST("{name}" AS REAL)' if name != "id" and table.fields[name].kind == "number" else f'"{name}"'
        )
        terms.append(f"{column} {'DESC' if word.startswith('-') else 'ASC'}")
    return ", ".join([*terms, "id"]), unknown


def _mapped(table: Table, given: dict[str, list[str]]) -> Condition:
    """`mapping__code__exact` and its like: rows that have one mapping fitting all of them."""
    mapping = TABLES["mapping"]
    inner = []
    for key, values in given.items():
        try:
            inner.append(_readable(mapping, key.removeprefix("mapping__"), key, values))
        except _Unknown:
            return Condition(_NOTHING)
    inner.append(Condition("content_type = (SELECT id FROM content_type WHERE model = ?)", [table.model]))
    joined = all_of(inner)
    return Condition(f"id IN (SELECT object_id FROM mapping WHERE {joined.sql})", joined.params)


def _readable(table: Table, key: str, shown_key: str, values: list[str]) -> Condition:
    try:
        return _condition(table, key, values)
    except BadValue as error:
        raise BadRequest({shown_key: [str(error)]}) from None


def _condition(table: Table, key: str, values: list[str]) -> Condition:
    head, _, rest = key.partition("__")
    alias = table.aliases.get(head)
    if alias is not None:
        return _condition(table, f"{alias}__{rest}" if rest else alias, values)
    if head in table.reverse:
        target, back = table.reverse[head]
        inner = _condition(TABLES[target], rest, values)
        return Condition(f'id IN (SELECT "{back}" FROM "{target}" WHERE {inner.sql})', inner.params)
    column = _field(table, head)
    if column.kind == "document":
        return _json_condition(column, rest, values)
    if rest and rest not in OPERATORS:
        if column.kind != "link":
            raise _Unknown(key)
        if rest.partition("__")[0] in ("pk", "id"):
            return _condition(table, "__".join([head, *filter(None, [rest.partition("__")[2]])]), values)
        inner = _condition(TABLES[column.to], rest, values)
        return Condition(f'"{column.name}" IN (SELECT id FROM "{column.to}" WHERE {inner.sql})', inner.params)
    return _compare(f'"{column.name}"', column, rest or "exact", values)


def _field(table: Table, head: str) -> Field:
    if head in ("pk", "id"):
        return Field("id", "integer")
    found = table.fields.get(head) or table.fields.get(head.removesuffix("_id"))
    if found is None or (found.hidden and found.kind != "link"):
        raise _Unknown(head)
    return found


def _json_condition(column: Field, rest: str, values: list[str]) -> Condition:
    path, operator = rest.split("__") if rest else [], "exact"
    if len(path) > 1 and path[-1] in OPERATORS:
        operator = path.pop()
    if not path or not all(_JSON_KEY.fullmatch(step) for step in path):
        raise _Unknown(column.name)
    keys = "".join(f'."{step}"' for step in path)
    extracted = f"""CAST(json_extract("{column.name}", '${keys}') AS TEXT)"""
    words = [{"true": "1", "false": "0"}.get(value.lower(), value) for value in values]
    return _compare(extracted, Field(column.name, "text"), operator, [*values, *words])


def _compare(column: str, field_: Field, operator: str, values: list[str]) -> Condition:
    if operator == "in":
        return _equal(column, field_, [part.strip() for value in values for part in value.split(",")])
    if operator == "exact":
        return _equal(column, field_, values)
    return _any_of(_single(column, field_, operator, value) for value in values)


def _any_of(conditions: Iterable[Condition]) -> Condition:
    listed = list(conditions)
    sql = " OR ".join(f"({each.sql})" for each in listed)
    return Condition(sql, [param for each in listed for param in each.params])


def _equal(column: str, field_: Field, values: list[str]) -> Condition:
    read = _READERS[field_.kind]
    params = [read(value) for value in values if value != ""]
    if not params:
        return Condition(_NOTHING)
    if field_.kind == "number":
        column = f"CAST({column} AS REAL)"
    return Condition(f"{column} IN ({','.join('?' * len(params))})", params)


def _single(column: str, field_: Field, operator: str, value: str) -> Condition:
    if operator == "iexact":
        return Condition(f"fold({column}) = ?", [fold(value)])
    if operator == "startswith":
        return Condition(f"{column} >= ? AND {column} < ?", [value, value + _LAST_CHARACTER])
    if operator == "date":
        if field_.kind != "moment":
            raise BadValue("This field holds no date.")
        return Condition(f"substr({column}, 1, 10) = ?", [as_moment(value)[:10]])
    if field_.kind == "number":
        column = f"CAST({column} AS REAL)"
    return Condition(f"{column} {_COMPARISONS[operator]} ?", [_READERS[field_.kind](value)])


def _number(value: str) -> float:
    return float(as_number(value))


def _text(value: str) -> str:
    return value.encode("utf-8", "replace").decode()


_READERS: dict[str, Callable[[str], Any]] = {
    "integer": as_integer,
    "link": as_integer,
    "flag": lambda value: int(as_flag(value)),
    "number": _number,
    "moment": as_moment,
    "text": _text,
}
