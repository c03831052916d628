"""Copies of orders: the first one of those that are open, or again those of a range of dates."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from packhouse.integrations.omnitron import catch_up, echoes, order_reads
from packhouse.integrations.omnitron.client import LIMIT, Omnitron, read_page
from packhouse.integrations.omnitron.models import CatchUp
from packhouse.integrations.omnitron.setup.progress import Progress
from packhouse.kernel import clock

OPEN = ("50", "200", "300", "350", "400", "450", "500", "510", "520", "540")


def is_required() -> bool:
    """Orders were never looked through."""
    return not CatchUp.objects.filter(cursor__isnull=False).exists()


def execute(progress: Progress) -> None:
    """Have every order of the range read; what changes from here on is found by catch-up.

    Options `date_from` and `date_to` (ISO 8601) name a range of `date_placed`, whatever its orders' state;
    without them: all orders that are open.
    """
    began = clock.now()
    client = Omnitron()
    catch_up.learn_mode(client)
    number = progress.page_of("orders")
    parameters = _parameters(progress.options)
    while True:
        body = client.listing("orders", {**parameters, "page": number, "limit": LIMIT})
        rows, is_last = read_page(body)
        if number == 1 and isinstance(body, dict) and isinstance(body.get("count"), int):
            progress.expect(body["count"])
        _ask(rows, all_of_them=bool(progress.options))
        progress.turned("orders", number, [], "orders")
        progress.did(len(rows))
        if is_last:
            break
        number += 1
    if not progress.options:
        catch_up.begin_at(began)


def _parameters(options: dict[str, Any]) -> dict[str, str]:
    if not options:
        return {"status__in": ",".join(OPEN), "sort": "id"}
    names = {"date_from": "date_placed__gte", "date_to": "date_placed__lte"}
    return {names[key]: str(value) for key, value in options.items() if key in names and value} | {
        "sort": "id"
    }


@transaction.atomic
def _ask(rows: Sequence[Any], *, all_of_them: bool) -> None:
    """A range that somebody names is read whole, also what we think we know."""
    dates = catch_up.remote_dates(rows)
    order_reads.ask(list(dates) if all_of_them else catch_up.newer_than_ours(dates), seen=dates)
    if all_of_them:
        echoes.forget(dates)
