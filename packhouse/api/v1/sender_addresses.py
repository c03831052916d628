"""What carriers call a location: `origin_id` (pages 50 and 80)."""

from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from packhouse.api import etags
from packhouse.api.auth import actor_of
from packhouse.api.editing import EditableView
from packhouse.api.filters import FlagFilter, NumberFilter, StrictFilterSet, TextFilter
from packhouse.api.lists import Document, DocumentListView, DocumentView
from packhouse.api.routes import route
from packhouse.api.serializers import StrictModelSerializer
from packhouse.api.v1.shapes.location import StockLocationAddressSerializer
from packhouse.api.views import no_content
from packhouse.kernel.models import Scope
from packhouse.kernel.wire import timestamp
from packhouse.locations.models import SenderAddress, StockLocation
from packhouse.payloads import location as payload


class SenderAddressSerializer(StrictModelSerializer):
    """`address`: the location's; `remote_id`: what the back office calls the row."""

    address = StockLocationAddressSerializer(read_only=True, allow_null=True)

    class Meta:
        model = SenderAddress
        fields = (
            "id",
            "created_date",
            "modified_date",
            "origin_id",
            "remote_id",
            "address",
            "stock_location",
            "cargo_company",
            "is_active",
        )
        read_only_fields = ("created_date", "modified_date")
        extra_kwargs: ClassVar[dict[str, Any]] = {"origin_id": {"required": True}}

    def update(self, row: SenderAddress, values: dict[str, Any]) -> SenderAddress:
        """An id that a person enters is nobody's to make anew."""
        if values.get("origin_id", row.origin_id) != row.origin_id:
            row.made_for = ""
        changed: SenderAddress = super().update(row, values)
        return changed

    def validate_stock_location(self, location: StockLocation) -> StockLocation:
        own = self.context["location_ids"]
        if own is not None and location.pk not in own:
            raise ValidationError(_("You may not change what belongs to this location."))
        return location


class SenderAddressFilterSet(StrictFilterSet):
    stock_location = NumberFilter("stock_location")
    stock_location__erp_code = TextFilter("stock_location__erp_code")
    cargo_company = NumberFilter("cargo_company")
    cargo_company__erp_code = TextFilter("cargo_company__erp_code")
    origin_id = TextFilter("origin_id")
    remote_id = TextFilter("remote_id")
    is_active = FlagFilter("is_active")


class _SenderAddresses(DocumentView):
    rows = SenderAddress.objects.all()
    serializer_class = SenderAddressSerializer
    access = "AoI"
    scope = Scope.LOCATIONS
    location_paths = ("stock_location",)

    def documents(self, ids: Sequence[int]) -> Iterable[Document]:
        found = SenderAddress.objects.select_related("stock_location").in_bulk(list(ids))
        places = {pk for row in found.values() if (pk := row.stock_location.address_id) is not None}
        addresses = payload.address_documents(sorted(places)) if places else {}
        return [_document(found[pk], addresses) for pk in ids if pk in found]

    def reading(self, request: Request, *args: Any, **kwargs: Any) -> Any:
        """A serializer that knows whose locations the caller may change."""
        return self.get_serializer(*args, context={"location_ids": actor_of(request).location_ids}, **kwargs)


def _document(row: SenderAddress, addresses: Mapping[int, Document]) -> Document:
    return {
        "id": row.pk,
        "created_date": timestamp(row.created_date),
        "modified_date": timestamp(row.modified_date),
        "origin_id": row.origin_id,
        "remote_id": row.remote_id,
        "address": addresses.get(row.stock_location.address_id or 0),
        "stock_location": row.stock_location_id,
        "cargo_company": row.cargo_company_id,
        "is_active": row.is_active,
    }


class SenderAddressListView(_SenderAddresses, DocumentListView):
    """One row for each location and carrier."""

    filterset_class = SenderAddressFilterSet
    sorts: ClassVar[dict[str, str]] = {"origin_id": "origin_id"}

    def post(self, request: Request) -> Response:
        """Tell what a carrier calls a location."""
        given = self.reading(request, data=request.data)
        given.is_valid(raise_exception=True)
        (document,) = self.documents([given.save().pk])
        return etags.answer(document, HTTPStatus.CREATED)


class SenderAddressView(_SenderAddresses, EditableView):
    """One of them."""

    def bound(self, request: Request, row: Any, *, partial: bool) -> Any:
        return self.reading(request, row, data=request.data, partial=partial)

    def delete(self, request: Request, id: int) -> Response:
        """It is forgotten; a carrier that wants one is asked for a new one."""
        self.check_visible(id)
        SenderAddress.objects.filter(pk=id).delete()
        return no_content()


routes = [
    route("stocklocations-senderaddress/", SenderAddressListView),
    route("stocklocations-senderaddress/<id:id>/", SenderAddressView),
]
