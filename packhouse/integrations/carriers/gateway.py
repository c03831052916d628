"""Calls to carriers that must succeed before a command (page 20)."""

from packhouse.commands.shipments.shipment_records import record_deleted
from packhouse.integrations.carriers.adaptors import adaptor_of
from packhouse.integrations.carriers.consignment import consignment
from packhouse.integrations.carriers.http import carrier_text
from packhouse.integrations.failures import OutsideFailure, Refused
from packhouse.integrations.http import IN_REQUEST
from packhouse.kernel.errors import CarrierRefused
from packhouse.shipments.states import Registration


class Carriers:
    """The gateway that shipments name in their ports."""

    def delete(self, shipment_id: int) -> None:
        """Delete a registered shipment at its carrier; done already counts as done.

        Raises CarrierRefused with the carrier's text when it refuses or is silent.
        """
        parcel = consignment(shipment_id)
        if parcel is None or parcel.shipment.registration != Registration.REGISTERED:
            return
        adaptor = adaptor_of(parcel.account, IN_REQUEST)
        if adaptor.is_integrated:
            try:
                adaptor.delete_shipment(str(parcel.shipment.remote_id))
            except Refused as refusal:
                raise CarrierRefused(
                    f"{parcel.account.company} does not delete the shipment: {carrier_text(refusal)}"
                ) from None
            except OutsideFailure as failure:
                raise CarrierRefused(f"{parcel.account.company} does not answer: {failure.text}") from None
        record_deleted(shipment_id)
