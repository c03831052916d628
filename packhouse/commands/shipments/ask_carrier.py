"""What a person may ask of a carrier by hand: to register again, to tell the status now (page 50)."""

from django.db import transaction
from django.utils.translation import gettext as _

from packhouse.kernel import clock, outbox
from packhouse.kernel.errors import TransitionRefused
from packhouse.shipments.messages import RegisterShipment
from packhouse.shipments.models import Shipment
from packhouse.shipments.states import Registration, ShipmentStatus

_OVER = (ShipmentStatus.DELIVERED, ShipmentStatus.DELETED)


@transaction.atomic
def register_again(shipment_id: int) -> None:
    """Have it registered, with a day of tries before it. Raises TransitionRefused unless it is still to be done.

    Its number of tries stays, so that the carrier is asked first whether it has the shipment after all.
    """
    shipment = Shipment.objects.select_for_update().get(pk=shipment_id)
    if shipment.registration not in (Registration.FAILED, Registration.PENDING) or not shipment.is_current:
        raise TransitionRefused(
            {
                "registration": [
                    _("This shipment is %(state)s; only one that failed is registered again.")
                    % {"state": shipment.registration}
                ]
            }
        )
    shipment.registration, shipment.first_try_date = Registration.PENDING.value, None
    shipment.save(update_fields=["registration", "first_try_date"])
    outbox.enqueue([RegisterShipment(shipment_id=shipment_id)])


@transaction.atomic
def ask_for_status(shipment_id: int) -> None:
    """Make it the next to be asked for. Raises TransitionRefused where nothing more is to come."""
    shipment = Shipment.objects.select_for_update().get(pk=shipment_id)
    if (
        shipment.registration != Registration.REGISTERED
        or shipment.status in _OVER
        or not shipment.is_integrated
    ):
        raise TransitionRefused(
            {"status": [_("Only a registered shipment that is still on its way can be asked for.")]}
        )
    shipment.next_poll_date = clock.now()
    shipment.save(update_fields=["next_poll_date"])
