"""Small writes on packages and their items, named as effects. Set-based: one statement each."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.backends.postgresql.psycopg_any import Jsonb

from packhouse.kernel import clock, sql
from packhouse.kernel.errors import PlanIsStale
from packhouse.kernel.states import Quota
from packhouse.locations.models import StockLocation
from packhouse.orders.states import OrderStatus
from packhouse.packages.in_hand import PackageInHand
from packhouse.packages.models import LocationExclusion, Package, PackageItem
from packhouse.packages.order_codes import due_codes
from packhouse.packages.states import PackageStatus

# What a state of the package maps its order items to (page 10); a state that is absent maps to nothing.
ORDER_CODES: Mapping[PackageStatus, OrderStatus] = {
    PackageStatus.PACKED: OrderStatus.PREPARING,
    PackageStatus.SHIPPED: OrderStatus.SHIPPED,
    PackageStatus.READY_FOR_PICKUP: OrderStatus.READY_FOR_PICKUP,
    PackageStatus.ATTEMPTED_DELIVERY: OrderStatus.ATTEMPTED_DELIVERY,
    PackageStatus.DELIVERED: OrderStatus.DELIVERED,
    PackageStatus.PACKED_FOR_REFUND: OrderStatus.CANCELED,
}

_KEEP_BARCODES = """
UPDATE packages_packageitem AS i SET selected_barcode = given.barcode
FROM unnest(%(ids)s::bigint[], %(barcodes)s::text[]) AS given(id, barcode)
WHERE i.id = given.id
"""

_SETTLE = f"""
WITH {due_codes("oi.order_id = %(order)s")}, changed AS (
    UPDATE orders_orderitem oi SET state = due.state, modified_date = %(now)s
    FROM due WHERE oi.id = due.id AND oi.state <> due.state
    RETURNING oi.id, oi.state, oi.omnitron_id
), reported AS (
    INSERT INTO orders_statusreport (order_id, order_item_id, status, fields, not_before, created_date)
    SELECT %(order)s, c.id, c.state, %(fields)s, %(not_before)s, %(now)s
    FROM changed c WHERE %(report)s AND c.omnitron_id IS NOT NULL AND c.state <> '400' ORDER BY c.id
    RETURNING id
), whole AS (
    UPDATE orders_order o SET state = lowest.state, modified_date = %(now)s
    FROM (SELECT coalesce(min(state::int) FILTER (WHERE state <> '100'), 100)::text AS state FROM due) AS lowest
    WHERE o.id = %(order)s AND o.state <> lowest.state
)
SELECT count(*) FROM reported
"""  # noqa: S608 - built from constants

_MOVE = """
WITH items AS (
    UPDATE packages_packageitem SET state = %(state)s, modified_date = %(now)s,
        order_code = coalesce(%(code)s, order_code)
    WHERE package_id = %(package)s
), place AS (
    UPDATE locations_stocklocation SET quota = quota + %(quota)s
    WHERE id = %(location)s AND %(quota)s <> 0
)
UPDATE packages_package SET state = %(state)s, state_date = %(now)s, modified_date = %(now)s,
    holds_quota = %(holds)s, sequence = sequence + %(events)s,
    packed_date = CASE WHEN %(state)s = '500' THEN coalesce(packed_date, %(now)s) ELSE packed_date END,
    shipment_date = CASE WHEN %(state)s = '600' THEN %(now)s ELSE shipment_date END
WHERE id = %(package)s RETURNING sequence
"""


def keep_barcodes(barcodes: Mapping[int, str]) -> None:
    """Keep what was scanned as `selected_barcode`, by package item id."""
    if not barcodes:
        return
    sql.run(_KEEP_BARCODES, {"ids": list(barcodes), "barcodes": list(barcodes.values())})


def settle_order(
    order_id: int,
    *,
    report: bool = False,
    fields: Mapping[str, Any] | None = None,
    not_before: datetime | None = None,
) -> int:
    """Bring the codes of an order's items, and the order's own, to what its packages and cancellations say.

    With `report` each item whose code changed gets a row for the back office, with `fields` beside the status
    (keys without a value are left out). The number of rows written for the back office.
    """
    values = {
        "order": order_id,
        "now": clock.now(),
        "report": report,
        "fields": Jsonb({key: value for key, value in (fields or {}).items() if value not in (None, "")}),
        "not_before": not_before,
    }
    return int(sql.row(_SETTLE, values)[0])


def move_package(package: PackageInHand, target: PackageStatus, events: int, code: OrderStatus | None) -> int:
    """Items follow the package and take the order code; the location's quota follows the state's facts.

    The raised `sequence`.
    """
    holds = _holds_after(package.holds_quota, target)
    values = {
        "state": str(target),
        "now": clock.now(),
        "package": package.id,
        "location": package.stock_location_id,
        "quota": int(holds) - int(package.holds_quota),
        "holds": holds,
        "events": events,
        "code": code and str(code),
    }
    sequence: int = sql.row(_MOVE, values)[0]
    package.state, package.holds_quota = target, holds
    for item in package.items:
        item.state = target
    return sequence


def _holds_after(holds: bool, target: PackageStatus) -> bool:
    if target.quota is Quota.KEEPS:
        return holds
    return target.quota is Quota.HOLDS


# Not FOR UPDATE: others' foreign keys to the location are checked at their commit, and would wait for it in a circle.
_TAKE_QUOTA = """
WITH wanted AS MATERIALIZED (
    SELECT l.id, w.units, w.bound FROM locations_stocklocation l
    JOIN unnest(%(ids)s::bigint[], %(units)s::int[], %(bound)s::bool[]) AS w(id, units, bound) ON w.id = l.id
    ORDER BY l.id FOR NO KEY UPDATE OF l
)
UPDATE locations_stocklocation l SET quota = l.quota + wanted.units
FROM wanted WHERE l.id = wanted.id AND (NOT wanted.bound OR l.quota + wanted.units <= l.max_quota)
"""


def take_quota(units: Mapping[int, int], bound: Collection[int]) -> None:
    """Take units of quota, by location id, in id order; at `bound` locations never beyond `max_quota`.

    Raises PlanIsStale when a bound location has less left.
    """
    ids = sorted(units)
    if not ids:
        return
    values = {"ids": ids, "units": [units[key] for key in ids], "bound": [key in bound for key in ids]}
    if sql.run(_TAKE_QUOTA, values) != len(ids):
        raise PlanIsStale("less quota is left than was planned")


def lock_locations() -> None:
    """Lock every location that may pack, by id: planning inside the locks needs quotas that stand still."""
    rows = StockLocation.objects.filter(is_active=True).order_by("id").select_for_update(no_key=True)
    list(rows.values_list("id"))


def lock_these_locations(ids: Iterable[int]) -> None:
    """Lock the locations whose quota a command will move, by id.

    Without their key: whoever writes a row that names a location must not wait for its quota.
    """
    rows = StockLocation.objects.filter(pk__in=set(ids)).order_by("id")
    list(rows.select_for_update(no_key=True).values_list("id"))


def exclude_location(order_id: int, location_id: int, reason: str, skus: Sequence[str] | None = None) -> None:
    """Never plan this order (or these SKUs of it) to the location again."""
    rows = [
        LocationExclusion(order_id=order_id, stock_location_id=location_id, sku=sku, reason=reason)
        for sku in (skus if skus is not None else [None])
    ]
    LocationExclusion.objects.bulk_create(rows, ignore_conflicts=True)


_RESOLVE = """
UPDATE packages_discrepancy d SET resolved_date = %(now)s, modified_date = %(now)s
FROM unnest(%(locations)s::bigint[], %(skus)s::text[]) AS k(stock_location_id, sku)
WHERE d.stock_location_id = k.stock_location_id AND d.sku = k.sku AND d.resolved_date IS NULL
"""


def resolve_discrepancies(counted: Collection[tuple[int, str]]) -> None:
    """What was found missing at these (location, SKU) pairs is settled: somebody has counted there since."""
    if not counted:
        return
    columns: dict[str, Any] = {
        "locations": [place for place, _ in counted],
        "skus": [sku for _, sku in counted],
        "now": clock.now(),
    }
    sql.run(_RESOLVE, columns)


def next_number(order_number: str, taken: int) -> str:
    """Package numbers: order number + P + n."""
    return f"{order_number}P{taken + 1}"


@dataclass(frozen=True, slots=True)
class Cut:
    """A part of a package item that became an item of its own; `untaken`: its units still on the shelf."""

    from_item: int
    to_item: int
    untaken: Decimal


def split_off(package: PackageInHand, quantities: Mapping[int, Decimal]) -> tuple[Package, list[Cut]]:
    """Put these quantities, by package item id, into a package of their own in the same state.

    The new package names the old one as `previous_package` and holds no unit of quota yet. Rows of whole items
    move with their reservations; a part is cut off, and the promise on it is the caller's to hand over
    (`inventory.services.split_promise`).
    """
    now = clock.now()
    new = Package.objects.create(
        number=next_number(package.order_number, Package.objects.filter(order_id=package.order_id).count()),
        order_id=package.order_id,
        stock_location_id=package.stock_location_id,
        state=str(package.state),
        previous_package_id=package.id,
        scenario=Package.objects.values_list("scenario", flat=True).get(pk=package.id),
        created_date=now,
    )
    whole = [item.id for item in package.items if quantities.get(item.id) == item.quantity]
    PackageItem.objects.filter(pk__in=whole).update(package=new, modified_date=now)
    cuts = []
    for item in package.items:
        part = quantities.get(item.id)
        if part and item.id not in whole:
            cuts.append(_cut(item.id, part, new))
            item.quantity -= part
    package.items = [item for item in package.items if item.id not in whole]
    return new, cuts


def _cut(item_id: int, part: Decimal, target: Package) -> Cut:
    row = PackageItem.objects.get(pk=item_id)
    taken = min(row.taken, part)
    made = PackageItem.objects.create(
        package=target,
        order_item_id=row.order_item_id,
        state=row.state,
        quantity=part,
        taken=taken,
        order_code=row.order_code,
        unit_weight=row.unit_weight,
        selected_barcode=row.selected_barcode,
    )
    row.quantity -= part
    row.taken -= taken
    row.save(update_fields=["quantity", "taken"])
    return Cut(from_item=item_id, to_item=made.pk, untaken=part - taken)


def hand_over_quota(package: PackageInHand, successor: Package) -> None:
    """The package that replaces this one in the same state takes over its unit of quota."""
    Package.objects.filter(pk=package.id).update(holds_quota=False)
    Package.objects.filter(pk=successor.pk).update(holds_quota=package.holds_quota)
    package.holds_quota = False
