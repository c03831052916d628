"""Orders and their items; planning one by hand."""

from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import Any, ClassVar

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from packhouse.api import formats
from packhouse.api.auth import actor_of
from packhouse.api.filters import (
    FlagFilter,
    NumberFilter,
    NumberListFilter,
    StrictFilterSet,
    TextFilter,
    TextListFilter,
    TimeFilter,
)
from packhouse.api.lists import Document, DocumentDetailView, DocumentListView, DocumentView
from packhouse.api.routes import route
from packhouse.api.v1 import visibility
from packhouse.api.v1.shapes.order import OrderItemSerializer, OrderSerializer
from packhouse.api.v1.shapes.shape import Shape, some_number
from packhouse.api.v1.state_filters import StateFilter, state_value, state_values
from packhouse.api.v1.transition_logs import TransitionLogsOfOne
from packhouse.commands.planning.plan_again import plan_again
from packhouse.kernel.models import Scope
from packhouse.orders.models import Order, OrderItem
from packhouse.packages.models import Package
from packhouse.payloads import order as payload
from packhouse.planning.models import ExecutionPlan


def _is_planned(rows: QuerySet[Any], _name: str, value: bool) -> QuerySet[Any]:
    done = Exists(ExecutionPlan.objects.filter(order=OuterRef("pk"), state=ExecutionPlan.State.COMPLETED))
    return rows.filter(done if value else ~done)


def _search(rows: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
    """Number, name, e-mail or telephone of the customer, number of a package."""
    people = (
        Q(customer__first_name__icontains=value)
        | Q(customer__last_name__icontains=value)
        | Q(customer__email__iexact=value)
        | Q(customer__phone_number=value)
    )
    packed = Exists(Package.objects.filter(order=OuterRef("pk"), number=value))
    return rows.filter(Q(number__istartswith=value) | people | Q(packed))


class OrderFilterSet(StrictFilterSet):
    number = TextFilter("number")
    omnitron_id = NumberFilter("omnitron_id")
    channel = NumberFilter("channel")
    state = StateFilter("order")
    state__enum_value = state_value("order")
    state__enum_value__in = state_values("order")
    date_placed__gte = TimeFilter("date_placed", "gte")
    date_placed__lte = TimeFilter("date_placed", "lte")
    customer = NumberFilter("customer")
    customer__email = TextFilter("customer__email", "iexact")
    customer__phone_number = TextFilter("customer__phone_number")
    delivery_type = TextFilter("delivery_type")
    shipping_option_slug__in = TextListFilter("shipping_option_slug")
    is_planned = FlagFilter(method=_is_planned, help_text="an execution plan of it is completed")
    q = TextFilter(
        method=_search, help_text="number, package number, or the customer's name, e-mail, telephone"
    )


class _Orders(DocumentView):
    rows = Order.objects.all()
    serializer_class = OrderSerializer

    def documents(self, ids: Sequence[int]) -> Iterable[Document]:
        return payload.documents(ids).values()

    def visible(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return visibility.through_orders(rows, actor_of(self.request), "pk", "channel")


class OrderListView(_Orders, DocumentListView):
    """Whole orders."""

    filterset_class = OrderFilterSet
    sorts: ClassVar[dict[str, str]] = {"number": "number", "date_placed": "date_placed"}
    extra_formats = formats.EXPORTS
    file_name = "orders"


class OrderView(_Orders, DocumentDetailView):
    """One whole order."""


class OrderHistoryView(TransitionLogsOfOne):
    """Every change of the order's state."""

    kind_of_object = "order"

    def check_owner(self, request: Request, id: int) -> None:
        every = Order.objects.all()
        visibility.check(
            visibility.through_orders(every, actor_of(request), "pk", "channel"), every, id, "order"
        )


class PlanStartedSerializer(Shape):
    """`execution_plan` is the last one there is now; the new one follows."""

    order = serializers.IntegerField()
    execution_plan = some_number()


class OrderPlanView(_Orders, DocumentDetailView):
    """Plan an order now, and again what of it is planned but not packed."""

    access = {"POST": "AO"}
    scope = Scope.ORDERS
    http_method_names = ["post", "options"]

    @extend_schema(request=None, responses={202: PlanStartedSerializer})
    def post(self, request: Request, id: int) -> Response:
        """Started in the background; the result is an execution plan of the order."""
        self.check_visible(id)
        with transaction.atomic():
            plan_again(id)
        last = ExecutionPlan.objects.filter(order=id).order_by("-id").values_list("id", flat=True).first()
        return Response({"order": id, "execution_plan": last}, status=HTTPStatus.ACCEPTED)


class OrderItemFilterSet(StrictFilterSet):
    order = NumberFilter("order")
    order_number = TextFilter("order__number")
    omnitron_id = NumberFilter("omnitron_id")
    omnitron_id__in = NumberListFilter("omnitron_id")
    product_sku = TextFilter("product__sku")
    state = StateFilter("order_item")
    state__enum_value = state_value("order_item")
    state__enum_value__in = state_values("order_item")


class _OrderItems(DocumentView):
    rows = OrderItem.objects.all()
    serializer_class = OrderItemSerializer

    def documents(self, ids: Sequence[int]) -> Iterable[Document]:
        return payload.item_documents(ids).values()

    def visible(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return visibility.through_orders(rows, actor_of(self.request), "order", "order__channel")


class OrderItemListView(_OrderItems, DocumentListView):
    """Items of orders, each with its product."""

    filterset_class = OrderItemFilterSet


class OrderItemView(_OrderItems, DocumentDetailView):
    """One item of an order."""


routes = [
    route("orders/", OrderListView),
    route("orders/<id:id>/", OrderView),
    route("orders/<id:id>/history/", OrderHistoryView),
    route("orders/<id:id>/plan/", OrderPlanView),
    route("order_items/", OrderItemListView),
    route("order_items/<id:id>/", OrderItemView),
]
