"""What planning reads: the snapshot of one order, by a constant number of set-based statements."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, Sum

from packhouse.catalog.models import CustomerAddress, Place
from packhouse.inventory.models import Stock
from packhouse.kernel import clock, settings_store
from packhouse.locations.models import StockLocation, StockLocationAddress
from packhouse.orders.models import Order, OrderItem
from packhouse.orders.states import HOLDS_BACK_ITS_ORDER, OrderStatus
from packhouse.packages.models import LocationExclusion, Package, PackageItem
from packhouse.packages.states import PackageStatus
from packhouse.planning import scenario as scenario_document
from packhouse.planning.geography import Address, Point
from packhouse.planning.models import Scenario, ScenarioKind, ScenarioVersion
from packhouse.planning.opening import WorkingHours
from packhouse.planning.snapshot import (
    Line,
    Location,
    Locations,
    OrderFacts,
    Snapshot,
    StockLevel,
    StockTable,
)
from packhouse.planning.snapshot import ScenarioVersion as Version

FLAGS = (
    "is_fulfillment_center",
    "is_pickup_location",
    "is_delivery_location",
    "is_fast_delivery_available",
    "is_return_available",
)
# A rate of acceptance looks back this far (page 30).
ACCEPTANCE_WINDOW = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Plannable:
    """What of an order may be planned now. `lines` empty: `reason` says why."""

    order: Order
    lines: tuple[Line, ...]
    reason: str | None


def plannable(order_id: int) -> Plannable:
    """The units of approved items that stand in no package (page 10, "Order and order item").

    Reasons: `not_approved` (an item of the order still waits), `nothing_to_plan`, `unknown_channel`.
    """
    order = order_to_plan(order_id)
    items = list(OrderItem.objects.filter(order_id=order_id).select_related("product").order_by("id"))
    held = _held_quantities(order_id)
    waiting = any(item.state in HOLDS_BACK_ITS_ORDER for item in items)
    if waiting and not settings_store.get("PLAN_PARTIAL_ORDERS"):
        return Plannable(order, (), "not_approved")
    if not (order.channel.is_installed and order.channel.is_active):
        return Plannable(order, (), "unknown_channel")
    lines = tuple(
        line(item, open_quantity)
        for item in items
        if _may_be_planned(item, held)
        and (open_quantity := item.quantity - item.cancelled_quantity - held.get(item.pk, Decimal(0))) > 0
    )
    return Plannable(order, lines, None if lines else "nothing_to_plan")


def order_to_plan(order_id: int) -> Order:
    """The order with everything scenarios may ask of it."""
    return Order.objects.select_related(
        "channel",
        "customer",
        "payment_option",
        "cargo_company",
        "shipping_address__country",
        "shipping_address__city",
        "shipping_address__township",
        "shipping_address__district",
    ).get(pk=order_id)


def _may_be_planned(item: OrderItem, held: Mapping[int, Decimal]) -> bool:
    """Approved; or above that, where a package of ours holds the rest of it."""
    return item.state == OrderStatus.APPROVED or (
        int(item.state) > 400 and item.state != "425" and item.pk in held
    )


def _held_quantities(order_id: int) -> dict[int, Decimal]:
    rows = (
        PackageItem.objects.filter(package__order_id=order_id)
        .exclude(state=PackageStatus.CANCELLED.value)
        .values_list("order_item_id")
        .annotate(Sum("quantity"))
    )
    return dict(rows)


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
    )


def read_snapshot(order: Order, lines: tuple[Line, ...], *, attempt: int = 1) -> Snapshot:
    """Everything one plan of these lines may look at, as it stands now."""
    locations = read_locations()
    scenarios = live_scenarios()
    return Snapshot(
        order=order_facts(order),
        lines=lines,
        scenarios=scenarios[ScenarioKind.DISTRIBUTION],
        transfer_scenarios=scenarios[ScenarioKind.TRANSFER],
        locations=locations,
        stock=read_stock({line.sku for line in lines}),
        exclusions=frozenset(
            LocationExclusion.objects.filter(order_id=order.pk).values_list("stock_location_id", "sku")
        ),
        taken_at=clock.now(),
        attempt=attempt,
        timezone=ZoneInfo(settings_store.get("LOCALE")["time_zone"]),
    )


def order_facts(order: Order) -> OrderFacts:
    """What scenarios may ask of an order."""
    return OrderFacts(
        id=order.pk,
        number=order.number,
        address=_address(order.shipping_address),
        channel=order.channel_id,
        cargo_company=order.cargo_company.erp_code if order.cargo_company else None,
        payment_option=order.payment_option.slug if order.payment_option else None,
        payment_type=order.payment_type or None,
        customer_type=order.customer.user_type if order.customer else None,
        amount=order.amount,
        currency=order.currency,
        delivery_type=order.delivery_type or None,
        shipping_option_slug=order.shipping_option_slug,
        segment=order.segment,
        language_code=order.language_code or None,
        date_placed=order.date_placed,
        has_gift_box=order.has_gift_box,
        extra_field=order.extra_field,
    )


def read_locations() -> Locations:
    """All locations with their load: quota, open packages, share of packages not refused."""
    rows = StockLocation.objects.select_related(
        "address__country", "address__city", "address__township", "address__district"
    ).prefetch_related("tags")
    open_packages = _open_packages()
    acceptance = _acceptance()
    return Locations(
        Location(
            id=row.pk,
            erp_code=row.erp_code,
            type=row.stock_location_type,
            address=_address(row.address),
            priority=row.priority,
            is_active=row.is_active,
            is_fulfillment_center=row.is_fulfillment_center,
            flags=frozenset(flag for flag in FLAGS if getattr(row, flag)),
            tags=frozenset(tag.name for tag in row.tags.all()),
            working_hours=WorkingHours.parse(row.working_hours),
            max_quota=row.max_quota,
            quota=row.quota,
            open_packages=open_packages.get(row.pk, 0),
            acceptance_rate=acceptance.get(row.pk),
        )
        for row in rows.order_by("id")
    )


def _open_packages() -> dict[int, int]:
    states = [state.value for state in PackageStatus if state.open]
    rows = Package.objects.filter(state__in=states).values_list("stock_location_id").annotate(Count("id"))
    return dict(rows)


def _acceptance() -> dict[int, Decimal]:
    since = clock.now() - ACCEPTANCE_WINDOW
    refused = Count("id", filter=Q(items__denial_reason__isnull=False), distinct=True)
    rows = (
        Package.objects.filter(created_date__gte=since)
        .values("stock_location_id")
        .annotate(made=Count("id", distinct=True), refused=refused)
        .values_list("stock_location_id", "made", "refused")
    )
    return {location: 1 - Decimal(refusals) / Decimal(made) for location, made, refusals in rows}


def read_stock(skus: Iterable[str]) -> StockTable:
    """Stock of these SKUs everywhere."""
    by_sku: dict[str, dict[int, StockLevel]] = defaultdict(dict)
    rows = Stock.objects.filter(sku__in=list(skus)).values_list(
        "sku", "stock_location_id", "on_hand", "reserved", "safety_stock"
    )
    for sku, location_id, on_hand, reserved, safety in rows:
        by_sku[sku][location_id] = StockLevel(on_hand, reserved, safety)
    return StockTable.from_skus(by_sku)


def live_scenarios() -> dict[str, tuple[Version, ...]]:
    """The live version of each active scenario, by kind, in priority order."""
    found: dict[str, list[Version]] = {kind: [] for kind in ScenarioKind.values}
    rows = Scenario.objects.filter(status=Scenario.Status.ACTIVE, live_version__isnull=False)
    for row in rows.select_related("live_version").order_by("priority", "id"):
        version = row.live_version
        if version is not None:
            found[row.kind].append(Version(row.pk, version.number, document_of(row, version)))
    return {kind: tuple(versions) for kind, versions in found.items()}


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


def _address(row: CustomerAddress | StockLocationAddress | None) -> Address:
    if row is None:
        return Address()
    places: dict[str, Place | None] = {
        "country": row.country,
        "city": row.city,
        "township": row.township,
        "district": row.district,
    }
    facts = {level: place.name for level, place in places.items() if place is not None}
    ids = {f"{level}_id": place.pk for level, place in places.items() if place is not None}
    centres = tuple(_point(place) for place in (row.district, row.township, row.city))
    return Address(**facts, **ids, point=_point(row), centres=centres)  # type: ignore[arg-type]


def _point(row: CustomerAddress | StockLocationAddress | Place | None) -> Point | None:
    if row is None or row.longitude is None or row.latitude is None:
        return None
    return Point(float(row.longitude), float(row.latitude))
