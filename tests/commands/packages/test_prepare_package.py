"""PreparePackageCommand (page 20)."""

from typing import Any

import pytest

from packhouse.kernel.errors import (
    ForeignItem,
    InvalidParameter,
    MissingParameter,
    NotEnoughStock,
    WrongBarcode,
)
from packhouse.packages.models import Package, PackageItem
from packhouse.packages.states import PackageStatus as P
from tests.builders import a_package, a_product, an_order, an_order_item, some_stock
from tests.commands.running import refuse, run

pytestmark = pytest.mark.django_db
PREPARE = "PREPARE_PACKAGE_COMMAND"


def named(item: PackageItem, by_omnitron_id: bool) -> int | None:
    return item.order_item.omnitron_id if by_omnitron_id else item.pk


def gone(item: PackageItem, quantity: int = 1) -> dict[str, Any]:
    return {"item": item.pk, "quantity": quantity, "discrepancy_reason": "not_found"}


@pytest.mark.parametrize("by_omnitron_id", [True, False])
def test_findings_are_worked_off_in_one_go(by_omnitron_id: bool) -> None:
    order = an_order(items=2)
    an_order_item(order=order, quantity=3)
    package = a_package(order=order)
    replaced, scanned, short = package.items.order_by("id")
    product = a_product()
    some_stock(stock_location=package.stock_location, sku=product.sku)

    outcome = run(
        package,
        PREPARE,
        select_items_by_omnitron_id=by_omnitron_id,
        out_of_stock_products=[{**gone(short, 2), "item": named(short, by_omnitron_id)}],
        replacement_products=[{"item": named(replaced, by_omnitron_id), "sku": product.sku}],
        remaining_products=[
            {"item": named(scanned, by_omnitron_id), "barcode": scanned.order_item.product.barcode},
            {"item": named(replaced, by_omnitron_id), "barcode": product.barcode},
        ],
    )

    part = Package.objects.get(previous_package=package)
    assert (package.state, part.state) == (P.PREPARING, P.OUT_OF_STOCK)
    assert part.items.get().quantity == 2
    assert outcome.body is not None
    assert (outcome.body["package"], outcome.body["number"], outcome.body["stock_location"]) == (
        package.pk,
        package.number,
        package.stock_location_id,
    )
    assert [
        (row["id"], row["sku"], row["quantity"], row["selected_barcode"])
        for row in outcome.body["package_items"]
    ] == [
        (replaced.pk, product.sku, "1.000", product.barcode),
        (
            scanned.pk,
            scanned.order_item.product.sku,
            "1.000",
            scanned.order_item.product.barcode,
        ),
        (short.pk, short.order_item.product.sku, "1.000", None),
    ]


def test_without_findings_it_is_a_plain_move_that_answers() -> None:
    package = a_package(items=1)

    outcome = run(package, PREPARE, select_items_by_omnitron_id=False)

    assert package.state == P.PREPARING
    assert outcome.body is not None
    assert len(outcome.body["package_items"]) == 1


def test_refusals_change_nothing() -> None:
    package, other = a_package(items=2), a_package(items=1)
    first, second = package.items.order_by("id")
    foreign = other.items.get()
    ours: dict[str, Any] = {"select_items_by_omnitron_id": False}
    root = "input_parameters"

    refuse(package, PREPARE, MissingParameter, f"{root}.select_items_by_omnitron_id")
    refuse(
        package,
        PREPARE,
        InvalidParameter,
        f"{root}.out_of_stock_products",
        out_of_stock_products=[gone(first), gone(second)],
        **ours,
    )
    refuse(
        package,
        PREPARE,
        ForeignItem,
        f"{root}.out_of_stock_products.0.item",
        out_of_stock_products=[gone(foreign)],
        **ours,
    )
    refuse(
        package,
        PREPARE,
        InvalidParameter,
        f"{root}.out_of_stock_products.0.quantity",
        out_of_stock_products=[gone(first, 2)],
        **ours,
    )
    refuse(
        package,
        PREPARE,
        InvalidParameter,
        f"{root}.remaining_products.1.item",
        remaining_products=[{"item": first.pk, "barcode": first.order_item.product.barcode}] * 2,
        **ours,
    )


def test_a_late_refusal_takes_back_what_was_done_before_it() -> None:
    package = a_package(items=3)
    first, second, _ = package.items.order_by("id")

    refuse(
        package,
        PREPARE,
        WrongBarcode,
        "input_parameters.remaining_products.0.barcode",
        select_items_by_omnitron_id=False,
        out_of_stock_products=[gone(first)],
        remaining_products=[{"item": second.pk, "barcode": "0"}],
    )
    refuse(
        package,
        PREPARE,
        InvalidParameter,
        "input_parameters.replacement_products.0.item",
        select_items_by_omnitron_id=False,
        out_of_stock_products=[gone(first)],
        replacement_products=[{"item": first.pk, "sku": a_product().sku}],
    )
    refuse(
        package,
        PREPARE,
        NotEnoughStock,
        "input_parameters.replacement_products.0.sku",
        select_items_by_omnitron_id=False,
        out_of_stock_products=[gone(first)],
        replacement_products=[{"item": second.pk, "sku": a_product().sku}],
    )
