"""Documents of packages and transfers: all that are kept, despatch notes entered by hand, invoices asked for again."""

import base64
import binascii
from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import Any, ClassVar, Literal

from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from packhouse.api import filters
from packhouse.api.auth import actor_of
from packhouse.api.filters import FlagFilter, StrictFilterSet, TextFilter
from packhouse.api.json_text import JSONParser
from packhouse.api.lists import Document, DocumentListView
from packhouse.api.routes import route
from packhouse.api.serializers import StrictSerializer, TimeField
from packhouse.api.v1.files import FileView, file_answer
from packhouse.api.v1.shapes.shape import Shape, some_text
from packhouse.api.v1.visibility import check_package, check_transfer
from packhouse.api.views import LARGE_BODY, ApiView
from packhouse.commands.invoicing.enter_despatch import enter_despatch
from packhouse.commands.invoicing.retry_invoice import retry_invoice
from packhouse.invoicing import export
from packhouse.invoicing.documents import LARGEST, MEGABYTES, type_of
from packhouse.invoicing.models import Document as KeptDocument
from packhouse.invoicing.models import Invoice, InvoiceKind
from packhouse.kernel.errors import NotFound
from packhouse.kernel.models import Scope
from packhouse.kernel.wire import optional_timestamp, timestamp
from packhouse.payloads import links


class KeptDocumentSerializer(Shape):
    """`url` shows the kept copy; null where only the number was entered."""

    id = serializers.IntegerField()
    kind = serializers.CharField(help_text="invoice, bill, packaging, despatch …")
    number = some_text()
    date = TimeField(allow_null=True)
    document_type = serializers.CharField()
    url = some_text()
    is_current = serializers.BooleanField()
    created_date = TimeField()
    modified_date = TimeField()


class EnteredDocumentSerializer(StrictSerializer):
    """A despatch note as somebody entered it; `document` in base64."""

    kind = serializers.ChoiceField(choices=[InvoiceKind.DESPATCH.value])
    number = serializers.CharField(max_length=64)
    date = TimeField()
    document = serializers.CharField(required=False, allow_null=True, trim_whitespace=True)

    def validate_document(self, text: str | None) -> dict[str, Any]:
        if text is None:
            return {}
        try:
            content = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            raise ValidationError(_("Send the document in base64.")) from None
        if len(content) > LARGEST:
            raise ValidationError(_("A document may have %(size)s MB.") % {"size": MEGABYTES})
        document_type = type_of(content)
        if document_type is None:
            raise ValidationError(_("Send a PDF, PNG, XML or HTML."))
        return {"content": content, "document_type": document_type}


class KeptDocumentFilterSet(StrictFilterSet):
    kind = TextFilter("kind")
    number = TextFilter("number")
    is_current = FlagFilter("is_current")


class _DocumentsView(DocumentListView):
    """Every document that is kept of the object in the address, replaced ones among them."""

    rows = KeptDocument.objects.defer("content")
    serializer_class = KeptDocumentSerializer
    filterset_class = KeptDocumentFilterSet
    access = {"GET": "aosi", "POST": "AO"}
    scope = Scope.COMMANDS
    body_limit = LARGE_BODY
    parser_classes = [JSONParser]
    owner: ClassVar[Literal["package_id", "transfer_order_id"]]
    place: ClassVar[str]

    def get(self, request: Request, **kwargs: Any) -> HttpResponseBase:
        self.check_owner(kwargs["id"])
        return super().get(request)

    @extend_schema(request=EnteredDocumentSerializer, responses={201: KeptDocumentSerializer})
    def post(self, request: Request, id: int) -> Response:
        """Enter a despatch note by hand."""
        self.check_owner(id)
        given = EnteredDocumentSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        values = given.validated_data
        made = enter_despatch(
            self.owner,
            id,
            number=values["number"],
            date=values["date"],
            **values.get("document", {}),
        )
        (document,) = self.documents([made])
        return Response(document, status=HTTPStatus.CREATED)

    def check_owner(self, id: int) -> None:
        """Raises NotFound, PermissionDenied."""
        raise NotImplementedError

    def visible(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.filter(**{self.owner: self.kwargs["id"]})

    def documents(self, ids: Sequence[int]) -> Iterable[Document]:
        has_copy = ExpressionWrapper(Q(content__isnull=False), output_field=BooleanField())
        found = self.rows.annotate(has_copy=has_copy).in_bulk(list(ids))
        return [self._document(found[pk]) for pk in ids if pk in found]

    def _document(self, row: Any) -> Document:
        address = f"{links.BASE}/{self.place}/{self.kwargs['id']}/documents/{row.pk}/"
        return {
            "id": row.pk,
            "kind": row.kind,
            "number": row.number,
            "date": optional_timestamp(row.date),
            "document_type": row.document_type,
            "url": self.request.build_absolute_uri(address) if row.has_copy else None,
            "is_current": row.is_current,
            "created_date": timestamp(row.created_date),
            "modified_date": timestamp(row.modified_date),
        }


class PackageDocumentsView(_DocumentsView):
    owner = "package_id"
    place = "packages"

    def check_owner(self, id: int) -> None:
        check_package(actor_of(self.request), id)


class TransferDocumentsView(_DocumentsView):
    owner = "transfer_order_id"
    place = "transfer_orders"

    def check_owner(self, id: int) -> None:
        check_transfer(actor_of(self.request), id)


class PackageKeptDocumentView(FileView):
    """One of a package's documents."""

    @extend_schema(responses={(200, "application/pdf"): OpenApiTypes.BINARY})
    def get(self, request: Request, id: int, document: int) -> HttpResponseBase:
        check_package(actor_of(request), id)
        return _copy(KeptDocument.objects.filter(package=id), document)


class TransferKeptDocumentView(FileView):
    """One of a transfer order's documents."""

    @extend_schema(responses={(200, "application/pdf"): OpenApiTypes.BINARY})
    def get(self, request: Request, id: int, document: int) -> HttpResponseBase:
        check_transfer(actor_of(request), id)
        return _copy(KeptDocument.objects.filter(transfer_order=id), document)


def _copy(rows: QuerySet[KeptDocument], id: int) -> HttpResponseBase:
    found = rows.filter(pk=id, content__isnull=False).first()
    if found is None:
        raise NotFound(_("There is no such document."))
    return file_answer(found.content, found.document_type, f"{found.kind}-{found.pk}")


class InvoiceXmlView(FileView):
    """The received invoice as UBL 2.1, for the brand's e-invoice tool; `profile` of `EINVOICE_EXPORT`."""

    parameters = ("profile",)

    @extend_schema(
        parameters=[
            OpenApiParameter("profile", description="en16931 (default), or another of EINVOICE_EXPORT")
        ],
        responses={(200, "application/xml"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, id: int) -> HttpResponseBase:
        check_package(actor_of(request), id)
        profile = request.GET.get("profile", export.DEFAULT_PROFILE)
        return file_answer(export.invoice_xml(id, profile), "xml", f"invoice-{id}")


class PackageDespatchXmlView(FileView):
    """The package's despatch note as UBL 2.1."""

    @extend_schema(responses={(200, "application/xml"): OpenApiTypes.BINARY})
    def get(self, request: Request, id: int) -> HttpResponseBase:
        check_package(actor_of(request), id)
        return file_answer(export.despatch_xml(package_id=id), "xml", f"despatch-{id}")


class TransferDespatchXmlView(FileView):
    """The transfer order's despatch note as UBL 2.1."""

    @extend_schema(responses={(200, "application/xml"): OpenApiTypes.BINARY})
    def get(self, request: Request, id: int) -> HttpResponseBase:
        check_transfer(actor_of(request), id)
        return file_answer(export.despatch_xml(transfer_order_id=id), "xml", f"despatch-{id}")


class AskedForSerializer(Shape):
    id = serializers.IntegerField()
    package = serializers.IntegerField()
    kind = serializers.CharField()
    state = serializers.CharField()
    request_id = some_text()


class InvoiceRetryView(ApiView):
    """Ask again for an invoice that failed, or with `kind` for another document; `request_id` stays."""

    access = {"POST": "AO"}
    scope = Scope.COMMANDS

    @extend_schema(request=None, responses={202: AskedForSerializer})
    def post(self, request: Request, id: int) -> Response:
        """Started in the background."""
        filters.check_only(request.GET, "kind")
        check_package(actor_of(request), id)
        row = Invoice.objects.get(pk=retry_invoice(id, _kind(request)))
        document = {
            "id": row.pk,
            "package": id,
            "kind": row.kind,
            "state": row.state,
            "request_id": row.request_id,
        }
        return Response(document, status=HTTPStatus.ACCEPTED)


def _kind(request: Request) -> InvoiceKind:
    given = request.GET.get("kind", InvoiceKind.INVOICE.value)
    if given not in InvoiceKind.values:
        choices = ", ".join(InvoiceKind.values)
        raise ValidationError({"kind": [_("Send one of: %(choices)s.") % {"choices": choices}]})
    return InvoiceKind(given)


routes = [
    route("packages/<id:id>/invoice/retry/", InvoiceRetryView),
    route("packages/<id:id>/documents/", PackageDocumentsView),
    route("packages/<id:id>/documents/<id:document>/", PackageKeptDocumentView),
    route("packages/<id:id>/invoice.xml", InvoiceXmlView),
    route("packages/<id:id>/despatch.xml", PackageDespatchXmlView),
    route("transfer_orders/<id:id>/despatch.xml", TransferDespatchXmlView),
    route("transfer_orders/<id:id>/documents/", TransferDocumentsView),
    route("transfer_orders/<id:id>/documents/<id:document>/", TransferKeptDocumentView),
]
