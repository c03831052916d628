"""Imports too large for one request: kept, worked off in the background, looked at meanwhile (page 70, C)."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from django.db import transaction

from packhouse.commands.orders.import_orders import ImportResult, Source, import_orders
from packhouse.commands.orders.messages import RunOrderImport
from packhouse.kernel import outbox
from packhouse.kernel.accounts import SYSTEM, Actor
from packhouse.orders.models import OrderImport, OrderImportPart

LARGE_FROM = 1000
AT_ONCE = 50
WAITING, WORKING, FINISHED = "waiting", "working", "finished"


def begin(
    documents: Sequence[Any], *, dry_run: bool = False, create_missing: bool = True, actor: Actor = SYSTEM
) -> OrderImport:
    """Keep the documents (or `Source`s) and have them worked off."""
    sources = [each if isinstance(each, Source) else Source(each) for each in documents]
    channels = None if actor.channel_ids is None else sorted(actor.channel_ids)
    body = {"sources": [asdict(source) for source in sources], "channels": channels}
    with transaction.atomic():
        row = OrderImport.objects.create(
            user_id=actor.user_id,
            state=WAITING,
            total=len(sources),
            dry_run=dry_run,
            create_missing=create_missing,
            body=body,
        )
        outbox.enqueue([RunOrderImport(import_id=row.pk)])
    return row


def work_off(import_id: int) -> None:
    """Take over what is left, some at a time. Repeatable: what was taken before is `unchanged`."""
    row = OrderImport.objects.get(pk=import_id)
    if row.state == FINISHED or row.body is None:
        return
    OrderImport.objects.filter(pk=row.pk).update(state=WORKING)
    sources = [Source(**{**given, "lines": tuple(given["lines"])}) for given in row.body["sources"]]
    channels = row.body["channels"]
    actor = replace(SYSTEM, channel_ids=None if channels is None else frozenset(channels))
    while row.done < len(sources):
        part = sources[row.done : row.done + AT_ONCE]
        results = import_orders(
            part, dry_run=row.dry_run, create_missing=row.create_missing, actor=actor, first_index=row.done
        )
        _keep(row, results)
    row.state, row.body = FINISHED, None
    row.save(update_fields=["state", "body"])


@transaction.atomic
def _keep(row: OrderImport, results: Sequence[ImportResult]) -> None:
    """A row for each part: to write all results again with every part would take longer and longer."""
    documents = [result.document() for result in results]
    OrderImportPart.objects.create(order_import=row, first_index=row.done, results=documents)
    row.done += len(documents)
    row.save(update_fields=["done"])


def document_of(row: OrderImport) -> dict[str, Any]:
    """`{"state", "done", "total", "results"}`."""
    parts = row.parts.values_list("results", flat=True)
    results = [result for part in parts for result in part]
    return {"state": row.state, "done": row.done, "total": row.total, "results": results}
