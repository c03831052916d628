"""Filters of lists: strict, because a filter that is silently ignored hands out every row.

A list declares a `StrictFilterSet` (django-filter) with the model's fields in `Meta.fields` or filters
of its own; every list has the standard ones on `id`, `created_date` and `modified_date`.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _
from django_filters.constants import EMPTY_VALUES

from packhouse.api.refusals import UnknownFilter
from packhouse.kernel import settings_store
from packhouse.kernel.errors import InvalidParameter
from packhouse.kernel.times import parse_day, parse_time

RESERVED = frozenset({"page", "limit", "page_size", "sort", "format"})
LONGEST_LIST = 1000
COMPARISONS = ("gt", "gte", "lt", "lte")
_BIGINT = 2**63


class _NumberField(forms.IntegerField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=-_BIGINT, max_value=_BIGINT - 1, **kwargs)


class _DecimalField(forms.DecimalField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=30, **kwargs)


class _TextField(forms.CharField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=1000, **kwargs)


class _FlagField(forms.Field):
    """true, false, 1 or 0, in any case."""

    def to_python(self, value: Any) -> bool | None:
        if value in EMPTY_VALUES:
            return None
        known = {"true": True, "1": True, "false": False, "0": False}
        try:
            return known[str(value).lower()]
        except KeyError:
            raise ValidationError(_("Send true or false.")) from None


class _TimeField(forms.Field):
    def to_python(self, value: Any) -> datetime | None:
        if value in EMPTY_VALUES:
            return None
        try:
            return parse_time(str(value))
        except ValueError:
            raise ValidationError(_("Send a time as in 2026-03-02T09:00:00Z.")) from None


class _DayField(forms.Field):
    def to_python(self, value: Any) -> tuple[datetime, datetime] | None:
        if value in EMPTY_VALUES:
            return None
        try:
            return parse_day(str(value))
        except ValueError:
            raise ValidationError(_("Send a day as in 2026-03-02.")) from None


class NumberFilter(django_filters.Filter):
    field_class = _NumberField


class DecimalFilter(django_filters.Filter):
    field_class = _DecimalField


class TextFilter(django_filters.Filter):
    field_class = _TextField


class HoldsFilter(TextFilter):
    """A list column holds the text."""

    def filter(self, qs: Any, value: Any) -> Any:
        return qs if value in EMPTY_VALUES else qs.filter(**{f"{self.field_name}__contains": [value]})


class FlagFilter(django_filters.Filter):
    field_class = _FlagField


class TimeFilter(django_filters.Filter):
    """Any offset; a naive time or a bare date is in the installation's zone."""

    field_class = _TimeField


class DayFilter(django_filters.Filter):
    """The whole of one day in the installation's zone."""

    field_class = _DayField

    def filter(self, qs: Any, value: Any) -> Any:
        if value in EMPTY_VALUES:
            return qs
        return qs.filter(**{f"{self.field_name}__gte": value[0], f"{self.field_name}__lt": value[1]})


class _ListField(forms.Field):
    """Values with commas between, each as `item` has it."""

    def __init__(self, *, item: forms.Field, **kwargs: Any) -> None:
        self.item = item
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> list[Any]:
        if value in EMPTY_VALUES:
            return []
        parts = [part.strip() for part in str(value).split(",")]
        if len(parts) > LONGEST_LIST:
            raise ValidationError(_("Send at most %(count)s values.") % {"count": LONGEST_LIST})
        if "" in parts:
            raise ValidationError(_("A value between the commas is missing."))
        return [self.item.clean(part) for part in parts]


class NumberListFilter(django_filters.Filter):
    """`id__in=1,2,3`"""

    field_class = _ListField

    def __init__(self, field_name: str | None = None, **kwargs: Any) -> None:
        super().__init__(
            field_name, lookup_expr=kwargs.pop("lookup_expr", "in"), item=_NumberField(), **kwargs
        )


class TextListFilter(django_filters.Filter):
    """`sku__in=A,B`"""

    field_class = _ListField

    def __init__(self, field_name: str | None = None, **kwargs: Any) -> None:
        super().__init__(field_name, lookup_expr=kwargs.pop("lookup_expr", "in"), item=_TextField(), **kwargs)


_BY_FIELD: tuple[tuple[tuple[type[Any], ...], type[django_filters.Filter]], ...] = (
    ((models.BooleanField,), FlagFilter),
    ((models.DateTimeField,), TimeFilter),
    ((models.DecimalField, models.FloatField), DecimalFilter),
    ((models.IntegerField, models.ForeignKey), NumberFilter),
)


class StrictFilterSet(django_filters.FilterSet):
    """Base of all filter sets. A list whose rows lack one of these fields sets it to None."""

    id = NumberFilter("id")
    id__gt = NumberFilter("id", "gt")
    id__gte = NumberFilter("id", "gte")
    id__lt = NumberFilter("id", "lt")
    id__lte = NumberFilter("id", "lte")
    id__in = NumberListFilter("id")
    pk__in = NumberListFilter("id")
    created_date__gt: Any = TimeFilter("created_date", "gt")
    created_date__gte: Any = TimeFilter("created_date", "gte")
    created_date__lt: Any = TimeFilter("created_date", "lt")
    created_date__lte: Any = TimeFilter("created_date", "lte")
    modified_date__gt: Any = TimeFilter("modified_date", "gt")
    modified_date__gte: Any = TimeFilter("modified_date", "gte")
    modified_date__lt: Any = TimeFilter("modified_date", "lt")
    modified_date__lte: Any = TimeFilter("modified_date", "lte")

    @classmethod
    def filter_for_field(
        cls, field: Any, field_name: str, lookup_expr: str | None = None
    ) -> django_filters.Filter:
        """The strict filter for a model's field named in `Meta.fields`."""
        kind = next((filter_ for kinds, filter_ in _BY_FIELD if isinstance(field, kinds)), TextFilter)
        if lookup_expr == "in":
            return NumberListFilter(field_name) if kind is NumberFilter else TextListFilter(field_name)
        return kind(field_name, lookup_expr or "exact")

    class Meta:
        model: ClassVar[Any] = None
        fields: ClassVar[Any] = {}


def apply(
    filterset: type[StrictFilterSet], parameters: QueryDict, rows: QuerySet[Any], request: Any
) -> QuerySet[Any]:
    """The rows that match. Raises UnknownFilter or InvalidParameter, keyed by the parameter's name."""
    known = filterset.base_filters
    given = {name: values for name, values in parameters.lists() if _is_a_filter(name)}
    if unknown := [name for name in given if name not in known]:
        _refuse_unknown(unknown, sorted(known))
    texts = {name: _fault(values) for name, values in given.items() if name in known}
    if faults := {name: [text] for name, text in texts.items() if text}:
        raise InvalidParameter(faults)
    chosen = filterset(data=parameters, queryset=rows, request=request)
    if not chosen.is_valid():
        raise InvalidParameter(
            {name: [str(text) for text in errors] for name, errors in chosen.errors.items()}
        )
    return chosen.qs


def check_only(parameters: Mapping[str, Any], *allowed: str) -> None:
    """For addresses that are no lists: refuse every parameter but these (and `format`)."""
    unknown = [name for name in parameters if _is_a_filter(name) and name not in allowed]
    if unknown:
        _refuse_unknown(unknown, sorted(allowed))


def _is_a_filter(name: str) -> bool:
    return name not in RESERVED and not name.startswith("_")


def _refuse_unknown(names: list[str], allowed: list[str]) -> None:
    if not settings_store.get("API")["strict_query_parameters"]:
        return
    text = _("Unknown filter. Allowed: %(names)s.") % {"names": ", ".join(allowed)}
    raise UnknownFilter({name: [text] for name in names})


def _fault(values: list[str]) -> str | None:
    if len(values) > 1:
        return _("Sent more than once; a list goes with commas into the filter that ends in __in.")
    if not values[0].strip():
        return _("Send a value, or leave the parameter out.")
    return None
