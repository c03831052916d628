"""ReplaceProductCommand (page 20)."""

import pytest

from packhouse.inventory.models import Movement, Reservation, Stock
from packhouse.kernel.errors import ForeignItem, InvalidParameter, MissingParameter, NotEnoughStock
from packhouse.packages.models import Package
from packhouse.packages.states import PackageStatus as P
from tests.builders import a_package, a_package_item, a_product, an_order, an_order_item, some_stock
from tests.commands.running import events_of, refuse, run

pytestmark = pytest.mark.django_db
REPLACE = "REPLACE_PRODUCT"
PATH = "input_parameters.replacement_products"


def stocked(package: Package, on_hand: int = 5, **fields: object) -> str:
    product = a_product(**fields)  # type: ignore[arg-type]
    some_stock(stock_location=package.stock_location, sku=product.sku, on_hand=on_hand)
    return str(product.sku)


def replacing(package: Package, *skus: str) -> list[dict[str, object]]:
    items = package.items.order_by("id")
    return [{"package_item": item.pk, "sku": sku} for item, sku in zip(items, skus, strict=False)]


@pytest.mark.parametrize("state", [P.WAITING, P.PREPARING])
def test_the_product_is_replaced_and_the_reservation_moved(state: P) -> None:
    package = a_package(state=state, items=2)
    item = package.items.order_by("id")[0]
    item.selected_barcode = "old"
    item.save()
    old, new = item.order_item.product.sku, stocked(package)

    run(package, REPLACE, replacement_products=replacing(package, new))

    item = package.items.order_by("id")[0]
    assert (item.order_item.product.sku, item.selected_barcode) == (new, None)
    assert package.state == state
    assert (Stock.objects.get(sku=old).reserved, Stock.objects.get(sku=new).reserved) == (0, 1)
    assert Reservation.objects.get(package_item=item).sku == new
    assert events_of(package) == ["package.updated"]


def test_units_already_taken_are_put_back_and_the_new_ones_taken() -> None:
    package = a_package(items=1)
    run(package, "PKG_DEALLOCATE_RESERVATIONS")
    old, new = package.items.get().order_item.product.sku, stocked(package)

    run(package, REPLACE, replacement_products=replacing(package, new))

    assert (Stock.objects.get(sku=old).on_hand, Stock.objects.get(sku=new).on_hand) == (100, 4)
    assert package.items.get().taken == 1
    kinds = Movement.objects.filter(sku__in=[old, new]).order_by("id").values_list("kind", "delta")
    assert list(kinds) == [("taken", -1), ("put_back", 1), ("taken", -1)]


def test_too_little_of_one_refuses_all() -> None:
    package = a_package(items=2)
    plenty, none = stocked(package), stocked(package, on_hand=0)

    refuse(
        package,
        REPLACE,
        NotEnoughStock,
        f"{PATH}.1.sku",
        replacement_products=replacing(package, plenty, none),
    )


def test_refusals_change_nothing() -> None:
    package, other = a_package(items=2), a_package()
    new, weighed = stocked(package), stocked(package, unit_type="kg")
    same = package.items.order_by("id")[0].order_item.product.sku

    refuse(package, REPLACE, MissingParameter, PATH)
    refuse(
        package,
        REPLACE,
        ForeignItem,
        f"{PATH}.0.package_item",
        replacement_products=replacing(other, new),
    )
    for sku in ("NOWHERE", same, weighed):
        refuse(
            package,
            REPLACE,
            InvalidParameter,
            f"{PATH}.0.sku",
            replacement_products=replacing(package, sku),
        )
    twice = [*replacing(package, new), *replacing(package, new)]
    refuse(package, REPLACE, InvalidParameter, f"{PATH}.1.sku", replacement_products=twice)


def test_an_order_item_in_several_packages_keeps_its_product() -> None:
    order = an_order(items=0)
    order_item = an_order_item(order=order, quantity=2)
    package, other = (a_package(order=order, order_items=[]) for _ in range(2))
    for each in (package, other):
        a_package_item(package=each, order_item=order_item, quantity=1)

    refuse(
        package,
        REPLACE,
        InvalidParameter,
        f"{PATH}.0",
        replacement_products=replacing(package, stocked(package)),
    )
