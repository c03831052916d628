"""Pages of lists: `page` with `limit` or `page_size`; `{"count", "next", "previous", "results"}`."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from packhouse.kernel.errors import InvalidParameter, NotFound

DEFAULT_SIZE = 20
MAXIMUM_SIZE = 100
COUNTED_EXACTLY = 10_000
LAST_PAGE = 10**9


@dataclass(frozen=True)
class Asked:
    """What a caller asked for; `explicit`: it sent a paging parameter at all."""

    page: int
    size: int
    explicit: bool


@dataclass(frozen=True)
class Page:
    """Ids of one page, in order."""

    ids: Sequence[int]
    number: int
    count: int
    estimated: bool
    has_next: bool


def asked(parameters: QueryDict, *, default: int = DEFAULT_SIZE, maximum: int = MAXIMUM_SIZE) -> Asked:
    """`limit` counts over `page_size`; a larger size is cut. Raises InvalidParameter, NotFound beyond reach."""
    page = _number(parameters, "page") or 1
    if page > LAST_PAGE:
        raise NotFound(_("There is no such page."))
    size = _number(parameters, "limit") or _number(parameters, "page_size") or default
    explicit = any(name in parameters for name in ("page", "limit", "page_size"))
    return Asked(page, min(size, maximum), explicit)


def _number(parameters: QueryDict, name: str) -> int | None:
    given = parameters.get(name)
    if given is None:
        return None
    if not (given.isascii() and given.isdigit() and len(given) < 20 and int(given) > 0):
        raise InvalidParameter({name: [_("Send a whole number from 1 up.")]})
    return int(given)


def page_of(rows: QuerySet[Any], wanted: Asked) -> Page:
    """The page of an ordered queryset. Two statements (three where the count is estimated).

    Raises NotFound past the end.
    """
    start = (wanted.page - 1) * wanted.size
    ids = list(rows.values_list("pk", flat=True)[start : start + wanted.size + 1])
    if not ids and wanted.page > 1:
        raise NotFound(_("There is no such page."))
    has_next = len(ids) > wanted.size
    ids = ids[: wanted.size]
    seen = start + len(ids)
    if not has_next:
        return Page(ids, wanted.page, seen, estimated=False, has_next=False)
    count = rows.order_by()[: COUNTED_EXACTLY + 1].count()
    if count <= COUNTED_EXACTLY:
        return Page(ids, wanted.page, max(count, seen), estimated=False, has_next=True)
    return Page(ids, wanted.page, max(_estimate(rows), count, seen + 1), estimated=True, has_next=True)


def _estimate(rows: QuerySet[Any]) -> int:
    """How many rows the planner of the database expects."""
    plan = json.loads(rows.order_by().explain(format="json"))
    return int(plan[0]["Plan"]["Plan Rows"])


def envelope(request: HttpRequest, page: Page, results: Sequence[Any]) -> dict[str, Any]:
    """The body; links are absolute and keep the other parameters."""
    return {
        "count": page.count,
        "next": _link(request, page.number + 1) if page.has_next else None,
        "previous": _link(request, page.number - 1) if page.number > 1 else None,
        "results": results,
    }


def _link(request: HttpRequest, page: int) -> str:
    parameters = request.GET.copy()
    parameters["page"] = str(page)
    canonical = request.path if request.path.endswith("/") else f"{request.path}/"
    return request.build_absolute_uri(f"{canonical}?{parameters.urlencode()}")
