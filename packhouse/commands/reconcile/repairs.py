"""Mending what does not agree: each place in a transaction of its own, looked at again under its locks."""

import logging
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction

from packhouse.commands.planning.plan_again import plan_again
from packhouse.commands.reconcile import statements
from packhouse.commands.reconcile.differences import Difference, find_differences
from packhouse.inventory.services import lock_stock
from packhouse.kernel import engine, outbox
from packhouse.kernel.accounts import SYSTEM, Actor
from packhouse.kernel.engine import Call
from packhouse.kernel.errors import PackhouseError
from packhouse.orders.messages import PlanOrder, SyncOrderStatus
from packhouse.packages.services import lock_these_locations, settle_order

log = logging.getLogger(__name__)

# Mended together, for one follows from the other: an item's state says what it needs reserved.
_OF_AN_ORDER = (
    "item_state",
    "transfer_item_state",
    "taken",
    "reservation",
    "holds_quota",
    "order_item",
    "order",
)
ROUNDS = 4


@dataclass(frozen=True, slots=True)
class Repair:
    """What became of a difference. `problem` None: it is mended; else why it is not."""

    difference: Difference
    problem: str | None = None


def repair(differences: Sequence[Difference], *, actor: Actor = SYSTEM) -> list[Repair]:
    """Mend these differences, and log each; in the order given.

    What is gone by the time its rows are locked counts as mended. Counters are worked out again from the rows
    they count; states of items follow their package; what a command can mend is done by that command.
    """
    problems: dict[Difference, str | None] = {}
    for order_id in _orders(differences, _OF_AN_ORDER):
        problem = _guarded(lambda: _order(order_id))  # noqa: B023 - called at once
        problems |= {
            each: problem for each in differences if each.order_id == order_id and each.kind in _OF_AN_ORDER
        }
    for each in differences:
        if each not in problems:
            problems[each] = _guarded(lambda: _OTHERS[each.kind](each))  # noqa: B023
    for each in differences:
        log.warning(
            "reconcile by %s: %s: %s",
            actor.label,
            each,
            f"not mended: {problems[each]}" if problems[each] else "mended",
        )
    return [Repair(each, problems[each]) for each in differences]


def repair_all(wanted: Collection[str] | None = None, *, actor: Actor = SYSTEM) -> list[Repair]:
    """Find (of these kinds, or of all) and mend, until nothing new is found: one repair may show the next."""
    done: dict[Difference, Repair] = {}
    for _ in range(ROUNDS):
        found = [each for each in find_differences(wanted) if each not in done]
        if not found:
            break
        done |= {each.difference: each for each in repair(found, actor=actor)}
    return list(done.values())


def _orders(differences: Iterable[Difference], kinds: Sequence[str]) -> list[int]:
    return sorted({each.order_id for each in differences if each.kind in kinds and each.order_id})


def _guarded(work: Callable[[], None]) -> str | None:
    try:
        work()
    except PackhouseError as refusal:
        return refusal.text
    return None


@transaction.atomic
def _order(order_id: int) -> None:
    """Everything that follows from the states of an order's packages, in the documented order of locks."""
    engine.aggregate_of("order").lock(order_id)
    statements.lock_packages_and_transfers(order_id)
    statements.items_follow(order_id)
    found = find_differences(("taken", "reservation"), order_id=order_id)
    places = sorted({(each.location_id, each.sku) for each in found if each.location_id and each.sku})
    if places:
        statements.make_stock_rows(places)
        lock_stock(places)
        statements.settle_taken(order_id)
        statements.settle_reservations(order_id)
        statements.settle_reserved(places)
    held = find_differences(("holds_quota",), order_id=order_id)
    locations = {each.location_id for each in held if each.location_id}
    if locations:
        lock_these_locations(locations)
        statements.settle_holding(order_id)
        statements.settle_quota(sorted(locations))
    if settle_order(order_id, report=True):
        outbox.enqueue([SyncOrderStatus(order_id=order_id)])


@transaction.atomic
def _reserved(difference: Difference) -> None:
    place = _place(difference)
    statements.make_stock_rows([place])
    lock_stock([place])
    statements.settle_reserved([place])


@transaction.atomic
def _on_hand(difference: Difference) -> None:
    place = _place(difference)
    lock_stock([place])
    statements.settle_on_hand(place)


@transaction.atomic
def _quota(difference: Difference) -> None:
    location_id = difference.location_id or 0
    lock_these_locations([location_id])
    statements.settle_quota([location_id])


def _place(difference: Difference) -> tuple[int, str]:
    if difference.location_id is None or difference.sku is None:
        raise LookupError(difference)
    return difference.location_id, difference.sku


def _plan(difference: Difference) -> None:
    outbox.enqueue([PlanOrder(order_id=difference.order_id or 0)])


def _plan_again(difference: Difference) -> None:
    """What is not packed is taken back and planned as far as it was ordered."""
    with transaction.atomic():
        plan_again(difference.order_id or 0)


def _command(kind: str, name: str) -> Callable[[Difference], None]:
    def run(difference: Difference) -> None:
        engine.execute(kind, Call(difference.subject_id or 0, slug=name), SYSTEM)

    return run


_OTHERS: dict[str, Callable[[Difference], None]] = {
    "reserved": _reserved,
    "on_hand": _on_hand,
    "quota": _quota,
    "units": _plan_again,
    "not_planned": _plan,
    "waiting_in_vain": _command("package", "ReschedulePackageCommand"),
    "orphan_transfer": _command("transfer", "CancelTransferCommand"),
    "empty_package": _command("package", "CancelPackageCommand"),
}
