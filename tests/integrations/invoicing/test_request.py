"""The body of a request: what the service is told, and its money to the cent."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from packhouse.integrations.invoicing.request import request_body
from packhouse.invoicing.models import Invoice, InvoiceKind, InvoiceState
from packhouse.orders.models import Order
from packhouse.packages.models import Package, PackageItem
from packhouse.packages.states import PackageStatus
from sandbox.invoice.checks import problems_with
from tests.builders import a_package, a_product, a_shipment, an_order, an_order_item

pytestmark = pytest.mark.django_db


def body_of(
    package: Package, *, keep: bool = True, kind: InvoiceKind = InvoiceKind.INVOICE
) -> dict[str, Any]:
    """What is asked for a package; `keep`: as after the first call."""
    invoice, _ = Invoice.objects.get_or_create(
        package=package,
        kind=kind,
        defaults={"request_id": f"inv-{package.pk}-{kind}", "command": "CompletePackagingCommand"},
    )
    with transaction.atomic():
        body = request_body(invoice)
    if keep:
        Invoice.objects.filter(pk=invoice.pk).update(request=body)
    return body


def an_order_of(*lines: tuple[str, str, str, str], **fields: Any) -> Order:
    """Lines of (quantity, price, discount, tax rate)."""
    order = an_order(items=1, **fields)
    order.items.all().delete()
    for quantity, price, discount, rate in lines:
        an_order_item(
            order=order,
            product=a_product(desi=Decimal("1.500")),
            quantity=Decimal(quantity),
            price=Decimal(price),
            discount_amount=Decimal(discount),
            tax_rate=Decimal(rate),
        )
    return order


def part_of(order: Order, quantity: str, **fields: Any) -> Package:
    """A packed package with so many units of the order's only line."""
    package = a_package(state=PackageStatus.PACKED, order=order, order_items=[], **fields)
    PackageItem.objects.create(
        package=package,
        order_item=order.items.get(),
        quantity=Decimal(quantity),
        state=PackageStatus.PACKED,
        taken=Decimal(quantity),
    )
    return package


def test_the_example_of_the_documentation() -> None:
    order = an_order_of(("1", "119.90", "10.00", "20"), shipping_tax_rate=Decimal(20), notes="Ring twice")
    package = a_package(state=PackageStatus.PACKED, order=order)
    a_shipment(package=package, tracking_number="T1")

    body = body_of(package)

    assert problems_with(body) == []
    (item,) = body["items"]
    money = ("unit_price", "price", "discount_amount", "gross_amount", "tax_rate", "tax_amount", "net_amount")
    assert [item[key] for key in money] == [
        "119.90", "119.90", "10.00", "109.90", "20.00", "18.32", "91.58",
    ]  # fmt: skip
    assert body["amounts"] == {
        "items_gross": "109.90",
        "items_net": "91.58",
        "shipping": "0.00",
        "shipping_tax_rate": "20.00",
        "installment_interest": "0.00",
        "gift_box": "0.00",
        "total": "109.90",
        "tax_total": "18.32",
        "pay_on_delivery": None,
    }
    assert body["order"]["currency"] == "TRY"
    assert body["order"]["notes"] == "Ring twice"
    assert body["shipment"]["desi"] == "1.5"
    assert body["shipment"]["tracking_number"] == "T1"
    assert body["test"] is False
    assert set(body["billing_address"]) == set(body["shipping_address"])
    assert body["shipping_address"]["country"] == "TR"


def test_an_order_without_addresses_or_customer_still_has_every_key() -> None:
    order = an_order(items=1)
    Order.objects.filter(pk=order.pk).update(customer=None, shipping_address=None, billing_address=None)

    body = body_of(a_package(state=PackageStatus.PACKED, order=Order.objects.get(pk=order.pk)))

    assert problems_with(body) == []
    assert set(body["shipping_address"].values()) == {None}


def test_tax_as_the_back_office_sent_it_stands() -> None:
    order = an_order_of(("1", "100.00", "0.00", "20"))
    order.items.update(tax_amount=Decimal("16.00"))

    (item,) = body_of(a_package(state=PackageStatus.PACKED, order=order))["items"]

    assert (item["tax_amount"], item["net_amount"]) == ("16.00", "84.00")


def total(bodies: list[dict[str, Any]], key: str) -> Decimal:
    return sum((Decimal(row[key]) for body in bodies for row in body["items"]), Decimal(0))


def test_all_packages_of_an_order_add_up_to_the_cent() -> None:
    order = an_order_of(("3", "100.00", "10.01", "20"))
    packages = [part_of(order, "1") for _ in range(3)]

    bodies = [body_of(package) for package in packages]

    assert [problems_with(body) for body in bodies] == [[], [], []]
    assert total(bodies, "price") == Decimal("100.00")
    assert total(bodies, "discount_amount") == Decimal("10.01")
    assert total(bodies, "tax_amount") == Decimal("15.00")
    assert total(bodies, "gross_amount") == Decimal("89.99")


def test_what_was_told_stays_and_the_rest_is_shared_anew() -> None:
    order = an_order_of(("3", "100.00", "0.00", "20"))
    first = part_of(order, "1")
    told = body_of(first)
    # The rest was in one package, and is cut in two after the first was invoiced.
    others = [part_of(order, "1"), part_of(order, "1")]

    bodies = [told, *(body_of(package) for package in others)]

    assert total(bodies, "price") == Decimal("100.00")
    assert total(bodies, "tax_amount") == Decimal("16.67")


def test_units_not_packed_yet_keep_their_share() -> None:
    order = an_order_of(("4", "100.00", "0.00", "20"))

    (item,) = body_of(part_of(order, "1"))["items"]

    assert item["price"] == "25.00"


def test_a_cancelled_package_takes_no_share_along() -> None:
    order = an_order_of(("2", "100.00", "0.00", "20"))
    gone = part_of(order, "1")
    body_of(gone)
    Package.objects.filter(pk=gone.pk).update(state=PackageStatus.CANCELLED)
    gone.items.update(state=PackageStatus.CANCELLED)

    (item,) = body_of(part_of(order, "2"))["items"]

    assert item["price"] == "100.00"


def test_shipping_and_interest_stand_on_the_package_packed_first() -> None:
    order = an_order_of(
        ("2", "100.00", "0.00", "20"),
        shipping_amount=Decimal("12.00"),
        shipping_tax_rate=Decimal("20.00"),
        installment_interest_amount=Decimal("3.50"),
    )
    first, second = part_of(order, "1"), part_of(order, "1")

    amounts = [body_of(package)["amounts"] for package in (second, first)]

    assert [row["shipping"] for row in amounts] == ["0.00", "12.00"]
    assert [row["installment_interest"] for row in amounts] == ["0.00", "3.50"]
    assert [row["total"] for row in amounts] == ["50.00", "65.50"]
    assert amounts[1]["tax_total"] == "10.34"


def test_index_and_count_of_packages() -> None:
    order = an_order_of(("2", "100.00", "0.00", "20"))
    packages = [part_of(order, "1"), part_of(order, "1")]

    rows = [body_of(package)["package"] for package in packages]

    assert [(row["package_index"], row["package_count"]) for row in rows] == [(1, 2), (2, 2)]


def test_a_cancellation_repeats_what_was_invoiced() -> None:
    package = a_package(state=PackageStatus.PACKED, order=an_order_of(("1", "100.00", "0.00", "20")))
    invoiced = body_of(package)
    Invoice.objects.filter(package=package).update(
        state=InvoiceState.RECEIVED, number="A1", e_archive_url="https://a.example/1"
    )

    body = body_of(package, kind=InvoiceKind.CANCELLATION)

    assert problems_with(body) == []
    assert (body["kind"], body["invoice_number"]) == ("invoice_cancellation", "A1")
    assert body["items"] == invoiced["items"]
