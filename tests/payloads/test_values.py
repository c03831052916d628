"""What single keys of a document say."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from packhouse.catalog.models import UnitType
from packhouse.invoicing.models import InvoiceState
from packhouse.packages.models import Package
from packhouse.packages.states import PackageStatus
from packhouse.payloads import formats, order, package, shipment, transfer
from packhouse.shipments.models import Shipment
from packhouse.shipments.services import close_shipment
from packhouse.transfers.states import TransferStatus
from tests import builders
from tests.payloads import worlds

BASE = "http://oms.example.com/api/v1/oms"


@pytest.mark.parametrize(
    ("json_time", "on_the_wire"),
    [
        ("2026-03-02T09:00:00+00:00", "2026-03-02T09:00:00.000000Z"),
        ("2026-03-02T09:30:00.00025+00:00", "2026-03-02T09:30:00.000250Z"),
        ("2026-03-02T10:05:03.000012+00:00", "2026-03-02T10:05:03.000012Z"),
        ("2026-03-02T12:00:00.5+03:00", "2026-03-02T09:00:00.500000Z"),
        (None, None),
    ],
)
def test_times_have_six_digits_and_are_utc(json_time: str | None, on_the_wire: str | None) -> None:
    assert formats.moment(json_time) == on_the_wire


@pytest.mark.parametrize(
    ("stored", "number"), [("1.000", 1), ("12.000", 12), ("0.750", 0.75), ("1.250", 1.25), (None, None)]
)
def test_a_quantity_is_an_integer_when_whole(stored: str | None, number: float | None) -> None:
    found = formats.quantity(stored)

    assert found == number
    assert type(found) is type(number)


def test_frozen_text_is_ascii_with_the_published_separators() -> None:
    document = {"id": 501, "city": "İzmir", "items": [1, 2]}

    assert formats.frozen(document) == '{"id": 501, "city": "\\u0130zmir", "items": [1, 2]}'


@pytest.mark.usefixtures("installed")
class TestPackage:
    def test_money_keeps_its_scale_and_the_brands_own_numbers_stay_numbers(self) -> None:
        its_order = builders.an_order(items=1, amount=Decimal("9.9"))
        its_order.items.update(price=Decimal("250"), attributes={"length": 1.5, "set": {"size": 2}})
        item = _only_item(_built(order=its_order))

        assert item["order_item"]["price"] == "250.00"
        assert item["order_item"]["attributes"] == {"length": 1.5, "set": {"size": 2}}

    def test_kilograms_are_numbers_of_up_to_three_places(self) -> None:
        its_order = builders.an_order(products=[builders.a_product(unit_type=UnitType.KG)])
        its_order.items.update(quantity=Decimal("1.255"), cancelled_quantity=Decimal("0.5"))
        item = _only_item(_built(order=its_order))

        assert (item["quantity"], item["unit_type"]) == (1.255, "kg")
        assert item["order_item"]["quantity"] == 1.255
        assert item["order_item"]["cancelled_quantity"] == 0.5
        assert item["order_item"]["unit_type"] == "kg"

    def test_states_are_the_installed_rows(self) -> None:
        document = _built(state=PackageStatus.PACKED)

        assert _state(document) == ("PackageStatus", "500", "Packed")
        assert _state(document["packageitem_set"][0]) == ("PackageItemStatus", "500", "Packed")
        assert _state(document["packageitem_set"][0]["order_item"]) == ("OrderStatus", "450", "Preparing")
        assert _state(document["order"]) == ("OrderStatus", "450", "Preparing")
        assert document["order"]["state"]["content_type"] != document["state"]["content_type"]

    def test_city_is_that_of_the_shipping_address(self) -> None:
        district = builders.a_district(township=builders.a_township(city=builders.a_city(name="İZMİR")))
        elsewhere = builders.an_address()
        its_order = builders.an_order(
            shipping_address=builders.an_address(district=district), billing_address=elsewhere
        )
        document = _built(order=its_order)

        assert document["city"] == document["shipping_address"]["city"]["name"] == "İZMİR"
        assert document["billing_address"]["id"] == elsewhere.pk

    def test_an_order_without_people_has_none(self) -> None:
        its_order = builders.an_order()
        type(its_order).objects.update(customer=None, shipping_address=None, billing_address=None)
        document = _built(order=its_order)

        assert [document[key] for key in ("customer", "shipping_address", "billing_address", "city")] == [
            None
        ] * 4
        assert document["is_click_and_collect"] is False

    @pytest.mark.parametrize(
        ("delivery_type", "address_type", "expected"),
        [
            ("standard", "customer", False),
            ("in_store", "customer", True),
            ("standard", "retail_store", True),
            ("standard", "checkout_provider", False),
        ],
    )
    def test_click_and_collect(self, delivery_type: str, address_type: str, expected: bool) -> None:
        address = builders.an_address(address_type=address_type)
        document = _built(order=builders.an_order(shipping_address=address, delivery_type=delivery_type))

        assert document["is_click_and_collect"] is expected

    def test_the_day_of_an_invoice_is_that_of_the_installation(self, settings) -> None:  # type: ignore[no-untyped-def]
        settings.PUBLIC_URL = "http://oms.example.com"
        built = builders.a_package(state=PackageStatus.PACKED)
        # In Istanbul it is the second of March already.
        builders.an_invoice(package=built, number="INV1", date=datetime(2026, 3, 1, 22, 0, tzinfo=UTC))

        document = package.documents([built.pk])[built.pk]

        assert document["invoice_number"] == "INV1"
        assert document["invoice"] == {
            "number": "INV1",
            "date": "2026-03-02",
            "document_type": "pdf",
            "document_url": f"{BASE}/packages/{built.pk}/document/",
            "e_archive_url": None,
        }

    @pytest.mark.parametrize("state", [state for state in InvoiceState if state != InvoiceState.RECEIVED])
    def test_an_invoice_that_is_not_received_is_not_there(self, state: InvoiceState) -> None:
        built = builders.a_package(state=PackageStatus.PACKED)
        builders.an_invoice(package=built, state=state)

        document = package.documents([built.pk])[built.pk]

        assert (document["invoice"], document["invoice_number"]) == (None, None)

    def test_one_of_two_half_open_delivery_ranges(self) -> None:
        document = _built(order=builders.an_order(delivery_range_start=worlds.STARTED))

        assert document["delivery_range"] == {"start": "2026-03-02T09:00:00.000000Z", "end": None}

    def test_an_item_names_every_package_that_held_it_once(self) -> None:
        first = builders.a_package(state=PackageStatus.CANCELLED, items=1)
        second = builders.a_package(order=first.order)
        builders.a_package_item(package=second, order_item=first.order.items.get())

        document = package.documents([second.pk])[second.pk]

        packages = [item["order_item"]["packages"] for item in document["packageitem_set"]]
        assert packages == [[first.pk, second.pk]] * 2

    def test_label_and_shipment_stand_apart(self, settings) -> None:  # type: ignore[no-untyped-def]
        settings.PUBLIC_URL = "http://oms.example.com"
        its_shipment = builders.a_shipment(label=True, parcels=2)

        document = _owner_of(its_shipment)

        assert document["shipping_label"]["url"] == f"{BASE}/packages/{document['id']}/label/"
        assert "shipping_label" not in document["shipment"]
        items = [item["id"] for item in document["packageitem_set"]]
        assert [parcel["package_items"] for parcel in document["shipment"]["parcels"]] == [items, []]


@pytest.mark.usefixtures("installed")
class TestShipment:
    def test_the_payload_from_a_package_is_the_one_read_by_id(self) -> None:
        its_shipment = worlds.registered(builders.a_shipment(label=True))
        document = _owner_of(its_shipment)

        assert package.shipment_payload(document) == shipment.payloads([its_shipment.pk])[its_shipment.pk]

    def test_standalone_and_inside_a_package_are_the_same(self) -> None:
        its_shipment = worlds.registered(builders.a_shipment(label=True))
        document = _owner_of(its_shipment)

        assert document["shipment"] == shipment.documents([its_shipment.pk])[its_shipment.pk]

    def test_a_closed_shipment_is_still_told_and_gives_way_to_its_successor(self) -> None:
        closed = builders.a_shipment(label=True)
        close_shipment(Shipment.objects.get(pk=closed.pk))

        document = _owner_of(closed)

        assert package.shipment_payload(document)["status"] == "DELETED"
        assert document["shipping_label"] is None

        successor = builders.a_shipment(package=closed.package)

        assert _owner_of(successor)["shipment"]["id"] == successor.pk

    def test_the_payload_of_a_transfers_shipment(self, settings) -> None:  # type: ignore[no-untyped-def]
        settings.PUBLIC_URL = "http://oms.example.com"
        moved = builders.a_transfer(state=TransferStatus.READY_TO_SHIPMENT)
        its_shipment = builders.a_shipment(transfer_order=moved, label=True)
        document = transfer.documents([moved.pk], nested=False)[moved.pk]

        payload = transfer.shipment_payload(document)

        assert {key: payload[key] for key in document["shipment"]} == document["shipment"]
        assert (payload["package"], payload["transfer_order"]) == (None, moved.pk)
        assert payload["transfer_number"] == moved.number
        assert payload["package_number"] == moved.package.number
        assert payload["order_number"] == moved.package.order.number
        assert payload["stock_location_erp_code"] == moved.source.erp_code
        assert payload["shipping_label"]["url"] == f"{BASE}/shipments/{its_shipment.pk}/label/"


@pytest.mark.usefixtures("installed")
class TestTransfer:
    def test_both_forms_differ_in_order_and_package_alone(self) -> None:
        moved = builders.a_transfer()

        nested = transfer.documents([moved.pk], nested=True)[moved.pk]
        told = transfer.documents([moved.pk], nested=False)[moved.pk]

        assert told.pop("order") == nested.pop("order")["id"]
        assert told.pop("package") == nested.pop("package")["id"]
        assert told.pop("order_number") == moved.package.order.number
        assert told.pop("package_number") == moved.package.number
        assert told == nested
        assert nested["source"]["id"] == moved.source_id
        assert nested["destination"]["id"] == moved.destination_id


@pytest.mark.usefixtures("installed")
def test_an_order_lists_its_packages_and_its_newest_plan() -> None:
    its_order = worlds.a_whole_order()
    first, second = its_order.items.order_by("id")
    packages = [
        builders.a_package(order=its_order, order_items=[first]),
        builders.a_package(order=its_order, order_items=[second], state=PackageStatus.PACKED),
    ]

    document = order.documents([its_order.pk])[its_order.pk]

    assert document["package_set"] == [
        {"id": each.pk, "number": each.number, "state": str(each.state), "stock_location_erp_code": code}
        for each, code in zip(packages, [each.stock_location.erp_code for each in packages], strict=True)
    ]
    assert document["execution_plan"] is not None
    assert [item["packages"] for item in document["orderitem_set"]] == [[each.pk] for each in packages]


def test_an_order_item_of_a_merged_line_counts_its_units(installed: None) -> None:
    item = builders.an_order_item(order=builders.an_order(items=0), quantity=3)

    assert order.item_documents([item.pk])[item.pk]["quantity"] == 3


def _built(**given: object) -> formats.Document:
    built: Package = builders.a_package(**given)  # type: ignore[arg-type]
    return package.documents([built.pk])[built.pk]


def _owner_of(its_shipment: Shipment) -> formats.Document:
    """The document of the package that the shipment is of."""
    package_id = its_shipment.package_id
    assert package_id
    return package.documents([package_id])[package_id]


def _only_item(document: formats.Document) -> formats.Document:
    [item] = document["packageitem_set"]
    return item


def _state(document: formats.Document) -> tuple[str, str, str]:
    state = document["state"]
    return state["enum_class"], state["enum_value"], state["name"]
