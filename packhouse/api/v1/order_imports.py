"""Orders without a back office: taken over from JSON or CSV, at once or in the background (page 70, C)."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from packhouse.api import filters
from packhouse.api.auth import actor_of
from packhouse.api.json_text import JSONParser
from packhouse.api.routes import route
from packhouse.api.v1.csv_files import CSV_BODY, DRY_RUN, CSVParser, flag, sent_file
from packhouse.api.v1.shapes.shape import Shape, some_number, some_text
from packhouse.api.views import LARGE_BODY, USUAL_BODY, ApiView
from packhouse.commands.orders import large_imports
from packhouse.commands.orders.import_csv import MOST_LINES, read_csv
from packhouse.commands.orders.import_orders import ImportResult, documents_of, import_orders
from packhouse.commands.orders.order_changes import Outcome
from packhouse.kernel.errors import InvalidParameter, NotFound
from packhouse.kernel.models import Role, Scope
from packhouse.orders.models import Order, OrderImport

LINES = ("items", "orderitem_set", "order_item")


class ImportResultSerializer(Shape):
    """`error`: texts by path with their `code`; null for an order that was taken."""

    index = serializers.IntegerField()
    channel = some_text()
    number = some_text()
    id = some_number()
    result = serializers.CharField(help_text=", ".join(outcome.value for outcome in Outcome))
    error = serializers.DictField(allow_null=True)


class ImportResultsSerializer(Shape):
    results = ImportResultSerializer(many=True)


class ImportStartedSerializer(Shape):
    id = serializers.IntegerField()


class OrderImportSerializer(ImportResultsSerializer):
    """How far an import in the background has come; `results` are those of the orders `done`."""

    id = serializers.IntegerField()
    state = serializers.CharField(help_text="waiting, working or finished")
    done = serializers.IntegerField()
    total = serializers.IntegerField()


_PARAMETERS = [
    DRY_RUN,
    OpenApiParameter(
        "create_missing",
        OpenApiTypes.BOOL,
        description="make channels, products, customers, places and carriers that are not known; true by default",
    ),
]
_BODY = {
    "application/json": {"oneOf": [{"type": "object"}, {"type": "array", "items": {"type": "object"}}]},
    **CSV_BODY,
}


class OrderImportView(ApiView):
    """Take over orders, each in a transaction of its own. Sent again, what has not changed is `unchanged`."""

    access = {"POST": "AOI"}
    scope = Scope.ORDERS
    rate = "bulk"
    body_limit = LARGE_BODY
    own_transaction = True
    rows = Order.objects.all()  # what the audit trail says that they are
    parser_classes = [JSONParser, CSVParser, MultiPartParser]

    @extend_schema(
        parameters=_PARAMETERS,
        request=_BODY,
        responses={
            200: ImportResultsSerializer,
            201: ImportResultSerializer,
            202: ImportStartedSerializer,
        },
    )
    def post(self, request: Request) -> Response:
        """One order: 201 made, 200 known, 400 refused. Several: 200 with one result for each. Over 1,000 orders
        or 5 MB: 202 with the `id` of an import that goes on in the background."""
        filters.check_only(request.GET, "dry_run", "create_missing")
        options: dict[str, Any] = {
            "dry_run": flag(request, "dry_run", default=False),
            "create_missing": flag(request, "create_missing", default=True),
            "actor": actor_of(request),
        }
        orders, alone = _orders(request)
        if len(orders) > large_imports.LARGE_FROM or self._length() > USUAL_BODY:
            started = large_imports.begin(orders, **options)
            return Response({"id": started.pk}, status=HTTPStatus.ACCEPTED)
        results = import_orders(orders, **options)
        if alone:
            return _answer(results[0])
        return Response({"results": [result.document() for result in results]})

    def audited_body(self, request: Request) -> None:
        """What was sent is full of people; the orders themselves are kept."""

    def _length(self) -> int:
        length = str(self.meta.get("CONTENT_LENGTH") or "0")
        return int(length) if length.isdigit() else 0


def _orders(request: Request) -> tuple[Sequence[Any], bool]:
    """What is to be taken over, and whether it is one order by itself. Raises InvalidParameter."""
    body = request.data
    if isinstance(body, bytes) or str(request.content_type).startswith("multipart/"):
        return read_csv(sent_file(request)), False
    orders = documents_of(body)
    if sum(map(_lines, orders)) > MOST_LINES:
        raise InvalidParameter(_("At most %(count)s lines.") % {"count": f"{MOST_LINES:,}"})
    return orders, isinstance(body, Mapping) and "orders" not in body


def _lines(order: Any) -> int:
    if not isinstance(order, Mapping):
        return 0
    return sum(len(lines) for name in LINES if isinstance(lines := order.get(name), list))


def _answer(result: ImportResult) -> Response:
    if result.code:
        return Response({**result.errors, "code": result.code}, status=HTTPStatus.BAD_REQUEST)
    created = result.outcome is Outcome.CREATED
    return Response(result.document(), status=HTTPStatus.CREATED if created else HTTPStatus.OK)


class OrderImportProgressView(ApiView):
    """An import that goes on in the background; an integration sees its own."""

    access = {"GET": "aoi"}
    scope = Scope.ORDERS

    @extend_schema(responses={200: OrderImportSerializer})
    def get(self, request: Request, id: int) -> Response:
        """How far it has come, and what became of the orders so far."""
        filters.check_only(request.GET)
        rows = OrderImport.objects.filter(pk=id)
        actor = actor_of(request)
        if actor.role == Role.INTEGRATION:
            rows = rows.filter(user=actor.user_id)
        found = rows.first()
        if found is None:
            raise NotFound(_("There is no import %(id)s.") % {"id": id})
        return Response({"id": found.pk, **large_imports.document_of(found)})


routes = [
    route("orders/import/", OrderImportView),
    route("orders/imports/<id:id>/", OrderImportProgressView),
]
