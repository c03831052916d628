"""Why a location may refuse a package (published)."""

from typing import ClassVar

from django.db import transaction
from django.db.models import ProtectedError
from rest_framework.request import Request
from rest_framework.response import Response

from packhouse.api.editing import EditableView
from packhouse.api.filters import (
    FlagFilter,
    NumberFilter,
    StrictFilterSet,
    TextFilter,
)
from packhouse.api.lists import DocumentListView, SimpleListView
from packhouse.api.routes import route
from packhouse.api.serializers import StrictModelSerializer
from packhouse.api.views import no_content
from packhouse.catalog.models import PackageDenialReason


class DenialReasonSerializer(StrictModelSerializer):
    class Meta:
        model = PackageDenialReason
        fields = ("id", "title", "remote_id", "priority", "is_active", "created_date", "modified_date")
        read_only_fields = ("created_date", "modified_date")


class DenialReasonFilterSet(StrictFilterSet):
    title = TextFilter("title", "icontains")
    remote_id = TextFilter("remote_id")
    priority = NumberFilter("priority")
    is_active = FlagFilter("is_active")


class _Reasons(DocumentListView):
    rows = PackageDenialReason.objects.all()
    serializer_class = DenialReasonSerializer
    filterset_class = DenialReasonFilterSet
    sorts: ClassVar[dict[str, str]] = {"title": "title", "priority": "priority"}


class DenialReasonsView(_Reasons):
    """The reasons; only an admin makes new ones."""

    access = "Aosi"

    def post(self, request: Request) -> Response:
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        serializer.save()
        return Response(serializer.data, status=201)


class DenialReasonListView(_Reasons):
    """The same rows at their older address, to read."""


class DenialReasonSimpleListView(_Reasons, SimpleListView):
    """The same rows for reporting tools."""

    file_name = "package-denial-reasons"


class DenialReasonView(EditableView):
    access = "Aosi"
    rows = PackageDenialReason.objects.all()
    serializer_class = DenialReasonSerializer

    def delete(self, request: Request, id: int) -> Response:
        """One that packages name is only switched off."""
        with transaction.atomic():
            reason = self.locked(request, id)
            try:
                with transaction.atomic():
                    reason.delete()
            except ProtectedError:
                reason.is_active = False
                reason.save(update_fields=["is_active"])
        return no_content()


routes = [
    route("packages/package_denial_reason/", DenialReasonsView),
    route("packages/package_denial_reason/<id:id>/", DenialReasonView),
    route("package-denial-reason/", DenialReasonListView),
    route("package-denial-reason/list-simple/", DenialReasonSimpleListView),
]
