"""What a person may ask of a carrier by hand: to tell the status now (page 50)."""

from django.db import transaction
from django.utils.translation import gettext as _

from packhouse.kernel import clock
from packhouse.kernel.errors import TransitionRefused
from packhouse.shipments.models import Shipment
from packhouse.shipments.states import Registration, ShipmentStatus

_OVER = (ShipmentStatus.DELIVERED, ShipmentStatus.DELETED)


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
