"""UpdateShipmentLabelOfThePackageCommand (page 20)."""

from collections.abc import Sequence

import pytest

from packhouse.invoicing.models import Invoice
from packhouse.kernel.errors import (
    CarrierRefused,
    ForeignItem,
    InvalidParameter,
    MissingParameter,
    NotConfigured,
    TransitionRefused,
)
from packhouse.kernel.models import Transition
from packhouse.kernel.version import raise_version
from packhouse.packages.states import PackageStatus as P
from packhouse.shipments.models import Shipment, ShippingLabel
from packhouse.shipments.ports import GivenLabel
from tests.builders import a_package, a_shipment
from tests.commands.conftest import FakeCarriers
from tests.commands.running import events_of, refuse, run

pytestmark = pytest.mark.django_db
LABEL = "UPDATE_SHIPMENT_LABEL"


@pytest.mark.parametrize("state", [P.PREPARING, P.PACKED, P.SHIPPED])
def test_the_label_is_renewed_and_the_old_one_kept_as_history(state: P) -> None:
    package = a_package(state=state)
    shipment = a_shipment(package=package, registration="registered", label=True)

    run(package, LABEL, package_items=[])

    assert package.state == state
    old, new = ShippingLabel.objects.order_by("id")
    assert (old.is_current, new.is_current) == (False, True)
    assert bytes(new.content) == f"%PDF-1.4 label of {shipment.pk}".encode()
    assert events_of(package) == ["package.updated"]


def test_a_package_that_waited_for_its_label_is_packed() -> None:
    Transition.objects.filter(command="UpdateShipmentLabelOfThePackageCommand").update(
        configuration={"remote_invoice_call": {"remote_url": "http://127.0.0.1:9/i"}}
    )
    raise_version()
    package = a_package(state=P.WAITING_CARGO_LABEL, items=1)
    a_shipment(package=package, registration="registered")

    run(package, LABEL, package_items=[])

    assert package.state == P.PACKED
    assert package.order.items.get().state == "450"
    assert Invoice.objects.get().state == "pending"


def test_refusals_change_nothing(carriers: FakeCarriers) -> None:
    package, other = a_package(state=P.PACKED, items=1), a_package(items=1)
    foreign = other.items.get().pk

    refuse(package, LABEL, MissingParameter, "input_parameters.package_items")
    refuse(package, LABEL, TransitionRefused, "transition", package_items=[])
    a_shipment(package=package, registration="registered")
    refuse(package, LABEL, ForeignItem, "input_parameters.package_items.0", package_items=[foreign])
    carriers.refusal = "no label yet"
    for wrong in (41, ["one"], [None], [True], {"id": 41}):
        path = "input_parameters.package_items" + (".0" if isinstance(wrong, list) else "")
        refuse(package, LABEL, InvalidParameter, path, package_items=wrong)
    assert "no label yet" in refuse(package, LABEL, CarrierRefused, "detail", package_items=[]).text


def test_a_call_for_which_nobody_is_configured_is_refused() -> None:
    package = a_package(state=P.WAITING_CARGO_LABEL, items=1)
    a_shipment(package=package, registration="registered")
    asked = {"package_items": [], "remote_invoice_call": True}

    refuse(package, LABEL, NotConfigured, "input_parameters.remote_invoice_call", **asked)


def test_a_shipment_that_changed_while_the_carrier_was_asked_gets_no_foreign_label(
    carriers: FakeCarriers, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = a_package(state=P.PACKED, items=1)
    old = a_shipment(package=package, registration="registered")
    answers = carriers.labels

    def another_meanwhile(shipment_id: int) -> Sequence[GivenLabel]:
        Shipment.objects.filter(pk=old.pk).update(is_current=False)
        a_shipment(package=package, registration="registered")
        return answers(shipment_id)

    monkeypatch.setattr(carriers, "labels", another_meanwhile)
    with pytest.raises(CarrierRefused, match="changed while the carrier was asked"):
        run(package, LABEL, package_items=[])

    assert not ShippingLabel.objects.exists()
    assert events_of(package) == []
