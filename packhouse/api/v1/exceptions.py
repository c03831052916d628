"""What needs a person: each with a link and the action that mends it."""

from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from packhouse.api.auth import actor_of
from packhouse.api.filters import FlagFilter, NumberFilter, StrictFilterSet, TextFilter
from packhouse.api.lists import Document, DocumentDetailView, DocumentListView, DocumentView
from packhouse.api.permissions import Access
from packhouse.api.routes import route
from packhouse.api.serializers import TimeField
from packhouse.api.v1.shapes.shape import Shape, some_number, some_text
from packhouse.kernel import remedies
from packhouse.kernel.models import ExceptionEntry
from packhouse.kernel.wire import optional_timestamp, timestamp
from packhouse.payloads import links

# Where the object of a subject (`package/501`) is read.
_PLACES = {
    "package": "packages",
    "order": "orders",
    "transfer_order": "transfer_orders",
    "stock_location": "stocklocations",
    "shipment": "shipments",
}


class ExceptionSerializer(Shape):
    """`count`: how often it happened since it was opened; `action`: what mends it."""

    id = serializers.IntegerField()
    kind = serializers.CharField()
    subject = serializers.CharField()
    message = serializers.CharField()
    detail = serializers.DictField()
    link = some_text()
    action = serializers.CharField()
    can_retry = serializers.BooleanField()
    advice = serializers.CharField(help_text="what a person does, first or instead")
    count = serializers.IntegerField()
    created_date = TimeField()
    modified_date = TimeField()
    resolved_date = TimeField(allow_null=True)
    resolved_by = some_number()


class ExceptionFilterSet(StrictFilterSet):
    kind = TextFilter("kind")
    subject = TextFilter("subject")
    action = TextFilter("action")
    is_resolved = FlagFilter(
        "resolved_date", "isnull", exclude=True, help_text="open ones alone without this"
    )
    resolved_by = NumberFilter("resolved_by")


class _Exceptions(DocumentView):
    rows = ExceptionEntry.objects.all()
    serializer_class = ExceptionSerializer
    access: ClassVar[Access | None] = "ao"

    def documents(self, ids: Sequence[int]) -> Iterable[Document]:
        found = ExceptionEntry.objects.in_bulk(list(ids))
        return [_document(found[pk]) for pk in ids if pk in found]


def _document(row: ExceptionEntry) -> Document:
    kind, _slash, key = row.subject.partition("/")
    place = _PLACES.get(kind)
    remedy = remedies.remedy_of(row.kind)
    return {
        "id": row.pk,
        "kind": row.kind,
        "subject": row.subject,
        "message": row.message,
        "detail": row.detail,
        "link": f"{links.BASE}/{place}/{key}/" if place and key.isascii() and key.isdigit() else None,
        "action": row.action,
        "can_retry": remedy.try_again is not None,
        "advice": str(remedy.advice),
        "count": row.count,
        "created_date": timestamp(row.created_date),
        "modified_date": timestamp(row.modified_date),
        "resolved_date": optional_timestamp(row.resolved_date),
        "resolved_by": row.resolved_by_id,
    }


class ExceptionListView(_Exceptions, DocumentListView):
    """What needs a person now; with `is_resolved=true` what was mended."""

    filterset_class = ExceptionFilterSet
    sorts: ClassVar[dict[str, str]] = {"kind": "kind", "count": "count"}

    def visible(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows if "is_resolved" in self.request.GET else rows.filter(resolved_date__isnull=True)


class ExceptionView(_Exceptions, DocumentDetailView):
    """One entry."""


class _MendView(_Exceptions, DocumentDetailView):
    access = {"POST": "AO"}
    http_method_names = ["post", "options"]


class ExceptionRetryView(_MendView):
    """Start its work once more; the entry is closed when that goes well."""

    @extend_schema(request=None, responses={202: ExceptionSerializer})
    def post(self, request: Request, id: int) -> Response:
        """400 with what to do instead, where it cannot be tried again."""
        remedies.try_again(id, user_id=actor_of(request).user_id)
        return Response(self.document(request, id), status=HTTPStatus.ACCEPTED)


class ExceptionResolveView(_MendView):
    """A person has dealt with it."""

    @extend_schema(request=None, responses={200: ExceptionSerializer})
    def post(self, request: Request, id: int) -> Response:
        """Close the entry; it is opened again when it happens again."""
        remedies.close(id, user_id=actor_of(request).user_id)
        return Response(self.document(request, id))


routes = [
    route("exceptions/", ExceptionListView),
    route("exceptions/<id:id>/", ExceptionView),
    route("exceptions/<id:id>/retry/", ExceptionRetryView),
    route("exceptions/<id:id>/resolve/", ExceptionResolveView),
]
