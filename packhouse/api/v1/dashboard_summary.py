"""How the last days went: packages by state and channel, waiting times, refusals, splits."""

from datetime import timedelta
from typing import Any

from django.db import connection
from django.db.models import Count
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from packhouse.api import filters
from packhouse.api.auth import actor_of
from packhouse.api.lists import Document
from packhouse.api.routes import route
from packhouse.api.v1 import visibility
from packhouse.api.v1.shapes.shape import Shape, some_number
from packhouse.api.views import ApiView
from packhouse.kernel import clock
from packhouse.kernel.errors import InvalidParameter
from packhouse.kernel.times import local_zone, parse_day
from packhouse.packages.states import PackageStatus

USUAL_DAYS, MOST_DAYS = 7, 92


class StateCountSerializer(Shape):
    state = serializers.CharField(help_text="the enum_value")
    channel = serializers.IntegerField()
    count = serializers.IntegerField()


class WaitingTimeSerializer(Shape):
    """Seconds from a package's making to its packing."""

    p50 = some_number()
    p95 = some_number()


class DaySerializer(Shape):
    """`split_rate`: share of the orders first planned that day that became several packages."""

    day = serializers.DateField()
    packages = serializers.IntegerField()
    packed = serializers.IntegerField()
    refused = serializers.IntegerField()
    orders = serializers.IntegerField()
    split_rate = serializers.FloatField()


class SummarySerializer(Shape):
    states = StateCountSerializer(many=True)
    waiting_seconds = WaitingTimeSerializer()
    days = DaySerializer(many=True)


_WAITING_TIME = """
SELECT percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (
    ORDER BY extract(epoch FROM p.packed_date - p.created_date))
FROM packages_package p JOIN orders_order o ON o.id = p.order_id
WHERE p.packed_date >= %(since)s AND (%(channels)s::bigint[] IS NULL OR o.channel_id = ANY(%(channels)s))
    AND (%(locations)s::bigint[] IS NULL OR p.stock_location_id = ANY(%(locations)s))
"""

_DAYS = """
WITH own AS (
    SELECT p.id, p.order_id, p.state, (p.created_date AT TIME ZONE %(zone)s)::date AS made,
        (p.packed_date AT TIME ZONE %(zone)s)::date AS packed, p.previous_package_id IS NULL AS first,
        EXISTS (SELECT FROM packages_packageitem i WHERE i.package_id = p.id AND i.denial_reason_id IS NOT NULL)
            AS refused
    FROM packages_package p JOIN orders_order o ON o.id = p.order_id
    WHERE greatest(p.created_date, p.packed_date) >= %(since)s
        AND (%(channels)s::bigint[] IS NULL OR o.channel_id = ANY(%(channels)s))
        AND (%(locations)s::bigint[] IS NULL OR p.stock_location_id = ANY(%(locations)s))
), days AS (
    SELECT generate_series(%(first)s::date, %(last)s::date, interval '1 day')::date AS day
), split AS (
    SELECT made, count(*) AS orders, avg((packages > 1)::int) AS rate FROM (
        SELECT order_id, min(made) AS made, count(*) AS packages FROM own
        WHERE first AND state <> %(out_of_stock)s GROUP BY order_id
    ) planned GROUP BY made
)
SELECT d.day,
    (SELECT count(*) FROM own WHERE own.made = d.day),
    (SELECT count(*) FROM own WHERE own.packed = d.day),
    (SELECT count(*) FROM own WHERE own.made = d.day AND own.refused),
    coalesce(s.orders, 0), coalesce(s.rate, 0)::float8
FROM days d LEFT JOIN split s ON s.made = d.day ORDER BY d.day
"""


class SummaryView(ApiView):
    """Packages by state and channel, how long they wait, and the days."""

    access = "ao"

    def get_serializer(self, *args: Any, **kwargs: Any) -> SummarySerializer:
        return SummarySerializer(*args, **kwargs)

    @extend_schema(
        parameters=[
            OpenApiParameter("days", int, description=f"{USUAL_DAYS} by default, {MOST_DAYS} at most")
        ],
        responses={200: SummarySerializer},
    )
    def get(self, request: Request) -> Response:
        """Of the last `days` days, today among them, in the installation's time zone."""
        filters.check_only(request.GET, "days")
        days = _days(request)
        actor = actor_of(request)
        zone = local_zone()
        last = clock.now().astimezone(zone).date()
        first = last - timedelta(days=days - 1)
        parameters = {
            "since": parse_day(first.isoformat())[0],
            "zone": zone.key,
            "first": first,
            "last": last,
            "out_of_stock": PackageStatus.OUT_OF_STOCK.value,
            "channels": None if actor.channel_ids is None else list(actor.channel_ids),
            "locations": None if actor.location_ids is None else list(actor.location_ids),
        }
        states = visibility.own_packages(actor).order_by().values("state", "order__channel")
        counted = states.annotate(count=Count("pk")).order_by("state", "order__channel")
        return Response(
            {
                "states": [
                    {"state": row["state"], "channel": row["order__channel"], "count": row["count"]}
                    for row in counted
                ],
                "waiting_seconds": _waiting_time(parameters),
                "days": _by_day(parameters),
            }
        )


def _days(request: Request) -> int:
    given = request.GET.get("days", str(USUAL_DAYS))
    if not (given.isascii() and given.isdigit() and len(given) < 4 and 0 < int(given) <= MOST_DAYS):
        raise InvalidParameter({"days": [_("Send a number of 1 to %(most)s.") % {"most": MOST_DAYS}]})
    return int(given)


def _waiting_time(parameters: dict[str, Any]) -> Document:
    with connection.cursor() as cursor:
        cursor.execute(_WAITING_TIME, parameters)
        (found,) = cursor.fetchone()
    half, most = found or (None, None)
    return {"p50": half and round(half), "p95": most and round(most)}


def _by_day(parameters: dict[str, Any]) -> list[Document]:
    with connection.cursor() as cursor:
        cursor.execute(_DAYS, parameters)
        rows = cursor.fetchall()
    names = ("packages", "packed", "refused", "orders", "split_rate")
    return [{"day": day.isoformat(), **dict(zip(names, numbers, strict=True))} for day, *numbers in rows]


routes = [route("dashboard/summary/", SummaryView)]
