"""PreparePackageCommand, PREPARE_PACKAGE_COMMAND (page 20): what was found while picking, in one go."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from pydantic import Field

from packhouse.commands.packages.missing_items import Found, check_quantity, quantities, split_missing
from packhouse.commands.packages.parts import is_everything
from packhouse.commands.packages.replace_product import Wanted, replace_products
from packhouse.kernel.commands import command
from packhouse.kernel.engine import Run
from packhouse.kernel.errors import ForeignItem, InvalidParameter, WrongBarcode
from packhouse.kernel.params import Id, Params
from packhouse.orders.messages import ReschedulePackage
from packhouse.packages import in_hand, services
from packhouse.packages.in_hand import ItemInHand, PackageInHand
from packhouse.packages.models import DiscrepancyReason
from packhouse.packages.states import PackageStatus as State

ROOT = "input_parameters"


class OutOfStockProduct(Params):
    item: Id
    quantity: Decimal = Field(gt=0, max_digits=12, decimal_places=3)
    """How many are missing."""

    discrepancy_reason: DiscrepancyReason


class ReplacementProduct(Params):
    item: Id
    sku: str = Field(min_length=1, max_length=128)
    """Of the product that takes its place."""


class RemainingProduct(Params):
    item: Id
    barcode: str = Field(min_length=1, max_length=128)
    """One of the product's."""


class PrepareParams(Params):
    """Findings by item; each item at most once in a list."""

    select_items_by_omnitron_id: bool
    """True: `item` is the order item's `omnitron_id`; false: the package item's id."""

    out_of_stock_products: list[OutOfStockProduct] = Field(default_factory=list)
    """What is missing; only that leaves the package."""

    replacement_products: list[ReplacementProduct] = Field(default_factory=list)
    """What is packed instead."""

    remaining_products: list[RemainingProduct] = Field(default_factory=list)
    """What is packed, as scanned."""

    def item_of(self, package: PackageInHand, given: int) -> ItemInHand | None:
        """The package's item that a caller calls so."""
        for item in package.items:
            if given == (item.order_item_omnitron_id if self.select_items_by_omnitron_id else item.id):
                return item
        return None


def items_are_own(package: PackageInHand, params: PrepareParams) -> None:
    """Each item is of this package, and at most once in each list."""
    for name in ("out_of_stock_products", "replacement_products", "remaining_products"):
        seen: set[int] = set()
        for index, given in enumerate(getattr(params, name)):
            path = f"{ROOT}.{name}.{index}.item"
            if params.item_of(package, given.item) is None:
                raise ForeignItem({path: [f"Item {given.item} is not in this package."]})
            if given.item in seen:
                raise InvalidParameter({path: [f"Item {given.item} is named twice."]})
            seen.add(given.item)


def something_remains(package: PackageInHand, params: PrepareParams) -> None:
    """What is missing is in the package, and it is not all of it."""
    for index, given in enumerate(params.out_of_stock_products):
        item = params.item_of(package, given.item)
        if item is not None:
            check_quantity(item, given.quantity, f"{ROOT}.out_of_stock_products.{index}.quantity")
    missing = quantities(_missing(package, params))
    if missing and is_everything(package, missing):
        raise InvalidParameter(
            {f"{ROOT}.out_of_stock_products": ["All items are missing: nothing is left to prepare."]}
        )


@command(
    name="PreparePackageCommand",
    code="PREPARE_PACKAGE_COMMAND",
    on="package",
    title={"en": "Prepare with findings", "tr": "Bulgularla hazırla"},
    moves=[(State.WAITING, State.PREPARING)],
    params=PrepareParams,
    requires=[items_are_own, something_remains],
    sends=[ReschedulePackage],
    events=["package.created", "package.updated"],
    answers=True,
)
def prepare_package(package: PackageInHand, params: PrepareParams, run: Run) -> None:
    """In one transaction: missing items are marked out of stock (only they leave, and are planned elsewhere),
    products are replaced, barcodes are kept; 200 with `package`, `number`, `stock_location`, `package_items`."""
    wanted = _wanted(package, params)
    missing = _missing(package, params)
    if missing:
        split_missing(package, missing, run)
    if wanted:
        left = {item.id: item for item in in_hand.load(package.id).items}
        replace_products(package, _still_there(wanted, left), run)
    present = in_hand.load(package.id)
    services.keep_barcodes(_barcodes(present, params))
    run.answer = _answer(in_hand.load(package.id))


def _missing(package: PackageInHand, params: PrepareParams) -> list[Found]:
    named = [(params.item_of(package, given.item), given) for given in params.out_of_stock_products]
    return [
        Found(item, given.quantity, given.discrepancy_reason) for item, given in named if item is not None
    ]


def _wanted(package: PackageInHand, params: PrepareParams) -> list[Wanted]:
    named = [(params.item_of(package, given.item), given.sku) for given in params.replacement_products]
    return [
        Wanted(item, sku, f"{ROOT}.replacement_products.{index}")
        for index, (item, sku) in enumerate(named)
        if item is not None
    ]


def _still_there(wanted: Sequence[Wanted], left: Mapping[int, ItemInHand]) -> list[Wanted]:
    """What is missing altogether cannot be replaced as well; of the rest, as many as are left."""
    for each in wanted:
        if each.item.id not in left:
            raise InvalidParameter({f"{each.path}.item": ["All of this item is named as missing."]})
    return [Wanted(left[each.item.id], each.sku, each.path) for each in wanted]


def _barcodes(package: PackageInHand, params: PrepareParams) -> dict[int, str]:
    """After replacing: the barcode of what is packed in the end."""
    found: dict[int, str] = {}
    for index, given in enumerate(params.remaining_products):
        path = f"{ROOT}.remaining_products.{index}"
        item = params.item_of(package, given.item)
        if item is None:
            raise InvalidParameter({f"{path}.item": ["All of this item is named as missing."]})
        if given.barcode not in item.barcodes:
            raise WrongBarcode({f"{path}.barcode": [f"{given.barcode} is no barcode of {item.sku}."]})
        found[item.id] = given.barcode
    return found


def _answer(package: PackageInHand) -> dict[str, Any]:
    return {
        "package": package.id,
        "number": package.number,
        "stock_location": package.stock_location_id,
        "package_items": [
            {
                "id": item.id,
                "order_item": item.order_item_id,
                "omnitron_id": item.order_item_omnitron_id,
                "sku": item.sku,
                "quantity": f"{item.quantity:.3f}",
                "selected_barcode": item.selected_barcode,
            }
            for item in package.items
        ],
    }
