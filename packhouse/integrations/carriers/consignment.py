"""A shipment with everything that a carrier may ask about it."""

from dataclasses import dataclass
from functools import cached_property

from packhouse.catalog.models import CustomerAddress
from packhouse.integrations.carriers.account import Account, account_at
from packhouse.locations.models import StockLocation
from packhouse.orders.models import Order
from packhouse.packages.models import Package, PackageItem
from packhouse.shipments.models import Parcel, Shipment
from packhouse.transfers.models import TransferItem

_GEOGRAPHY = ("country", "city", "township", "district")


@dataclass(frozen=True)
class Consignment:
    """A shipment, what it holds and between which places it goes.

    `source` sends it. A package goes to its order's `address`, a transfer to the location `store`.
    """

    shipment: Shipment
    number: str
    order: Order
    package: Package
    source: StockLocation
    store: StockLocation | None

    @cached_property
    def account(self) -> Account:
        """Raises NotConfigured."""
        company = self.shipment.cargo_company
        return account_at(company, erp_code=self.source.erp_code, channel_id=self.order.channel_id)

    @cached_property
    def parcels(self) -> list[Parcel]:
        return list(self.shipment.parcels.all())

    @cached_property
    def items(self) -> list[PackageItem]:
        """What is in the parcels, with products."""
        wanted = PackageItem.objects.select_related("order_item__product").order_by("id")
        if self.shipment.transfer_order_id is None:
            return list(wanted.filter(package=self.package))
        inside = wanted.filter(pk__in=_transferred(self.shipment.transfer_order_id))
        return list(inside)

    @property
    def address(self) -> CustomerAddress | None:
        return self.order.shipping_address

    @property
    def is_for_pickup(self) -> bool:
        """Delivered to a place where the customer, or a colleague, takes it."""
        return self.store is not None or self.order.is_click_and_collect


def _transferred(transfer_order_id: int) -> list[int]:
    return list(
        TransferItem.objects.filter(transfer_order_id=transfer_order_id).values_list(
            "package_item_id", flat=True
        )
    )


def consignment(shipment_id: int) -> Consignment | None:
    """The shipment as it stands; None when there is none of this id. Nothing is locked."""
    shipment = (
        Shipment.objects.select_related("cargo_company", "transfer_order").filter(pk=shipment_id).first()
    )
    if shipment is None:
        return None
    transfer = shipment.transfer_order
    package_id = transfer.package_id if transfer else shipment.package_id
    package = Package.objects.select_related(
        "order__customer",
        "order__channel",
        *(f"order__shipping_address__{level}" for level in _GEOGRAPHY),
    ).get(pk=package_id or 0)
    source = _location(transfer.source_id if transfer else package.stock_location_id)
    store = _location(transfer.destination_id) if transfer else None
    number = transfer.number if transfer else package.number
    return Consignment(shipment, number, package.order, package, source, store)


def _location(location_id: int) -> StockLocation:
    return StockLocation.objects.select_related(*(f"address__{level}" for level in _GEOGRAPHY)).get(
        pk=location_id
    )
