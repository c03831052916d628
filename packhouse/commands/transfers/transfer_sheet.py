"""Transfer sheets: what travels from one location to another, to go with the goods (page 80, 1.4)."""

from collections.abc import Sequence
from typing import Final

from django.db.models import Prefetch, QuerySet

from packhouse.invoicing.picking_sheet import GoodsLine, TransferSheet
from packhouse.kernel import clock
from packhouse.kernel.times import local_zone
from packhouse.locations.models import StockLocation
from packhouse.transfers.models import TransferItem, TransferOrder
from packhouse.transfers.states import TransferStatus

# Before they leave; of what travels, or has arrived, the sheet can be printed again.
TO_BE_SENT: Final = (TransferStatus.WAITING, TransferStatus.READY_TO_SHIPMENT)
_TRAVELLING: Final = (*TO_BE_SENT, TransferStatus.IN_TRANSIT, TransferStatus.TRANSFERRED)


def with_goods(transfers: QuerySet[TransferOrder]) -> QuerySet[TransferOrder]:
    """Those of them that carry something, oldest first."""
    return transfers.filter(items__state__in=_TRAVELLING).distinct().order_by("id")


def transfer_sheets(transfer_ids: Sequence[int], language: str) -> list[TransferSheet]:
    """One sheet per transfer order, in the order of the ids; none for one that carries nothing."""
    travelling = TransferItem.objects.filter(state__in=_TRAVELLING).select_related("product")
    places = (
        f"{end}__address__{level}"
        for end in ("source", "destination")
        for level in ("country", "city", "township", "district")
    )
    found = (
        TransferOrder.objects.filter(pk__in=transfer_ids)
        .select_related("package__order", "cargo_company", *places)
        .prefetch_related(Prefetch("items", travelling.order_by("product__sku", "id")))
        .in_bulk()
    )
    rows = [found[pk] for pk in transfer_ids if pk in found]
    return [_sheet(row, language) for row in rows if row.items.all()]


def _sheet(transfer: TransferOrder, language: str) -> TransferSheet:
    return TransferSheet(
        language=language,
        drawn=clock.now().astimezone(local_zone()),
        number=transfer.number,
        package_number=transfer.package.number,
        order_number=transfer.package.order.number,
        source=_place(transfer.source),
        destination=_place(transfer.destination),
        carrier=transfer.cargo_company.name if transfer.cargo_company else None,
        tracking_number=transfer.tracking_number,
        lines=tuple(_line(item) for item in transfer.items.all()),
    )


def _place(location: StockLocation) -> tuple[str, ...]:
    name = " · ".join(filter(None, (location.name, location.erp_code)))
    address = location.address
    if address is None:
        return (name, *filter(None, [location.daytime_phone]))
    levels = (address.district, address.township, address.city)
    places = " / ".join(place.name for place in levels if place)
    country = address.country.name if address.country else ""
    parts = (address.line, f"{address.postcode or ''} {places}".strip(), country, location.daytime_phone)
    return (name, *filter(None, parts))


def _line(item: TransferItem) -> GoodsLine:
    product = item.product
    return GoodsLine(
        sku=product.sku,
        barcode=product.barcode,
        name=product.name,
        quantity=item.quantity,
        unit=item.unit_type if item.unit_type != "quantity" else "",
    )
