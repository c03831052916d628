"""The state transition log: every change of a package, transfer or order (published)."""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http.response import HttpResponseBase
from rest_framework import serializers
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from packhouse.api.auth import actor_of
from packhouse.api.filters import NumberFilter, StrictFilterSet, TextFilter, TextListFilter
from packhouse.api.formats import XMLRenderer
from packhouse.api.lists import Document, DocumentDetailView, DocumentListView, DocumentView
from packhouse.api.routes import route
from packhouse.api.serializers import TimeField
from packhouse.api.v1 import visibility
from packhouse.api.v1.shapes.shape import Shape, some_number
from packhouse.api.v1.states import StateSerializer
from packhouse.kernel import machine
from packhouse.kernel.accounts import Actor
from packhouse.kernel.machine import content_type_id
from packhouse.kernel.models import StateTransitionLog
from packhouse.kernel.wire import timestamp
from packhouse.orders.models import Order
from packhouse.transfers.models import TransferOrder


class TransitionLogSerializer(Shape):
    """`attributes`: `command.slug`, `command.transition_id`, `remote_user_pk`, `remote_user_mail` and others."""

    id = serializers.IntegerField()
    old_state = StateSerializer(allow_null=True)
    new_state = StateSerializer()
    user = some_number()
    attributes = serializers.DictField()
    created_date = TimeField()
    modified_date = TimeField()
    object_id = serializers.IntegerField()
    content_type = serializers.IntegerField()


class TransitionLogFilterSet(StrictFilterSet):
    old_state = NumberFilter("old_state")
    new_state = NumberFilter("new_state")
    old_state__name = TextFilter("old_state__name")
    new_state__name = TextFilter("new_state__name")
    old_state__enum_value__in = TextListFilter("old_state__enum_value")
    new_state__enum_value__in = TextListFilter("new_state__enum_value")
    object_id = NumberFilter("object_id")
    content_type = NumberFilter("content_type")
    enum_class = TextFilter("new_state__enum_class")
    user = NumberFilter("user")
    slug = TextFilter(method="filter_slug", help_text="slug of the transition that ran")

    def filter_slug(self, rows: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        return rows.filter(attributes__contains={"command.slug": value})


class _Logs(DocumentView):
    rows = StateTransitionLog.objects.all()
    serializer_class = TransitionLogSerializer

    def documents(self, ids: Sequence[int]) -> Iterable[Document]:
        found = StateTransitionLog.objects.in_bulk(list(ids))
        return [document_of(found[pk]) for pk in ids if pk in found]

    def visible(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return own_logs(rows, actor_of(self.request))


def document_of(row: StateTransitionLog) -> Document:
    """A row as it is published, states as state objects."""
    states = machine.current().states_by_id
    return {
        "id": row.pk,
        "old_state": None if row.old_state_id is None else states[row.old_state_id].wire(),
        "new_state": states[row.new_state_id].wire(),
        "user": row.user_id,
        "attributes": row.attributes,
        "created_date": timestamp(row.created_date),
        "modified_date": timestamp(row.modified_date),
        "object_id": row.object_id,
        "content_type": row.content_type_id,
    }


def own_logs(rows: QuerySet[Any], actor: Actor) -> QuerySet[Any]:
    """Those of packages, transfers and orders that the actor may see."""
    if not visibility.bound(actor):
        return rows
    seen = {
        "package": visibility.own_packages(actor),
        "transfer": visibility.own(TransferOrder.objects.all(), actor, visibility.TRANSFER),
        "order": visibility.through_orders(Order.objects.all(), actor, "pk", "channel"),
    }
    own = Q()
    for kind, objects in seen.items():
        own |= Q(Exists(objects.filter(pk=OuterRef("object_id"))), content_type=content_type_id(kind))
    return rows.filter(own)


class TransitionLogListView(_Logs, DocumentListView):
    """Every change of state, newest first."""

    filterset_class = TransitionLogFilterSet
    page_size = 10
    extra_formats: ClassVar[Sequence[type[BaseRenderer]]] = (XMLRenderer,)


class TransitionLogView(_Logs, DocumentDetailView):
    """One change of state."""


class TransitionLogsOfOne(TransitionLogListView):
    """The log of the object in the address."""

    kind_of_object: ClassVar[str]

    def get(self, request: Request, **kwargs: Any) -> HttpResponseBase:
        self.check_owner(request, kwargs["id"])
        return super().get(request)

    def check_owner(self, request: Request, id: int) -> None:
        """Raises NotFound, PermissionDenied where the caller may not see the object."""
        raise NotImplementedError

    def visible(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.filter(content_type=content_type_id(self.kind_of_object), object_id=self.kwargs["id"])


routes = [
    route("state-transition-logs/", TransitionLogListView),
    route("state-transition-logs/<id:id>/", TransitionLogView),
]
