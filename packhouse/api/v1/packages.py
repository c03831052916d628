"""Packages: lists, details, their files, their history and their messages."""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from packhouse.api import formats
from packhouse.api.auth import actor_of
from packhouse.api.lists import Document, DocumentDetailView, DocumentListView, DocumentView
from packhouse.api.routes import route
from packhouse.api.v1 import visibility
from packhouse.api.v1.bulk_commands import PackageCommandsView
from packhouse.api.v1.events import EventListView
from packhouse.api.v1.files import FileView, file_answer
from packhouse.api.v1.package_filters import PackageFilterSet
from packhouse.api.v1.picking import PICK_LIST, paper_of, paper_parameter, pick_list
from packhouse.api.v1.runnable import put_commands
from packhouse.api.v1.shapes.package import PackageSerializer, ShortPackageSerializer
from packhouse.api.v1.shapes.shape import Shape
from packhouse.api.v1.transition_logs import TransitionLogsOfOne
from packhouse.commands.packages.packaging_document import packaging_document
from packhouse.invoicing.models import Document as KeptDocument
from packhouse.invoicing.models import InvoiceKind
from packhouse.kernel import clock
from packhouse.kernel.errors import InvalidParameter, NotFound
from packhouse.kernel.models import Scope
from packhouse.packages.models import Package
from packhouse.payloads import package as payload
from packhouse.shipments.models import ShippingLabel

PACKAGING = "packaging"


class _Packages(DocumentView):
    rows = Package.objects.all()
    serializer_class: ClassVar[type[Shape]] = PackageSerializer
    location_paths = visibility.PACKAGE.locations
    channel_path = visibility.PACKAGE.channel

    def documents(self, ids: Sequence[int]) -> Iterable[Document]:
        rows = payload.documents(ids).values()
        put_commands("package", rows, actor_of(self.request))
        return rows


class PackageListView(_Packages, DocumentListView):
    """Whole packages. `commands` lists what the caller may run on each now."""

    filterset_class = PackageFilterSet
    sorts: ClassVar[dict[str, str]] = {"order_id": "order_id", "date_placed": "order__date_placed"}
    extra_formats = formats.EXPORTS
    file_name = "packages"


class ShortPackageListView(PackageListView):
    """The same packages, each in a few keys."""

    serializer_class = ShortPackageSerializer
    file_name = "packages-short"

    def documents(self, ids: Sequence[int]) -> Iterable[Document]:
        return payload.short_documents(ids).values()


class PackageView(_Packages, DocumentDetailView):
    """One whole package; PATCH takes the partner's own number, `remote_id`, and nothing else."""

    access = {"GET": "aosi", "PATCH": "AOI"}
    scope = Scope.COMMANDS

    def patch(self, request: Request, id: int) -> Response:
        """Set or clear `remote_id`."""
        self.check_visible(id)
        given = self.get_serializer(data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        if "remote_id" not in given.validated_data:
            raise InvalidParameter({"remote_id": [_("Send remote_id; nothing else can be changed here.")]})
        Package.objects.filter(pk=id).update(
            remote_id=given.validated_data["remote_id"], modified_date=clock.now()
        )
        return Response(self.document(request, id))


class PackageHistoryView(TransitionLogsOfOne):
    """Every change of the package's state."""

    kind_of_object = "package"

    def check_owner(self, request: Request, id: int) -> None:
        visibility.check_package(actor_of(request), id)


class PackageEventsView(EventListView):
    """The messages of this package, its shipments' among them, as subscribers were told."""

    def check_owner(self, request: Request, id: int) -> None:
        visibility.check_package(actor_of(request), id)

    def visible(self, rows: Any) -> Any:
        return rows.filter(subject=f"package/{self.kwargs['id']}")


class PackageLabelView(FileView):
    """The carrier's label of the package's present shipment."""

    parameters = ("file_format", "parcel")

    @extend_schema(
        parameters=[
            OpenApiParameter("file_format", enum=["pdf", "zpl", "png"]),
            OpenApiParameter("parcel", OpenApiTypes.INT, description="id of a parcel"),
        ],
        responses={(200, "application/pdf"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, id: int) -> HttpResponseBase:
        visibility.check_package(actor_of(request), id)
        rows = ShippingLabel.objects.filter(shipment__package=id, shipment__is_current=True, is_current=True)
        return label_answer(rows, request, f"label-{id}")


def label_answer(rows: Any, request: Request, name: str) -> HttpResponseBase:
    """The first of these labels in the format, and of the parcel, that was asked for. Raises NotFound."""
    if file_format := request.GET.get("file_format"):
        rows = rows.filter(file_format=file_format)
    if parcel := request.GET.get("parcel"):
        if not (parcel.isascii() and parcel.isdigit() and len(parcel) < 19):
            raise InvalidParameter({"parcel": [_("Send the id of a parcel.")]})
        rows = rows.filter(parcel=int(parcel))
    label = rows.order_by("id").first()
    if label is None:
        raise NotFound(_("There is no such label yet."))
    return file_answer(label.content, label.file_format, name)


class PackageDocumentView(FileView):
    """The invoice as it was received; until there is one, the packaging document. `kind` asks for another."""

    parameters = ("kind", "paper")

    @extend_schema(
        parameters=[
            OpenApiParameter("kind", description="invoice, packaging, pick_list, despatch …"),
            paper_parameter,
        ],
        responses={(200, "application/pdf"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, id: int) -> HttpResponseBase:
        visibility.check_package(actor_of(request), id)
        rows = KeptDocument.objects.filter(package=id, is_current=True, content__isnull=False)
        paper = paper_of(request)
        kind = request.GET.get("kind")
        if kind == PICK_LIST:
            return pick_list([id], paper, f"{PICK_LIST}-{id}")
        if kind != PACKAGING:
            document = rows.filter(kind=kind or InvoiceKind.INVOICE).order_by("-id").first()
            if document is not None:
                return file_answer(document.content, document.document_type, f"{document.kind}-{id}")
            if kind is not None:
                raise NotFound(_("There is no such document yet."))
        return file_answer(packaging_document(id, paper), "pdf", f"{PACKAGING}-{id}")


routes = [
    route("packages/commands/", PackageCommandsView),
    route("packages/", PackageListView),
    route("packages/short/", ShortPackageListView),
    route("packages/<id:id>/", PackageView),
    route("packages/<id:id>/history/", PackageHistoryView),
    route("packages/<id:id>/events/", PackageEventsView),
    route("packages/<id:id>/label/", PackageLabelView),
    route("packages/<id:id>/document/", PackageDocumentView),
]
