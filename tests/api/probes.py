"""Views that exist in tests alone: one for each way in which a view can end."""

import threading
from typing import Any

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import DataError, IntegrityError, OperationalError, transaction
from django.http import Http404
from django.urls import include, path
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response

from packhouse.api.errors import Family
from packhouse.api.routes import route
from packhouse.api.serializers import StrictModelSerializer
from packhouse.api.v1 import urls
from packhouse.api.views import ApiView, no_content
from packhouse.catalog.models import PackageDenialReason
from packhouse.kernel.errors import NotFound, PackhouseError, WrongBarcode, WrongState


class AlreadyRegistered(PackhouseError):
    code = "webhook_100_2"
    status = 406


class BadQuery(PackhouseError):
    code = "invalid_parameter"
    status = 422


def nested_validation() -> exceptions.ValidationError:
    return exceptions.ValidationError({"lines": [{}, {"sku": ["Unknown."]}], "title": ["Too long."]})


ENDINGS: dict[str, Any] = {
    "wrong-state": lambda: WrongState("PACKED", ["WAITING"]),
    "wrong-barcode": lambda: WrongBarcode({"input_parameters.barcodes.0.barcode": ["Not of this item."]}),
    "not-found": lambda: NotFound("There is no package 7."),
    "registered": lambda: AlreadyRegistered("Webhook already registered"),
    "bad-query": lambda: BadQuery({"sku": ["Missing."]}),
    "settings": lambda: WrongBarcode({"json_value.auth.username": ["Missing."], "json_value.auth": ["Bad."]}),
    "http404": lambda: Http404("gone"),
    "denied": lambda: PermissionDenied("no"),
    "suspicious": lambda: SuspiciousOperation("odd host"),
    "data-error": lambda: DataError("bigint out of range"),
    "integrity": lambda: IntegrityError("something else"),
    "database-gone": lambda: OperationalError("server closed the connection"),
    "bug": lambda: RuntimeError("a secret detail"),
    "nested": nested_validation,
    "framework-throttled": lambda: exceptions.Throttled(7),
    "unsupported": lambda: exceptions.UnsupportedMediaType("text/plain"),
}


class EndingView(ApiView):
    """Ends as `how` says."""

    access = "AOSI"
    scope = "commands"

    def get(self, _request: Request, how: str) -> Response:
        raise ENDINGS[how]()

    def post(self, _request: Request, how: str) -> Response:
        raise ENDINGS[how]()


class CommandEndingView(EndingView):
    error_family = Family.COMMAND


class StockEndingView(EndingView):
    error_family = Family.STOCK


class SettingsEndingView(EndingView):
    error_family = Family.SETTINGS


class WhispererEndingView(EndingView):
    error_family = Family.WHISPERER


class ReasonSerializer(StrictModelSerializer):
    class Meta:
        model = PackageDenialReason
        fields = ("id", "title", "priority", "modified_date")
        read_only_fields = ("modified_date",)


class MakingView(ApiView):
    """Makes a row, and then fails if the body's `fail` says so: 400, 403 or 500."""

    access = "AOSI"
    scope = "commands"

    def get_serializer(self, *args: Any, **kwargs: Any) -> ReasonSerializer:
        return ReasonSerializer(*args, **kwargs)

    def post(self, request: Request) -> Response:
        given: Any = request.data
        row = PackageDenialReason.objects.create(title=given["title"])
        self.after(given.get("fail"))
        return Response({"id": row.pk, "title": row.title}, status=201)

    @staticmethod
    def after(fail: int | None) -> None:
        if fail == 400:
            raise WrongBarcode({"title": ["Not this one."]})
        if fail == 403:
            raise PermissionDenied
        if fail == 500:
            raise RuntimeError


class SlowMakingView(MakingView):
    """Tells when it is inside, and goes on when it is told to."""

    inside = threading.Event()
    go_on = threading.Event()

    def after(self, fail: int | None) -> None:  # type: ignore[override]
        type(self).inside.set()
        assert type(self).go_on.wait(10)


class OwnTransactionView(ApiView):
    """As a command: keeps its answer inside a transaction of its own."""

    access = "AOSI"
    scope = "commands"
    error_family = Family.COMMAND
    own_transaction = True

    def post(self, request: Request) -> Response:
        claim = getattr(request, "claim", None)
        given: Any = request.data
        with transaction.atomic():
            PackageDenialReason.objects.create(title=given["title"])
            if claim:
                claim.keep(204)
            MakingView.after(given.get("fail"))
        return no_content()


class EchoView(ApiView):
    """Answers what was sent; open to all."""

    access = None
    body_limit = 1000

    def post(self, request: Request) -> Response:
        return Response({"data": request.data, "text": None})


probes = [
    route("ending/<str:how>/", EndingView),
    route("command-ending/<str:how>/", CommandEndingView),
    route("stock-ending/<str:how>", StockEndingView),
    route("settings-ending/<str:how>/", SettingsEndingView),
    route("whisperer-ending/<str:how>/", WhispererEndingView),
    route("making/", MakingView),
    route("slow-making/", SlowMakingView),
    route("own-transaction/", OwnTransactionView),
    route("echo/", EchoView),
    route("no-slash", EchoView),
]
urlpatterns = [path("api/v1/oms/", include(probes)), *urls.urlpatterns]

handler400 = "packhouse.api.errors.bad_request"
handler404 = "packhouse.api.errors.not_found"
handler500 = "packhouse.api.errors.server_error"
