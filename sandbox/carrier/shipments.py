"""Shipments and their course: registered, moved by the script or by hand, deleted, forgotten."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from sandbox.carrier.script import CREATED, DELETED, DELIVERED, STATUSES, Shares, Step, course_of

Clock = Callable[[], datetime]
_DESCRIPTIONS = dict(
    zip(
        STATUSES,
        (
            "Data received",
            "On its way",
            "Waiting at the pick-up point",
            "Nobody at home",
            "Delivery failed, on its way back",
            "Delivered",
            "Deleted by the carrier",
        ),
        strict=True,
    )
)
_CODES = {status: str(10 * number) for number, status in enumerate(STATUSES, start=1)}
_BASE_PRICE, _PRICE_PER_DESI = Decimal(40), Decimal("8.50")


def utc_now() -> datetime:
    """The present, in UTC."""
    return datetime.now(UTC)


def wire_time(moment: datetime) -> str:
    """ISO 8601 in UTC with a Z."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


@dataclass(frozen=True)
class Event:
    """One row of a shipment's history."""

    status: str
    date: datetime
    location: str

    def row(self) -> dict[str, Any]:
        """The row as the contract has it; a status of the tester's own making has no code."""
        return {
            "status": self.status,
            "date": wire_time(self.date),
            "location": self.location,
            "description": _DESCRIPTIONS.get(self.status, self.status),
            "carrierCode": _CODES.get(self.status),
        }


@dataclass
class Shipment:
    """One shipment. `course` is what still lies before it, `since` when it last moved by the clock."""

    id: str
    request: dict[str, Any]
    account: str | None
    tracking_number: str
    registered: datetime
    course: list[Step]
    since: datetime
    events: list[Event] = field(default_factory=list)
    answer: dict[str, Any] = field(default_factory=dict)
    delivered_to: str | None = None
    deleted: bool = False

    @property
    def status(self) -> str:
        return self.events[-1].status

    @property
    def is_picked_up(self) -> bool:
        """True once the carrier has it: no change and no deletion any more."""
        return self.status not in (CREATED, DELETED)

    @property
    def city(self) -> str:
        name: str = self.request["destination"]["city"]["name"]
        return name

    @property
    def receiver(self) -> str:
        destination = self.request["destination"]
        return " ".join(filter(None, (destination["name"], destination.get("surname"))))

    @property
    def parcels(self) -> list[dict[str, Any]]:
        """What was sent as parcels; one without measures when nothing was."""
        return self.request.get("parcels") or [{}]

    def parcel_rows(self) -> list[dict[str, Any]]:
        """`[{"sscc", "trackingNumber"}]` of the contract; several parcels have a number each."""
        single = len(self.parcels) == 1
        return [
            {
                "sscc": parcel.get("sscc"),
                "trackingNumber": self.tracking_number if single else f"{self.tracking_number}-{number}",
            }
            for number, parcel in enumerate(self.parcels, start=1)
        ]

    def enter(self, status: str, at: datetime, delivered_to: str | None = None) -> None:
        """Put it into a status."""
        self.events.append(Event(status, at, self.city))
        if status == DELIVERED:
            self.delivered_to = delivered_to or self.receiver

    def present(self) -> dict[str, Any]:
        """The answer of `query-shipment`."""
        last = self.events[-1]
        delivered = [event.date for event in self.events if event.status == DELIVERED]
        desi = self._desi()
        return {
            **self.answer,
            "status": last.status,
            "statusDate": wire_time(last.date),
            "deliveredDate": wire_time(delivered[-1]) if delivered else None,
            "deliveredTo": self.delivered_to,
            "description": last.row()["description"],
            "desi": str(desi),
            "price": f"{_BASE_PRICE + _PRICE_PER_DESI * desi:.2f}",
        }

    def _desi(self) -> Decimal:
        measured = [Decimal(str(parcel["deci"])) for parcel in self.parcels if parcel.get("deci") is not None]
        return sum(measured, Decimal()) if measured else Decimal(1)


class ShipmentBook:
    """All shipments, with the script that moves them. `time_scale` 60 makes minutes seconds."""

    def __init__(
        self,
        script: tuple[Step, ...],
        shares: Shares,
        *,
        seed: int = 0,
        time_scale: float = 1.0,
        clock: Clock = utc_now,
    ) -> None:
        self.script, self.shares, self.seed, self.time_scale, self.clock = (
            script,
            shares,
            seed,
            time_scale,
            clock,
        )
        self.shipments: dict[str, Shipment] = {}

    def register(self, request: dict[str, Any], account: str | None) -> Shipment:
        """Open a shipment under the id the request names."""
        now = self.clock()
        shipment_id: str = request["shipmentId"]
        digest = hashlib.sha256(f"{self.seed}:{shipment_id}".encode()).hexdigest()
        tracking_number = f"{int(digest, 16) % 10**12:012d}"
        course = course_of(self.script, self.shares, self.seed, shipment_id)
        shipment = Shipment(shipment_id, request, account, tracking_number, now, course, since=now)
        shipment.enter(CREATED, now)
        self.shipments[shipment_id] = shipment
        return shipment

    def get(self, shipment_id: str) -> Shipment | None:
        """A shipment as it stands now, deleted ones too."""
        shipment = self.shipments.get(shipment_id)
        if shipment is not None:
            self._catch_up(shipment)
        return shipment

    def all(self) -> list[Shipment]:
        """Every shipment as it stands now, oldest first."""
        for shipment in self.shipments.values():
            self._catch_up(shipment)
        return list(self.shipments.values())

    def tracked(self, tracking_number: str) -> Shipment | None:
        """The shipment behind a tracking number, of the whole or of a parcel."""
        number = tracking_number.partition("-")[0]
        return next((each for each in self.all() if each.tracking_number == number), None)

    def advance(self, shipment: Shipment) -> bool:
        """Take the next step of its course now; False when there is none left. The rest goes on from now."""
        if not shipment.course:
            return False
        shipment.since = self.clock()
        shipment.enter(shipment.course.pop(0).status, shipment.since)
        return True

    def put(self, shipment: Shipment, status: str, at: datetime | None, delivered_to: str | None) -> None:
        """Put it into any status. Its course goes on behind that status, or ends when it has no such step."""
        shipment.since = self.clock()
        shipment.enter(status, at or shipment.since, delivered_to)
        later = [index for index, step in enumerate(shipment.course) if step.status == status]
        shipment.course = shipment.course[later[0] + 1 :] if later else []

    def next_due(self, shipment: Shipment) -> datetime | None:
        """When its next step is due; None when it stands still."""
        if shipment.deleted or not shipment.course:
            return None
        return shipment.since + self._scaled(shipment.course[0].after)

    def _catch_up(self, shipment: Shipment) -> None:
        now = self.clock()
        due = self.next_due(shipment)
        while due is not None and due <= now:
            shipment.since = due
            shipment.enter(shipment.course.pop(0).status, due)
            due = self.next_due(shipment)

    def _scaled(self, span: timedelta) -> timedelta:
        return span / self.time_scale
