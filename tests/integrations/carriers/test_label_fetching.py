"""Labels that the carrier prints."""

import pytest

from packhouse.integrations.carriers.label_fetching import WAITS, fetch_label
from packhouse.integrations.patience import TryLater
from packhouse.kernel.models import Event
from packhouse.shipments.models import Shipment
from tests.integrations.carriers.conftest import Carrier
from tests.integrations.carriers.world import a_carrier, a_waiting_shipment, exceptions_of, registered
from tests.jobs import waiting_jobs

pytestmark = pytest.mark.django_db


def labels_of(shipment: Shipment) -> list[tuple[str, int | None, bool]]:
    """Format, position of the parcel, present or not."""
    return [
        (label.file_format, label.parcel.position if label.parcel else None, label.is_current)
        for label in shipment.labels.order_by("id")
    ]


def test_a_label_is_kept_for_each_parcel_and_told(carrier: Carrier) -> None:
    shipment = registered(a_waiting_shipment(a_carrier(carrier.url, send_parcels=True), parcels=2))

    fetch_label(shipment.pk)
    fetch_label(shipment.pk)

    assert labels_of(shipment) == [("pdf", 1, True), ("pdf", 2, True)]
    assert bytes(shipment.labels.first().content).startswith(b"%PDF-")
    assert carrier.calls.count(f"GET /shipments/{shipment.number}/label") == 1
    assert Event.objects.order_by("cursor").last().type == "package.updated"


def test_further_formats_are_asked_for(carrier: Carrier) -> None:
    company = a_carrier(carrier.url, label_formats=["pdf", "zpl"])
    shipment = registered(a_waiting_shipment(company))

    fetch_label(shipment.pk)

    assert labels_of(shipment) == [("pdf", 1, True), ("zpl", 1, True)]


def test_labels_in_the_first_answer_need_no_second_call(carrier: Carrier) -> None:
    carrier.sandbox.habits.inline_labels = True

    shipment = registered(a_waiting_shipment(a_carrier(carrier.url)))

    assert labels_of(shipment) == [("pdf", None, True)]
    assert waiting_jobs("carriers.fetch_label") == []


def test_ours_are_drawn_with_the_carriers_number_where_it_is_said(carrier: Carrier) -> None:
    shipment = registered(a_waiting_shipment(a_carrier(carrier.url, label_source="oms")))

    assert labels_of(shipment) == [("pdf", None, True), ("zpl", None, True)]
    assert str(shipment.tracking_number).encode() in bytes(shipment.labels.last().content)


def test_a_label_that_is_late_is_asked_for_ten_times_within_half_an_hour(carrier: Carrier) -> None:
    carrier.sandbox.habits.label_delay_s = 3600
    shipment = registered(a_waiting_shipment(a_carrier(carrier.url)))
    waits = []
    for _ in WAITS:
        with pytest.raises(TryLater) as later:
            fetch_label(shipment.pk)
        waits.append(later.value.seconds)
    assert sum(waits) == 1800
    assert exceptions_of(shipment.package) == []

    fetch_label(shipment.pk)

    assert exceptions_of(shipment.package) == [
        f"Shipment {shipment.number} has no label: the carrier has no label yet"
    ]


def test_a_label_that_comes_after_all_closes_the_exception(carrier: Carrier) -> None:
    carrier.sandbox.habits.label_delay_s = 3600
    shipment = registered(a_waiting_shipment(a_carrier(carrier.url)))
    Shipment.objects.filter(pk=shipment.pk).update(label_tries=9)
    fetch_label(shipment.pk)
    assert exceptions_of(shipment.package)
    carrier.sandbox.habits.label_delay_s = 0

    fetch_label(shipment.pk)

    assert exceptions_of(shipment.package) == []
    assert labels_of(shipment) == [("pdf", 1, True)]
