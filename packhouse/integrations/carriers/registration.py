"""Registering a shipment with its carrier (page 80, 2.2), after the commit that packed; it never undoes it."""

import logging
from datetime import timedelta
from decimal import Decimal
from typing import Final

from django.db import InterfaceError, OperationalError

from packhouse.commands.shipments.label_waiting import pack_what_waits
from packhouse.commands.shipments.shipment_records import (
    CARRIER_FAILED,
    CarrierAnswer,
    GivenLabel,
    begin_try,
    record_failure,
    record_registered,
    subject_of,
    take_back_try,
)
from packhouse.integrations.carriers import labels, pay_on_delivery, sscc
from packhouse.integrations.carriers.adaptors import adaptor_of
from packhouse.integrations.carriers.consignment import Consignment, consignment
from packhouse.integrations.carriers.contract import CarrierAdaptor, Registered
from packhouse.integrations.carriers.http import carrier_text
from packhouse.integrations.carriers.messages import FetchLabel
from packhouse.integrations.carriers.origins import origin_of
from packhouse.integrations.carriers.polling import known_status, next_poll
from packhouse.integrations.carriers.shipment_request import shipment_request
from packhouse.integrations.failures import Busy, CircuitOpen, Refused, TemporaryFailure
from packhouse.integrations.http import Patience
from packhouse.integrations.patience import TryLater
from packhouse.kernel import clock, exceptions
from packhouse.kernel.errors import PackhouseError
from packhouse.shipments.models import Shipment
from packhouse.shipments.states import Registration, ShipmentStatus

logger = logging.getLogger(__name__)

LADDER: Final = (30, 120, 600, 1800)
HOURLY: Final = 3600
GIVE_UP_AFTER: Final = timedelta(hours=24)
BREATH: Final = 5.0
PATIENCE: Final = Patience(tries=1, within=45)


def register(shipment_id: int) -> None:
    """Register it, keep numbers and labels; repeated, it does what is still to be done.

    Raises TryLater when it is to be run again. What no repetition mends ends on the shipment as `failed`.
    """
    parcel = consignment(shipment_id)
    if parcel is None:
        return
    if parcel.shipment.registration == Registration.DELETED and parcel.shipment.tries:
        _delete_again(parcel)
    elif parcel.shipment.registration == Registration.PENDING:
        _attempt(parcel)
        pack_what_waits(shipment_id)


def _attempt(parcel: Consignment) -> None:
    shipment_id = parcel.shipment.pk
    asked_before = parcel.shipment.tries > 0
    begin_try(shipment_id)
    try:
        adaptor = adaptor_of(parcel.account, PATIENCE)
        _decide_amount(parcel)
        sscc.give_numbers(parcel.parcels)
        if not adaptor.is_integrated:
            _keep_by_hand(parcel)
            return
        origin_id = origin_of(parcel, adaptor)
        registered = _ask(parcel, adaptor, origin_id, asked_before=asked_before)
    except TemporaryFailure as failure:
        _wait(parcel, failure)
    except Refused as refusal:
        record_failure(shipment_id, carrier_text(refusal), final=True)
    except PackhouseError as error:
        record_failure(shipment_id, error.text, final=True)
    except (OperationalError, InterfaceError) as error:
        raise TryLater(LADDER[0], "The database was not there.") from error
    except Exception as error:
        logger.exception("registering shipment %s failed", shipment_id)
        record_failure(shipment_id, f"{type(error).__name__}: {error}", final=True)
    else:
        _keep(parcel, registered, origin_id)


def _decide_amount(parcel: Consignment) -> None:
    """What is collected at the door has to be known before the carrier is asked."""
    shipment = parcel.shipment
    if parcel.store is not None:
        return
    amount: Decimal | None = pay_on_delivery.amount_for(parcel.package)
    if amount != shipment.pay_on_delivery_amount:
        shipment.pay_on_delivery_amount = amount
        Shipment.objects.filter(pk=shipment.pk).update(pay_on_delivery_amount=amount)


def _ask(
    parcel: Consignment, adaptor: CarrierAdaptor, origin_id: str | None, *, asked_before: bool
) -> Registered:
    """After a try whose end is not known the carrier is asked first whether it has the shipment."""
    if asked_before:
        known = adaptor.query_shipment(str(parcel.shipment.remote_id))
        if known is not None:
            return known
    return adaptor.generate_shipment(shipment_request(parcel, origin_id=origin_id))


def _keep(parcel: Consignment, registered: Registered, origin_id: str | None) -> None:
    account = parcel.account
    configuration = account.configuration
    status = configuration.status_map.get(registered.status or "", registered.status)
    known = known_status(status) or ShipmentStatus.CREATED
    number = registered.tracking_number
    drawn = configuration.label_source == "oms"
    kept = [GivenLabel(label.type, label.content, label.parcel) for label in registered.labels]
    parcel.shipment.tracking_number = number
    answer = CarrierAnswer(
        status=known,
        awb_number=registered.awb_number or number,
        tracking_number=number,
        query_number=registered.query_number,
        tracking_url=registered.tracking_url or _tracking_url(parcel, number),
        origin_id=origin_id,
        parcel_tracking_numbers=[numbers.tracking_number for numbers in registered.parcels],
        labels=labels.drawn(parcel) if drawn else kept,
        next_poll_date=next_poll(account, known, None),
    )
    shipment_id = parcel.shipment.pk
    then = [] if answer.labels else [FetchLabel(shipment_id=shipment_id)]
    if not record_registered(shipment_id, answer, then):
        _delete_again(parcel)


def _keep_by_hand(parcel: Consignment) -> None:
    """No carrier is called: the label is drawn here, everything else comes by command."""
    record_registered(
        parcel.shipment.pk, CarrierAnswer(status=None, labels=labels.drawn(parcel), is_integrated=False)
    )


def _tracking_url(parcel: Consignment, number: str | None) -> str | None:
    template = parcel.account.configuration.tracking_url_template
    return template.replace("{tracking_number}", number) if template and number else None


def _wait(parcel: Consignment, failure: TemporaryFailure) -> None:
    """Up the ladder; what was never sent uses up no step."""
    shipment = Shipment.objects.get(pk=parcel.shipment.pk)
    unsent = isinstance(failure, CircuitOpen | Busy)
    if unsent:
        take_back_try(shipment.pk)
    since = shipment.first_try_date or clock.now()
    final = clock.now() - since >= GIVE_UP_AFTER
    record_failure(shipment.pk, failure.text, final=final)
    if final:
        return
    seconds = BREATH if unsent else wait_after(shipment.tries)
    raise TryLater(max(seconds, failure.retry_after or 0), failure.text)


def wait_after(tries: int) -> float:
    """Seconds until the next try after so many."""
    return float(LADDER[tries - 1]) if 1 <= tries <= len(LADDER) else float(HOURLY)


def _delete_again(parcel: Consignment) -> None:
    """It was given up here while the carrier was asked, or may have been: the carrier must not keep it."""
    shipment = parcel.shipment
    try:
        adaptor = adaptor_of(parcel.account, PATIENCE)
        if adaptor.is_integrated:
            adaptor.delete_shipment(str(shipment.remote_id))
    except TemporaryFailure as failure:
        since = Shipment.objects.values_list("status_date", flat=True).get(pk=shipment.pk) or clock.now()
        if clock.now() - since < GIVE_UP_AFTER:
            raise TryLater(max(LADDER[0], failure.retry_after or 0), failure.text) from None
        _report_orphan(shipment, failure.text)
    except PackhouseError as error:
        _report_orphan(shipment, carrier_text(error) if isinstance(error, Refused) else error.text)


def _report_orphan(shipment: Shipment, text: str) -> None:
    exceptions.report(
        CARRIER_FAILED,
        subject_of(shipment),
        f"Shipment {shipment.number} was cancelled here, and the carrier still has it: {text}",
        detail={"shipment": shipment.pk},
    )
