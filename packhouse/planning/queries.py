"""The query language: conditions on an order, its products, a package, validated when they are saved.

``{"all": [..]}``, ``{"any": [..]}``, ``{"not": ..}`` or
``{"field": "order.amount", "op": "gte", "value": "500"}``.
A missing value satisfies ``ne``, ``not_in`` and ``exists`` false only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from packhouse.planning.query_fields import FIELDS, Field, Scope, find_field
from packhouse.planning.query_values import OPERATORS, BadValue, Compare, comparison

MAX_DEPTH = 20
MAX_CONDITIONS = 500

Facts = Mapping[str, Any]
"""Values by field name; `extra_field` and `attributes` hold a mapping. Times are aware, on the wall clock."""

Predicate = Callable[[Facts], bool]
Path = tuple[str | int, ...]


class QueryInvalid(ValueError):
    """The document is no query. `errors`: (path below the document, what is wrong there)."""

    def __init__(self, errors: tuple[tuple[Path, str], ...]) -> None:
        self.errors = errors
        super().__init__("; ".join(f"{'.'.join(map(str, path)) or 'query'}: {text}" for path, text in errors))


@dataclass(frozen=True, slots=True, eq=False)
class Query:
    """A validated query; `document` is the JSON it was made from."""

    document: Mapping[str, Any]
    holds: Predicate

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Query) and self.document == other.document

    def __hash__(self) -> int:
        return hash(repr(self.document))

    def __repr__(self) -> str:
        return f"Query({self.document!r})"


def parse(document: object, scope: Scope) -> Query:
    """Check a query for a place where the fields of ``scope`` are known.

    Raises `QueryInvalid` with every error.
    """
    parser = _Parser(scope)
    predicate = parser.node(document, (), 1)
    if parser.errors or not isinstance(document, Mapping):
        raise QueryInvalid(tuple(parser.errors))
    return Query(document, predicate)


def describe_fields() -> list[dict[str, Any]]:
    """The field list of ``GET /scenarios/fields/``: name, type, operators, where it may be used."""
    return [
        {
            "field": f"{field.name}.<key>" if field.is_mapping else field.name,
            "type": field.type.value,
            "operators": list(OPERATORS[field.type]),
            "used_in": sorted(scope.value for scope in field.scopes),
        }
        for field in FIELDS
    ]


def _never(_: Facts) -> bool:
    """Stands in for a part that is wrong; the whole query is refused then."""
    return False


class _Parser:
    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.errors: list[tuple[Path, str]] = []
        self.conditions = 0

    def node(self, document: object, path: Path, depth: int) -> Predicate:
        if not isinstance(document, Mapping):
            return self._wrong(path, "expected an object with all, any, not, or field, op and value")
        if depth > MAX_DEPTH:
            return self._wrong(path, f"nested deeper than {MAX_DEPTH} levels")
        keys = set(document)
        if keys in ({"all"}, {"any"}):
            return self._group(document, path, depth)
        if keys == {"not"}:
            inner = self.node(document["not"], (*path, "not"), depth + 1)
            return lambda facts: not inner(facts)
        return self._condition(document, path)

    def _group(self, document: Mapping[str, Any], path: Path, depth: int) -> Predicate:
        ((key, members),) = document.items()
        if not isinstance(members, list) or not members:
            return self._wrong((*path, key), "expected a list with at least one query")
        parts = tuple(self.node(member, (*path, key, n), depth + 1) for n, member in enumerate(members))
        if key == "all":
            return lambda facts: all(part(facts) for part in parts)
        return lambda facts: any(part(facts) for part in parts)

    def _condition(self, document: Mapping[str, Any], path: Path) -> Predicate:
        known = len(self.errors)
        for key in sorted(set(document) - {"field", "op", "value"}, key=str):
            self._wrong((*path, str(key)), "unknown key")
        for key in ("field", "op", "value"):
            if key not in document:
                self._wrong((*path, key), "required")
        self.conditions += 1
        if self.conditions == MAX_CONDITIONS + 1:
            self._wrong(path, f"more than {MAX_CONDITIONS} conditions")
        if len(self.errors) > known:
            return _never
        return self._comparison(document, path)

    def _comparison(self, document: Mapping[str, Any], path: Path) -> Predicate:
        name, operator = document["field"], document["op"]
        found = find_field(name, self.scope) if isinstance(name, str) else None
        if found is None:
            return self._wrong((*path, "field"), self._unknown_field(name))
        field, key = found
        if operator not in OPERATORS[field.type]:
            allowed = ", ".join(OPERATORS[field.type])
            return self._wrong((*path, "op"), f"{operator!r} is no operator of {name}; known are {allowed}")
        try:
            compare = comparison(field.type, operator, document["value"])
        except BadValue as error:
            return self._wrong((*path, "value", *error.path), str(error))
        return _on_value(field, key, compare)

    def _unknown_field(self, name: object) -> str:
        known = ", ".join(field.name for field in FIELDS if self.scope in field.scopes)
        return f"unknown field {name!r} here; known are {known}"

    def _wrong(self, path: Path, text: str) -> Predicate:
        self.errors.append((path, text))
        return _never


def _on_value(field: Field, key: str | None, compare: Compare) -> Predicate:
    name = field.name
    if key is None:
        return lambda facts: compare(facts.get(name))

    def on_entry(facts: Facts) -> bool:
        entries = facts.get(name)
        return compare(entries.get(key) if isinstance(entries, Mapping) else None)

    return on_entry
