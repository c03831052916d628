"""ReplaceProductCommand, REPLACE_PRODUCT (page 20)."""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import Field

from packhouse.catalog.models import Product
from packhouse.inventory import exchange
from packhouse.inventory import services as inventory
from packhouse.kernel.commands import command
from packhouse.kernel.engine import Run
from packhouse.kernel.errors import ForeignItem, InvalidParameter, NotEnoughStock
from packhouse.kernel.params import Id, Params
from packhouse.orders.models import OrderItem
from packhouse.packages.in_hand import ItemInHand, PackageInHand
from packhouse.packages.models import PackageItem
from packhouse.packages.states import PackageStatus as State

PATH = "input_parameters.replacement_products"


class Replacement(Params):
    package_item: Id
    """Id of the package item."""

    sku: str = Field(min_length=1, max_length=128)
    """Of the product that takes its place."""


class ReplaceParams(Params):
    replacement_products: list[Replacement] = Field(min_length=1)
    """Which item becomes which product; each item once."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """An item, the SKU that takes its product's place, and where the caller named them."""

    item: ItemInHand
    sku: str
    path: str


def replace_products(package: PackageInHand, wanted: Sequence[Wanted], run: Run) -> None:
    """The order items' products replaced and the promises moved, all or nothing.

    Raises InvalidParameter for an unknown product, one counted otherwise, the same one, an item named twice or
    one whose order item stands in other packages too; NotEnoughStock when the location has too little.
    """
    products = [_product(each, wanted[:index]) for index, each in enumerate(wanted)]
    _stand_alone(package, wanted)
    changes = [
        exchange.Exchange(each.item.id, each.item.sku, product.sku, each.item.quantity, each.item.taken)
        for each, product in zip(wanted, products, strict=True)
    ]
    exchange.give_back(package.stock_location_id, changes)
    _enough(package, wanted, changes)
    exchange.promise(package.stock_location_id, changes)
    for each, product in zip(wanted, products, strict=True):
        OrderItem.objects.filter(pk=each.item.order_item_id).update(product=product)
        PackageItem.objects.filter(pk=each.item.id).update(selected_barcode=None)
    if any(each.item.taken for each in wanted):
        inventory.take(package.id)
    run.event("package.updated", "package", package.id)


def _product(each: Wanted, before: Sequence[Wanted]) -> Product:
    if any(other.item.id == each.item.id for other in before):
        raise InvalidParameter({f"{each.path}.sku": ["This item is replaced twice."]})
    product = Product.objects.filter(sku=each.sku).first()
    if product is None:
        raise InvalidParameter({f"{each.path}.sku": [f"There is no product {each.sku}."]})
    if each.sku == each.item.sku:
        raise InvalidParameter({f"{each.path}.sku": [f"The item is a {each.sku} already."]})
    if product.unit_type != each.item.unit_type:
        raise InvalidParameter(
            {
                f"{each.path}.sku": [
                    f"{each.sku} is counted in {product.unit_type}, not {each.item.unit_type}."
                ]
            }
        )
    return product


def _stand_alone(package: PackageInHand, wanted: Sequence[Wanted]) -> None:
    """A product stands on the order item: replaced, it would be another one in every package that holds it."""
    elsewhere = set(
        PackageItem.objects.filter(order_item_id__in=[each.item.order_item_id for each in wanted])
        .exclude(package_id=package.id)
        .exclude(state=State.CANCELLED.value)
        .values_list("order_item_id", flat=True)
    )
    for each in wanted:
        if each.item.order_item_id in elsewhere:
            raise InvalidParameter(
                {each.path: ["Other packages hold units of this order item; its product cannot be replaced."]}
            )


def _enough(package: PackageInHand, wanted: Sequence[Wanted], changes: Sequence[exchange.Exchange]) -> None:
    short = exchange.short_of(package.stock_location_id, changes)
    errors = {
        f"{each.path}.sku": [f"{package.erp_code} has {short[each.sku].normalize():f} of {each.sku} free."]
        for each in wanted
        if each.sku in short
    }
    if errors:
        raise NotEnoughStock(errors)


def items_are_own(package: PackageInHand, params: ReplaceParams) -> None:
    """Each item is of this package."""
    for index, given in enumerate(params.replacement_products):
        if package.item(given.package_item) is None:
            raise ForeignItem(
                {
                    f"{PATH}.{index}.package_item": [
                        f"Package item {given.package_item} is not in this package."
                    ]
                }
            )


@command(
    name="ReplaceProductCommand",
    code="REPLACE_PRODUCT",
    on="package",
    title={"en": "Replace product", "tr": "Ürünü değiştir"},
    moves=[(State.WAITING, None), (State.PREPARING, None)],
    params=ReplaceParams,
    requires=[items_are_own],
    events=["package.updated"],
)
def replace_product(package: PackageInHand, params: ReplaceParams, run: Run) -> None:
    """The order item's product is replaced and the reservation moved to the new SKU, all or nothing."""
    by_id = {item.id: item for item in package.items}
    wanted = [
        Wanted(by_id[given.package_item], given.sku, f"{PATH}.{index}")
        for index, given in enumerate(params.replacement_products)
    ]
    replace_products(package, wanted, run)
