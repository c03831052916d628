"""The money of a package's items: their share of the order item's, to the cent (page 80, 1.1)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from packhouse.commands.invoicing.invoice_records import GIVEN_UP
from packhouse.integrations.shares import cents, shared
from packhouse.invoicing.models import Invoice, InvoiceKind
from packhouse.orders.models import OrderItem
from packhouse.packages.models import Package, PackageItem

ZERO = Decimal("0.00")
HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class Money:
    """Of one line; `price` before the discount, tax included."""

    price: Decimal
    discount: Decimal
    tax: Decimal

    @property
    def gross(self) -> Decimal:
        return self.price - self.discount

    @property
    def net(self) -> Decimal:
        return self.gross - self.tax

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.price - other.price, self.discount - other.discount, self.tax - other.tax)


def money_of(line: OrderItem) -> Money:
    """The whole order item's. Where the back office sent no tax it is what the rate says, half up."""
    tax = line.tax_amount
    if tax is None:
        gross = line.price - line.discount_amount
        tax = cents(gross * line.tax_rate / (HUNDRED + line.tax_rate))
    return Money(line.price, line.discount_amount, tax)


def line_money(package: Package, items: Iterable[PackageItem]) -> dict[int, Money]:
    """The money of each package item, by id; `items` are the package's, with their order items.

    What another package of the order was asked an invoice for stays as it was told; the rest is shared out by
    quantity, so that all packages together add up to the order item exactly.
    """
    told = _told(package)
    return {item.pk: _share(package, item, told.get(item.order_item_id, [])) for item in items}


def _share(package: Package, item: PackageItem, told: list[tuple[int, Money]]) -> Money:
    line = item.order_item
    rest = money_of(line)
    for _package_id, money in told:
        rest = rest - money
    settled = {package_id for package_id, _money in told}
    others = (
        PackageItem.objects.filter(order_item=line)
        .exclude(pk=item.pk)
        .exclude(state__in=GIVEN_UP)
        .exclude(package_id__in=settled - {package.pk})
        .order_by("id")
    )
    sharing = {item.pk: item.quantity, **dict(others.values_list("id", "quantity"))}
    open_quantity = line.quantity - _settled_quantity(line, settled - {package.pk})
    weights = [sharing[key] for key in sorted(sharing)]
    weights.append(max(open_quantity - sum(weights, Decimal(0)), Decimal(0)))
    position = sorted(sharing).index(item.pk)
    return Money(
        shared(rest.price, weights)[position],
        shared(rest.discount, weights)[position],
        shared(rest.tax, weights)[position],
    )


def _settled_quantity(line: OrderItem, packages: Iterable[int]) -> Decimal:
    rows = PackageItem.objects.filter(order_item=line, package_id__in=list(packages))
    return sum(rows.exclude(state__in=GIVEN_UP).values_list("quantity", flat=True), Decimal(0))


def _told(package: Package) -> dict[int, list[tuple[int, Money]]]:
    """What was asked for the order's other live packages: by order item, package and money."""
    requests = (
        Invoice.objects.filter(
            package__order_id=package.order_id, kind=InvoiceKind.INVOICE, request__isnull=False
        )
        .exclude(package=package)
        .exclude(package__state__in=GIVEN_UP)
        .exclude(state="replaced")
        .values_list("package_id", "request")
    )
    told: dict[int, list[tuple[int, Money]]] = {}
    for package_id, request in requests:
        for row in (request or {}).get("items", ()):
            told.setdefault(row["order_item"], []).append((int(package_id or 0), _as_told(row)))
    return told


def _as_told(row: Mapping[str, Any]) -> Money:
    return Money(Decimal(row["price"]), Decimal(row["discount_amount"]), Decimal(row["tax_amount"]))


def carries_order_amounts(package: Package) -> bool:
    """Shipping and interest stand on the package that is packed first, once."""
    packed = Package.objects.filter(order_id=package.order_id, packed_date__isnull=False)
    first = packed.exclude(state__in=GIVEN_UP).order_by("packed_date", "id").first()
    return first is None or first.pk == package.pk
