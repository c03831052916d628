"""Application settings (published)."""

from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import Any

from django.db import transaction
from django.http.response import HttpResponseBase
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from packhouse.api import etags
from packhouse.api.auth import actor_of
from packhouse.api.errors import Family
from packhouse.api.filters import StrictFilterSet, TextFilter
from packhouse.api.lists import Document, DocumentDetailView, DocumentListView, DocumentView
from packhouse.api.routes import route
from packhouse.api.serializers import StrictSerializer
from packhouse.api.views import ApiView, no_content
from packhouse.kernel import settings_store
from packhouse.kernel.errors import NotFound
from packhouse.kernel.models import Setting
from packhouse.kernel.secrets import MASK


class SettingSerializer(StrictSerializer):
    id = serializers.IntegerField(read_only=True)
    key = serializers.CharField(max_length=64)
    json_value = serializers.JSONField(allow_null=True, help_text="secrets read ********")


class StoredSettingSerializer(SettingSerializer):
    """For changes: the key of a row is fixed, and may be sent back."""

    key = serializers.CharField(read_only=True)


class SettingFilterSet(StrictFilterSet):
    key = TextFilter("key", "icontains")


class _Settings(DocumentView):
    """What list and detail share."""

    rows = Setting.objects.all()
    access = "A"
    error_family = Family.SETTINGS

    def documents(self, ids: Sequence[int]) -> Iterable[Document]:
        found = Setting.objects.in_bulk(list(ids))
        return [document_of(found[pk]) for pk in ids if pk in found]


def _noted(key: str, request: Request) -> Document | None:
    """For the audit trail: which part of a value is secret is known by its key, not by names inside."""
    if request.method == "DELETE":
        return {"key": key}
    data: Any = request.data
    if hasattr(data, "lists"):  # a form has the value as one text
        return {"key": key, "json_value": MASK}
    return {"key": key, "json_value": settings_store.shown(key, data.get("json_value"))}


def document_of(row: Setting) -> Document:
    """`{"id", "key", "json_value"}`, secrets as the mask."""
    return {"id": row.pk, "key": row.key, "json_value": settings_store.shown(row.key, row.json_value)}


class SettingListView(_Settings, DocumentListView):
    """Settings that differ from their default."""

    serializer_class = SettingSerializer
    filterset_class = SettingFilterSet
    page_size = 10

    def post(self, request: Request) -> Response:
        """Give a setting a value of its own; 400 where it has one."""
        given = SettingSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        wanted = given.validated_data
        pk = settings_store.create(wanted["key"], wanted["json_value"], user=actor_of(request))
        return etags.answer(document_of(Setting.objects.get(pk=pk)), HTTPStatus.CREATED)

    def audited_body(self, request: Request) -> Document | None:
        given: Any = request.data
        return _noted(str(given["key"]), request)


class SettingView(_Settings, DocumentDetailView):
    """One setting."""

    serializer_class = StoredSettingSerializer
    key: str = ""

    def get(self, request: Request, id: int, **_kwargs: Any) -> HttpResponseBase:
        return etags.answer(self.document(request, id))

    def put(self, request: Request, id: int) -> Response:
        """A new value; answered without a body (published)."""
        self.check_visible(id)
        given = StoredSettingSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        with transaction.atomic():
            row = self._locked(request, id)
            settings_store.put(row.key, given.validated_data["json_value"], user=actor_of(request))
        return Response(status=HTTPStatus.OK)

    def patch(self, request: Request, id: int) -> Response:
        """As PUT: there is one thing to change."""
        return self.put(request, id)

    def delete(self, request: Request, id: int) -> Response:
        """Back to the default."""
        self.check_visible(id)
        with transaction.atomic():
            settings_store.reset(self._locked(request, id).key, user=actor_of(request))
        return no_content()

    def _locked(self, request: Request, id: int) -> Setting:
        row = Setting.objects.select_for_update().filter(pk=id).first()
        if row is None:
            raise NotFound(_("This setting has its default again."))
        etags.check(request, document_of(row))
        self.key = row.key
        return row

    def audited_body(self, request: Request) -> Document | None:
        return _noted(self.key, request)


class SettingKeySerializer(StrictSerializer):
    key = serializers.CharField(read_only=True)
    default = serializers.JSONField(read_only=True)
    text = serializers.CharField(read_only=True)
    secrets = serializers.ListField(child=serializers.CharField(), read_only=True)
    json_schema = serializers.JSONField(read_only=True)


class SettingKeysView(ApiView):
    """Every setting there is: what it means, its default, and what a value must look like."""

    access = "A"

    def get_serializer(self, *args: Any, **kwargs: Any) -> SettingKeySerializer:
        return SettingKeySerializer(*args, **kwargs)

    def get(self, _request: Request) -> Response:
        turkish = (get_language() or "").startswith("tr")
        rows = [
            {
                "key": key.name,
                "default": key.read(key.default),
                "text": key.tr if turkish else key.en,
                "secrets": list(key.secrets),
                "json_schema": key.json_schema,
            }
            for key in settings_store.keys()  # noqa: SIM118 - a function, not a dict's
        ]
        return Response({"count": len(rows), "next": None, "previous": None, "results": rows})


routes = [
    route("settings/application_settings/", SettingListView),
    route("settings/application_settings/keys/", SettingKeysView),
    route("settings/application_settings/<id:id>/", SettingView),
]
