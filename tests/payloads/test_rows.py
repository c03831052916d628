"""The flat and short rows of lists (page 50), by their keys."""

import pytest

from packhouse.packages.models import Discrepancy
from packhouse.packages.states import PackageStatus
from packhouse.payloads import location, order, package, people, product, transfer
from packhouse.transfers.states import TransferStatus
from tests import builders
from tests.payloads import worlds

pytestmark = pytest.mark.usefixtures("installed")


def test_short_packages() -> None:
    shipped = worlds.registered(builders.a_shipment())
    bare = builders.a_package(items=3)
    packed = shipped.package
    assert packed

    rows = package.short_documents([packed.pk, bare.pk])

    row = rows[packed.pk]
    assert row == {
        "id": packed.pk,
        "number": packed.number,
        "state": "500",
        "stock_location_erp_code": packed.stock_location.erp_code,
        "packageitem_count": 2,
        "order": packed.order_id,
        "order_number": packed.order.number,
        "stock_location": packed.stock_location_id,
        "shipment": shipped.pk,
        "channel": packed.order.channel_id,
        "tracking_number": "7300001234567",
        "created_date": package.documents([packed.pk])[packed.pk]["created_date"],
        "modified_date": package.documents([packed.pk])[packed.pk]["modified_date"],
    }
    assert (rows[bare.pk]["shipment"], rows[bare.pk]["packageitem_count"]) == (None, 3)


def test_package_items() -> None:
    reason = builders.a_denial_reason(title="Closed today", priority=2)
    held = builders.a_package(state=PackageStatus.WAITING_FOR_TRANSFER, items=1)
    held.items.update(denial_reason=reason)
    item = held.items.get()
    moved = builders.a_transfer(package=held)
    found_missing = Discrepancy.objects.create(
        package=held,
        package_item=item,
        stock_location=held.stock_location,
        sku="SKU",
        quantity=2,
        reason="damaged",
    )

    row = package.item_documents([item.pk])[item.pk]

    inside = package.documents([held.pk])[held.pk]["packageitem_set"][0]
    short = package.short_documents([held.pk])[held.pk]
    assert {key: row[key] for key in inside} == {**inside, "package": short}
    assert row["denial_reason"] == {
        "id": reason.pk,
        "title": "Closed today",
        "remote_id": None,
        "priority": 2,
        "is_active": True,
    }
    assert row["transfer_item"] == moved.items.get().pk
    assert row["transfer_orders"] == [
        {"id": moved.pk, "number": moved.number, "state": "waiting", "source_erp_code": moved.source.erp_code}
    ]
    [discrepancy] = row["discrepancies"]
    assert discrepancy["id"] == found_missing.pk
    assert discrepancy["erp_code"] == held.stock_location.erp_code
    assert (discrepancy["quantity"], discrepancy["reason"], discrepancy["user"]) == (2, "damaged", None)


def test_short_transfers_and_their_items() -> None:
    moved = builders.a_transfer(state=TransferStatus.IN_TRANSIT)

    assert transfer.short_documents([moved.pk])[moved.pk] == {
        "id": moved.pk,
        "number": moved.number,
        "state": "in_transit",
        "order_number": moved.package.order.number,
        "package_number": moved.package.number,
        "source_erp_code": moved.source.erp_code,
        "destination_erp_code": moved.destination.erp_code,
        "transferitem_count": 2,
    }
    whole = transfer.documents([moved.pk], nested=True)[moved.pk]
    ids = [item["id"] for item in whole["transferitem_set"]]
    assert list(transfer.item_documents(ids).values()) == whole["transferitem_set"]


def test_flat_locations() -> None:
    built = worlds.a_whole_location()

    row = location.flat_documents([built.pk])[built.pk]

    whole = location.documents([built.pk])[built.pk]
    assert row == {
        **{key: whole[key] for key in row},
        "address": built.address_id,
        "tags": [tag["name"] for tag in whole["tags"]],
    }
    published = (
        "id created_date modified_date omnitron_id name stock_location_type fax_number erp_code address "
        "is_fulfillment_center is_pickup_location is_delivery_location is_fast_delivery_available "
        "is_return_available is_active priority max_quota quota available_quota email daytime_phone "
        "evening_phone engine tags"
    )
    assert list(row) == published.split()


def test_parts_are_the_same_standalone_and_inside() -> None:
    built = worlds.a_whole_package()
    whole = package.documents([built.pk])[built.pk]
    item = whole["packageitem_set"][0]["order_item"]

    def alone(documents: dict[int, dict[str, object]]) -> object:
        return next(iter(documents.values()))

    assert alone(people.customer_documents([whole["customer"]["id"]])) == whole["customer"]
    assert alone(people.address_documents([whole["shipping_address"]["id"]])) == whole["shipping_address"]
    assert alone(product.documents([item["product"]["id"]])) == item["product"]
    assert alone(order.item_documents([item["id"]])) == item
    assert alone(order.summaries([whole["order_id"]])) == whole["order"]
    address = whole["stock_location"]["address"]
    assert alone(location.address_documents([address["id"]])) == address
    assert alone(location.documents([built.stock_location_id])) == whole["stock_location"]
    assert item == order.documents([whole["order_id"]])[whole["order_id"]]["orderitem_set"][0]


def test_a_location_without_an_address_has_none() -> None:
    bare = builders.a_location()
    type(bare).objects.filter(pk=bare.pk).update(address=None)

    document = location.documents([bare.pk])[bare.pk]

    assert (document["address"], document["max_quota"], document["available_quota"]) == (None, None, None)
