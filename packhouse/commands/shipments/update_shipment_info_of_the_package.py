"""UpdateShipmentInfoOfThePackageCommand (page 20)."""

from pydantic import Field

from packhouse.commands.invoicing.order_reports import report_invoice as report_fields
from packhouse.commands.shipments.by_hand import (
    CarrierData,
    cargo_company_named,
    current_shipment,
    keep,
    open_by_hand,
)
from packhouse.kernel import clock
from packhouse.kernel.commands import command
from packhouse.kernel.engine import Run
from packhouse.kernel.errors import MissingParameter
from packhouse.kernel.params import IdOrCode, Params
from packhouse.orders.messages import SyncOrderStatus
from packhouse.packages.in_hand import PackageInHand
from packhouse.packages.states import PackageStatus as State
from packhouse.shipments.messages import RenewLabels
from packhouse.shipments.models import Shipment

REASON = "named by command"


class ShipmentInfoParams(Params):
    """At least one."""

    cargo_company: IdOrCode | None = None
    """Id or `erp_code` of an active carrier."""

    tracking_number: str | None = Field(default=None, min_length=1, max_length=256)
    """As the carrier gave it."""

    query_number: str | None = Field(default=None, min_length=1, max_length=256)
    """What the carrier is asked with, where that is another number."""


def something_is_given(package: PackageInHand, params: ShipmentInfoParams) -> None:  # noqa: ARG001
    """There is something to update."""
    if not any((params.cargo_company, params.tracking_number, params.query_number)):
        raise MissingParameter(
            {"input_parameters": ["Send at least one of cargo_company, tracking_number, query_number."]}
        )


@command(
    name="UpdateShipmentInfoOfThePackageCommand",
    on="package",
    title={"en": "Update shipment", "tr": "Gönderi bilgilerini güncelle"},
    moves=[
        (source, None) for source in (State.PACKED, State.SHIPPED, State.DELIVERED, State.ATTEMPTED_DELIVERY)
    ],
    params=ShipmentInfoParams,
    requires=[something_is_given],
    sends=[RenewLabels, SyncOrderStatus],
    events=["shipment.created", "package.updated"],
)
def update_shipment_info_of_the_package(package: PackageInHand, params: ShipmentInfoParams, run: Run) -> None:
    """Tracking goes on with the new values; the label is renewed after the commit; Omnitron learns carrier and
    tracking number."""
    company_id = None
    if params.cargo_company is not None:
        company_id = cargo_company_named(params.cargo_company, "input_parameters.cargo_company").pk
    data = CarrierData(company_id, params.tracking_number, params.query_number)
    shipment = current_shipment(package_id=package.id)
    if shipment is None:
        shipment = open_by_hand(package, run, data, reason=REASON)
    else:
        keep(shipment, data, reason=REASON)
    if shipment.is_integrated and package.state is not State.DELIVERED:
        Shipment.objects.filter(pk=shipment.pk).update(next_poll_date=clock.now())
    run.send(RenewLabels(shipment_id=shipment.pk))
    run.event("package.updated", "package", package.id)
    _tell_the_back_office(package, Shipment.objects.select_related("cargo_company").get(pk=shipment.pk), run)


def _tell_the_back_office(package: PackageInHand, shipment: Shipment, run: Run) -> None:
    company = shipment.cargo_company
    fields = {
        "tracking_number": shipment.tracking_number,
        "shipping_company": company.shipping_company if company else None,
    }
    given = {name: value for name, value in fields.items() if value}
    if run.configuration.sync and report_fields(package.id, package.order_id, given):
        run.send(SyncOrderStatus(order_id=package.order_id))
