"""A carrier, or something before it, that answers nonsense: bounded, logged without secrets, seen, tried again."""

from datetime import timedelta

import pytest

from packhouse.integrations.carriers import http
from packhouse.integrations.carriers.label_fetching import fetch_label
from packhouse.integrations.carriers.tracking import track
from packhouse.integrations.models import FailedCall
from packhouse.integrations.patience import TryLater
from packhouse.kernel import clock, remedies
from packhouse.kernel.errors import CarrierRefused
from packhouse.kernel.models import ExceptionEntry
from packhouse.kernel.secrets import MASK
from packhouse.shipments import ports
from packhouse.shipments.models import Shipment
from tests.integrations.carriers.conftest import Carrier
from tests.integrations.carriers.world import (
    a_carrier,
    a_waiting_shipment,
    exceptions_of,
    registered,
    seconds_until_next_try,
)
from tests.jobs import waiting_jobs

pytestmark = pytest.mark.django_db

NONSENSE = {
    "html": "The answer is not JSON",
    "truncated": "RemoteProtocolError",
    "endless": "The answer is longer than 100000 bytes",
    "error_in_200": "Something went wrong",
}


@pytest.fixture(autouse=True)
def _short_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bound itself, without megabytes in every test."""
    monkeypatch.setattr(http, "LARGEST", 100_000)


@pytest.fixture
def shipment(carrier: Carrier) -> Shipment:
    return a_waiting_shipment(a_carrier(carrier.url, password="carrier"))


def answering(carrier: Carrier, answer: str | None) -> None:
    carrier.sandbox.control.set_faults({"answer": answer} if answer else {})


def assert_logged(text: str, shipment: Shipment) -> None:
    """Among the failed calls, with nothing of who the customer is and how we log in."""
    kept = FailedCall.objects.latest("id")
    assert text in kept.error
    assert len(kept.answer_body) <= 4000
    address = shipment.package.order.shipping_address  # type: ignore[union-attr]
    said = f"{kept.url} {kept.request_body} {kept.answer_body}"
    assert address is not None
    for secret in (address.last_name, address.phone_number, address.line, "Basic ", "password"):
        assert secret not in said


@pytest.mark.parametrize(("answer", "text"), NONSENSE.items())
def test_a_registration_is_tried_again_until_the_carrier_speaks(
    carrier: Carrier, shipment: Shipment, answer: str, text: str
) -> None:
    answering(carrier, answer)

    assert seconds_until_next_try(shipment) == 30

    assert (shipment.registration, shipment.tries) == ("pending", 1)
    assert text in str(shipment.error)
    assert text in exceptions_of(shipment.package)[0]
    assert_logged(text, shipment)
    answering(carrier, None)
    assert registered(shipment).registration == "registered"
    assert exceptions_of(shipment.package) == []


def test_what_was_asked_is_kept_masked(carrier: Carrier, shipment: Shipment) -> None:
    answering(carrier, "html")
    seconds_until_next_try(shipment)

    assert f'"tel": "{MASK}"' in FailedCall.objects.get().request_body


def test_a_person_tries_again_at_once(carrier: Carrier, shipment: Shipment) -> None:
    answering(carrier, "error_in_200")
    register_until_given_up(shipment)

    assert shipment.registration == "failed"
    entry = ExceptionEntry.objects.get(kind="carrier_failed", resolved_date__isnull=True)
    answering(carrier, None)
    remedies.try_again(entry.pk)

    assert {"shipment_id": shipment.pk} in waiting_jobs("carriers.register_shipment")
    assert registered(shipment).registration == "registered"


def register_until_given_up(shipment: Shipment) -> None:
    Shipment.objects.filter(pk=shipment.pk).update(first_try_date=clock.now() - timedelta(hours=25))
    registered(shipment)


@pytest.mark.parametrize("answer", ["html", "endless", "error_in_200"])
def test_nothing_counts_as_deleted_that_the_carrier_did_not_delete(
    carrier: Carrier, shipment: Shipment, answer: str
) -> None:
    registered(shipment)
    answering(carrier, answer)

    with pytest.raises(CarrierRefused):
        ports.carrier().delete(shipment.pk)

    shipment.refresh_from_db()
    assert shipment.registration == "registered"
    assert not carrier.sandbox.book.shipments[shipment.number].deleted


@pytest.mark.parametrize("answer", ["html", "endless", "error_in_200"])
def test_tracking_goes_on_and_a_person_sees_why_it_does_not_move(
    carrier: Carrier, shipment: Shipment, answer: str
) -> None:
    registered(shipment)
    answering(carrier, answer)

    track(shipment.pk)

    shipment.refresh_from_db()
    assert (shipment.status, shipment.next_poll_date is not None) == ("CREATED", True)
    assert "cannot be tracked" in exceptions_of(shipment.package)[0]
    answering(carrier, None)
    track(shipment.pk)
    assert exceptions_of(shipment.package) == []


@pytest.mark.parametrize(("answer", "text"), NONSENSE.items())
def test_a_label_that_is_none_is_asked_for_again(
    carrier: Carrier, shipment: Shipment, answer: str, text: str
) -> None:
    registered(shipment)
    shipment.labels.all().delete()
    answering(carrier, answer)

    with pytest.raises(TryLater, match=text):
        fetch_label(shipment.pk)

    assert not shipment.labels.exists()
    assert_logged(text, shipment)
    answering(carrier, None)
    fetch_label(shipment.pk)
    assert bytes(shipment.labels.get().content).startswith(b"%PDF-")
