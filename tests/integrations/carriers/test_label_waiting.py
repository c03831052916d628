"""A package that waits for its label (WAITING_CARGO_LABEL) is packed when it has come."""

import pytest

from packhouse.commands.shipments.label_waiting import pack_what_waits
from packhouse.integrations.carriers.label_fetching import fetch_label
from packhouse.integrations.patience import TryLater
from packhouse.kernel.models import StateTransitionLog, Transition
from packhouse.kernel.version import raise_version
from packhouse.packages.models import Package
from packhouse.packages.states import PackageStatus as P
from packhouse.shipments.models import Shipment
from tests.builders import a_package
from tests.integrations.carriers.conftest import Carrier
from tests.integrations.carriers.world import a_carrier, a_waiting_shipment, an_order_to_ankara, registered

pytestmark = pytest.mark.django_db


def that_waits(carrier: Carrier) -> Shipment:
    package = a_package(state=P.WAITING_CARGO_LABEL, order=an_order_to_ankara())
    return a_waiting_shipment(a_carrier(carrier.url), package=package)


def state_of(shipment: Shipment) -> str:
    return Package.objects.get(pk=shipment.package_id).state


def test_it_waits_as_long_as_there_is_none(carrier: Carrier) -> None:
    carrier.sandbox.habits.label_delay_s = 3600
    shipment = registered(that_waits(carrier))
    assert state_of(shipment) == P.WAITING_CARGO_LABEL
    with pytest.raises(TryLater):
        fetch_label(shipment.pk)
    assert state_of(shipment) == P.WAITING_CARGO_LABEL

    carrier.sandbox.habits.label_delay_s = 0
    fetch_label(shipment.pk)

    package = Package.objects.get(pk=shipment.package_id)
    assert (package.state, package.packed_date is not None) == (P.PACKED, True)
    assert set(package.order.items.values_list("state", flat=True)) == {"450"}
    assert StateTransitionLog.objects.get(object_id=package.pk).user is None


def test_it_is_packed_by_a_label_in_the_carriers_first_answer(carrier: Carrier) -> None:
    carrier.sandbox.habits.inline_labels = True

    shipment = registered(that_waits(carrier))

    assert state_of(shipment) == P.PACKED
    assert not [call for call in carrier.calls if call.endswith("/label")]
    assert shipment.labels.count() == 1


def test_what_a_lost_process_left_waiting_is_found_by_the_clock(carrier: Carrier) -> None:
    carrier.sandbox.habits.inline_labels = True
    shipment = registered(that_waits(carrier))
    Package.objects.filter(pk=shipment.package_id).update(state=P.WAITING_CARGO_LABEL)

    assert pack_what_waits() == 1
    assert pack_what_waits() == 0
    assert state_of(shipment) == P.PACKED


def test_where_nothing_leads_out_of_it_a_person_decides(carrier: Carrier) -> None:
    Transition.objects.filter(source_state__enum_value="450").update(is_active=False)
    raise_version()
    carrier.sandbox.habits.inline_labels = True

    shipment = registered(that_waits(carrier))

    assert state_of(shipment) == P.WAITING_CARGO_LABEL
    assert pack_what_waits() == 0
