"""Addresses: every route answers with and without its trailing slash itself, never by redirect.

A redirected POST loses its body. Links and the schema show the canonical form, which is the declared one.
"""

from typing import Any

from django.urls import URLPattern, register_converter
from django.urls.resolvers import RoutePattern


class IdConverter:
    """An id: digits alone, and no more than a bigint holds, so that the database never sees another."""

    regex = "[0-9]{1,18}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return str(value)


register_converter(IdConverter, "id")


class EitherSlash(RoutePattern):
    """Matches its route with and without the trailing slash."""

    def match(self, path: str) -> Any:
        bare = path[:-1] if path[-1:] == "/" else path
        return super().match(f"{bare}/" if self._canonical_slash else bare)

    @property
    def _canonical_slash(self) -> bool:
        return str(self).endswith("/")


def route(address: str, view: type[Any], **options: Any) -> URLPattern:
    """The address of a view class, below the base; `options` go to the view (`as_view`)."""
    name = options.pop("name", None)
    return URLPattern(EitherSlash(address, name=name, is_endpoint=True), view.as_view(**options), None, name)
