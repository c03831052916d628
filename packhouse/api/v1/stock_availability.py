"""`query-stock-availability` (published): can a location give all of this?"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.db.models import F, QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from packhouse.api import permissions
from packhouse.api.auth import actor_of
from packhouse.api.errors import Family
from packhouse.api.routes import route
from packhouse.api.views import ApiView
from packhouse.inventory.answers import ask_engines
from packhouse.inventory.models import Stock
from packhouse.kernel.errors import Errors, InvalidParameter, PackhouseError
from packhouse.locations.models import StockLocation

LIMITS = {"sku": 100, "erp_code": 50, "tag": 20}
LONGEST = {"sku": 128, "erp_code": 64, "tag": 64}


class BadQuery(PackhouseError):
    """The question cannot be read (published as 422)."""

    code = "invalid_parameter"
    status = 422


def _several(name: str, text: str, *, required: bool = False) -> OpenApiParameter:
    return OpenApiParameter(name, OpenApiTypes.STR, many=True, required=required, description=text)


class StockAvailabilityView(ApiView):
    """True for a location only if all the SKUs fit; a SKU sent twice counts as two units."""

    access = "aosi"
    error_family = Family.STOCK

    @extend_schema(
        parameters=[
            _several("sku", "up to 100; repeated", required=True),
            _several("erp_code", "up to 50; without one every active location"),
            _several("tag", "up to 20; one of them is enough"),
        ],
        responses={200: {"type": "object", "additionalProperties": {"type": "boolean"}}},
    )
    def get(self, request: Request) -> Response:
        """`{"WH001": true}`"""
        given = {name: request.GET.getlist(name) for name in LIMITS}
        _check(request, given)
        locations = dict(_locations(request, given).values_list("pk", "erp_code"))
        if not locations:
            raise InvalidParameter(_("There is no such active location."))
        ask_engines(set(given["sku"]), list(locations))  # one that is silent counts with its last answer
        fits = _that_fit(given["sku"], list(locations))
        codes = sorted(locations.items(), key=lambda row: row[1])
        return Response({code: pk in fits for pk, code in codes})


def _check(request: Request, given: dict[str, list[str]]) -> None:
    errors: dict[str, list[str]] = {}
    for name in set(request.GET) - set(LIMITS) - {"format"}:
        if not name.startswith("_"):
            errors[name] = [_("This parameter is not known.")]
    if not given["sku"]:
        errors["sku"] = [_("Send at least one sku.")]
    for name, values in given.items():
        if len(values) > LIMITS[name]:
            errors[name] = [_("Send at most %(count)s.") % {"count": LIMITS[name]}]
        elif any(not value.strip() or len(value) > LONGEST[name] or "\x00" in value for value in values):
            errors[name] = [_("A value is empty or too long.")]
    if errors:
        found: Errors = errors
        raise BadQuery(found)


def _locations(request: Request, given: dict[str, list[str]]) -> QuerySet[Any]:
    rows = StockLocation.objects.filter(is_active=True)
    if given["erp_code"]:
        rows = rows.filter(erp_code__in=given["erp_code"])
    if given["tag"]:
        rows = rows.filter(tags__name__in=given["tag"]).distinct()
    return permissions.visible(rows, actor_of(request), locations=("pk",))


def _that_fit(skus: Sequence[str], locations: list[int]) -> set[int]:
    """Those that have enough of every SKU. One statement."""
    wanted = Counter(skus)
    rows = Stock.objects.filter(stock_location__in=locations, sku__in=list(wanted))
    free = rows.annotate(free=F("on_hand") - F("reserved") - F("safety_stock"))
    enough: Counter[int] = Counter()
    for location, sku, units in free.values_list("stock_location", "sku", "free"):
        enough[location] += units >= wanted[sku]
    return {location for location, count in enough.items() if count == len(wanted)}


routes = [route("query-stock-availability", StockAvailabilityView)]
