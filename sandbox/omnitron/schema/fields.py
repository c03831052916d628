"""How a collection is described: its fields, by which everything else (storing, filters, rows) goes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

Kind = Literal["integer", "link", "text", "flag", "document", "number", "moment"]


@dataclass(frozen=True)
class Field:
    """One column. `to` names the table a link points at; `places` are a number's decimals; `hidden` ones stay
    in the sandbox."""

    name: str
    kind: Kind
    default: Any = None
    to: str = ""
    places: int = 2
    hidden: bool = False


@dataclass(frozen=True)
class Table:
    """One collection.

    `key` says how a row names its id (`pk`, `id`, `both`), `model` which content type its rows have, `aliases`
    which filters mean another one (`{"country": "city__country"}`), `reverse` the rows that point here
    (`{"items": ("order_item", "order")}`), so that "any of them" can be asked for.
    """

    name: str
    own_fields: tuple[Field, ...]
    key: Literal["pk", "id", "both"] = "pk"
    model: str = ""
    indexes: tuple[tuple[str, ...], ...] = ()
    unique: tuple[tuple[str, ...], ...] = ()
    aliases: Mapping[str, str] = field(default_factory=dict)
    reverse: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    first_id: int = 1

    @cached_property
    def fields(self) -> dict[str, Field]:
        """All columns but the id, by name."""
        stamps = (Field("created_date", "moment"), Field("modified_date", "moment"))
        return {each.name: each for each in (*self.own_fields, *stamps)}

    @cached_property
    def shown(self) -> tuple[str, ...]:
        """Names of the fields that go out."""
        return tuple(name for name, each in self.fields.items() if not each.hidden)


def text(name: str, default: str | None = None, *, hidden: bool = False) -> Field:
    """Text, null unless said otherwise."""
    return Field(name, "text", default, hidden=hidden)


def integer(name: str, default: int | None = None, *, hidden: bool = False) -> Field:
    """A whole number."""
    return Field(name, "integer", default, hidden=hidden)


def number(name: str, default: str | None = None, *, places: int = 2) -> Field:
    """A decimal, text on the wire."""
    return Field(name, "number", default, places=places)


def money(name: str) -> Field:
    """An amount, `"0.00"` when nobody gave one."""
    return number(name, "0.00")


def flag(name: str, default: bool = False) -> Field:
    """True or false."""
    return Field(name, "flag", default)


def moment(name: str, *, hidden: bool = False) -> Field:
    """A time."""
    return Field(name, "moment", hidden=hidden)


def document(name: str, default: Any = None) -> Field:
    """Any JSON."""
    return Field(name, "document", default)


def link(name: str, to: str = "", *, hidden: bool = False) -> Field:
    """The id of a row of another table, by default the one of the same name."""
    return Field(name, "link", to=to or name, hidden=hidden)
