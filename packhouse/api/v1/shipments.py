"""Shipments: the carrier's side of packages and transfers."""

from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import Any

from django.db.models import QuerySet
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from packhouse.api import filters, formats
from packhouse.api.auth import actor_of
from packhouse.api.filters import FlagFilter, NumberFilter, StrictFilterSet, TextFilter
from packhouse.api.lists import Document, DocumentDetailView, DocumentListView, DocumentView
from packhouse.api.routes import route
from packhouse.api.v1 import visibility
from packhouse.api.v1.files import FileView
from packhouse.api.v1.packages import label_answer
from packhouse.api.v1.shapes.shipment import CarrierStepSerializer, ShipmentSerializer
from packhouse.commands.shipments.ask_carrier import ask_for_status
from packhouse.commands.shipments.retry_registration import retry_registration
from packhouse.kernel.models import Scope
from packhouse.kernel.wire import timestamp
from packhouse.payloads import shipment as payload
from packhouse.shipments.models import Shipment, ShippingLabel, TrackingEvent


class ShipmentFilterSet(StrictFilterSet):
    package = NumberFilter("package")
    transfer_order = NumberFilter("transfer_order")
    status = TextFilter("status")
    registration = TextFilter("registration")
    cargo_company = NumberFilter("cargo_company")
    awb_number = TextFilter("awb_number")
    tracking_number = TextFilter("tracking_number")
    has_error = FlagFilter(method="filter_error")

    def filter_error(self, rows: QuerySet[Any], _name: str, value: bool) -> QuerySet[Any]:
        return rows.exclude(error__isnull=value)


class _Shipments(DocumentView):
    rows = Shipment.objects.all()
    serializer_class = ShipmentSerializer

    def documents(self, ids: Sequence[int]) -> Iterable[Document]:
        return payload.documents(ids).values()

    def visible(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return visibility.shipments(rows, actor_of(self.request))


class ShipmentListView(_Shipments, DocumentListView):
    """Shipments of packages and of transfers."""

    filterset_class = ShipmentFilterSet
    extra_formats = formats.EXPORTS
    file_name = "shipments"


class ShipmentView(_Shipments, DocumentDetailView):
    """One shipment."""


class ShipmentHistoryView(_Shipments, DocumentDetailView):
    """The carrier's steps, oldest first."""

    @extend_schema(responses={200: CarrierStepSerializer(many=True)})
    def get(self, request: Request, id: int, **_kwargs: Any) -> Response:
        """Every step that the carrier has told."""
        filters.check_only(request.GET)
        self.check_visible(id)
        steps = TrackingEvent.objects.filter(shipment=id).order_by("date", "id")
        return Response([_step(step) for step in steps])


def _step(row: TrackingEvent) -> Document:
    return {"date": timestamp(row.date), "status": row.status, "text": row.text, "place": row.place}


class ShipmentLabelView(FileView):
    """The shipment's label, as the carrier gave it or as it was drawn here."""

    parameters = ("file_format", "parcel")

    @extend_schema(responses={(200, "application/pdf"): OpenApiTypes.BINARY})
    def get(self, request: Request, id: int) -> HttpResponseBase:
        """`file_format` pdf, zpl or png; `parcel` the id of one."""
        every = Shipment.objects.all()
        visibility.check(visibility.shipments(every, actor_of(request)), every, id, "shipment")
        labels = ShippingLabel.objects.filter(shipment=id, is_current=True)
        return label_answer(labels, request, f"shipment-{id}")


class _AskView(_Shipments, DocumentDetailView):
    access = {"POST": "AO"}
    scope = Scope.COMMANDS
    http_method_names = ["post", "options"]


class ShipmentRetryView(_AskView):
    """Register a shipment again that failed, or that was deleted at the carrier."""

    @extend_schema(request=None, responses={202: ShipmentSerializer})
    def post(self, request: Request, id: int) -> Response:
        """Started in the background. Answers the shipment that is registered now: this one or its successor."""
        self.check_visible(id)
        registered = retry_registration(id)
        return Response(self.document(request, registered), status=HTTPStatus.ACCEPTED)


class ShipmentPollView(_AskView):
    """Ask the carrier for the status now."""

    @extend_schema(request=None, responses={202: ShipmentSerializer})
    def post(self, request: Request, id: int) -> Response:
        """Started in the background."""
        self.check_visible(id)
        ask_for_status(id)
        return Response(self.document(request, id), status=HTTPStatus.ACCEPTED)


routes = [
    route("shipments/", ShipmentListView),
    route("shipments/<id:id>/", ShipmentView),
    route("shipments/<id:id>/history/", ShipmentHistoryView),
    route("shipments/<id:id>/label/", ShipmentLabelView),
    route("shipments/<id:id>/retry/", ShipmentRetryView),
    route("shipments/<id:id>/poll/", ShipmentPollView),
]
