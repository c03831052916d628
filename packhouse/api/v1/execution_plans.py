"""Execution plans: what planning decided for an order, and why."""

from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import Any, ClassVar

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from packhouse.api import filters
from packhouse.api.auth import actor_of
from packhouse.api.errors import Family
from packhouse.api.filters import NumberFilter, StrictFilterSet, TextFilter
from packhouse.api.lists import Document, DocumentDetailView, DocumentListView, DocumentView
from packhouse.api.permissions import Access
from packhouse.api.routes import route
from packhouse.api.serializers import StrictSerializer, TimeField
from packhouse.api.v1 import visibility
from packhouse.api.v1.shapes.order import OrderSummarySerializer
from packhouse.api.v1.shapes.shape import Shape, some_number, some_text, units
from packhouse.api.views import no_content
from packhouse.kernel import exceptions, outbox
from packhouse.kernel.errors import NotFound, WrongState
from packhouse.kernel.models import Scope
from packhouse.kernel.wire import timestamp
from packhouse.orders.messages import PlanOrder
from packhouse.payloads import order as order_payload
from packhouse.planning import explain
from packhouse.planning.models import ExecutionPlan, ExecutionPlanItem

OPEN = (ExecutionPlan.State.START, ExecutionPlan.State.PENDING)
COMMANDS = ("retry", "cancel")


class PlanItemSerializer(Shape):
    id = serializers.IntegerField()
    order_item = serializers.IntegerField()
    quantity = units()
    state = serializers.CharField(help_text="placed, not_placed")
    package_item = some_number()
    stock_location = some_number()
    reason = some_text()


class PlanScenarioSerializer(Shape):
    id = serializers.IntegerField()
    name = serializers.CharField()
    version = serializers.IntegerField()


class PlanCommandSerializer(Shape):
    slug = serializers.ChoiceField(choices=COMMANDS)


class ExecutionPlanSerializer(Shape):
    """`context`: what every location answered; `reason` says why a plan is pending."""

    id = serializers.IntegerField()
    state = serializers.CharField(help_text="start, pending, cancelled, completed")
    order = OrderSummarySerializer()
    commands = PlanCommandSerializer(many=True)
    orderexecutionplanitem_set = PlanItemSerializer(many=True)
    context = serializers.DictField()  # type: ignore[assignment]
    reason = some_text()
    scenario = PlanScenarioSerializer(allow_null=True)
    attempt = serializers.IntegerField()
    created_date = TimeField()
    modified_date = TimeField()


class ExecutionPlanFilterSet(StrictFilterSet):
    order = NumberFilter("order")
    order__number = TextFilter("order__number")
    state = TextFilter("state")
    reason = TextFilter("reason")


class _Plans(DocumentView):
    rows = ExecutionPlan.objects.all()
    serializer_class = ExecutionPlanSerializer
    access: ClassVar[Access | None] = "aoi"

    def documents(self, ids: Sequence[int]) -> Iterable[Document]:
        """Three statements."""
        found = ExecutionPlan.objects.select_related("scenario_version__scenario").in_bulk(list(ids))
        orders = order_payload.summaries(plan.order_id for plan in found.values())
        items: dict[int, list[Document]] = {pk: [] for pk in found}
        for item in ExecutionPlanItem.objects.filter(plan__in=list(found)).order_by("id"):
            items[item.plan_id].append(_item(item))
        return [_document(found[pk], orders[found[pk].order_id], items[pk]) for pk in ids if pk in found]

    def visible(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return visibility.through_orders(rows, actor_of(self.request), "order", "order__channel")


def _item(row: ExecutionPlanItem) -> Document:
    whole = row.quantity == row.quantity.to_integral_value()
    return {
        "id": row.pk,
        "order_item": row.order_item_id,
        "quantity": int(row.quantity) if whole else float(row.quantity),
        "state": row.state,
        "package_item": row.package_item_id,
        "stock_location": row.stock_location_id,
        "reason": row.reason,
    }


def _document(plan: ExecutionPlan, order: Document, items: list[Document]) -> Document:
    version = plan.scenario_version
    scenario = version and {
        "id": version.scenario_id,
        "name": version.scenario.name,
        "version": version.number,
    }
    return {
        "id": plan.pk,
        "state": plan.state,
        "order": order,
        "commands": [{"slug": slug} for slug in COMMANDS] if plan.state in OPEN else [],
        "orderexecutionplanitem_set": items,
        "context": plan.context or _context(plan),
        "reason": plan.reason,
        "scenario": scenario,
        "attempt": plan.attempt,
        "created_date": timestamp(plan.created_date),
        "modified_date": timestamp(plan.modified_date),
    }


def _context(plan: ExecutionPlan) -> Document:
    """What every location answered, from the explanation that was kept."""
    if not plan.explanation:
        return {}
    explained = explain.document(plan.explanation)
    locations: dict[str, Document] = {}
    for rule in explained["rules"]:
        for candidate in rule["candidates"]:
            levels = {key: row for key, row in candidate["numbers"].items() if isinstance(row, dict)}
            locations.setdefault(candidate["erp_code"], levels)
    return {"attempt": explained["attempt"], "taken_at": explained["taken_at"], "locations": locations}


class ExecutionPlanListView(_Plans, DocumentListView):
    """What planning decided, newest first."""

    filterset_class = ExecutionPlanFilterSet


class ExecutionPlanView(_Plans, DocumentDetailView):
    """One plan."""


class ExplanationView(_Plans, DocumentDetailView):
    """Why the plan is as it is: every candidate, every number, what won, and what was not placed."""

    @extend_schema(responses={200: OpenApiTypes.OBJECT})
    def get(self, request: Request, id: int, **_kwargs: Any) -> Response:
        """The document of page 30, with sentences in English and Turkish."""
        filters.check_only(request.GET)
        self.check_visible(id)
        kept = ExecutionPlan.objects.values_list("explanation", flat=True).get(pk=id)
        if not kept:
            raise NotFound(_("This plan was not made by any rule, so there is nothing to explain."))
        return Response(explain.document(kept))


class PlanCommandBodySerializer(StrictSerializer):
    slug = serializers.ChoiceField(choices=COMMANDS)


class ExecutionPlanCommandView(_Plans, DocumentDetailView):
    """`retry`: plan the order again now (202); `cancel`: stop trying (204)."""

    access = {"POST": "AO"}
    scope = Scope.ORDERS
    error_family = Family.COMMAND
    http_method_names = ["post", "options"]

    @extend_schema(request=PlanCommandBodySerializer, responses={202: ExecutionPlanSerializer, 204: None})
    def post(self, request: Request, id: int) -> Response:
        """Run `retry` or `cancel` on a plan that is still open."""
        self.check_visible(id)
        given = PlanCommandBodySerializer(data=request.data)
        given.is_valid(raise_exception=True)
        with transaction.atomic():
            plan = ExecutionPlan.objects.select_for_update().get(pk=id)
            if plan.state not in OPEN:
                raise WrongState(plan.state, [state.value for state in OPEN])
            if given.validated_data["slug"] == "cancel":
                plan.state = ExecutionPlan.State.CANCELLED
                plan.save(update_fields=["state"])
                exceptions.resolve(
                    "order_not_planned", f"order/{plan.order_id}", user_id=actor_of(request).user_id
                )
                return no_content()
            outbox.enqueue([PlanOrder(order_id=plan.order_id)])
        return Response(self.document(request, id), status=HTTPStatus.ACCEPTED)


routes = [
    route("orderexecutionplans/", ExecutionPlanListView),
    route("orderexecutionplans/<id:id>/", ExecutionPlanView),
    route("orderexecutionplans/<id:id>/explanation/", ExplanationView),
    route("orderexecutionplans/<id:id>/command/", ExecutionPlanCommandView),
]
