"""What a carrier's answer does to a shipment: written under its owner's lock, told to subscribers.

No caller runs these: an answer comes after the commit that asked for it, and the owner may have moved since.
Each function is a transaction of its own and finds the shipment as it stands then.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce

from packhouse.kernel import clock, exceptions
from packhouse.kernel.accounts import SYSTEM
from packhouse.kernel.commands import Command
from packhouse.kernel.engine import Run, aggregate_of
from packhouse.kernel.outbox import SUBJECTS, Message
from packhouse.kernel.params import NoParams
from packhouse.payloads import shipment as payloads
from packhouse.shipments.models import Parcel, Shipment, ShippingLabel
from packhouse.shipments.ports import GivenLabel as GivenLabel  # noqa: PLC0414 - given on to those who call these functions
from packhouse.shipments.states import Registration, ShipmentStatus

CARRIER_FAILED = "carrier_failed"
LABEL_MISSING = "label_missing"


@dataclass(frozen=True, slots=True)
class CarrierAnswer:
    """What the carrier gave when it registered a shipment; parcel numbers in the order of the parcels."""

    status: ShipmentStatus | None
    awb_number: str | None = None
    tracking_number: str | None = None
    query_number: str | None = None
    tracking_url: str | None = None
    origin_id: str | None = None
    parcel_tracking_numbers: Sequence[str | None] = ()
    labels: Sequence[GivenLabel] = ()
    is_integrated: bool = True
    next_poll_date: datetime | None = None


@dataclass
class Owned:
    """A shipment under the lock of its package or transfer, and the run that tells of its changes."""

    shipment: Shipment
    kind: str
    owner_id: int
    run: Run

    @property
    def subject(self) -> str:
        return f"{SUBJECTS[self.kind]}/{self.owner_id}"

    def tell(self, type_: str) -> None:
        """A `shipment.*` event."""
        shipment_id = self.shipment.pk

        def payload(_document: dict[str, Any]) -> dict[str, Any]:
            return payloads.payloads([shipment_id])[shipment_id]

        self.run.event(type_, self.kind, self.owner_id, derive=payload, about=("shipment", shipment_id))

    def tell_of_package(self, type_: str) -> None:
        """An event of the package; a transfer has none for what its shipment does."""
        if self.kind == "package":
            self.run.event(type_, self.kind, self.owner_id)


def owner_of(shipment: Shipment) -> tuple[str, int]:
    """Kind and id of what is shipped."""
    if shipment.package_id is not None:
        return "package", shipment.package_id
    return "transfer", int(shipment.transfer_order_id or 0)


def subject_of(shipment: Shipment) -> str:
    """How the exceptions list names what is shipped: `package/501`."""
    kind, owner_id = owner_of(shipment)
    return f"{SUBJECTS[kind]}/{owner_id}"


@contextmanager
def owned(shipment_id: int) -> Iterator[Owned]:
    """The shipment as it stands, with its package or transfer locked until the end of the block."""
    kind, owner_id = owner_of(Shipment.objects.get(pk=shipment_id))
    with transaction.atomic():
        locked = aggregate_of(kind).lock(owner_id)
        if locked is None:
            raise LookupError(f"{kind} {owner_id}")
        run = Run(SYSTEM, _RECORD[kind], None, locked)
        yield Owned(Shipment.objects.get(pk=shipment_id), kind, owner_id, run)
        run.finish()


def begin_try(shipment_id: int) -> None:
    """A try counts before the call: whoever is killed within it leaves a trace for the next one."""
    now = clock.now()
    Shipment.objects.filter(pk=shipment_id, registration=Registration.PENDING).update(
        tries=F("tries") + 1, first_try_date=Coalesce("first_try_date", now), modified_date=now
    )


def take_back_try(shipment_id: int) -> None:
    """Nothing was sent (the circuit is open, all places are taken): it was no try."""
    Shipment.objects.filter(pk=shipment_id, tries__gt=0).update(tries=F("tries") - 1)


def record_registered(shipment_id: int, answer: CarrierAnswer, then: Sequence[Message] = ()) -> bool:
    """Keep numbers and labels; the shipment is registered. `then` is sent with it.

    False, and nothing written, when the shipment was given up while the carrier was asked.
    """
    with owned(shipment_id) as held:
        shipment = held.shipment
        if (
            shipment.registration not in (Registration.PENDING, Registration.FAILED)
            or not shipment.is_current
        ):
            return shipment.registration == Registration.REGISTERED
        _keep_numbers(shipment, answer)
        keep_labels(shipment, answer.labels)
        exceptions.resolve(CARRIER_FAILED, held.subject)
        if shipment.awb_number:
            held.tell_of_package("package.shipment.awb_number")
        if shipment.status:
            held.tell("shipment.status.updated")
        if not shipment.awb_number:
            held.tell_of_package("package.updated")
        for message in then:
            held.run.send(message)
    return True


def _keep_numbers(shipment: Shipment, answer: CarrierAnswer) -> None:
    now = clock.now()
    shipment.registration = Registration.REGISTERED.value
    shipment.is_integrated = answer.is_integrated
    shipment.error = None
    shipment.next_poll_date = answer.next_poll_date
    if answer.status is not None:
        shipment.status, shipment.status_date = answer.status.value, now
    for name in ("awb_number", "tracking_number", "query_number", "tracking_url", "origin_id"):
        setattr(shipment, name, getattr(answer, name) or getattr(shipment, name))
    shipment.save()
    if any(answer.parcel_tracking_numbers):
        parcels = list(shipment.parcels.all())
        for parcel, number in zip(parcels, answer.parcel_tracking_numbers, strict=False):
            parcel.tracking_number = number
        Parcel.objects.bulk_update(parcels, ["tracking_number"])


def keep_labels(shipment: Shipment, labels: Sequence[GivenLabel]) -> None:
    """New labels take the place of the old ones, which stay as history."""
    if not labels:
        return
    now = clock.now()
    ShippingLabel.objects.filter(shipment=shipment, is_current=True).update(
        is_current=False, modified_date=now
    )
    parcels = {position: parcel.pk for position, parcel in enumerate(shipment.parcels.all(), start=1)}
    ShippingLabel.objects.bulk_create(
        ShippingLabel(
            shipment=shipment,
            parcel_id=parcels.get(label.parcel) if label.parcel else None,
            file_format=label.file_format,
            content=label.content,
            created_date=now,
            modified_date=now,
        )
        for label in labels
    )


def record_failure(shipment_id: int, text: str, *, final: bool) -> None:
    """The carrier did not register it: shown on the shipment and in the exceptions list.

    `final`: nobody tries again by itself.
    """
    with owned(shipment_id) as held:
        shipment = held.shipment
        if shipment.registration != Registration.PENDING:
            return
        shipment.error = text
        if final:
            shipment.registration = Registration.FAILED.value
            held.tell_of_package("package.updated")
        shipment.save(update_fields=["error", "registration"])
        exceptions.report(
            CARRIER_FAILED,
            held.subject,
            f"Shipment {shipment.number} is not registered with its carrier: {text}",
            detail={"shipment": shipment.pk, "tries": shipment.tries, "final": final},
            action="retry",
        )


def record_labels(shipment_id: int, labels: Sequence[GivenLabel]) -> None:
    """Keep labels that came after the registration."""
    with owned(shipment_id) as held:
        if not held.shipment.is_current:
            return
        keep_labels(held.shipment, labels)
        exceptions.resolve(LABEL_MISSING, held.subject)
        held.tell_of_package("package.updated")


def record_deleted(shipment_id: int) -> None:
    """The carrier has deleted it. Whether its package goes on is the command's matter that asked."""
    now = clock.now()
    Shipment.objects.filter(pk=shipment_id).update(
        registration=Registration.DELETED.value, next_poll_date=None, modified_date=now
    )


def _never(*_arguments: Any) -> None:
    raise AssertionError("carriers' answers are recorded by their functions, not run as commands")


_RECORD = {
    kind: Command(
        name="RecordCarrierAnswer",
        on=kind,
        body=_never,
        title={"en": "Carrier's answer", "tr": "Kargo yanıtı"},
        moves=(),
        params=NoParams,
        system_only=True,
    )
    for kind in ("package", "transfer")
}
