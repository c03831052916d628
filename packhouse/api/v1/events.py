"""Messages of one object, as subscribers were told (page 60): frozen payloads in their sequence."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import F
from django.http.response import HttpResponseBase
from rest_framework import serializers
from rest_framework.request import Request

from packhouse.api.filters import NumberFilter, StrictFilterSet, TextFilter
from packhouse.api.lists import Document, DocumentListView
from packhouse.api.serializers import TimeField
from packhouse.api.v1.shapes.shape import Shape
from packhouse.kernel.models import Event
from packhouse.kernel.wire import timestamp


class SubjectEventSerializer(Shape):
    """`cursor` orders the feed; `sequence` counts the events of one subject."""

    cursor = serializers.IntegerField()
    id = serializers.CharField()
    type = serializers.CharField()
    subject = serializers.CharField()
    sequence = serializers.IntegerField()
    created_date = TimeField()
    payload = serializers.DictField()


class EventFilterSet(StrictFilterSet):
    modified_date__gt = modified_date__gte = modified_date__lt = modified_date__lte = None
    type = TextFilter("type")
    sequence__gt = NumberFilter("sequence", "gt")


class EventListView(DocumentListView):
    """The events of the object in the address."""

    # `id` of a list's filters and sorts is the cursor here.
    rows = Event.objects.annotate(id=F("cursor"))
    serializer_class = SubjectEventSerializer
    filterset_class = EventFilterSet
    sorts = {"id": "id", "sequence": "sequence"}
    page_maximum = 1000

    def get(self, request: Request, **kwargs: Any) -> HttpResponseBase:
        self.check_owner(request, kwargs["id"])
        return super().get(request)

    def check_owner(self, request: Request, id: int) -> None:
        """Raises NotFound, PermissionDenied where the caller may not see the object."""
        raise NotImplementedError

    def documents(self, ids: Sequence[int]) -> Iterable[Document]:
        found = Event.objects.select_related("payload").in_bulk(list(ids))
        return [_document(found[pk]) for pk in ids if pk in found]


def _document(row: Event) -> Document:
    return {
        "cursor": row.cursor,
        "id": row.uuid.hex,
        "type": row.type,
        "subject": row.subject,
        "sequence": row.sequence,
        "created_date": timestamp(row.created_date),
        "payload": json.loads(row.payload.body),
    }
