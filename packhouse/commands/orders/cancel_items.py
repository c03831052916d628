"""Cancelling items of an order, whoever asks: what is not shipped is cancelled, the rest refused (page 70, A7)."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from django.db import transaction
from django.db.models import F

from packhouse.catalog.models import UnitType
from packhouse.kernel import clock, commands, engine, outbox
from packhouse.kernel.accounts import SYSTEM, Actor
from packhouse.kernel.engine import Call
from packhouse.kernel.errors import ForeignItem, InvalidParameter, NotFound, PackhouseError, WrongState
from packhouse.orders.messages import SyncOrderStatus
from packhouse.orders.models import OrderItem
from packhouse.packages.models import Package, PackageItem
from packhouse.packages.services import settle_order
from packhouse.packages.states import BEFORE_SHIPPED, PackageStatus

REFUND = "PackagePackedForRefundCommand"
_REFUNDED_WHOLE = frozenset({PackageStatus.WAITING, PackageStatus.OUT_OF_STOCK})
_MOVED_MEANWHILE = (WrongState, ForeignItem, NotFound)
_ATTEMPTS = 3
NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Wanted:
    """One item to cancel. `quantity` None: all that is not cancelled yet."""

    order_item_id: int
    quantity: Decimal | None = None


@dataclass(slots=True)
class Decision:
    """What became of one item: `cancelled` units; `refused` where some could not be, and why."""

    order_item_id: int
    cancelled: Decimal = NOTHING
    refused: Decimal = NOTHING
    reason: str = ""
    package_id: int | None = None

    @property
    def accepted(self) -> bool:
        return not self.refused


def cancel_items(
    order_id: int,
    wanted: Sequence[Wanted],
    *,
    actor: Actor = SYSTEM,
    sync: bool = True,
    refund: bool = False,
    reason: str | None = None,
) -> list[Decision]:
    """Cancel, item by item: first what stands in no package, then what is in packages before SHIPPED.

    `sync`: the back office is told by status. `refund`: where a whole waiting package goes it is closed for
    refund. Each package is one command in its own transaction, so some may succeed and others not; asking again
    goes on where this ended. Raises InvalidParameter, and nothing has changed, for items that are not of the
    order and for parts of units that are counted whole.
    """
    _check(order_id, wanted)
    decisions = {each.order_item_id: Decision(each.order_item_id) for each in wanted}
    left = _take_unplanned(order_id, wanted, decisions, sync=sync)
    for _ in range(_ATTEMPTS):
        if not _cancel_in_packages(order_id, left, decisions, actor, sync=sync, refund=refund, reason=reason):
            break
    for item_id, units in left.items():
        if units > 0:
            decisions[item_id].refused = units
            decisions[item_id].reason = decisions[item_id].reason or "Shipped already."
    return list(decisions.values())


def _check(order_id: int, wanted: Sequence[Wanted]) -> None:
    own = set(OrderItem.objects.filter(order_id=order_id).values_list("id", flat=True))
    seen: set[int] = set()
    for index, each in enumerate(wanted):
        path = f"items.{index}"
        if each.order_item_id not in own:
            raise InvalidParameter({f"{path}.order_item": ["This item is not of the order."]})
        if each.order_item_id in seen:
            raise InvalidParameter({f"{path}.order_item": ["This item is named twice."]})
        if each.quantity is not None and each.quantity <= 0:
            raise InvalidParameter({f"{path}.quantity": ["A quantity is greater than 0."]})
        seen.add(each.order_item_id)


@transaction.atomic
def _take_unplanned(
    order_id: int, wanted: Sequence[Wanted], decisions: dict[int, Decision], *, sync: bool
) -> dict[int, Decimal]:
    """Cancel the units that stand in no package; how many of each item are left to cancel."""
    if engine.aggregate_of("order").lock(order_id) is None:
        raise NotFound(f"There is no order {order_id}.")
    held, closed = _units_in_packages(order_id)
    items = OrderItem.objects.select_related("product").in_bulk([each.order_item_id for each in wanted])
    left: dict[int, Decimal] = {}
    for index, each in enumerate(wanted):
        item = items[each.order_item_id]
        open_units = item.quantity - item.cancelled_quantity - closed[item.pk]
        asked = open_units if each.quantity is None else each.quantity
        if item.unit_type == UnitType.QUANTITY and asked % 1:
            raise InvalidParameter({f"items.{index}.quantity": ["This product is counted in whole units."]})
        if asked > open_units:
            decisions[item.pk].reason = f"Only {open_units.normalize():f} of it were left to cancel."
        taken = min(max(NOTHING, open_units - held[item.pk]), asked)
        if taken:
            OrderItem.objects.filter(pk=item.pk).update(
                cancelled_quantity=F("cancelled_quantity") + taken, modified_date=clock.now()
            )
        decisions[item.pk].cancelled = taken
        left[item.pk] = asked - taken
    if any(each.cancelled for each in decisions.values()) and settle_order(order_id, report=sync):
        outbox.enqueue([SyncOrderStatus(order_id=order_id)])
    return left


def _units_in_packages(order_id: int) -> tuple[dict[int, Decimal], dict[int, Decimal]]:
    """By order item: units in packages that are not given up, and units that were closed for refund."""
    held: dict[int, Decimal] = defaultdict(Decimal)
    closed: dict[int, Decimal] = defaultdict(Decimal)
    rows = PackageItem.objects.filter(package__order_id=order_id).exclude(
        package__state=PackageStatus.CANCELLED.value
    )
    for order_item_id, state, quantity in rows.values_list("order_item_id", "package__state", "quantity"):
        units = closed if state == PackageStatus.PACKED_FOR_REFUND else held
        units[order_item_id] += quantity
    return held, closed


def _cancel_in_packages(
    order_id: int,
    left: dict[int, Decimal],
    decisions: dict[int, Decision],
    actor: Actor,
    *,
    sync: bool,
    refund: bool,
    reason: str | None,
) -> bool:
    """One round over the packages as they stand; whether one of them moved meanwhile and deserves another look."""
    moved = False
    for package, parts in _in_packages(order_id, left).items():
        call = _call(package, parts, sync=sync, refund=refund, reason=reason)
        try:
            engine.execute("package", call, _in_the_name_of(actor))
        except _MOVED_MEANWHILE as error:
            moved = True
            _note(parts, decisions, str(error))
        except PackhouseError as error:
            _note(parts, decisions, error.text)
        else:
            for item, units in parts:
                left[item.order_item_id] -= units
                decisions[item.order_item_id].cancelled += units
                decisions[item.order_item_id].package_id = package.pk
    return moved


def _in_the_name_of(actor: Actor) -> Actor:
    """Who may cancel items of an order need not be one who runs commands on packages; the log names them."""
    return replace(actor, role="system", scopes=SYSTEM.scopes) if actor is not SYSTEM else SYSTEM


def _note(parts: Sequence[tuple[PackageItem, Decimal]], decisions: dict[int, Decision], text: str) -> None:
    for item, _ in parts:
        decisions[item.order_item_id].reason = text
        decisions[item.order_item_id].package_id = item.package_id


def _in_packages(order_id: int, left: dict[int, Decimal]) -> dict[Package, list[tuple[PackageItem, Decimal]]]:
    """What to cancel of which package; those that are least far come first."""
    states = [state.value for state in BEFORE_SHIPPED]
    rows = (
        PackageItem.objects.filter(
            package__order_id=order_id,
            package__state__in=states,
            order_item_id__in=[item_id for item_id, units in left.items() if units > 0],
        )
        .select_related("package")
        .order_by("-id")
    )
    still = dict(left)
    chosen: dict[Package, list[tuple[PackageItem, Decimal]]] = {}
    for item in sorted(rows, key=lambda row: row.package.state in (PackageStatus.PACKED, "450")):
        units = min(item.quantity, still[item.order_item_id])
        if units > 0:
            still[item.order_item_id] -= units
            chosen.setdefault(item.package, []).append((item, units))
    return chosen


def _call(
    package: Package,
    parts: Sequence[tuple[PackageItem, Decimal]],
    *,
    sync: bool,
    refund: bool,
    reason: str | None,
) -> Call:
    all_of_it = {item.pk: units for item, units in parts} == dict(package.items.values_list("id", "quantity"))
    parameters: dict[str, object] = {"sync_remote_order_status": sync}
    if refund and all_of_it and package.state in _REFUNDED_WHOLE and commands.find(REFUND):
        return Call(package.pk, slug=REFUND, input_parameters=parameters)
    if reason:
        parameters["reason"] = reason
    if not all_of_it:
        parameters["package_items"] = [{"id": item.pk, "quantity": units} for item, units in parts]
    return Call(package.pk, slug="CancelPackageCommand", input_parameters=parameters)
