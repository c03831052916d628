"""What planning reads of orders: facts for the scenarios, and what of each may be planned now."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection

from packhouse.kernel import settings_store
from packhouse.kernel.errors import NotFound
from packhouse.orders.states import HOLDS_BACK_ITS_ORDER, OrderStatus
from packhouse.packages.states import PackageStatus
from packhouse.planning.batch import Exclusions, Plannable
from packhouse.planning.ground import ADDRESS_COLUMNS, ADDRESS_JOINS, ADDRESS_WIDTH, address_of
from packhouse.planning.snapshot import Line, OrderFacts

_ORDERS = f"""
SELECT o.id, o.number, o.channel_id, c.is_installed AND c.is_active, g.erp_code, y.slug, o.payment_type,
    u.user_type, o.amount, o.currency, o.delivery_type, o.shipping_option_slug, o.segment, o.language_code,
    o.date_placed, o.has_gift_box, o.extra_field::text, o.pay_on_delivery_amount, n.units, n.lines,
    {ADDRESS_COLUMNS}
FROM orders_order o JOIN catalog_channel c ON c.id = o.channel_id
CROSS JOIN LATERAL (
    SELECT sum(i.quantity - i.cancelled_quantity) AS units, count(*) AS lines FROM orders_orderitem i
    WHERE i.order_id = o.id AND i.quantity > i.cancelled_quantity
) n
LEFT JOIN catalog_cargocompany g ON g.id = o.cargo_company_id
LEFT JOIN catalog_paymentoption y ON y.id = o.payment_option_id
LEFT JOIN catalog_customer u ON u.id = o.customer_id
LEFT JOIN catalog_customeraddress a ON a.id = o.shipping_address_id {ADDRESS_JOINS}
WHERE o.id = ANY(%(orders)s::bigint[])
"""  # noqa: S608 - built from constants of this file

_ITEMS = """
SELECT i.order_id, i.id, i.state, i.quantity - i.cancelled_quantity, r.sku, r.unit_type, r.base_code,
    r.attributes::text, r.unit_weight, r.desi,
    (SELECT sum(pi.quantity) FROM packages_packageitem pi WHERE pi.order_item_id = i.id AND pi.state <> %(gone)s)
FROM orders_orderitem i JOIN catalog_product r ON r.id = i.product_id
WHERE i.order_id = ANY(%(orders)s::bigint[]) ORDER BY i.id
"""

_EXCLUSIONS = """
SELECT order_id, stock_location_id, sku FROM packages_locationexclusion WHERE order_id = ANY(%(orders)s::bigint[])
"""


def plannables(order_ids: Collection[int], *, anew: bool = False) -> dict[int, Plannable]:
    """By order id, the units of approved items that stand in no package (page 10, "Order and order item");
    `anew`: those in packages too, as if nothing of the orders were planned yet.

    Reasons: `not_approved` (an item of the order still waits), `nothing_to_plan`, `unknown_channel`. An order
    that does not exist is missing. Three statements.
    """
    items: dict[int, list[_Item]] = defaultdict(list)
    for order_id, *rest in _rows(_ITEMS, order_ids, gone=PackageStatus.CANCELLED.value):
        items[order_id].append(_Item(anew, *rest))
    excluded = exclusions_of(order_ids)
    partly = settings_store.get("PLAN_PARTIAL_ORDERS")
    return {
        facts.id: _plannable(facts, items[facts.id], is_known, partly, excluded.get(facts.id, frozenset()))
        for facts, is_known in _orders(order_ids)
    }


def facts_of(order_id: int) -> OrderFacts:
    """What scenarios may ask of an order. Raises NotFound."""
    for facts, _ in _orders([order_id]):
        return facts
    raise NotFound(f"There is no order {order_id}.")


def exclusions_of(order_ids: Collection[int]) -> dict[int, Exclusions]:
    """By order id, where it must not go again; orders without any are missing."""
    found: dict[int, set[tuple[int, str | None]]] = defaultdict(set)
    for order_id, location_id, sku in _rows(_EXCLUSIONS, order_ids):
        found[order_id].add((location_id, sku))
    return {order_id: frozenset(pairs) for order_id, pairs in found.items()}


def _rows(statement: str, order_ids: Collection[int], **parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"orders": list(order_ids), **parameters})
        return cursor.fetchall()


def _orders(order_ids: Collection[int]) -> Iterable[tuple[OrderFacts, bool]]:
    """(facts, whether its channel is installed and active)"""
    for row in _rows(_ORDERS, order_ids):
        yield _facts(row), row[3]


def _facts(row: tuple[Any, ...]) -> OrderFacts:
    return OrderFacts(
        id=row[0],
        number=row[1],
        address=address_of(row[-ADDRESS_WIDTH:]),
        channel=row[2],
        cargo_company=row[4],
        payment_option=row[5],
        payment_type=row[6] or None,
        customer_type=row[7],
        amount=row[8],
        currency=row[9],
        delivery_type=row[10] or None,
        shipping_option_slug=row[11],
        segment=row[12],
        language_code=row[13] or None,
        date_placed=row[14],
        has_gift_box=row[15],
        extra_field=json.loads(row[16]) if row[16] else {},
        pay_on_delivery_amount=row[17],
        item_count=row[18] or Decimal(0),
        line_count=row[19],
    )


@dataclass(slots=True)
class _Item:
    """`wanted`: not cancelled; `held`: standing in packages, None where no package ever held any;
    `anew`: planned as if none did."""

    anew: bool
    id: int
    state: str
    wanted: Decimal
    sku: str
    unit_type: str
    base_code: str
    attributes: str
    unit_weight: Decimal | None
    desi: Decimal | None
    held: Decimal | None

    @property
    def left(self) -> Decimal:
        """What is to be planned of it."""
        return self.wanted if self.anew else self.wanted - (self.held or Decimal(0))

    def may_be_planned(self) -> bool:
        """Approved; or above that, where a package of ours holds the rest of it."""
        return self.state == OrderStatus.APPROVED or (
            int(self.state) > 400 and self.state != "425" and self.held is not None
        )

    def line(self, quantity: Decimal) -> Line:
        return Line(
            order_item_id=self.id,
            sku=self.sku,
            quantity=quantity,
            unit_type=self.unit_type,
            base_code=self.base_code or None,
            attributes=json.loads(self.attributes) if self.attributes else {},
            unit_weight=self.unit_weight,
            desi=self.desi,
        )


def _plannable(
    facts: OrderFacts, items: list[_Item], is_known: bool, partly: bool, exclusions: Exclusions
) -> Plannable:
    if not partly and any(item.state in HOLDS_BACK_ITS_ORDER for item in items):
        return Plannable(facts, (), "not_approved")
    if not is_known:
        return Plannable(facts, (), "unknown_channel")
    lines = tuple(item.line(item.left) for item in items if item.may_be_planned() and item.left > 0)
    return Plannable(facts, lines, None if lines else "nothing_to_plan", exclusions)
