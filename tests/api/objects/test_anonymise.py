"""Forgetting a customer."""

import json
from datetime import timedelta

import pytest

from packhouse.commands.orders.anonymise_customer import anonymise_old, blanked
from packhouse.kernel import clock, outbox, settings_store
from packhouse.kernel.models import Payload
from packhouse.orders.models import Order
from packhouse.orders.states import OrderStatus
from packhouse.packages.models import Package
from packhouse.packages.states import PackageStatus
from packhouse.payloads import package as payload
from packhouse.shipments.models import ShippingLabel
from tests.api.callers import Caller
from tests.builders import a_customer, a_package, a_shipment, an_address, an_invoice, an_order

pytestmark = pytest.mark.django_db

WORDS = ("Ada", "Yilmaz", "ada@example.com", "05551112233", "5 Sample St", "ring twice")


def a_delivered_package() -> Package:
    customer = a_customer(
        first_name="Ada", last_name="Yilmaz", email="ada@example.com", phone_number="05551112233"
    )
    address = an_address(customer=customer, first_name="Ada", last_name="Yilmaz", line="5 Sample St")
    order = an_order(
        customer=customer,
        shipping_address=address,
        billing_address=address,
        notes="ring twice",
        state=OrderStatus.DELIVERED.value,
    )
    package = a_package(order=order, state=PackageStatus.DELIVERED)
    Order.objects.filter(pk=order.pk).update(state=OrderStatus.DELIVERED.value)
    return package


def tell(package: Package) -> None:
    document = payload.documents([package.pk])[package.pk]
    event = outbox.NewEvent(
        type="package.updated", kind="package", object_id=package.pk, sequence=99, document=dict(document)
    )
    outbox.record(events=[event])


def test_names_addresses_messages_and_labels_are_blanked(admin: Caller) -> None:
    package = a_delivered_package()
    a_shipment(package=package, label=True)
    tell(package)
    invoice = an_invoice(
        package=package, request={"customer": {"first_name": "Ada"}, "amounts": {"total": "1"}}
    )
    before = Payload.objects.get().body
    customer = package.order.customer
    assert customer
    assert all(word in before for word in WORDS)

    answer = admin.post(f"customers/{customer.pk}/anonymise/")

    assert answer.status == 200
    assert (answer.json["first_name"], answer.json["email"], answer.json["phone_number"]) == ("", "", None)
    shown = admin.get(f"packages/{package.pk}/").content.decode() + Payload.objects.get().body
    assert not [word for word in WORDS if word in shown]
    assert Payload.objects.get().is_blanked
    message = json.loads(Payload.objects.get().body)
    assert message["stock_location"]["address"]["line"] == "1 Example St"
    assert message["shipping_address"]["city"]["name"]
    invoice.refresh_from_db()
    assert invoice.request == {"customer": {"first_name": ""}, "amounts": {"total": "1"}}
    assert not ShippingLabel.objects.exists()
    assert admin.post(f"customers/{customer.pk}/anonymise/").status == 200


def test_not_while_something_is_still_to_be_delivered(admin: Caller) -> None:
    order = an_order(customer=a_customer(first_name="Ada"), number="O-1")

    answer = admin.post(f"customers/{order.customer_id}/anonymise/")

    assert (answer.status, answer.json["code"]) == (400, "transition_error")
    assert answer.json["orders"] == ["Still to be delivered: O-1."]
    order.refresh_from_db()
    assert order.customer
    assert order.customer.first_name == "Ada"


def test_who_may(operator: Caller, admin: Caller) -> None:
    customer = a_customer()

    assert operator.post(f"customers/{customer.pk}/anonymise/").status == 403
    assert admin.post("customers/99999999/anonymise/").status == 404


def test_old_ones_are_forgotten_by_the_clock_when_wanted() -> None:
    old, young = a_delivered_package(), a_delivered_package()
    Order.objects.filter(pk=old.order_id).update(date_placed=clock.now() - timedelta(days=800))

    assert anonymise_old() == 0
    retention = {"audit_days": 400, "feed_days": 84, "customer_data_days": 730}
    settings_store.put("RETENTION", retention)
    settings_store.forget()

    assert anonymise_old() == 1
    assert anonymise_old() == 0
    for package, name in ((old, ""), (young, "Ada")):
        customer = package.order.customer
        assert customer
        customer.refresh_from_db()
        assert customer.first_name == name


def test_what_is_not_of_a_person_stays() -> None:
    document = {
        "number": "1",
        "order_notes": "x",
        "customer": {"id": 1, "email": "a@b", "channel": 4},
        "stock_location": {"email": "store@b", "address": {"line": "1 St"}},
        "items": [{"attributes": {"size": "M"}}],
    }

    assert blanked(document) == {
        "number": "1",
        "order_notes": "",
        "customer": {"id": 1, "email": "", "channel": 4},
        "stock_location": {"email": "store@b", "address": {"line": "1 St"}},
        "items": [{"attributes": {"size": "M"}}],
    }
