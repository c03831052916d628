"""Transfer orders and their items."""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from django.db.models import Q, QuerySet

from packhouse.api import formats
from packhouse.api.auth import actor_of
from packhouse.api.filters import (
    DayFilter,
    DecimalFilter,
    NumberFilter,
    StrictFilterSet,
    TextFilter,
)
from packhouse.api.lists import Document, DocumentDetailView, DocumentListView, DocumentView
from packhouse.api.routes import route
from packhouse.api.v1 import visibility
from packhouse.api.v1.bulk_commands import TransferCommandsView
from packhouse.api.v1.package_filters import having
from packhouse.api.v1.runnable import put_commands
from packhouse.api.v1.shapes.shape import Shape
from packhouse.api.v1.shapes.transfer import (
    ShortTransferOrderSerializer,
    TransferItemSerializer,
    TransferOrderSerializer,
)
from packhouse.api.v1.state_filters import StateFilter, state_value, state_values
from packhouse.api.v1.transition_logs import TransitionLogsOfOne
from packhouse.payloads import transfer as payload
from packhouse.shipments.models import Shipment
from packhouse.transfers.models import TransferItem, TransferOrder


def _either_end(path: str) -> Any:
    """A filter's method: sent or received at a location with this."""

    def apply(rows: QuerySet[Any], _name: str, value: Any) -> QuerySet[Any]:
        return rows.filter(Q(**{f"source{path}": value}) | Q(**{f"destination{path}": value}))

    return apply


def _item(lookup: str) -> Any:
    return having(TransferItem, "transfer_order", lookup)


def _barcode(rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
    found: QuerySet[Any] = _item("product__barcodes__contains")(rows, name, [value])
    return found


_PLACE = "destination__address__"


class TransferFilterSet(StrictFilterSet):
    state = StateFilter("transfer")
    state__enum_value = state_value("transfer")
    state__enum_value__in = state_values("transfer")
    order = NumberFilter("package__order")
    order__number = TextFilter("package__order__number", "startswith", help_text="the number starts with it")
    order__channel = NumberFilter("package__order__channel")
    order__customer__first_name = TextFilter("package__order__customer__first_name", "icontains")
    order__customer__last_name = TextFilter("package__order__customer__last_name", "icontains")
    order__date_placed = DayFilter("package__order__date_placed", help_text="a day, as in 2026-03-02")
    package = NumberFilter("package")
    package_number = TextFilter("package__number")
    package__shipment__cargo_company = NumberFilter(
        method=lambda rows, _name, value: rows.filter(
            package__in=Shipment.objects.filter(cargo_company=value, is_current=True).values("package")
        )
    )
    product_sku = TextFilter(method=_item("product__sku"))
    product_barcode = TextFilter(method=_barcode)
    source__erp_code = TextFilter("source__erp_code")
    destination__erp_code = TextFilter("destination__erp_code")
    retail_store__erp_code = TextFilter("package__order__retail_store__erp_code")
    erp_code = TextFilter(method=_either_end("__erp_code"), help_text="sent or received there")
    stock_location = NumberFilter(method=_either_end(""), help_text="sent or received there")
    destination__country = NumberFilter(f"{_PLACE}country")
    destination__country__name = TextFilter(f"{_PLACE}country__name", "iexact")
    destination__city = NumberFilter(f"{_PLACE}city")
    destination__city__name = TextFilter(f"{_PLACE}city__name", "iexact")
    destination__township = NumberFilter(f"{_PLACE}township")
    destination__township__name = TextFilter(f"{_PLACE}township__name", "iexact")
    shipment__awb_number = TextFilter(
        method=having(Shipment, "transfer_order", "awb_number", is_current=True)
    )


class _Transfers(DocumentView):
    rows = TransferOrder.objects.all()
    serializer_class: ClassVar[type[Shape]] = TransferOrderSerializer
    location_paths = visibility.TRANSFER.locations
    channel_path = visibility.TRANSFER.channel

    def documents(self, ids: Sequence[int]) -> Iterable[Document]:
        rows = payload.documents(ids, nested=True).values()
        put_commands("transfer", rows, actor_of(self.request))
        return rows


class TransferListView(_Transfers, DocumentListView):
    """Whole transfer orders. `commands` lists what the caller may run on each now."""

    filterset_class = TransferFilterSet
    sorts: ClassVar[dict[str, str]] = {"order_id": "package__order_id"}
    extra_formats = formats.EXPORTS
    file_name = "transfer-orders"


class ShortTransferListView(TransferListView):
    """The same transfer orders, each in a few keys."""

    serializer_class = ShortTransferOrderSerializer

    def documents(self, ids: Sequence[int]) -> Iterable[Document]:
        return payload.short_documents(ids).values()


class TransferView(_Transfers, DocumentDetailView):
    """One whole transfer order."""


class TransferHistoryView(TransitionLogsOfOne):
    """Every change of the transfer order's state."""

    kind_of_object = "transfer"

    def check_owner(self, request: Any, id: int) -> None:
        visibility.check_transfer(actor_of(request), id)


class TransferItemFilterSet(StrictFilterSet):
    transfer_order = NumberFilter("transfer_order")
    product = NumberFilter("product")
    quantity = DecimalFilter("quantity")
    quantity__gt = DecimalFilter("quantity", "gt")
    quantity__gte = DecimalFilter("quantity", "gte")
    quantity__lt = DecimalFilter("quantity", "lt")
    quantity__lte = DecimalFilter("quantity", "lte")


class TransferItemListView(DocumentListView):
    """What travels: the items of transfer orders."""

    rows = TransferItem.objects.all()
    serializer_class = TransferItemSerializer
    filterset_class = TransferItemFilterSet
    location_paths = visibility.TRANSFER_PART.locations
    channel_path = visibility.TRANSFER_PART.channel
    extra_formats = (formats.HTMLRenderer, *formats.EXPORTS)
    file_name = "transfer-items"

    def documents(self, ids: Sequence[int]) -> Iterable[Document]:
        return payload.item_documents(ids).values()


routes = [
    route("transfer_orders/", TransferListView),
    route("transfer_orders/commands/", TransferCommandsView),
    route("transfer_orders/short/", ShortTransferListView),
    route("transfer_orders/<id:id>/", TransferView),
    route("transfer_orders/<id:id>/history/", TransferHistoryView),
    route("transfer-items/", TransferItemListView),
    route("transfer_items/", TransferItemListView, alias=True),
]
