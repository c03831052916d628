"""Addresses of stock locations."""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from django.db.models import QuerySet

from packhouse.api.auth import actor_of
from packhouse.api.editing import READ_AND_PATCH, EditableView
from packhouse.api.filters import FlagFilter, NumberFilter, StrictFilterSet
from packhouse.api.lists import Document, DocumentListView, DocumentView, SimpleListView
from packhouse.api.routes import route
from packhouse.api.v1.customers import flat
from packhouse.api.v1.location_fields import AddressBodySerializer
from packhouse.api.v1.shapes.location import StockLocationAddressSerializer
from packhouse.api.v1.shapes.shape import Shape, some_number
from packhouse.commands.locations.edit_location import change_address
from packhouse.kernel.models import Scope
from packhouse.locations.models import StockLocation, StockLocationAddress
from packhouse.payloads import location as payload


class LocationAddressRowSerializer(StockLocationAddressSerializer):
    """A flat row: places as ids."""

    country = some_number()  # type: ignore[assignment]
    city = some_number()  # type: ignore[assignment]
    township = some_number()  # type: ignore[assignment]
    district = some_number()  # type: ignore[assignment]


class LocationAddressFilterSet(StrictFilterSet):
    country = NumberFilter("country")
    city = NumberFilter("city")
    township = NumberFilter("township")
    district = NumberFilter("district")
    is_active = FlagFilter("is_active")


class _Addresses(DocumentView):
    rows = StockLocationAddress.objects.all()
    serializer_class: ClassVar[type[Shape]] = StockLocationAddressSerializer

    def documents(self, ids: Sequence[int]) -> Iterable[Document]:
        return payload.address_documents(ids).values()

    def visible(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        own = actor_of(self.request).location_ids
        if own is None:
            return rows
        return rows.filter(pk__in=StockLocation.objects.filter(pk__in=list(own)).values("address"))


class LocationAddressListView(_Addresses, DocumentListView):
    """Addresses of locations."""

    filterset_class = LocationAddressFilterSet


class LocationAddressSimpleListView(_Addresses, SimpleListView):
    """Addresses in flat rows, for reporting tools."""

    serializer_class = LocationAddressRowSerializer
    filterset_class = LocationAddressFilterSet
    file_name = "stock-location-addresses"

    def documents(self, ids: Sequence[int]) -> Iterable[Document]:
        return [flat(row) for row in super().documents(ids)]


class LocationAddressView(_Addresses, EditableView):
    """One address. A change of it is a change of its location."""

    access = {"GET": "aosi", "PATCH": "AI"}
    scope = Scope.LOCATIONS
    serializer_class = AddressBodySerializer
    http_method_names = READ_AND_PATCH

    def save(self, serializer: Any) -> None:
        change_address(serializer.instance.pk, serializer.validated_data)


routes = [
    route("stock_location_addresses/", LocationAddressListView),
    route("stock_location_addresses/list-simple/", LocationAddressSimpleListView),
    route("stock_location_addresses/<id:id>/", LocationAddressView),
]
