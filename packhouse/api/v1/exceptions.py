"""What needs a person: each with a link and the action that mends it."""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework import serializers

from packhouse.api.filters import FlagFilter, NumberFilter, StrictFilterSet, TextFilter
from packhouse.api.lists import Document, DocumentDetailView, DocumentListView, DocumentView
from packhouse.api.routes import route
from packhouse.api.serializers import TimeField
from packhouse.api.v1.shapes.shape import Shape, some_number, some_text
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
    access = "ao"

    def documents(self, ids: Sequence[int]) -> Iterable[Document]:
        found = ExceptionEntry.objects.in_bulk(list(ids))
        return [_document(found[pk]) for pk in ids if pk in found]


def _document(row: ExceptionEntry) -> Document:
    kind, _slash, key = row.subject.partition("/")
    place = _PLACES.get(kind)
    return {
        "id": row.pk,
        "kind": row.kind,
        "subject": row.subject,
        "message": row.message,
        "detail": row.detail,
        "link": f"{links.BASE}/{place}/{key}/" if place and key.isdigit() else None,
        "action": row.action,
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


routes = [
    route("exceptions/", ExceptionListView),
    route("exceptions/<id:id>/", ExceptionView),
]
