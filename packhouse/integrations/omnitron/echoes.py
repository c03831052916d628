"""Orders that come back as they are here: what we told ourselves is no news (page 70, A5).

Every status we report moves the order there, and its webhook comes back to us. The order is read all the same,
for something else may have changed with it; but where the whole document is the one copied last, and differs from
it by nothing but what we told, copying it would change nothing.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from django.db.models import Q
from pydantic import TypeAdapter, ValidationError

from packhouse.commands.orders.document_types import Status
from packhouse.integrations.omnitron.client import Row, identity
from packhouse.integrations.omnitron.conf import CONNECTION
from packhouse.integrations.omnitron.models import OrderRead
from packhouse.orders.models import Order, OrderItem
from packhouse.orders.states import OrderStatus

COLUMNS: Final = ("tracking_number", "delivered_date")
REMOTE: Final = ("shipping_company", "invoice_number", "invoice_date", "e_archive_url")
"""What we tell of an item beside its status; kept in columns of ours, or among what the back office says."""

_OF_ORDERS: Final = frozenset({"modified_date", "status", "is_send", "orderitem_set"})
_OF_ITEMS: Final = frozenset({"modified_date", "status", *COLUMNS, *REMOTE})
_STATUS: Final[TypeAdapter[OrderStatus | None]] = TypeAdapter(Status)


def fingerprint(document: Row) -> str:
    """Of everything an order says but dates of change, statuses, and what we tell."""
    order = {name: value for name, value in document.items() if name not in _OF_ORDERS}
    items = [
        {name: value for name, value in item.items() if name not in _OF_ITEMS}
        for item in sorted(document["orderitem_set"], key=lambda item: str(identity(item)))
    ]
    return hashlib.sha256(json.dumps([order, items], sort_keys=True).encode()).hexdigest()


def is_known(order_pk: int, document: Row, told: str) -> Order | None:
    """The order, where `document` (of the fingerprint `told`) says nothing that it does not hold; else None."""
    if not OrderRead.objects.filter(connection=CONNECTION, order_pk=order_pk, content_hash=told).exists():
        return None
    order = Order.objects.filter(connection=CONNECTION, omnitron_id=order_pk).only("is_send").first()
    if order is None or document.get("is_send") is not order.is_send:
        return None
    return order if _items_are_known(order.items.all(), document["orderitem_set"]) else None


def _items_are_known(rows: Iterable[OrderItem], items: Iterable[Row]) -> bool:
    """A line of ours that is not among them was withdrawn, and is no news only once that is known."""
    left = {row.omnitron_id: row for row in rows}
    for item in items:
        pk = identity(item)
        row = left.pop(pk, None) if isinstance(pk, int) else None
        if row is None or not _is_known(row, item):
            return False
    return all(OrderStatus.CANCELED.value in (row.state, row.omnitron_status) for row in left.values())


def _is_known(row: OrderItem, item: Row) -> bool:
    if _code(item.get("status")) != (row.omnitron_status or row.state):
        return False
    ours = {name: row.remote_data.get(name) for name in REMOTE} | {
        name: getattr(row, name) for name in COLUMNS
    }
    return all(_same(value, item.get(name)) for name, value in ours.items())


def _code(status: Any) -> str | None:
    try:
        read = _STATUS.validate_python(status)
    except ValidationError:
        return None
    return read.value if read else None


def _same(ours: Any, theirs: Any) -> bool:
    """Equal, empty on both sides, or the same moment written in two ways."""
    if not ours or not theirs:
        return not ours and not theirs
    return str(ours) == str(theirs) or ((moment := _moment(ours)) is not None and moment == _moment(theirs))


def _moment(value: Any) -> datetime | None:
    if isinstance(value, datetime):
        return value
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def remember(order_pk: int, told: str) -> None:
    """The order was copied as this fingerprint says."""
    OrderRead.objects.filter(connection=CONNECTION, order_pk=order_pk).update(content_hash=told)


def forget(order_pks: Iterable[int]) -> None:
    """Copy these orders whole when they are read next, whatever they say."""
    OrderRead.objects.filter(connection=CONNECTION, order_pk__in=list(order_pks)).update(content_hash="")


def move_date(order: Order, moment: datetime | None) -> None:
    """Catch-up compares dates of change, and they move with what we tell."""
    if moment is not None:
        earlier = Q(remote_modified_date=None) | Q(remote_modified_date__lt=moment)
        Order.objects.filter(earlier, pk=order.pk).update(remote_modified_date=moment)


def keep(items: Mapping[int, Mapping[str, Any]]) -> None:
    """What the back office was told of items, and has taken: from now on it says so itself.

    `items`: fields by our item id. The order is locked by the caller.
    """
    rows = list(OrderItem.objects.filter(pk__in=list(items)).order_by("pk"))
    for row in rows:
        told = items[row.pk]
        if told.get("tracking_number"):
            row.tracking_number = str(told["tracking_number"])[:255]
        if (delivered := _moment(told.get("delivered_date"))) is not None:
            row.delivered_date = delivered
        row.remote_data = {**row.remote_data, **{name: told[name] for name in REMOTE if told.get(name)}}
    OrderItem.objects.bulk_update(rows, ["tracking_number", "delivered_date", "remote_data"])
