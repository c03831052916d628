"""The audit trail: every write, with who, when and from where (published)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request

from packhouse.api import formats
from packhouse.api.filters import NumberFilter, StrictFilterSet, TextFilter, TimeFilter
from packhouse.api.lists import Document, DocumentDetailView, DocumentListView, DocumentView
from packhouse.api.routes import route
from packhouse.api.serializers import TimeField
from packhouse.api.v1.shapes.shape import Shape, some_number, some_text
from packhouse.kernel.errors import InvalidParameter, UnknownParameter
from packhouse.kernel.models import AuditEvent
from packhouse.kernel.wire import timestamp

IN_BODY = ("start_date", "end_date")


class AuditEventSerializer(Shape):
    """`post_data` without secrets, and cut where it was long; `content`: method and name of what was called."""

    id = serializers.IntegerField()
    uuid = serializers.UUIDField()
    timestamp = TimeField()
    remote_addr = some_text()
    url = serializers.CharField()
    query_params = serializers.DictField()
    post_data = serializers.JSONField(allow_null=True)
    headers = serializers.DictField()
    object_id = serializers.CharField()
    content = serializers.CharField()
    user = some_number()
    content_type = some_number()
    request_id = serializers.CharField()


class AuditEventFilterSet(StrictFilterSet):
    created_date__gt = TimeFilter("timestamp", "gt")
    created_date__gte = TimeFilter("timestamp", "gte")
    created_date__lt = TimeFilter("timestamp", "lt")
    created_date__lte = TimeFilter("timestamp", "lte")
    modified_date__gt = TimeFilter("timestamp", "gt", help_text="an event never changes")
    modified_date__gte = TimeFilter("timestamp", "gte")
    modified_date__lt = TimeFilter("timestamp", "lt")
    modified_date__lte = TimeFilter("timestamp", "lte")
    url = TextFilter("url", "icontains")
    content_type = NumberFilter("content_type")
    object_id = TextFilter("object_id")
    start_date = TimeFilter("timestamp", "gte", help_text="also in a JSON body")
    end_date = TimeFilter("timestamp", "lte", help_text="also in a JSON body")
    user = NumberFilter("user")
    request_id = TextFilter("request_id")


class _AuditEvents(DocumentView):
    rows = AuditEvent.objects.all()
    serializer_class = AuditEventSerializer
    access = "A"

    def documents(self, ids: Sequence[int]) -> Iterable[Document]:
        found = AuditEvent.objects.in_bulk(list(ids))
        return [_document(found[pk]) for pk in ids if pk in found]


def _document(row: AuditEvent) -> Document:
    return {
        "id": row.pk,
        "uuid": str(row.uuid),
        "timestamp": timestamp(row.timestamp),
        "remote_addr": row.remote_addr,
        "url": row.url,
        "query_params": row.query_params,
        "post_data": row.post_data,
        "headers": row.headers,
        "object_id": row.object_id,
        "content": row.content,
        "user": row.user_id,
        "content_type": row.content_type_id,
        "request_id": row.request_id,
    }


class AuditEventListView(_AuditEvents, DocumentListView):
    """Every write and every change of configuration, newest first. Nothing here can be changed."""

    filterset_class = AuditEventFilterSet
    sorts: ClassVar[dict[str, str]] = dict.fromkeys(
        ("timestamp", "created_date", "modified_date"), "timestamp"
    )
    extra_formats = formats.EXPORTS
    file_name = "audit-events"

    def get(self, request: Request, **kwargs: Any) -> HttpResponseBase:
        """`start_date` and `end_date` are taken from a JSON body too, as published."""
        given = request.data
        if given:
            self._take(request, given)
        return super().get(request, **kwargs)

    @staticmethod
    def _take(request: Request, given: Any) -> None:
        if not isinstance(given, Mapping):
            raise InvalidParameter(_("Send a JSON object."))
        if unknown := [name for name in given if name not in IN_BODY]:
            raise UnknownParameter({str(name): [_("This key is not known.")] for name in unknown})
        parameters = request._request.GET.copy()  # noqa: SLF001
        for name, value in given.items():
            if not isinstance(value, str):
                raise InvalidParameter({name: [_("Send a time as in 2026-03-02T09:00:00Z.")]})
            parameters.setdefault(name, value)
        request._request.GET = parameters  # type: ignore[assignment]  # noqa: SLF001


class AuditEventView(_AuditEvents, DocumentDetailView):
    """One of them."""


routes = [
    route("settings/audit_events/", AuditEventListView),
    route("settings/audit_events/<id:id>/", AuditEventView),
]
