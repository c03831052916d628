"""Barcodes as packing staff scan them: one object or a list of {order_item, barcode}."""

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal

from pydantic import Field, field_validator

from packhouse.kernel.errors import ForeignItem, InvalidParameter, WrongBarcode
from packhouse.kernel.params import Id, Params
from packhouse.packages.in_hand import PackageInHand
from packhouse.shipments.services import NewParcel

PATH = "input_parameters.barcodes"


class Barcode(Params):
    """One scan."""

    order_item: Id
    """Id of the order item."""

    barcode: str = Field(min_length=1, max_length=128)
    """As read by the scanner; one of the product's."""


class Parcel(Params):
    """One box."""

    weight: Decimal | None = Field(default=None, ge=0, max_digits=12, decimal_places=3)
    """In kg."""

    width: Decimal | None = Field(default=None, ge=0, max_digits=8, decimal_places=1)
    """In cm."""

    height: Decimal | None = Field(default=None, ge=0, max_digits=8, decimal_places=1)
    """In cm."""

    length: Decimal | None = Field(default=None, ge=0, max_digits=8, decimal_places=1)
    """In cm."""

    package_items: list[Id] = Field(default_factory=list)
    """Ids; left out: all of them."""


class PackingParams(Params):
    """Parameters of every command that completes packaging."""

    barcodes: list[Barcode] = Field(default_factory=list)
    """What was scanned: one object or a list."""

    parcels: list[Parcel] = Field(default_factory=list)
    """The boxes; left out: one with everything in it."""

    @field_validator("barcodes", mode="before")
    @classmethod
    def _one_or_many(cls, given: object) -> object:
        return [given] if isinstance(given, dict) else given


def barcodes_match(package: PackageInHand, params: PackingParams) -> None:
    """Each barcode belongs to its order item, and none is scanned more often than there are units."""
    scanned: dict[int, int] = defaultdict(int)
    for index, barcode in enumerate(params.barcodes):
        item = package.item_of(barcode.order_item)
        if item is None:
            raise ForeignItem(
                {f"{PATH}.{index}.order_item": [f"Order item {barcode.order_item} is not in this package."]}
            )
        if barcode.barcode not in item.barcodes:
            raise WrongBarcode(
                {f"{PATH}.{index}.barcode": [f"{barcode.barcode} is no barcode of {item.sku}."]}
            )
        scanned[item.id] += 1
        if scanned[item.id] > max(item.quantity, Decimal(1)):
            raise WrongBarcode(
                {
                    f"{PATH}.{index}.barcode": [
                        f"{item.sku} was scanned more often than its quantity {item.quantity:f}."
                    ]
                }
            )


def parcels_hold_own_items(package: PackageInHand, params: PackingParams) -> None:
    """Parcels name items of this package, each once in a parcel, and together all of them when any is named."""
    named: set[int] = set()
    for index, parcel in enumerate(params.parcels):
        for position, item_id in enumerate(parcel.package_items):
            path = f"input_parameters.parcels.{index}.package_items.{position}"
            if package.item(item_id) is None:
                raise ForeignItem({path: [f"Package item {item_id} is not in this package."]})
            if item_id in parcel.package_items[:position]:
                raise InvalidParameter({path: [f"Package item {item_id} is named twice."]})
        named.update(parcel.package_items)
    missing = [item.id for item in package.items if item.id not in named]
    if named and missing and all(parcel.package_items for parcel in params.parcels):
        raise InvalidParameter(
            {"input_parameters.parcels": [f"No parcel holds the package items {missing}."]}
        )


def selected(package: PackageInHand, barcodes: Sequence[Barcode]) -> dict[int, str]:
    """What was scanned, by package item id."""
    found: dict[int, str] = {}
    for barcode in barcodes:
        item = package.item_of(barcode.order_item)
        if item is not None:
            found[item.id] = barcode.barcode
    return found


def new_parcels(package: PackageInHand, parcels: Sequence[Parcel]) -> list[NewParcel]:
    """The parcels as they are shipped; each without named items holds all of them."""
    everything = [item.id for item in package.items]
    return [
        NewParcel(
            barcode=f"{package.number}-{position}",
            package_items=parcel.package_items or everything,
            weight=parcel.weight,
            width=parcel.width,
            height=parcel.height,
            length=parcel.length,
        )
        for position, parcel in enumerate(parcels, start=1)
    ]


def has_items(package: PackageInHand, params: Params) -> None:  # noqa: ARG001 - the form of every requirement
    """There is something to pack."""
    if not package.items:
        raise InvalidParameter({"detail": ["The package has no items."]})
