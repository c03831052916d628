"""Shipments: lists, history, labels, and what a person may ask of a carrier."""

from datetime import UTC, datetime

import pytest

from packhouse.kernel import clock
from packhouse.kernel.models import Role
from packhouse.shipments.models import Shipment, TrackingEvent
from packhouse.shipments.states import Registration, ShipmentStatus
from tests.api.callers import Caller, a_caller
from tests.api.objects.answers import grows, ids
from tests.builders import a_shipment, a_transfer
from tests.jobs import waiting_jobs
from tests.payloads.examples import differences, example
from tests.payloads.worlds import registered

pytestmark = pytest.mark.django_db


def test_a_shipment_is_that_of_the_package_example(admin: Caller) -> None:
    shipment = registered(a_shipment())

    document = admin.get(f"shipments/{shipment.pk}/").json

    assert differences(document, example("package")["shipment"]) == []


@pytest.mark.parametrize(
    "query",
    [
        "package={package}",
        "status=CREATED",
        "registration=registered",
        "cargo_company={cargo}",
        "awb_number=7300001234567",
        "tracking_number=7300001234567",
        "has_error=false",
    ],
)
def test_each_filter_finds_the_one(admin: Caller, query: str) -> None:
    wanted = registered(a_shipment())
    a_shipment(error="refused", registration=Registration.FAILED)
    filled = query.format(package=wanted.package_id, cargo=wanted.cargo_company_id)

    assert ids(admin.get(f"shipments/?{filled}")) == [wanted.pk]


def test_history_is_told_oldest_first(admin: Caller) -> None:
    shipment = a_shipment()
    for day, status in ((3, "SHIPPING"), (2, "CREATED")):
        TrackingEvent.objects.create(
            shipment=shipment,
            date=datetime(2026, 3, day, tzinfo=UTC),
            status=status,
            text="t",
            place="Ankara",
        )

    rows = admin.get(f"shipments/{shipment.pk}/history/").json

    assert [row["status"] for row in rows] == ["CREATED", "SHIPPING"]
    assert rows[0] == {
        "date": "2026-03-02T00:00:00.000000Z",
        "status": "CREATED",
        "text": "t",
        "place": "Ankara",
    }


def test_a_failed_registration_is_tried_again(operator: Caller) -> None:
    shipment = a_shipment(
        registration=Registration.FAILED, error="bad address", tries=3, first_try_date=clock.now()
    )

    answer = operator.post(f"shipments/{shipment.pk}/retry/")

    assert (answer.status, answer.json["registration"]) == (202, "pending")
    assert waiting_jobs("carriers.register_shipment") == [{"shipment_id": shipment.pk}]
    shipment.refresh_from_db()
    assert (shipment.tries, shipment.first_try_date) == (1, None)


def test_a_registered_one_is_not_registered_again(operator: Caller) -> None:
    shipment = registered(a_shipment())

    answer = operator.post(f"shipments/{shipment.pk}/retry/")

    assert (answer.status, answer.json["code"]) == (400, "transition_error")
    assert not waiting_jobs("carriers.register_shipment")


def test_the_status_is_asked_for_at_once(operator: Caller) -> None:
    shipment = registered(a_shipment())
    delivered = registered(a_shipment())
    Shipment.objects.filter(pk=delivered.pk).update(status=ShipmentStatus.DELIVERED)

    assert operator.post(f"shipments/{shipment.pk}/poll/").status == 202
    assert operator.post(f"shipments/{delivered.pk}/poll/").status == 400
    shipment.refresh_from_db()
    assert shipment.next_poll_date
    assert shipment.next_poll_date <= clock.now()


def test_a_store_user_sees_those_of_its_packages_and_transfers() -> None:
    own, foreign = a_shipment(label=True), a_shipment(label=True)
    assert own.package
    transfer = a_transfer(source=own.package.stock_location)
    sent = a_shipment(transfer_order=transfer)
    store = a_caller(Role.STORE, locations=[own.package.stock_location])

    assert ids(store.get("shipments/")) == [sent.pk, own.pk]
    for rest in ("", "history/", "label/"):
        assert store.get(f"shipments/{own.pk}/{rest}").status == 200
        assert store.get(f"shipments/{foreign.pk}/{rest}").status == 403
        assert store.get(f"shipments/99999999/{rest}").status == 404
    for rest in ("retry/", "poll/"):
        assert store.post(f"shipments/{own.pk}/{rest}").status == 403


def test_a_key_narrowed_to_a_channel_sees_those_of_its_orders() -> None:
    own, _foreign = a_shipment(), a_shipment()
    assert own.package
    key = a_caller(Role.INTEGRATION, user_scopes=["read"], channel_ids=[own.package.order.channel_id])

    assert ids(key.get("shipments/")) == [own.pk]


def test_statements_do_not_grow(admin: Caller) -> None:
    assert grows(admin, "shipments/", a_shipment) == 0
