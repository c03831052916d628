"""Filters by state: the id of a state row, or its `enum_value`."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django_filters.constants import EMPTY_VALUES

from packhouse.api.filters import NumberFilter, TextFilter, TextListFilter
from packhouse.kernel import machine


class StateFilter(NumberFilter):
    """`state=50`: the id of a state row, as `/states/` lists them."""

    def __init__(self, kind: str, field_name: str = "state", **kwargs: Any) -> None:
        self.kind = kind
        super().__init__(field_name, help_text="id of a state row", **kwargs)

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        if value in EMPTY_VALUES:
            return qs
        states = machine.current().states
        found = [text for (kind, text), row in states.items() if kind == self.kind and row.id == value]
        return qs.filter(**{f"{self.field_name}__in": found})


def state_value(kind: str, field_name: str = "state", **kwargs: Any) -> TextFilter:
    """`state__enum_value=500`; an unknown value is refused with those there are."""
    return TextFilter(field_name, validators=_known(kind), **kwargs)


def state_values(kind: str, field_name: str = "state", **kwargs: Any) -> TextListFilter:
    """`state__enum_value__in=100,200`"""
    return TextListFilter(field_name, validators=_known(kind), **kwargs)


def _known(kind: str) -> list[Callable[[Any], None]]:
    return [partial(_check, kind)]


def _check(kind: str, given: str | list[str]) -> None:
    known = [value for owner, value in machine.current().states if owner == kind]
    if any(value not in known for value in ([given] if isinstance(given, str) else given)):
        text = _("There is no such state; known are: %(values)s.") % {"values": ", ".join(known)}
        raise ValidationError(text)
