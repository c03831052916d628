"""Registering shipments: what the carrier is asked, what is kept, what becomes of failures."""

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from packhouse.commands.shipments.retry_registration import retry_registration
from packhouse.integrations.carriers import pay_on_delivery, registration
from packhouse.integrations.carriers.gateway import Carriers
from packhouse.integrations.carriers.registration import register
from packhouse.integrations.failures import Unavailable
from packhouse.kernel import clock, settings_store
from packhouse.kernel.errors import NotFound, TransitionRefused
from packhouse.kernel.models import Event
from packhouse.locations.models import SenderAddress
from packhouse.packages.models import PackageItem
from packhouse.packages.states import PackageStatus
from packhouse.shipments.models import Shipment
from packhouse.shipments.services import close_shipment
from tests.builders import a_package, a_shipment, a_transfer
from tests.integrations.carriers.conftest import Carrier
from tests.integrations.carriers.world import (
    a_carrier,
    a_packed_package,
    a_waiting_shipment,
    exceptions_of,
    registered,
    seconds_until_next_try,
)
from tests.jobs import waiting_jobs

pytestmark = pytest.mark.django_db


def test_numbers_are_kept_and_told(carrier: Carrier) -> None:
    shipment = registered(a_waiting_shipment(a_carrier(carrier.url)))

    known = carrier.sandbox.book.get(shipment.number)
    assert known is not None
    assert (shipment.registration, shipment.status, shipment.error) == ("registered", "CREATED", None)
    assert shipment.awb_number == shipment.tracking_number == known.tracking_number
    assert shipment.query_number == f"Q{known.tracking_number}"
    assert shipment.tracking_url == f"{carrier.url}/track/{known.tracking_number}"
    assert shipment.next_poll_date is not None
    assert [(event.type, event.subject) for event in Event.objects.order_by("sequence")] == [
        ("package.shipment.awb_number", f"package/{shipment.package_id}"),
        ("shipment.status.updated", f"package/{shipment.package_id}"),
    ]
    assert waiting_jobs("carriers.fetch_label") == [{"shipment_id": shipment.pk}]
    assert exceptions_of(shipment.package) == []


def test_the_carrier_is_asked_in_the_words_of_the_contract(carrier: Carrier) -> None:
    company = a_carrier(
        carrier.url, credentials_identifier="main", send_parcels=True, product_keys={"barcode": "ean"}
    )
    shipment = registered(a_waiting_shipment(company))

    request = carrier.sandbox.control.requests[0]
    body = json.loads(request["body"])
    assert request["headers"]["x-akinon-credentials-identifier"] == "main"
    assert body["shipmentId"] == shipment.number
    assert body["type"] == "CUSTOMER"
    assert body["locale"] == "tr-TR"
    assert body["destination"]["country"] == {"id": 901, "code": "tr", "name": "Türkiye"}
    assert body["destination"]["city"] == {"id": 940, "name": "Ankara"}
    assert body["destination"]["addressLine"] == "5 Sample St"
    assert (body["destination"]["name"], body["destination"]["surname"]) == ("Şükrü", "Ilıcalı")
    assert body["parcels"] == [{"weight": "1.200"}]
    barcodes = [item.order_item.product.barcode for item in shipment.package.items.order_by("id")]
    assert body["products"] == [{"ean": barcode} for barcode in barcodes]
    assert "payment" not in body


def test_a_refusal_is_final_and_shown_in_the_carriers_words(carrier: Carrier) -> None:
    package = a_packed_package()
    package.order.shipping_address.line = "FAIL Street"
    package.order.shipping_address.save()
    shipment = registered(a_waiting_shipment(a_carrier(carrier.url), package=package))

    package.refresh_from_db()
    assert package.state == PackageStatus.PACKED
    assert (shipment.registration, shipment.status) == ("failed", None)
    assert shipment.error == "destination.addressLine: 'FAIL Street' is not served."
    assert exceptions_of(package) == [
        f"Shipment {shipment.number} is not registered with its carrier: {shipment.error}"
    ]
    assert [event.type for event in Event.objects.all()] == ["package.updated"]


def test_an_address_with_gaps_fails_before_the_call(carrier: Carrier) -> None:
    package = a_packed_package()
    package.order.shipping_address.line = ""
    package.order.shipping_address.save()
    shipment = registered(a_waiting_shipment(a_carrier(carrier.url), package=package))

    assert (shipment.registration, shipment.error) == ("failed", "The shipping address has no line.")
    assert carrier.calls == []


def test_an_unavailable_carrier_is_tried_up_the_ladder_and_then_given_up(carrier: Carrier) -> None:
    carrier.sandbox.control.set_faults({"error_rate": {"503": 1.0}})
    shipment = a_waiting_shipment(a_carrier(carrier.url))
    start = clock.now()

    waits = []
    for minute in range(6):
        with clock.frozen(start + timedelta(minutes=2 * minute)):
            waits.append(seconds_until_next_try(shipment))

    assert waits == [30, 120, 600, 1800, 3600, 3600]
    assert (shipment.registration, shipment.tries) == ("pending", 6)
    assert "answered 503" in exceptions_of(shipment.package)[0]
    with clock.frozen(start + timedelta(hours=24)):
        registered(shipment)
    assert shipment.registration == "failed"


def test_a_carrier_that_recovers_closes_the_exception(carrier: Carrier) -> None:
    shipment = a_waiting_shipment(a_carrier(carrier.url))
    carrier.sandbox.control.set_faults({"error_rate": {"500": 1.0}})
    seconds_until_next_try(shipment)
    carrier.sandbox.control.set_faults({})

    registered(shipment)

    assert (shipment.registration, shipment.error) == ("registered", None)
    assert exceptions_of(shipment.package) == []


def test_after_an_answer_that_was_lost_the_carrier_is_queried_first(carrier: Carrier) -> None:
    shipment = a_waiting_shipment(a_carrier(carrier.url))
    carrier.sandbox.control.set_faults({"drop_answer": 1.0})
    seconds_until_next_try(shipment)
    carrier.sandbox.control.set_faults({})

    registered(shipment)

    assert shipment.registration == "registered"
    assert carrier.calls == ["POST /shipments", f"GET /shipments/{shipment.number}"]


def test_what_the_query_does_not_know_is_posted_again_under_the_same_ids(carrier: Carrier) -> None:
    shipment = a_waiting_shipment(a_carrier(carrier.url))
    carrier.sandbox.control.set_faults({"drop_connection": 1.0})
    seconds_until_next_try(shipment)
    carrier.sandbox.control.set_faults({})

    registered(shipment)

    assert carrier.calls == ["POST /shipments", f"GET /shipments/{shipment.number}", "POST /shipments"]
    first, last = carrier.sandbox.control.requests[0], carrier.sandbox.control.requests[2]
    assert first["body"] == last["body"]
    assert first["headers"]["x-akinon-request-id"] == last["headers"]["x-akinon-request-id"]


def test_an_open_circuit_uses_up_no_try(carrier: Carrier) -> None:
    company = a_carrier(carrier.url)
    carrier.sandbox.control.set_faults({"error_rate": {"500": 1.0}})
    for _ in range(5):
        seconds_until_next_try(a_waiting_shipment(company))
    waiting = a_waiting_shipment(company)
    asked = len(carrier.calls)

    seconds = seconds_until_next_try(waiting)

    assert (waiting.tries, len(carrier.calls)) == (0, asked)
    assert 5 <= seconds <= 30
    assert "does not answer at present" in exceptions_of(waiting.package)[0]


@pytest.mark.parametrize("answer", ["html", "truncated", "error_in_200", "endless"])
def test_nonsense_is_tried_again_and_seen(carrier: Carrier, answer: str) -> None:
    carrier.sandbox.control.set_faults({"answer": answer})
    shipment = a_waiting_shipment(a_carrier(carrier.url))

    seconds_until_next_try(shipment)

    assert shipment.registration == "pending"
    assert len(exceptions_of(shipment.package)) == 1


def test_cancelled_while_the_carrier_was_asked_it_is_deleted_there_again(
    carrier: Carrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipment = a_waiting_shipment(a_carrier(carrier.url))
    ask = registration._ask

    def cancelled_meanwhile(*arguments: Any, **more: Any) -> Any:
        answer = ask(*arguments, **more)
        close_shipment(Shipment.objects.get(pk=shipment.pk))
        return answer

    monkeypatch.setattr(registration, "_ask", cancelled_meanwhile)
    registered(shipment)

    assert (shipment.registration, shipment.awb_number) == ("deleted", None)
    assert carrier.sandbox.book.shipments[shipment.number].deleted
    assert not Event.objects.exists()


def test_cancelled_after_a_try_whose_end_is_unknown_it_is_deleted_there(carrier: Carrier) -> None:
    shipment = a_waiting_shipment(a_carrier(carrier.url))
    carrier.sandbox.control.set_faults({"drop_answer": 1.0})
    seconds_until_next_try(shipment)
    carrier.sandbox.control.set_faults({})
    close_shipment(Shipment.objects.get(pk=shipment.pk))

    registered(shipment)

    assert carrier.sandbox.book.shipments[shipment.number].deleted


def test_by_hand_nobody_is_called_and_the_label_is_drawn_here(carrier: Carrier) -> None:
    shipment = registered(a_waiting_shipment())

    assert (shipment.registration, shipment.status, shipment.is_integrated) == ("registered", None, False)
    labels = {label.file_format: bytes(label.content) for label in shipment.labels.all()}
    assert labels["pdf"].startswith(b"%PDF-")
    assert labels["zpl"].startswith(b"^XA^CI28^PW800^LL1200")
    assert shipment.next_poll_date is None
    assert waiting_jobs("carriers.fetch_label") == []
    assert carrier.calls == []


def test_an_unknown_adaptor_is_named(carrier: Carrier) -> None:
    shipment = registered(a_waiting_shipment(a_carrier(carrier.url, adaptor="pigeon")))

    assert shipment.registration == "failed"
    assert "There is no carrier adaptor 'pigeon'" in str(shipment.error)


def test_a_carrier_that_wants_senders_is_told_ours_once(carrier: Carrier) -> None:
    carrier.sandbox.habits.needs_origin = True
    company = a_carrier(carrier.url, needs_origin=True)
    package = a_packed_package()

    first = registered(a_waiting_shipment(company, package=package))
    second = registered(
        a_waiting_shipment(company, package=a_packed_package(stock_location=package.stock_location))
    )

    assert first.registration == second.registration == "registered"
    known = SenderAddress.objects.get(stock_location=package.stock_location, cargo_company=company)
    assert first.origin_id == second.origin_id == known.origin_id
    assert carrier.calls.count("POST /addresses") == 1


def test_a_location_that_has_moved_is_told_again_and_what_a_person_entered_stays(carrier: Carrier) -> None:
    carrier.sandbox.habits.needs_origin = True
    company = a_carrier(carrier.url, needs_origin=True)
    location = a_packed_package().stock_location
    first = registered(a_waiting_shipment(company, package=a_packed_package(stock_location=location)))

    type(location.address).objects.filter(pk=location.address_id).update(line="9 New St")
    second = registered(a_waiting_shipment(company, package=a_packed_package(stock_location=location)))
    SenderAddress.objects.update(made_for="", origin_id=first.origin_id)
    third = registered(a_waiting_shipment(company, package=a_packed_package(stock_location=location)))

    assert first.origin_id == third.origin_id != second.origin_id
    assert carrier.calls.count("POST /addresses") == 2


def test_a_transfer_goes_to_the_location_it_is_for(carrier: Carrier) -> None:
    transfer = a_transfer()
    shipment = a_shipment(transfer_order=transfer, cargo_company=a_carrier(carrier.url), remote_id="ST1")

    registered(shipment)

    body = json.loads(carrier.sandbox.control.requests[0]["body"])
    assert (body["type"], body["destination"]["name"]) == ("PICK_UP_LOCATION", transfer.destination.name)
    assert shipment.registration == "registered"
    assert [event.type for event in Event.objects.all()] == ["shipment.status.updated"]


class TestPayOnDelivery:
    def test_the_amount_stands_in_the_request(self, carrier: Carrier) -> None:
        package = a_packed_package(payment_type="pay_on_delivery", pay_on_delivery_amount=Decimal("70.00"))
        shipment = registered(a_waiting_shipment(a_carrier(carrier.url), package=package))

        body = json.loads(carrier.sandbox.control.requests[0]["body"])
        assert body["payment"] == {
            "paymentId": package.order.number,
            "amount": "70.00",
            "currency": "TRY",
        }
        assert shipment.pay_on_delivery_amount == Decimal("70.00")

    def test_an_amount_that_is_not_known_is_waited_for(self, carrier: Carrier) -> None:
        package = a_packed_package(payment_type="pay_on_delivery")
        shipment = a_waiting_shipment(a_carrier(carrier.url), package=package)

        assert seconds_until_next_try(shipment) == 30
        assert carrier.calls == []
        assert "collected at the door" in exceptions_of(package)[0]

    def test_the_back_office_is_asked_again(self, carrier: Carrier, monkeypatch: pytest.MonkeyPatch) -> None:
        package = a_packed_package(payment_type="pay_on_delivery", pay_on_delivery_amount=Decimal("70.00"))
        monkeypatch.setattr(pay_on_delivery._Wired, "source", lambda order_id: Decimal("65.00"))

        shipment = registered(a_waiting_shipment(a_carrier(carrier.url), package=package))

        assert shipment.pay_on_delivery_amount == Decimal("65.00")

    def test_a_silent_back_office_leaves_the_amount_of_the_copy(
        self, carrier: Carrier, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def silent(order_id: int) -> Decimal:
            raise Unavailable("no")

        package = a_packed_package(payment_type="pay_on_delivery", pay_on_delivery_amount=Decimal("70.00"))
        monkeypatch.setattr(pay_on_delivery._Wired, "source", silent)

        shipment = registered(a_waiting_shipment(a_carrier(carrier.url), package=package))

        assert shipment.pay_on_delivery_amount == Decimal("70.00")

    def test_several_packages_share_it_to_the_cent(self, carrier: Carrier) -> None:
        package = a_packed_package(
            items=3, payment_type="pay_on_delivery", pay_on_delivery_amount=Decimal("100.00")
        )
        order = package.order
        last = a_package(state=PackageStatus.PACKED, order=order, order_items=[])
        PackageItem.objects.filter(order_item=order.items.order_by("id").last()).update(package=last)
        company = a_carrier(carrier.url)

        first = registered(a_waiting_shipment(company, package=package))
        order.pay_on_delivery_amount = Decimal("101.00")
        order.save()
        second = registered(a_waiting_shipment(company, package=last))

        assert first.pay_on_delivery_amount == Decimal("66.67")
        assert second.pay_on_delivery_amount == Decimal("34.33")


def test_registering_again_changes_nothing(carrier: Carrier) -> None:
    shipment = registered(a_waiting_shipment(a_carrier(carrier.url)))
    asked = len(carrier.calls)

    register(shipment.pk)

    assert len(carrier.calls) == asked


def test_a_company_with_a_prefix_numbers_its_parcels(carrier: Carrier) -> None:
    settings_store.put("GS1_COMPANY_PREFIX", "8690000")
    shipment = registered(a_waiting_shipment(a_carrier(carrier.url, send_parcels=True), parcels=2))

    numbers = [parcel.sscc for parcel in shipment.parcels.all()]
    body = json.loads(carrier.sandbox.control.requests[0]["body"])
    assert [row["sscc"] for row in body["parcels"]] == numbers
    assert len(set(numbers)) == 2
    assert all(number.startswith("08690000") for number in numbers)


class TestRetry:
    def test_what_failed_is_asked_for_again(self, carrier: Carrier) -> None:
        carrier.sandbox.habits.reject = "closed today"
        shipment = registered(a_waiting_shipment(a_carrier(carrier.url)))
        carrier.sandbox.habits.reject = None

        assert retry_registration(shipment.pk) == shipment.pk

        assert waiting_jobs("carriers.register_shipment") == [{"shipment_id": shipment.pk}]
        registered(shipment)
        assert shipment.registration == "registered"
        assert exceptions_of(shipment.package) == []

    def test_what_the_carrier_has_deleted_gets_a_new_id(self, carrier: Carrier) -> None:
        shipment = registered(a_waiting_shipment(a_carrier(carrier.url), parcels=2))
        Carriers().delete(shipment.pk)

        successor = registered(Shipment.objects.get(pk=retry_registration(shipment.pk)))

        shipment.refresh_from_db()
        assert (shipment.is_current, successor.is_current) == (False, True)
        assert successor.registration == "registered"
        assert successor.remote_id == f"S{successor.pk}" != shipment.remote_id
        assert [box.barcode for box in successor.parcels.all()] == [
            box.barcode for box in shipment.parcels.all()
        ]
        types = [event.type for event in Event.objects.order_by("cursor")]
        assert types[2:4] == ["shipment.cancelled", "shipment.created"]

    def test_anything_else_is_refused(self, carrier: Carrier) -> None:
        shipment = registered(a_waiting_shipment(a_carrier(carrier.url)))

        with pytest.raises(TransitionRefused):
            retry_registration(shipment.pk)
        with pytest.raises(NotFound):
            retry_registration(0)
