"""Calls to carriers that must succeed before a command (page 20)."""

from collections.abc import Sequence

from packhouse.commands.shipments.shipment_records import record_deleted
from packhouse.integrations.carriers.adaptors import adaptor_of
from packhouse.integrations.carriers.consignment import consignment
from packhouse.integrations.carriers.http import carrier_text
from packhouse.integrations.carriers.label_fetching import present_labels
from packhouse.integrations.failures import OutsideFailure, Refused
from packhouse.integrations.http import IN_REQUEST
from packhouse.kernel.errors import CarrierRefused, PackhouseError
from packhouse.shipments.ports import GivenLabel
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

    def labels(self, shipment_id: int) -> Sequence[GivenLabel]:
        """The shipment's labels, made anew at its carrier (or drawn here, where it prints none).

        Raises CarrierRefused when none comes.
        """
        parcel = consignment(shipment_id)
        if parcel is None or parcel.shipment.registration != Registration.REGISTERED:
            raise CarrierRefused("The shipment is not registered with its carrier, so there is no label.")
        company = parcel.account.company
        try:
            found = present_labels(parcel, IN_REQUEST)
        except Refused as refusal:
            raise CarrierRefused(f"{company} gives no label: {carrier_text(refusal)}") from None
        except OutsideFailure as failure:
            raise CarrierRefused(f"{company} does not answer: {failure.text}") from None
        except CarrierRefused:
            raise
        except PackhouseError as error:
            raise CarrierRefused(f"{company} gives no label: {error.text}") from None
        if not found:
            raise CarrierRefused(f"{company} has no label yet.")
        return found
