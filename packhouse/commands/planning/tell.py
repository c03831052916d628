"""What subscribers learn of orders planned in a batch: the log rows and events of `Run`, set-based."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.db import connection

from packhouse.commands.planning.apply_plan import Made
from packhouse.kernel import machine, outbox
from packhouse.kernel.accounts import Actor
from packhouse.kernel.engine import aggregate_of
from packhouse.kernel.outbox import LogRow, NewEvent
from packhouse.packages.states import PackageStatus
from packhouse.payloads import order, package, transfer
from packhouse.transfers.states import TransferStatus

Document = Mapping[str, Any]

# Each number of payloads has a statement of its own; a few dozen are written fast enough at once.
PAYLOADS_AT_ONCE = 48

_NUMBER = """
UPDATE {table} t SET sequence = t.sequence + k.events
FROM unnest(%(ids)s::bigint[], %(events)s::int[]) AS k(id, events) WHERE t.id = k.id RETURNING t.id, t.sequence
"""
_TABLES = {"package": "packages_package", "transfer": "transfers_transferorder", "order": "orders_order"}


def tell(made: Sequence[Made], actor: Actor, command: str) -> None:
    """Number, freeze and record what happened to the packages, transfers and orders, order by order."""
    subjects: dict[str, dict[int, tuple[str, ...]]] = {kind: {} for kind in _TABLES}
    for one in made:
        subjects["package"] |= {pk: _of_package(state) for pk, state in one.packages.items()}
        subjects["transfer"] |= dict.fromkeys(one.transfers, ("transfer.status.created",))
        split = ("order.fulfillment.multiple_packages",) if one.is_split() else ()
        subjects["order"][one.order_id] = ("order.planned", *split)
    last = {kind: _number(kind, types) for kind, types in subjects.items()}
    documents: dict[str, dict[int, Any]] = {
        "package": package.documents(subjects["package"]),
        "transfer": transfer.documents(subjects["transfer"], nested=False),
        "order": order.documents(subjects["order"]),
    }
    events = [
        event
        for one in made
        for kind, pk in _subjects_of(one)
        for event in _events(
            kind, pk, subjects[kind][pk], last[kind][pk], documents[kind][pk], one.channel_id
        )
    ]
    _record(events, [row for one in made for row in _log(one, actor, command)])


def _of_package(state: PackageStatus) -> tuple[str, ...]:
    """A package that does not begin in the usual state says so."""
    if state is PackageStatus.WAITING:
        return ("package.created",)
    return ("package.created", *aggregate_of("package").event_types(state)[1:])


def _subjects_of(one: Made) -> Iterator[tuple[str, int]]:
    yield from (("package", pk) for pk in one.packages)
    yield from (("transfer", pk) for pk in one.transfers)
    yield "order", one.order_id


def _number(kind: str, types: Mapping[int, tuple[str, ...]]) -> dict[int, int]:
    """Raise the sequences by the number of events; their new values."""
    if not types:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            _NUMBER.format(table=_TABLES[kind]),
            {"ids": list(types), "events": [len(each) for each in types.values()]},
        )
        return dict(cursor.fetchall())


def _events(
    kind: str, pk: int, types: Sequence[str], last: int, document: Document, channel_id: int
) -> Iterator[NewEvent]:
    places = (document.get(key) for key in ("stock_location", "source", "destination"))
    codes = tuple(place["erp_code"] for place in places if place)
    for sequence, type_ in enumerate(types, start=last - len(types) + 1):
        yield NewEvent(type_, kind, pk, sequence, document, channel_id, codes)


def _log(one: Made, actor: Actor, command: str) -> Iterator[LogRow]:
    attributes = {"command.slug": None, "command.transition_id": None, "command.name": command}
    states = machine.current()
    for pk, state in one.packages.items():
        new = states.state("package", state.value).id
        yield LogRow("package", pk, None, new, actor.user_id, attributes)
    for pk in one.transfers:
        new = states.state("transfer", TransferStatus.WAITING.value).id
        yield LogRow("transfer", pk, None, new, actor.user_id, attributes)


def _record(events: Sequence[NewEvent], log: Sequence[LogRow]) -> None:
    for chunk in _chunks(events):
        outbox.record(events=chunk, log=log)
        log = ()


def _chunks(events: Iterable[NewEvent]) -> Iterator[list[NewEvent]]:
    """Events of one document stay together."""
    chunk: list[NewEvent] = []
    documents = 0
    for event in events:
        if not chunk or chunk[-1].document is not event.document:
            documents += 1
        if documents > PAYLOADS_AT_ONCE:
            yield chunk
            chunk, documents = [], 1
        chunk.append(event)
    if chunk:
        yield chunk
