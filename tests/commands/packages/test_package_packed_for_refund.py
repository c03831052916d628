"""PackagePackedForRefundCommand (page 20; page 80, 5)."""

import pytest

from packhouse.inventory.models import Reservation, Stock
from packhouse.invoicing.models import Invoice
from packhouse.kernel.errors import UnknownParameter
from packhouse.kernel.models import ExceptionEntry
from packhouse.orders.models import StatusReport
from packhouse.packages.models import Discrepancy
from packhouse.packages.states import PackageStatus as P
from packhouse.shipments.models import Shipment
from tests.builders import a_package, an_invoice
from tests.commands.running import events_of, refuse, run

pytestmark = pytest.mark.django_db
REFUND = "PackagePackedForRefundCommand"


def test_a_waiting_package_is_closed_and_its_promises_are_given_up() -> None:
    package = a_package(items=1)
    item = package.items.get()
    Discrepancy.objects.create(
        package=package,
        package_item=item,
        stock_location=package.stock_location,
        sku="X",
        quantity=1,
        reason="damaged",
    )

    run(package, REFUND)

    item.refresh_from_db()
    assert (package.state, item.state) == (P.PACKED_FOR_REFUND, P.PACKED_FOR_REFUND)
    assert not Reservation.objects.exists()
    assert not Discrepancy.objects.exists()
    assert (Stock.objects.get().on_hand, Stock.objects.get().reserved) == (100, 0)
    assert events_of(package) == ["package.status.transitioned", "package.status.packed_for_refund"]
    assert StatusReport.objects.get().status == "100"
    assert not Shipment.objects.exists()
    assert not Invoice.objects.exists()


def test_an_out_of_stock_package_keeps_its_discrepancies() -> None:
    package = a_package(state=P.OUT_OF_STOCK, items=1)
    Discrepancy.objects.create(
        package=package, stock_location=package.stock_location, sku="X", quantity=1, reason="damaged"
    )

    run(package, REFUND)

    assert package.state == P.PACKED_FOR_REFUND
    assert Discrepancy.objects.count() == 1


def test_an_invoice_received_already_is_shown_to_a_person() -> None:
    package = a_package()
    an_invoice(package=package)

    run(package, REFUND)

    entry = ExceptionEntry.objects.get()
    assert (entry.kind, entry.subject) == ("invoice_of_cancelled", f"package/{package.pk}")


def test_unknown_parameters_are_refused() -> None:
    refuse(a_package(), REFUND, UnknownParameter, "input_parameters.colour", colour="red")
