"""Registering a shipment again by hand (page 80, 2.2): `POST /shipments/{id}/retry/`."""

from packhouse.commands.shipments.shipment_records import Owned, owned
from packhouse.kernel import outbox
from packhouse.kernel.errors import NotFound, TransitionRefused
from packhouse.shipments import services
from packhouse.shipments.messages import RegisterShipment
from packhouse.shipments.models import Parcel, Shipment
from packhouse.shipments.services import NewParcel
from packhouse.shipments.states import Registration


def retry_registration(shipment_id: int) -> int:
    """Ask the carrier again for a failed registration, at once for one that waits for its next try; for one that
    was deleted there, under a new id.

    The id of the shipment that is registered now: the same, or that of its successor. Raises NotFound;
    TransitionRefused for a shipment that is registered or was replaced.
    """
    if not Shipment.objects.filter(pk=shipment_id).exists():
        raise NotFound(f"There is no shipment {shipment_id}.")
    with owned(shipment_id) as held:
        shipment = held.shipment
        if shipment.registration == Registration.PENDING and shipment.is_current:
            outbox.hurry(RegisterShipment(shipment_id=shipment_id))
            return shipment_id
        if shipment.registration == Registration.FAILED and shipment.is_current:
            return _again(held)
        if shipment.registration == Registration.DELETED and _is_last(shipment):
            return _anew(held)
        raise TransitionRefused(
            f"Shipment {shipment.number} is {shipment.registration}; what failed, or was deleted at the carrier, "
            "can be registered again."
        )


def _again(held: Owned) -> int:
    """That it was tried before is remembered: the carrier is queried first."""
    shipment = held.shipment
    shipment.registration = Registration.PENDING.value
    shipment.tries = min(shipment.tries, 1)
    shipment.first_try_date = None
    shipment.save(update_fields=["registration", "tries", "first_try_date"])
    held.run.send(RegisterShipment(shipment_id=shipment.pk))
    return int(shipment.pk)


def _is_last(shipment: Shipment) -> bool:
    newer = Shipment.objects.filter(package=shipment.package, transfer_order=shipment.transfer_order)
    return not newer.filter(pk__gt=shipment.pk).exists()


def _anew(held: Owned) -> int:
    old = held.shipment
    if old.is_current:
        services.close_shipment(old)
        held.tell("shipment.cancelled")
    made = services.open_shipment(
        package_id=old.package_id,
        transfer_order_id=old.transfer_order_id,
        cargo_company_id=old.cargo_company_id,
        reason=old.cargo_company_reason,
        currency=old.currency,
        is_integrated=old.is_integrated,
        parcels=[_same(parcel) for parcel in old.parcels.all()],
    )
    Owned(Shipment.objects.get(pk=made), held.kind, held.owner_id, held.run).tell("shipment.created")
    held.run.send(RegisterShipment(shipment_id=made))
    return made


def _same(parcel: Parcel) -> NewParcel:
    return NewParcel(
        barcode=parcel.barcode,
        package_items=list(parcel.package_items.values_list("id", flat=True)),
        weight=parcel.weight,
        width=parcel.width,
        height=parcel.height,
        length=parcel.length,
    )
