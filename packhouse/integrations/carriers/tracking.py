"""Asking carriers where shipments are (page 80, 2.6)."""

import logging
from datetime import datetime, timedelta
from typing import Final

from django.db import connection, transaction

from packhouse.commands.shipments.shipment_records import CARRIER_FAILED, subject_of
from packhouse.commands.shipments.tracking_records import CarrierNews, GivenStep, follow, record_news
from packhouse.integrations.carriers.account import Account
from packhouse.integrations.carriers.adaptors import adaptor_of
from packhouse.integrations.carriers.consignment import Consignment, consignment
from packhouse.integrations.carriers.contract import CarrierAdaptor, NotOffered, Step, Tracked
from packhouse.integrations.carriers.http import carrier_text
from packhouse.integrations.carriers.messages import TrackShipment
from packhouse.integrations.carriers.polling import known_status, next_poll
from packhouse.integrations.failures import BadAnswer, Refused, TemporaryFailure
from packhouse.integrations.http import Patience
from packhouse.kernel import clock, exceptions, outbox, settings_store
from packhouse.kernel.errors import PackhouseError
from packhouse.shipments.models import Shipment
from packhouse.shipments.states import Registration

logger = logging.getLogger(__name__)

BATCH: Final = 500
# A job that dies is asked for again after this.
LEASE: Final = timedelta(minutes=15)
AFTER_SILENCE: Final = 300.0
PATIENCE: Final = Patience(tries=1, within=30)
LOST: Final = "shipment_lost"

_CLAIM = """
UPDATE shipments_shipment SET next_poll_date = %(until)s WHERE id IN (
    SELECT id FROM shipments_shipment WHERE next_poll_date <= %(now)s
    ORDER BY next_poll_date LIMIT %(batch)s FOR UPDATE SKIP LOCKED
) RETURNING id
"""


def queue_due() -> int:
    """Queue what is due to be asked for, each shipment for one worker; how many."""
    now = clock.now()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_CLAIM, {"now": now, "until": now + LEASE, "batch": BATCH})
            ids = sorted(row[0] for row in cursor.fetchall())
        outbox.enqueue([TrackShipment(shipment_id=shipment_id) for shipment_id in ids])
    return len(ids)


def track(shipment_id: int) -> None:
    """Ask the carrier where it is, keep what is new, let the package follow, decide when to ask again."""
    parcel = consignment(shipment_id)
    if parcel is None or not _is_tracked(parcel.shipment):
        return
    try:
        adaptor = adaptor_of(parcel.account, PATIENCE)
        news = _news(parcel, adaptor) if adaptor.is_integrated else None
    except TemporaryFailure as failure:
        if isinstance(failure, BadAnswer):
            _report(parcel.shipment, f"cannot be tracked: {failure.text}")
        _ask_again(shipment_id, clock.now() + timedelta(seconds=max(AFTER_SILENCE, failure.retry_after or 0)))
        return
    except PackhouseError as error:
        text = carrier_text(error) if isinstance(error, Refused) else error.text
        _report(parcel.shipment, f"cannot be tracked: {text}")
        _ask_again(shipment_id, _next(parcel, parcel.shipment.status))
        return
    if news is None:
        _ask_again(shipment_id, None)
        return
    _keep(parcel, news)


def take_news(shipment_id: int, told: Tracked, steps: list[Step]) -> None:
    """What a carrier tells by itself does the same as what it answers. Raises NotConfigured."""
    parcel = consignment(shipment_id)
    if parcel is not None and _is_tracked(parcel.shipment):
        _keep(parcel, _as_news(parcel, told, steps))


def _keep(parcel: Consignment, news: CarrierNews) -> None:
    shipment_id = parcel.shipment.pk
    record_news(shipment_id, news)
    follow(shipment_id, ships_on_scan=parcel.account.configuration.auto_ship_on_scan)


def _is_tracked(shipment: Shipment) -> bool:
    return shipment.is_current and shipment.registration == Registration.REGISTERED


def _news(parcel: Consignment, adaptor: CarrierAdaptor) -> CarrierNews | None:
    remote_id = str(parcel.shipment.remote_id)
    tracked = adaptor.query_shipment(remote_id)
    if tracked is None:
        raise Refused("the carrier does not know it.")
    exceptions.resolve(CARRIER_FAILED, subject_of(parcel.shipment))
    status = known_status(_ours(parcel.account, tracked.status, None))
    changed = status is None or status != parcel.shipment.status or not parcel.shipment.history.exists()
    steps = _history(adaptor, remote_id) if changed else []
    return _as_news(parcel, tracked, steps)


def _as_news(parcel: Consignment, tracked: Tracked, steps: list[Step]) -> CarrierNews:
    status = known_status(_ours(parcel.account, tracked.status, None))
    return CarrierNews(
        status=status,
        status_date=tracked.status_date,
        delivered_date=tracked.delivered_date,
        steps=_steps(parcel.account, steps, tracked),
        next_poll_date=_next(parcel, status or parcel.shipment.status),
    )


def _history(adaptor: CarrierAdaptor, remote_id: str) -> list[Step]:
    """A carrier without a history still says where the parcel is."""
    try:
        return adaptor.query_shipment_history(remote_id)
    except NotOffered:
        return []


def _steps(account: Account, steps: list[Step], tracked: Tracked) -> list[GivenStep]:
    kept = [
        GivenStep(
            status=_ours(account, step.status, step.carrier_code) or step.status,
            date=step.date,
            text=step.description or "",
            place=step.location or "",
            carrier_code=step.carrier_code or "",
        )
        for step in steps
    ]
    if not kept and tracked.status and tracked.status_date:
        status = _ours(account, tracked.status, None) or tracked.status
        kept.append(GivenStep(status, tracked.status_date, tracked.description or ""))
    return kept


def _ours(account: Account, status: str | None, code: str | None) -> str | None:
    """The account's table maps the carrier's codes and words; what it does not hold stays as it is."""
    table = account.configuration.status_map
    return table.get(code or "") or table.get(status or "") or status


def _next(parcel: Consignment, status: str | None) -> datetime | None:
    days = settings_store.get("CARRIER_POLLING")["stop_after_days"]
    if clock.now() - parcel.shipment.created_date > timedelta(days=days):
        exceptions.report(
            LOST,
            subject_of(parcel.shipment),
            f"Shipment {parcel.shipment.number} has not arrived within {days} days; is it lost?",
            detail={"shipment": parcel.shipment.pk},
        )
        return None
    return next_poll(parcel.account, status, parcel.shipment.status_date)


def _ask_again(shipment_id: int, at: datetime | None) -> None:
    Shipment.objects.filter(pk=shipment_id).update(next_poll_date=at)


def _report(shipment: Shipment, text: str) -> None:
    exceptions.report(
        CARRIER_FAILED,
        subject_of(shipment),
        f"Shipment {shipment.number} {text}",
        detail={"shipment": shipment.pk},
        action="retry",
    )
