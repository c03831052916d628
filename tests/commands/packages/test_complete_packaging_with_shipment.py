"""CompletePackagingCommand: the row of page 20, effect by effect, refusal by refusal."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from packhouse.inventory.models import Movement, Reservation, Stock
from packhouse.invoicing.models import Invoice
from packhouse.kernel import engine
from packhouse.kernel.accounts import SYSTEM
from packhouse.kernel.engine import Call
from packhouse.kernel.errors import (
    ConfigurationFromCaller,
    ForeignItem,
    InvalidParameter,
    NotConfigured,
    PackhouseError,
    UnknownParameter,
    WrongBarcode,
)
from packhouse.kernel.models import Event, ExceptionEntry, StateTransitionLog, Transition
from packhouse.kernel.version import raise_version
from packhouse.orders.models import StatusReport
from packhouse.packages.models import Package
from packhouse.packages.states import PackageStatus as P
from packhouse.shipments.models import Shipment
from tests.builders import a_cargo_company, a_location, a_package, a_package_item, an_order, an_order_item
from tests.fingerprint import fingerprint
from tests.jobs import waiting_jobs

pytestmark = pytest.mark.django_db


def complete(package: Package, **parameters: object) -> engine.Outcome:
    return engine.execute(
        "package", Call(package.pk, slug="CompletePackagingCommand", input_parameters=parameters), SYSTEM
    )


def test_items_become_packed_and_order_items_preparing() -> None:
    package = a_package(items=2)

    complete(package)

    package.refresh_from_db()
    assert package.state == P.PACKED
    assert [item.state for item in package.items.all()] == ["500", "500"]
    assert [item.state for item in package.order.items.all()] == ["450", "450"]
    package.order.refresh_from_db()
    assert package.order.state == "450"


def test_reservations_go_and_the_units_leave_the_shelf() -> None:
    package = a_package(items=2)
    skus = [item.order_item.product.sku for item in package.items.all()]
    before = {sku: Stock.objects.get(sku=sku).on_hand for sku in skus}

    complete(package)

    for sku in skus:
        stock = Stock.objects.get(sku=sku)
        assert (stock.on_hand, stock.reserved) == (before[sku] - 1, 0)
    assert not Reservation.objects.exists()
    assert [item.taken for item in package.items.all()] == [Decimal(1), Decimal(1)]
    assert [movement.delta for movement in Movement.objects.all()] == [Decimal(-1), Decimal(-1)]


def test_the_locations_quota_is_released_once() -> None:
    package = a_package()
    package.stock_location.refresh_from_db()
    assert package.stock_location.quota == 1

    complete(package)

    package.stock_location.refresh_from_db()
    package.refresh_from_db()
    assert package.stock_location.quota == 0
    assert package.holds_quota is False


def test_a_shipment_is_opened_with_the_orders_carrier_and_registered_after_the_commit() -> None:
    carrier = a_cargo_company(configuration={"adaptor": "sandbox"})
    package = a_package(order=an_order(cargo_company=carrier))

    complete(package)

    shipment = Shipment.objects.get(package=package)
    assert shipment.cargo_company == carrier
    assert (shipment.registration, shipment.status, shipment.is_integrated) == ("pending", None, True)
    assert shipment.remote_id == f"S{shipment.pk}"
    assert waiting_jobs("carriers.register_shipment") == [{"shipment_id": shipment.pk}]


def test_one_parcel_holds_everything_unless_parcels_are_given() -> None:
    package = a_package(items=2)
    items = [item.pk for item in package.items.order_by("id")]

    complete(
        package,
        parcels=[{"weight": "1.2", "width": "30", "package_items": items[:1]}, {"package_items": items[1:]}],
    )

    parcels = Shipment.objects.get(package=package).parcels.all()
    assert [parcel.barcode for parcel in parcels] == [f"{package.number}-1", f"{package.number}-2"]
    assert [parcel.weight for parcel in parcels] == [Decimal("1.200"), None]
    assert [[item.pk for item in parcel.package_items.all()] for parcel in parcels] == [items[:1], items[1:]]


@pytest.mark.parametrize("form", ["one object", "a list"])
def test_barcodes_are_kept_as_one_object_or_a_list(form: str) -> None:
    package = a_package(items=1)
    item = package.items.get()
    barcode = {"order_item": item.order_item_id, "barcode": item.order_item.product.barcode}

    complete(package, barcodes=barcode if form == "one object" else [barcode])

    item.refresh_from_db()
    assert item.selected_barcode == item.order_item.product.barcode


def test_omnitron_is_told_once_per_order_item() -> None:
    package = a_package(items=2)

    complete(package)

    assert list(StatusReport.objects.values_list("order_item_id", "status", "state").order_by("id")) == [
        (item.order_item_id, "450", "waiting") for item in package.items.order_by("id")
    ]
    assert waiting_jobs("omnitron.sync_order_status") == [{"order_id": package.order_id}]


def test_omnitron_is_not_told_when_the_caller_switches_it_off() -> None:
    package = a_package()

    complete(package, sync_remote_order_status=False)

    assert not StatusReport.objects.exists()
    assert waiting_jobs("omnitron.sync_order_status") == []


def test_an_item_split_over_two_packages_is_preparing_when_both_are_packed() -> None:
    order = an_order(items=0)
    item = an_order_item(order=order, quantity=2)
    first = a_package(order=order, order_items=[])
    second = a_package(order=order, order_items=[])
    for package in (first, second):
        a_package_item(package=package, order_item=item, quantity=1)

    complete(first)
    item.refresh_from_db()
    assert item.state == "400"

    complete(second)
    item.refresh_from_db()
    assert item.state == "450"


def test_events_are_told_in_order_with_the_packages_new_state() -> None:
    package = a_package()

    complete(package)

    events = list(Event.objects.filter(subject=f"package/{package.pk}").order_by("sequence"))
    assert [(event.type, event.sequence) for event in events] == [
        ("package.status.transitioned", 1),
        ("package.status.packed", 2),
        ("shipment.created", 3),
    ]
    assert '"enum_value": "500"' in events[0].payload.body
    assert events[0].payload_id == events[1].payload_id != events[2].payload_id


def test_the_move_is_logged_with_its_transition() -> None:
    package = a_package()

    complete(package)

    row = StateTransitionLog.objects.get(object_id=package.pk)
    assert row.old_state is not None
    assert (row.old_state.enum_value, row.new_state.enum_value) == ("100", "500")
    assert row.attributes["command.slug"] == "complete-packaging"


def configure(**configuration: object) -> None:
    Transition.objects.filter(slug="complete-packaging").update(configuration=configuration)
    raise_version()


def test_the_invoice_is_asked_for_where_the_transition_configures_it() -> None:
    configure(remote_invoice_call={"remote_url": "http://127.0.0.1:9/invoices"})
    package = a_package()

    complete(package)

    invoice = Invoice.objects.get(package=package)
    assert (invoice.kind, invoice.state, invoice.command) == (
        "invoice",
        "pending",
        "CompletePackagingCommand",
    )
    assert waiting_jobs("invoicing.request_invoice") == [{"invoice_id": invoice.pk}]


def test_the_caller_may_switch_the_configured_invoice_off() -> None:
    configure(remote_invoice_call={"remote_url": "http://127.0.0.1:9/invoices"})
    package = a_package()

    complete(package, remote_invoice_call=False)

    assert not Invoice.objects.exists()


def test_a_bill_without_a_bill_service_is_shown_in_the_exceptions_list() -> None:
    configure(remote_bill_fulfillment_call=True)
    package = a_package()

    complete(package)

    package.refresh_from_db()
    assert package.state == P.PACKED
    assert ExceptionEntry.objects.get().kind == "bill_service_missing"


FOREIGN = {"order_item": 987654321, "barcode": "1"}
REFUSALS = [
    pytest.param(
        {"barcodes": [FOREIGN]}, ForeignItem, "input_parameters.barcodes.0.order_item", id="foreign item"
    ),
    pytest.param(
        {"barcodes": [{"barcode": "1"}]},
        PackhouseError,
        "input_parameters.barcodes.0.order_item",
        id="no item",
    ),
    pytest.param(
        {"barcodes": "1"}, InvalidParameter, "input_parameters.barcodes", id="barcodes of the wrong type"
    ),
    pytest.param(
        {"parcels": [{"weight": -1}]}, InvalidParameter, "input_parameters.parcels.0.weight", id="weight"
    ),
    pytest.param(
        {"parcels": [{"package_items": [1234567]}]},
        ForeignItem,
        "input_parameters.parcels.0.package_items.0",
        id="foreign package item",
    ),
    pytest.param({"colour": "red"}, UnknownParameter, "input_parameters.colour", id="unknown parameter"),
    pytest.param(
        {"remote_invoice_call": {"remote_url": "http://evil.example"}},
        ConfigurationFromCaller,
        "input_parameters.remote_invoice_call",
        id="configuration from the caller",
    ),
    pytest.param(
        {"remote_invoice_call": True},
        NotConfigured,
        "input_parameters.remote_invoice_call",
        id="not configured",
    ),
    pytest.param(
        {"remote_bill_fulfillment_call": True},
        NotConfigured,
        "input_parameters.remote_bill_fulfillment_call",
        id="bill not configured",
    ),
]


@pytest.mark.parametrize(("parameters", "error", "path"), REFUSALS)
def test_a_refusal_names_the_path_and_changes_nothing(
    parameters: dict[str, object], error: type[PackhouseError], path: str
) -> None:
    package = a_package()
    before = fingerprint()

    with pytest.raises(error) as refusal:
        complete(package, **parameters)

    assert list(refusal.value.errors) == [path]
    assert fingerprint() == before


def test_a_wrong_barcode_is_refused() -> None:
    package = a_package(items=1)
    other = an_order_item(order=an_order())
    before = fingerprint()

    with pytest.raises(WrongBarcode) as refusal:
        complete(
            package,
            barcodes=[{"order_item": package.items.get().order_item_id, "barcode": other.product.barcode}],
        )

    assert list(refusal.value.errors) == ["input_parameters.barcodes.0.barcode"]
    assert fingerprint() == before


def statements(items: int) -> int:
    carrier, location = a_cargo_company(), a_location()
    package = a_package(order=an_order(items=items, cargo_company=carrier), stock_location=location)
    complete(a_package(order=an_order(cargo_company=carrier), stock_location=location))
    with CaptureQueriesContext(connection) as captured:
        complete(package)
    # Beside the command's own: the test's savepoints, and the look at the version once a second per process.
    passed_over = ("SAVEPOINT", "RELEASE", "SELECT version FROM")
    return len([query for query in captured if not query["sql"].startswith(passed_over)])


def test_the_number_of_statements_is_part_of_the_interface() -> None:
    assert statements(items=1) == statements(items=40) == 8
