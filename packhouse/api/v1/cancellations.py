"""Cancelling items of orders, and deciding what the back office wants cancelled (pages 50, 70)."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from packhouse.api.auth import actor_of
from packhouse.api.filters import NumberFilter, NumberListFilter, StrictFilterSet, TextFilter, TextListFilter
from packhouse.api.json_text import JSONParser
from packhouse.api.lists import Document, DocumentDetailView, DocumentListView, DocumentView
from packhouse.api.permissions import Access
from packhouse.api.routes import route
from packhouse.api.serializers import StrictSerializer, TimeField
from packhouse.api.v1 import visibility
from packhouse.api.v1.shapes.shape import Shape, some_number, some_text, units
from packhouse.commands.orders.cancel_items import Decision, Wanted, cancel_items
from packhouse.commands.orders.cancellation_plans import decide_by_hand
from packhouse.kernel.errors import InvalidParameter
from packhouse.kernel.models import Scope
from packhouse.kernel.wire import optional_timestamp, timestamp
from packhouse.orders.models import CancellationPlan, CancellationPlanItem, Order


class ItemOfPlanSerializer(Shape):
    """`decision`: empty until it is decided, then accepted, refused, recorded or withdrawn."""

    order_item = serializers.IntegerField()
    quantity = units()
    package = some_number()
    decision = serializers.CharField()
    reason = serializers.CharField()
    cancellation_reason = some_number()


class CancellationPlanSerializer(Shape):
    """What the back office wants cancelled, and what became of it."""

    id = serializers.IntegerField()
    omnitron_id = some_number()
    plan_type = serializers.CharField(help_text="cancel, refund")
    order = serializers.IntegerField()
    state = serializers.CharField(help_text=", ".join(CancellationPlan.State.values))
    items = ItemOfPlanSerializer(many=True)
    answered_date = TimeField(allow_null=True)
    created_date = TimeField()
    modified_date = TimeField()


class CancellationPlanFilterSet(StrictFilterSet):
    order = NumberFilter("order")
    order__number = TextFilter("order__number")
    omnitron_id = NumberFilter("omnitron_id")
    omnitron_id__in = NumberListFilter("omnitron_id")
    plan_type = TextFilter("plan_type")
    state = TextFilter("state")
    state__in = TextListFilter("state")


class _Plans(DocumentView):
    rows = CancellationPlan.objects.all()
    serializer_class = CancellationPlanSerializer
    access: ClassVar[Access | None] = "aoi"

    def documents(self, ids: Sequence[int]) -> Iterable[Document]:
        """Two statements."""
        found = CancellationPlan.objects.in_bulk(list(ids))
        items: dict[int, list[Document]] = {pk: [] for pk in found}
        for item in CancellationPlanItem.objects.filter(plan__in=list(found)).order_by("id"):
            items[item.plan_id].append(_item(item))
        return [_document(found[pk], items[pk]) for pk in ids if pk in found]

    def visible(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return visibility.through_orders(rows, actor_of(self.request), "order", "order__channel")


def _number(quantity: Decimal) -> int | float:
    return int(quantity) if quantity == quantity.to_integral_value() else float(quantity)


def _item(row: CancellationPlanItem) -> Document:
    return {
        "order_item": row.order_item_id,
        "quantity": _number(row.quantity),
        "package": row.package_id,
        "decision": row.decision,
        "reason": row.reason,
        "cancellation_reason": row.cancellation_reason,
    }


def _document(plan: CancellationPlan, items: list[Document]) -> Document:
    return {
        "id": plan.pk,
        "omnitron_id": plan.omnitron_id,
        "plan_type": plan.plan_type,
        "order": plan.order_id,
        "state": plan.state,
        "items": items,
        "answered_date": optional_timestamp(plan.answered_date),
        "created_date": timestamp(plan.created_date),
        "modified_date": timestamp(plan.modified_date),
    }


class CancellationPlanListView(_Plans, DocumentListView):
    """What the back office wanted cancelled, newest first."""

    filterset_class = CancellationPlanFilterSet


class CancellationPlanView(_Plans, DocumentDetailView):
    """One plan."""


class CancellationDecisionSerializer(StrictSerializer):
    """`order_items`: those to decide, each once; left out: all that are not decided yet."""

    accept = serializers.BooleanField()
    order_items = serializers.ListField(child=serializers.IntegerField(), required=False, allow_empty=False)
    reason = serializers.CharField(required=False, allow_blank=True, max_length=1000)


class CancellationDecisionView(_Plans, DocumentDetailView):
    """Decide a plan that waits: accepted items are cancelled, refused ones go back to where they were."""

    access = {"POST": "AO"}
    scope = Scope.ORDERS
    own_transaction = True
    http_method_names = ["post", "options"]
    parser_classes = [JSONParser]

    @extend_schema(request=CancellationDecisionSerializer, responses={200: CancellationPlanSerializer})
    def post(self, request: Request, id: int) -> Response:
        """Accept or refuse all its items, or some of them; answers the plan as it is then."""
        self.check_visible(id)
        body = CancellationDecisionSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        given = body.validated_data
        decide_by_hand(
            CancellationPlan.objects.select_related("order").get(pk=id),
            accept=given["accept"],
            order_item_ids=given.get("order_items"),
            reason=given.get("reason", ""),
            actor=actor_of(request),
        )
        return Response(self.document(request, id))


class ItemToCancelSerializer(StrictSerializer):
    order_item = serializers.IntegerField()
    quantity = serializers.DecimalField(
        max_digits=12, decimal_places=3, min_value=Decimal("0.001"), required=False
    )


class CancellationSerializer(StrictSerializer):
    """`items` left out or empty: all of the order. `quantity` left out: all that is not cancelled yet."""

    items = ItemToCancelSerializer(many=True, required=False)
    reason = serializers.CharField(required=False, allow_blank=True, max_length=1000)


class CancelledItemSerializer(Shape):
    """Units that were cancelled, and those that could not be, with the reason."""

    order_item = serializers.IntegerField()
    cancelled = units()
    refused = units()
    reason = some_text()
    package = some_number()


class CancelledItemsSerializer(Shape):
    results = CancelledItemSerializer(many=True)


class OrderCancelView(DocumentDetailView):
    """Cancel items of an order: what is not shipped is cancelled, the rest refused, item by item."""

    rows = Order.objects.all()
    serializer_class = CancelledItemsSerializer
    access = {"POST": "AOI"}
    scope = Scope.ORDERS
    own_transaction = True
    http_method_names = ["post", "options"]
    parser_classes = [JSONParser]

    def visible(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return visibility.through_orders(rows, actor_of(self.request), "pk", "channel")

    @extend_schema(request=CancellationSerializer, responses={200: CancelledItemsSerializer})
    def post(self, request: Request, id: int) -> Response:
        """Answers one result per item, in the order of the request."""
        self.check_visible(id)
        body = CancellationSerializer(data=_object(request.data))
        body.is_valid(raise_exception=True)
        given = body.validated_data
        decisions = cancel_items(
            id, _wanted(id, given.get("items")), actor=actor_of(request), reason=given.get("reason") or None
        )
        return Response({"results": [_result(decision) for decision in decisions]})


def _object(data: Any) -> Any:
    """An empty body asks for all of the order."""
    if data in (None, ""):
        return {}
    if not isinstance(data, dict):
        raise InvalidParameter({"items": [_("Send an object.")]})
    return data


def _wanted(order_id: int, items: Sequence[dict[str, Any]] | None) -> list[Wanted]:
    if items:
        return [Wanted(item["order_item"], item.get("quantity")) for item in items]
    own = Order.objects.get(pk=order_id).items.order_by("id").values_list("id", flat=True)
    return [Wanted(item_id) for item_id in own]


def _result(decision: Decision) -> Document:
    return {
        "order_item": decision.order_item_id,
        "cancelled": _number(decision.cancelled),
        "refused": _number(decision.refused),
        "reason": decision.reason or None,
        "package": decision.package_id,
    }


routes = [
    route("cancellation_plan/", CancellationPlanListView),
    route("cancellation_plan/<id:id>/", CancellationPlanView),
    route("cancellation_plan/<id:id>/decide/", CancellationDecisionView),
    route("orders/<id:id>/cancel/", OrderCancelView),
]
