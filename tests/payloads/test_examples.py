"""Every document has the keys of its published example, with values of the same kind."""

from collections.abc import Callable
from typing import Any

import pytest

from packhouse.packages.states import PackageStatus
from packhouse.payloads import location, order, package, shipment, transfer
from tests import builders
from tests.payloads import worlds
from tests.payloads.examples import differences, example

pytestmark = pytest.mark.usefixtures("installed")

Document = dict[str, Any]


def whole_package() -> Document:
    built_id = worlds.a_whole_package().pk
    return package.documents([built_id])[built_id]


def waiting_package() -> Document:
    waiting = builders.a_package(
        order=worlds.a_whole_order(),
        stock_location=worlds.a_whole_location(),
        scenario={"id": 2, "name": "Web", "version": 5, "rule": "nearest store"},
    )
    waiting.items.update(selected_barcode="8680000000012")
    return package.documents([waiting.pk])[waiting.pk]


def whole_order() -> Document:
    built_id = worlds.a_whole_package().order_id
    return order.documents([built_id])[built_id]


def whole_location() -> Document:
    built_id = worlds.a_whole_location().pk
    return location.documents([built_id])[built_id]


def nested_transfer() -> Document:
    built_id = worlds.a_whole_transfer().pk
    return transfer.documents([built_id], nested=True)[built_id]


def told_transfer() -> Document:
    built_id = worlds.a_whole_transfer().pk
    return transfer.documents([built_id], nested=False)[built_id]


def told_shipment() -> Document:
    packed = builders.a_package(state=PackageStatus.PACKED)
    opened = worlds.registered(builders.a_shipment(package=packed))
    opened.status = opened.status_date = None
    opened.save()
    return package.shipment_payload(package.documents([packed.pk])[packed.pk])


def standalone_shipment() -> Document:
    built_id = worlds.registered(builders.a_shipment()).pk
    return shipment.documents([built_id])[built_id]


CASES: list[tuple[Callable[[], Document], Any]] = [
    (whole_package, example("package")),
    (whole_order, example("order")),
    (whole_location, example("stock_location")),
    (nested_transfer, example("transfer_order")),
    (standalone_shipment, example("package")["shipment"]),
    (waiting_package, example("event_package_created")["payload"]),
    (told_shipment, example("event_shipment_created")["payload"]),
    (told_transfer, example("event_transfer_status_created")["payload"]),
    (whole_location, example("event_stock_location_updated")["payload"]),
    (whole_order, example("event_order_fulfillment_multiple_packages")["payload"]),
]


@pytest.mark.parametrize(("built", "published"), CASES, ids=lambda case: getattr(case, "__name__", ""))
def test_a_document_is_as_published(built: Callable[[], Document], published: Document) -> None:
    # What the API adds for its caller, never part of a payload.
    published = {**published, "commands": []} if "commands" in published else published

    assert differences(built(), published) == []


def test_what_does_not_exist_yet_is_null() -> None:
    built_id = builders.a_package(items=1).pk

    document = package.documents([built_id])[built_id]

    absent = ("shipment", "shipping_label", "invoice", "invoice_number", "shipment_date", "remote_id")
    assert {document[key] for key in absent} == {None}
    assert document["transferorder_set"] == []
    assert (document["delivery_range"], document["scenario"], document["previous_package"]) == (
        None,
        None,
        None,
    )


@pytest.mark.parametrize(
    ("spoilt", "found"),
    [
        ({"id": 1}, [".amount: missing"]),
        ({"id": 1, "amount": "1.00", "more": 1}, [".more: not published"]),
        ({"id": 1, "amount": 1}, [".amount: integer, published is decimal of 2 places"]),
        ({"id": 1, "amount": "1.0"}, [".amount: decimal of 1 places, published is decimal of 2 places"]),
        ({"id": 1, "amount": None}, [".amount: null, published is decimal of 2 places"]),
    ],
)
def test_the_comparison_sees_a_difference(spoilt: Document, found: list[str]) -> None:
    assert differences(spoilt, {"id": 5, "amount": "2.00"}) == found
