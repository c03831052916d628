"""What a carrier says of a shipment on its way: kept as history, told, and followed by its package (page 80, 2.6)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from packhouse.commands.shipments.shipment_records import owned, subject_of
from packhouse.kernel import clock, engine, exceptions, machine
from packhouse.kernel.accounts import SYSTEM
from packhouse.kernel.engine import Call
from packhouse.kernel.errors import PackhouseError
from packhouse.kernel.machine import TransitionRow
from packhouse.kernel.wire import timestamp
from packhouse.packages.models import Package
from packhouse.packages.states import PackageStatus
from packhouse.shipments import services
from packhouse.shipments.models import Shipment, TrackingEvent
from packhouse.shipments.states import ShipmentStatus

SCANNED: Final = "scanned_not_shipped"
NOT_FOLLOWED: Final = "carrier_status_not_followed"
DELETED_BY_CARRIER: Final = "shipment_deleted_by_carrier"
SHIP, UPDATE = "ShipThePackageCommand", "UpdatePackageShipmentStatusCommand"
TARGETS: Final = {
    ShipmentStatus.READY_FOR_PICKUP: PackageStatus.READY_FOR_PICKUP,
    ShipmentStatus.ATTEMPTED_DELIVERY: PackageStatus.ATTEMPTED_DELIVERY,
    ShipmentStatus.DELIVERY_FAILED: PackageStatus.DELIVERY_FAILED,
    ShipmentStatus.DELIVERED: PackageStatus.DELIVERED,
}
NOT_YET_SHIPPED: Final = frozenset({PackageStatus.PACKED.value, PackageStatus.WAITING_CARGO_LABEL.value})


@dataclass(frozen=True, slots=True)
class GivenStep:
    """One row of the carrier's history; `status` ours where it could be mapped, else as the carrier says."""

    status: str
    date: datetime
    text: str = ""
    place: str = ""
    carrier_code: str = ""


@dataclass(frozen=True, slots=True)
class CarrierNews:
    """What the carrier says now. `status` None: one that is not among the published ones."""

    status: ShipmentStatus | None
    status_date: datetime | None = None
    delivered_date: datetime | None = None
    steps: Sequence[GivenStep] = field(default_factory=tuple)
    next_poll_date: datetime | None = None


def record_news(shipment_id: int, news: CarrierNews) -> None:
    """Keep history and status. A status older than the newest one kept is history only."""
    with owned(shipment_id) as held:
        shipment = held.shipment
        if not shipment.is_current:
            return
        _keep_steps(shipment, news.steps)
        now = clock.now()
        shipment.last_checked_date = now
        shipment.next_poll_date = news.next_poll_date
        date = news.status_date or now
        is_new = news.status is not None and news.status != shipment.status
        is_late = shipment.status_date is not None and date < shipment.status_date
        if news.status is not None and is_new and not is_late:
            shipment.status, shipment.status_date = news.status.value, date
            if news.status is ShipmentStatus.DELIVERED:
                shipment.delivered_date = news.delivered_date or date
            held.tell("shipment.status.updated")
        shipment.save()
        if shipment.status == ShipmentStatus.DELETED:
            services.close_shipment(shipment)
            held.tell("shipment.cancelled")
            exceptions.report(
                DELETED_BY_CARRIER,
                held.subject,
                f"The carrier has deleted shipment {shipment.number}.",
                detail={"shipment": shipment.pk},
                action="retry",
            )


def _keep_steps(shipment: Shipment, steps: Sequence[GivenStep]) -> None:
    TrackingEvent.objects.bulk_create(
        [
            TrackingEvent(
                shipment=shipment,
                status=step.status[:64],
                date=step.date,
                text=step.text,
                place=step.place[:255],
                carrier_code=step.carrier_code[:64],
            )
            for step in steps
        ],
        ignore_conflicts=True,
    )


def follow(shipment_id: int, *, ships_on_scan: bool) -> None:
    """Move the package to where its carrier says it is, along installed transitions alone.

    A parcel that the carrier has and nobody has shipped is shipped when `ships_on_scan`, else shown to a
    person. Nothing happens to transfers: their commands say where they are.
    """
    shipment = Shipment.objects.get(pk=shipment_id)
    status = ShipmentStatus(shipment.status) if shipment.status else ShipmentStatus.CREATED
    if shipment.package_id is None or status in (ShipmentStatus.CREATED, ShipmentStatus.DELETED):
        return
    try:
        _follow(shipment, status, ships_on_scan=ships_on_scan)
    except PackhouseError as refusal:
        exceptions.report(
            NOT_FOLLOWED,
            subject_of(shipment),
            f"The carrier says {status.value} and the package stays where it is: {refusal.text}",
            detail={"shipment": shipment.pk},
        )
    else:
        exceptions.resolve(NOT_FOLLOWED, subject_of(shipment))


def _follow(shipment: Shipment, status: ShipmentStatus, *, ships_on_scan: bool) -> None:
    package_id = int(shipment.package_id or 0)
    state = _state_of(package_id)
    if state in NOT_YET_SHIPPED:
        row = _row(state, SHIP, PackageStatus.SHIPPED)
        if not ships_on_scan or row is None:
            _report_scanned(shipment, status)
            return
        engine.execute("package", Call(package_id, transition=row.id), SYSTEM)
        state = _state_of(package_id)
    exceptions.resolve(SCANNED, subject_of(shipment))
    target = TARGETS.get(status)
    if target is None or state == target:
        return
    row = _row(state, UPDATE, target)
    if row is not None:
        parameters = _parameters(shipment, target)
        engine.execute("package", Call(package_id, transition=row.id, input_parameters=parameters), SYSTEM)


def _state_of(package_id: int) -> str:
    return Package.objects.values_list("state", flat=True).get(pk=package_id)


def _row(state: str, command: str, target: PackageStatus) -> TransitionRow | None:
    rows = machine.current().from_state("package", state)
    return next((row for row in rows if row.command == command and row.target == target), None)


def _parameters(shipment: Shipment, target: PackageStatus) -> dict[str, str]:
    """The carrier's date of delivery; one that lies in the future is its clock's fault."""
    if target is not PackageStatus.DELIVERED or shipment.delivered_date is None:
        return {}
    return {"delivered_date": timestamp(min(shipment.delivered_date, clock.now()))}


def _report_scanned(shipment: Shipment, status: ShipmentStatus) -> None:
    exceptions.report(
        SCANNED,
        subject_of(shipment),
        f"The carrier has shipment {shipment.number} ({status.value}), and nobody has shipped the package.",
        detail={"shipment": shipment.pk},
        action="ship",
    )
