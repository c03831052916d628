"""Taking a webhook in: one row and its job in one transaction, never waiting for anybody (page 70, A4)."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection, transaction

from packhouse.integrations.omnitron import order_reads
from packhouse.integrations.omnitron.conf import CONNECTION
from packhouse.integrations.omnitron.messages import FindOrder, HandlePlan, ReadStore
from packhouse.integrations.omnitron.models import InboxEvent
from packhouse.kernel import clock, outbox
from packhouse.kernel.errors import InvalidParameter

KEPT = timedelta(weeks=13)
LARGEST_ID = 2**63 - 1
ORDERS = ("order.created", "order.updated")
PLANS = ("cancellation_plan.created", "cancellation_plan.updated")
STORES = ("retail_store.created", "retail_store.updated")

_KEEP = """
INSERT INTO omnitron_inboxevent (uuid, connection, event_type, object_id, order_pk, details, received_date)
VALUES (%(uuid)s, %(connection)s, %(type)s, %(pk)s, %(order)s, %(details)s, %(now)s)
ON CONFLICT (uuid) DO NOTHING RETURNING id
"""


@dataclass(frozen=True, slots=True)
class Envelope:
    """A webhook as read: of the payload only what is used."""

    uuid: uuid.UUID
    type: str
    pk: int | None
    number: str | None
    order_pk: int | None
    plan_type: str | None
    items: tuple[int, ...]


def read_envelope(body: Any) -> Envelope:
    """The envelope of a JSON body. Raises InvalidParameter naming what is missing."""
    if not isinstance(body, Mapping):
        raise InvalidParameter({"event": ["Send an object with event and payload."]})
    event, payload = body.get("event"), body.get("payload", body.get("data"))
    if not isinstance(event, Mapping):
        raise InvalidParameter({"event": ["This field is required."]})
    if not isinstance(payload, Mapping):
        raise InvalidParameter({"payload": ["This field is required."]})
    type_, given = event.get("type"), event.get("uuid")
    if not isinstance(type_, str) or not 0 < len(type_) <= 124 or not type_.isprintable():
        raise InvalidParameter({"event.type": ["This field is required."]})
    order = payload.get("order")
    return Envelope(
        uuid=_uuid(given),
        type=type_,
        pk=_id(payload.get("pk", payload.get("id"))),
        number=_number(payload.get("number")),
        order_pk=_id(order.get("pk", order.get("id")) if isinstance(order, Mapping) else order),
        plan_type=payload.get("plan_type") if payload.get("plan_type") in ("cancel", "refund") else None,
        items=_items(payload.get("cancellation_items")),
    )


def _uuid(given: Any) -> uuid.UUID:
    try:
        return uuid.UUID(given)
    except (ValueError, TypeError, AttributeError):
        raise InvalidParameter({"event.uuid": ["A UUID is required."]}) from None


def _id(given: Any) -> int | None:
    if isinstance(given, str) and given.isascii() and given.isdigit() and len(given) <= 19:
        given = int(given)
    if isinstance(given, int) and not isinstance(given, bool) and 0 < given <= LARGEST_ID:
        return given
    return None


def _number(given: Any) -> str | None:
    if isinstance(given, bool) or not isinstance(given, str | int):
        return None
    text = str(given).replace("\x00", "").strip()[:64]
    return text if text and text.isprintable() else None


def _items(given: Any) -> tuple[int, ...]:
    if not isinstance(given, list):
        return ()
    ids = (_id(each.get("order_item") if isinstance(each, Mapping) else each) for each in given)
    return tuple(item for item in ids if item is not None)


def take_in(envelope: Envelope, types: tuple[str, ...]) -> str:
    """Keep an event and put its job into the queue: `accepted`, `duplicate`, or `ignored` for another type.

    Raises InvalidParameter for a payload that names nothing.
    """
    if envelope.type not in types:
        return "ignored"
    order_pk = envelope.pk if envelope.type in ORDERS else envelope.order_pk
    _check(envelope, order_pk)
    with transaction.atomic():
        if not _keep(envelope, order_pk):
            return "duplicate"
        _queue(envelope, order_pk)
    return "accepted"


def _keep(envelope: Envelope, order_pk: int | None) -> bool:
    """Whether the event is new. Two that come together: the second waits for the first one's commit."""
    row: dict[str, Any] = {
        "uuid": envelope.uuid,
        "connection": CONNECTION,
        "type": envelope.type,
        "pk": envelope.pk,
        "order": order_pk,
        "details": json.dumps(_details(envelope)),
        "now": clock.now(),
    }
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, row)
        return cursor.fetchone() is not None


def _check(envelope: Envelope, order_pk: int | None) -> None:
    if envelope.type in ORDERS:
        if order_pk is None and envelope.number is None:
            raise InvalidParameter({"payload.pk": ["The id of the order is required."]})
    elif envelope.pk is None:
        raise InvalidParameter({"payload.pk": ["This field is required."]})
    elif envelope.type in PLANS and order_pk is None:
        raise InvalidParameter({"payload.order.pk": ["The id of the order is required."]})


def _details(envelope: Envelope) -> dict[str, Any]:
    details = {"number": envelope.number, "plan_type": envelope.plan_type, "items": list(envelope.items)}
    return {key: value for key, value in details.items() if value}


def _queue(envelope: Envelope, order_pk: int | None) -> None:
    if envelope.type in STORES:
        outbox.enqueue([ReadStore(store_pk=int(envelope.pk or 0))])
    elif envelope.type in PLANS:
        outbox.enqueue(
            [
                HandlePlan(
                    order_pk=int(order_pk or 0),
                    plan_pk=envelope.pk,
                    plan_type=envelope.plan_type,
                    items=envelope.items,
                )
            ]
        )
    elif order_pk is None:
        outbox.enqueue([FindOrder(number=str(envelope.number))])
    else:
        numbers = order_reads.ask([order_pk])
        InboxEvent.objects.filter(uuid=envelope.uuid).update(read=numbers[order_pk])


def processed(**which: Any) -> None:
    """Events that are dealt with."""
    InboxEvent.objects.filter(processed_date=None, **which).update(processed_date=clock.now())


def clean() -> int:
    """Forget events older than any retry of them can be; how many."""
    deleted, _ = InboxEvent.objects.filter(received_date__lt=clock.now() - KEPT).delete()
    return deleted
