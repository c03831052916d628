"""What is collected at the door (page 80, 1.5): the amount is the back office's, never computed here."""

from collections.abc import Callable, Iterable
from decimal import Decimal

from packhouse.integrations.failures import OutsideFailure, Unavailable
from packhouse.integrations.shares import shared
from packhouse.kernel import settings_store
from packhouse.orders.models import Order, OrderItem
from packhouse.packages.models import Package, PackageItem
from packhouse.packages.states import PackageStatus
from packhouse.shipments.models import Shipment
from packhouse.shipments.states import Registration

Source = Callable[[int], Decimal]


class _Wired:
    source: Source | None = None


def wire(source: Source) -> None:
    """config/wiring.py names who asks the back office: order id → `amount_without_loyalty_money`.

    It may raise an OutsideFailure, and keeps what it learns on the order.
    """
    _Wired.source = source


def is_paid_at_the_door(order: Order) -> bool:
    return order.payment_type in settings_store.get("PAY_ON_DELIVERY_TYPES")


def amount_for(package: Package) -> Decimal | None:
    """What is collected for this package; None for an order that is paid already.

    Raises OutsideFailure while the amount is not known.
    """
    order = package.order
    if not is_paid_at_the_door(order):
        return None
    return _share(package, _total(order))


def _total(order: Order) -> Decimal:
    """An imported order without an amount of its own is paid whole."""
    if order.is_imported:
        known = order.pay_on_delivery_amount
        return order.amount - order.refund_amount if known is None else known
    try:
        if _Wired.source is not None:
            return _Wired.source(order.pk)
    except OutsideFailure:
        if order.pay_on_delivery_amount is None:
            raise
    if order.pay_on_delivery_amount is None:
        raise Unavailable("The amount to be collected at the door is not known yet.")
    return order.pay_on_delivery_amount


def _share(package: Package, total: Decimal) -> Decimal:
    """By gross amount, shipping with the first; what a carrier knows already stays as it is."""
    order = package.order
    registered = _registered(package)
    rest = total - sum(registered.values(), Decimal(0))
    gross = _gross_by_package(order)
    waiting = [package_id for package_id in gross if package_id not in registered]
    first = min((key for key in gross if key is not None), default=None)
    weights = [
        gross[package_id] + (order.shipping_amount if package_id == first else Decimal(0))
        for package_id in waiting
    ]
    return shared(rest, weights)[waiting.index(package.pk)]


def _registered(package: Package) -> dict[int, Decimal]:
    """Amounts that carriers know of the order's other packages."""
    rows = Shipment.objects.filter(
        package__order_id=package.order_id,
        is_current=True,
        registration=Registration.REGISTERED,
        pay_on_delivery_amount__isnull=False,
    ).exclude(package=package)
    return dict(rows.values_list("package_id", "pay_on_delivery_amount"))


def _gross_by_package(order: Order) -> dict[int | None, Decimal]:
    """Gross amount of what is in each live package; under None what is in none yet."""
    lines = OrderItem.objects.filter(order=order).in_bulk()
    placed: dict[int, Decimal] = {}
    gross: dict[int | None, Decimal] = {}
    for item in _live_items(order):
        line = lines[item.order_item_id]
        placed[line.pk] = placed.get(line.pk, Decimal(0)) + item.quantity
        gross[item.package_id] = gross.get(item.package_id, Decimal(0)) + _gross(line, item.quantity)
    unplaced = sum(
        (
            _gross(line, line.quantity - line.cancelled_quantity - placed.get(line.pk, Decimal(0)))
            for line in lines.values()
        ),
        Decimal(0),
    )
    return {**gross, None: unplaced} if unplaced > 0 else gross


def _live_items(order: Order) -> Iterable[PackageItem]:
    closed = (PackageStatus.CANCELLED.value, PackageStatus.PACKED_FOR_REFUND.value)
    return (
        PackageItem.objects.filter(package__order=order)
        .exclude(package__state__in=closed)
        .exclude(state__in=closed)
        .order_by("package_id", "id")
    )


def _gross(line: OrderItem, quantity: Decimal) -> Decimal:
    return (line.price - line.discount_amount) * quantity / line.quantity
