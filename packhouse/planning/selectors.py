"""What planning reads: the snapshot of one order, by a constant number of set-based statements."""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal

from django.db import connection

from packhouse.kernel import clock
from packhouse.orders.models import OrderItem
from packhouse.planning import scenario as scenario_document
from packhouse.planning.ground import read_ground
from packhouse.planning.models import Scenario, ScenarioVersion
from packhouse.planning.orders_to_plan import exclusions_of, facts_of
from packhouse.planning.snapshot import Line, Snapshot, StockLevel, StockTable
from packhouse.planning.stock_answers import Unknown


def line(item: OrderItem, quantity: Decimal) -> Line:
    """The part of an order item that is to be planned."""
    product = item.product
    return Line(
        order_item_id=item.pk,
        sku=product.sku,
        quantity=quantity,
        unit_type=product.unit_type,
        base_code=product.base_code or None,
        attributes=product.attributes,
        unit_weight=product.unit_weight,
        desi=product.desi,
    )


def read_snapshot(
    order_id: int, lines: tuple[Line, ...], *, attempt: int = 1, unknown_stock: Unknown = frozenset()
) -> Snapshot:
    """Everything one plan of these lines may look at, as it stands now. Raises NotFound.

    `unknown_stock`: where a stock service was asked and was silent (`planning.stock_answers`).
    """
    ground = read_ground()
    return Snapshot(
        order=facts_of(order_id),
        lines=lines,
        scenarios=ground.scenarios,
        transfer_scenarios=ground.transfer_scenarios,
        locations=ground.locations,
        stock=read_stock({line.sku for line in lines}),
        exclusions=exclusions_of([order_id]).get(order_id, frozenset()),
        taken_at=clock.now(),
        attempt=attempt,
        unknown_stock=unknown_stock,
        tariff=ground.tariff,
        timezone=ground.timezone,
    )


_STOCK = """
SELECT sku, stock_location_id, on_hand, reserved, safety_stock FROM inventory_stock
WHERE sku = ANY(%(skus)s::text[])
"""


def read_stock(skus: Iterable[str]) -> StockTable:
    """Stock of these SKUs everywhere."""
    by_sku: dict[str, dict[int, StockLevel]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(_STOCK, {"skus": list(skus)})
        for sku, location_id, *level in cursor.fetchall():
            by_sku[sku][location_id] = StockLevel._make(level)
    return StockTable.from_skus(by_sku)


def document_of(scenario: Scenario, version: ScenarioVersion) -> scenario_document.Scenario:
    """The typed document of a version, with what acts at once (name, status, priority) from its scenario."""
    return scenario_document.parse(
        {
            **version.body,
            "kind": scenario.kind,
            "name": scenario.name,
            "description": scenario.description,
            "status": scenario.status,
            "priority": scenario.priority,
        }
    )
