"""Filters that came in a body, as the query string they would have been."""

from collections.abc import Mapping
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from packhouse.kernel.errors import InvalidParameter


def query_of(wanted: Mapping[str, Any]) -> QueryDict:
    """Lists with commas, flags as true and false. Raises InvalidParameter for a value that is no filter's."""
    query = QueryDict(mutable=True)
    for name, value in wanted.items():
        query[name] = _text(name, value)
    return query


def _text(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int | float):
        return str(value)
    if isinstance(value, list) and all(isinstance(item, str | int) for item in value):
        return ",".join(str(item) for item in value)
    raise InvalidParameter({name: [_("Send a text, a number or a list of them.")]})
