"""Labels that the carrier prints, asked for after the registration (page 80, 2.2)."""

from typing import Any, Final, cast

from django.db.models import F

from packhouse.commands.shipments.label_waiting import pack_what_waits
from packhouse.commands.shipments.shipment_records import (
    LABEL_MISSING,
    GivenLabel,
    record_labels,
    subject_of,
)
from packhouse.integrations.carriers import labels
from packhouse.integrations.carriers.adaptors import adaptor_of
from packhouse.integrations.carriers.consignment import Consignment, consignment
from packhouse.integrations.carriers.contract import FileFormat
from packhouse.integrations.carriers.http import carrier_text
from packhouse.integrations.failures import Refused, TemporaryFailure
from packhouse.integrations.http import Patience
from packhouse.integrations.patience import TryLater
from packhouse.kernel import exceptions
from packhouse.kernel.errors import PackhouseError
from packhouse.shipments.models import Shipment, ShippingLabel
from packhouse.shipments.states import Registration

# Ten tries within half an hour.
WAITS: Final = (5, 10, 20, 45, 90, 180, 300, 450, 700)
FORMATS: Final = ("pdf", "zpl", "png")


def fetch_label(shipment_id: int) -> None:
    """Ask for the label and keep it. Raises TryLater while it is not ready; in the end a person is asked."""
    parcel = consignment(shipment_id)
    if parcel is None or not _wants_label(parcel.shipment):
        return
    Shipment.objects.filter(pk=shipment_id).update(label_tries=F("label_tries") + 1)
    try:
        found = _ask(parcel)
    except TemporaryFailure as failure:
        _wait(parcel.shipment, failure.text)
    except Refused as refusal:
        _report(parcel.shipment, carrier_text(refusal))
    except PackhouseError as error:
        _report(parcel.shipment, error.text)
    else:
        if found:
            record_labels(shipment_id, found)
            pack_what_waits(shipment_id)
        else:
            _wait(parcel.shipment, "the carrier has no label yet")


def renew_labels(shipment_id: int) -> None:
    """The shipment's data has changed: its labels are made anew. Raises TryLater while its carrier is silent."""
    parcel = consignment(shipment_id)
    if parcel is None or parcel.shipment.registration != Registration.REGISTERED:
        return
    try:
        found = present_labels(parcel)
    except TemporaryFailure as failure:
        _wait(parcel.shipment, failure.text)
    except Refused as refusal:
        _report(parcel.shipment, carrier_text(refusal))
    except PackhouseError as error:
        _report(parcel.shipment, error.text)
    else:
        if found:
            record_labels(shipment_id, found)


def present_labels(parcel: Consignment, patience: Patience | None = None) -> list[GivenLabel]:
    """As the carrier has them now; drawn here where it prints none."""
    adaptor = adaptor_of(parcel.account, patience) if patience else adaptor_of(parcel.account)
    if not adaptor.is_integrated or parcel.account.configuration.label_source == "oms":
        return labels.drawn(parcel)
    return _ask(parcel, patience)


def _wants_label(shipment: Shipment) -> bool:
    return (
        shipment.is_current
        and shipment.registration == Registration.REGISTERED
        and not ShippingLabel.objects.filter(shipment=shipment, is_current=True).exists()
    )


def _ask(parcel: Consignment, patience: Patience | None = None) -> list[GivenLabel]:
    """Formats that the carrier refuses are left out as long as one remains."""
    adaptor = adaptor_of(parcel.account, patience) if patience else adaptor_of(parcel.account)
    remote_id = str(parcel.shipment.remote_id)
    wanted = _formats(parcel.account.configuration.model_extra or {})
    given = adaptor.query_shipment_label(remote_id, wanted[0])
    for file_format in wanted[1:] if given else ():
        given = [*given, *adaptor.query_shipment_label(remote_id, file_format)]
    return [GivenLabel(label.type, label.content, label.parcel) for label in given]


def _formats(configuration: dict[str, Any]) -> list[FileFormat]:
    """`label_formats` of the carrier's configuration, PDF when it names none."""
    given = configuration.get("label_formats")
    known = [name for name in given if name in FORMATS] if isinstance(given, list) else []
    return cast("list[FileFormat]", known or ["pdf"])


def _wait(shipment: Shipment, text: str) -> None:
    if shipment.label_tries >= len(WAITS):
        _report(shipment, text)
        return
    raise TryLater(WAITS[shipment.label_tries], text)


def _report(shipment: Shipment, text: str) -> None:
    exceptions.report(
        LABEL_MISSING,
        subject_of(shipment),
        f"Shipment {shipment.number} has no label: {text}",
        detail={"shipment": shipment.pk},
        action="retry",
    )
