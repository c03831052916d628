"""The course of a request for an invoice, from the first call to its end (page 80, 1.2 and 1.3)."""

import logging
from datetime import timedelta
from typing import Final

from django.db import InterfaceError, OperationalError

from packhouse.commands.invoicing.invoice_records import (
    GivenDocument,
    record_awaited,
    record_delay,
    record_failed,
    record_received,
)
from packhouse.integrations.failures import (
    BadAnswer,
    Busy,
    CircuitOpen,
    OutsideFailure,
    Refused,
    TemporaryFailure,
)
from packhouse.integrations.http import Answer, Patience
from packhouse.integrations.invoicing.answer import Unfit, kept, read_answer, shown
from packhouse.integrations.invoicing.call import ask, longest, remote_call
from packhouse.integrations.invoicing.claims import claim, give_back
from packhouse.integrations.patience import TryLater
from packhouse.invoicing.messages import FetchDocument
from packhouse.invoicing.models import Invoice, InvoiceState
from packhouse.kernel import clock
from packhouse.kernel.errors import PackhouseError

logger = logging.getLogger(__name__)

LADDER: Final = (10, 60, 300, 900)
HOURLY: Final = 3600
GIVE_UP_AFTER: Final = timedelta(hours=24)
ACCEPTED, MADE_ALREADY = 202, 409
BREATH: Final = 5.0


def request_invoice(invoice_id: int) -> None:
    """A worker's turn: ask, and record what comes; repeated, it does what is still to be done.

    Raises TryLater when it is to be run again. What no repetition mends ends on the invoice as `failed`.
    """
    present = Invoice.objects.filter(pk=invoice_id).first()
    if present is None or present.state != InvoiceState.PENDING:
        return
    due = max(filter(None, (present.next_try_date, present.claimed_until)), default=clock.now())
    if due > clock.now():
        raise TryLater((due - clock.now()).total_seconds(), "Somebody is asking, or the time has not come.")
    try:
        service = remote_call(present)
    except PackhouseError as error:
        record_failed(invoice_id, error.text)
        return
    invoice = claim(invoice_id, seconds=longest(service))
    if invoice is None:
        return
    try:
        _ask_and_record(invoice, Patience(tries=1, within=longest(service)))
    except TemporaryFailure as failure:
        _wait(invoice, failure)
    except (OperationalError, InterfaceError) as error:
        raise TryLater(LADDER[0], "The database was not there.") from error
    except Exception as error:
        logger.exception("invoice %s failed", invoice_id)
        record_failed(invoice_id, f"{type(error).__name__}: {error}")


def ask_within(invoice_id: int, seconds: float) -> None:
    """The turn of the request that packed: one call of at most so many seconds.

    What does not come in that time is a worker's matter and no failure yet.
    """
    invoice = claim(invoice_id, seconds=seconds)
    if invoice is None:
        return
    try:
        _ask_and_record(invoice, Patience(tries=1, within=seconds))
    except TemporaryFailure as failure:
        give_back(invoice_id, text=failure.text, counted=not isinstance(failure, CircuitOpen | Busy))


def _ask_and_record(invoice: Invoice, patience: Patience) -> None:
    """Raises TemporaryFailure for what a worker asks again by itself."""
    try:
        answer = ask(invoice, remote_call(invoice), patience)
        _record(invoice, answer)
    except Refused as refusal:
        if refusal.answered == MADE_ALREADY and _fits(invoice, refusal.content):
            return
        record_failed(invoice.pk, _text(refusal))
    except BadAnswer as failure:
        record_failed(invoice.pk, failure.text)


def _record(invoice: Invoice, answer: Answer) -> None:
    """Raises BadAnswer for a body that does not fit."""
    if answer.status == ACCEPTED:
        record_awaited(invoice.pk, _json_or_nothing(answer))
        return
    try:
        given = read_answer(invoice, answer.content)
    except Unfit as unfit:
        raise answer.unfit(str(unfit)) from None
    _keep(invoice, given)


def _keep(invoice: Invoice, given: GivenDocument) -> None:
    answered = (given.raw or {}).get("invoice_number")
    if answered is not None and given.number is not None and answered != given.number:
        logger.warning("invoice %s was allotted here; the service calls it %s", given.number, answered)
    then = (FetchDocument(invoice_id=invoice.pk),) if given.source_url else ()
    record_received(invoice.pk, given, then)


def _fits(invoice: Invoice, content: bytes) -> bool:
    """Made already for this key: the body of a 200 under another status."""
    try:
        given = read_answer(invoice, content)
    except Unfit:
        return False
    if given.number is None or "errors" in (given.raw or {}):
        return False
    _keep(invoice, given)
    return True


def _json_or_nothing(answer: Answer) -> dict[str, object] | None:
    """What an accepting answer says; a page of something in between has accepted nothing. Raises BadAnswer."""
    body = answer.json()
    return kept(body) if isinstance(body, dict) else None


def _text(failure: OutsideFailure) -> str:
    return shown(failure.content) or failure.text


def _wait(invoice: Invoice, failure: TemporaryFailure) -> None:
    """Up the ladder; what was never sent uses up no step."""
    unsent = isinstance(failure, CircuitOpen | Busy)
    if unsent:
        give_back(invoice.pk, text=failure.text, counted=False)
    now = clock.now()
    if now - (invoice.first_try_date or now) >= GIVE_UP_AFTER:
        record_failed(invoice.pk, failure.text)
        return
    seconds = BREATH if unsent else wait_after(invoice.tries)
    seconds = max(seconds, failure.retry_after or 0)
    record_delay(invoice.pk, failure.text, until=now + timedelta(seconds=seconds))
    raise TryLater(seconds, failure.text)


def wait_after(tries: int) -> float:
    """Seconds until the next try after so many."""
    return float(LADDER[tries - 1]) if 1 <= tries <= len(LADDER) else float(HOURLY)
