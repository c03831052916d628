"""Asking again for many at once what failed: invoices (page 80, 1.3) and registrations of shipments (2.2)."""

from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from packhouse.api.auth import actor_of
from packhouse.api.errors import Family, body_of, refusal_of
from packhouse.api.json_text import JSONParser
from packhouse.api.lists import Document
from packhouse.api.routes import route
from packhouse.api.serializers import StrictSerializer
from packhouse.api.v1 import visibility
from packhouse.api.v1.shapes.shape import Shape, some_number, some_text
from packhouse.api.views import ApiView
from packhouse.commands.invoicing.retry_invoice import retry_invoice
from packhouse.commands.shipments.retry_registration import retry_registration
from packhouse.invoicing.models import InvoiceKind
from packhouse.kernel.models import Scope
from packhouse.shipments.models import Shipment

MOST = 1000
_LARGEST_ID = 10**18 - 1


class DistinctIdsField(serializers.ListField):
    """1 to 1,000 ids, none of them twice."""

    child = serializers.IntegerField(min_value=1, max_value=_LARGEST_ID)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(allow_empty=False, max_length=MOST, **kwargs)

    def to_internal_value(self, data: Any) -> list[Any]:
        given = super().to_internal_value(data)
        if len(set(given)) < len(given):
            raise serializers.ValidationError(_("An id stands here twice."))
        return given


class RetryInvoicesSerializer(StrictSerializer):
    packages = DistinctIdsField()
    kind = serializers.ChoiceField(choices=InvoiceKind.choices, default=InvoiceKind.INVOICE.value)


class RetryShipmentsSerializer(StrictSerializer):
    shipments = DistinctIdsField()


class RetriedSerializer(Shape):
    """How it went with one of them. `status_code` 202: it is asked for again, in the background."""

    index = serializers.IntegerField()
    status_code = serializers.IntegerField()
    error = serializers.DictField(allow_null=True)
    code = some_text()


class RetriedInvoiceSerializer(RetriedSerializer):
    """`invoice`: the id of what is asked for again."""

    package = serializers.IntegerField()
    invoice = some_number()


class RetriedShipmentSerializer(RetriedSerializer):
    """`registered`: the id of the shipment that is registered now, the same or its successor."""

    shipment = serializers.IntegerField()
    registered = some_number()


class _BulkRetryView(ApiView):
    """Each is done or refused by itself, in a transaction of its own: 200 with one result per id, in order."""

    access = {"POST": "AO"}
    scope = Scope.COMMANDS
    rate = "bulk"
    own_transaction = True
    parser_classes = [JSONParser]


class InvoicesRetryView(_BulkRetryView):
    """Ask again for the invoices of many packages, or with `kind` for other documents; `failed` ones only."""

    @extend_schema(
        operation_id="packages_invoices_retry_create",
        request=RetryInvoicesSerializer,
        responses={200: RetriedInvoiceSerializer(many=True)},
    )
    def post(self, request: Request) -> Response:
        """Started in the background; what cannot be asked for again stops nothing."""
        given = RetryInvoicesSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        kind, actor = InvoiceKind(given.validated_data["kind"]), actor_of(request)

        def retry(id: int) -> int:
            visibility.check_package(actor, id)
            return retry_invoice(id, kind)

        return Response(_results(given.validated_data["packages"], "package", "invoice", retry))


class ShipmentsRetryView(_BulkRetryView):
    """Register many shipments again that failed, or that were deleted at the carrier."""

    @extend_schema(
        operation_id="shipments_bulk_retry_create",
        request=RetryShipmentsSerializer,
        responses={200: RetriedShipmentSerializer(many=True)},
    )
    def post(self, request: Request) -> Response:
        """Started in the background; what cannot be registered again stops nothing."""
        given = RetryShipmentsSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        every = Shipment.objects.all()
        visible = visibility.shipments(every, actor_of(request))

        def retry(id: int) -> int:
            visibility.check(visible, every, id, "shipment")
            return retry_registration(id)

        return Response(_results(given.validated_data["shipments"], "shipment", "registered", retry))


def _results(ids: Sequence[int], owner: str, made: str, retry: Callable[[int], int]) -> list[Document]:
    return [
        {"index": index, owner: number, **_result(made, retry, number)} for index, number in enumerate(ids)
    ]


def _result(made: str, retry: Callable[[int], int], number: int) -> Document:
    try:
        with transaction.atomic():
            asked = retry(number)
    except Exception as failure:  # noqa: BLE001 - becomes this one's result; the others go on
        refusal = refusal_of(failure)
        body = body_of(refusal, Family.COMMAND)
        return {"status_code": refusal.status, "error": body["error"], "code": body["code"], made: None}
    return {"status_code": HTTPStatus.ACCEPTED.value, "error": None, "code": None, made: asked}


routes = [
    route("packages/invoice/retry/", InvoicesRetryView),
    route("shipments/retry/", ShipmentsRetryView),
]
