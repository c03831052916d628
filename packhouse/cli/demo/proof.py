"""What happened, in numbers of ours and of the neighbours, and whether they agree."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import httpx
from rich.console import Console
from rich.table import Table

from packhouse.cli.demo.back_office import BackOffice
from packhouse.cli.demo.running import Running
from packhouse.cli.demo.stock import counted
from packhouse.inventory.models import Reservation
from packhouse.invoicing.models import Invoice, InvoiceKind, InvoiceState
from packhouse.kernel.machine import ENUM_CLASSES, content_type_id
from packhouse.kernel.models import Event, StateTransitionLog
from packhouse.orders.models import Order, OrderItem
from packhouse.packages.models import Package, PackageItem
from packhouse.packages.states import PackageStatus
from packhouse.shipments.models import Shipment, ShippingLabel
from packhouse.shipments.states import Registration
from packhouse.webhooks.models import Delivery, DeliveryState
from packhouse.webhooks.registry import EVENT_TYPES


@dataclass(frozen=True)
class Line:
    """One row of the table. `expected` None: told, not compared."""

    what: str
    number: int
    expected: int | None
    by: str

    @property
    def holds(self) -> bool:
        return self.expected is None or self.number == self.expected


def collect(running: Running, *, packed: int) -> list[Line]:
    """Every number beside what it must be; `packed`: how many packages the stores were to pack."""
    with BackOffice(running.neighbours.omnitron) as office:
        statuses, skus = office.item_statuses(), office.skus()
        orders = sum(1 for _ in office.rows("orders/"))
    return [
        Line("orders", Order.objects.count(), orders, "orders at the back office"),
        *_packages(packed),
        *_papers(running),
        *_webhooks(running),
        *_statuses(statuses),
        Line("oversold", oversold(skus), 0, "promised or taken beyond what was counted"),
    ]


def show(lines: Sequence[Line]) -> bool:
    """Print the table; True when every line holds."""
    table = Table("", "number", "must be", "compared with", title="The main job")
    for line in lines:
        verdict = "" if line.expected is None else f"{line.expected} {'✓' if line.holds else '✗'}"
        style = None if line.holds else "bold red"
        table.add_row(line.what, str(line.number), verdict, line.by, style=style)
    Console().print(table)
    return all(line.holds for line in lines)


def oversold(skus: Sequence[str]) -> int:
    """Units promised or taken beyond what was counted, over all shelves."""
    used: dict[tuple[int, str], Decimal] = defaultdict(Decimal)
    for location_id, sku, quantity in Reservation.objects.values_list("stock_location_id", "sku", "quantity"):
        used[location_id, sku] += quantity
    taken = PackageItem.objects.filter(taken__gt=0).values_list(
        "package__stock_location_id", "order_item__product__sku", "taken"
    )
    for location_id, sku, quantity in taken:
        used[location_id, sku] += quantity
    shelves = counted(skus)
    return int(
        sum(max(quantity - shelves.get(key, Decimal(0)), Decimal(0)) for key, quantity in used.items())
    )


def _packages(packed: int) -> list[Line]:
    out_of_stock = Package.objects.filter(state=PackageStatus.OUT_OF_STOCK.value).count()
    delivered = Package.objects.filter(state=PackageStatus.DELIVERED.value).count()
    return [
        Line("packages", Package.objects.count(), None, "made by planning"),
        Line("out of stock", out_of_stock, None, "of them wait for stock"),
        Line("packed", _came_to(PackageStatus.PACKED), packed, "packages the stores took up"),
        Line("shipped", _came_to(PackageStatus.SHIPPED), None, "of them handed over"),
        Line("delivered", delivered, _came_to(PackageStatus.DELIVERED), "deliveries in the log"),
    ]


def _came_to(state: PackageStatus) -> int:
    """Packages that have been in a state, by the state transition log."""
    log = StateTransitionLog.objects.filter(
        content_type_id=content_type_id("package"),
        new_state__enum_class=ENUM_CLASSES["package"],
        new_state__enum_value=state.value,
    )
    return log.values("object_id").distinct().count()


def _papers(running: Running) -> list[Line]:
    invoices = _desk(running.neighbours.invoice, "invoices")
    made = [row for row in invoices if row["kind"] == InvoiceKind.INVOICE]
    registered = _desk(running.neighbours.carrier, "shipments")
    received = Invoice.objects.filter(kind=InvoiceKind.INVOICE, state=InvoiceState.RECEIVED).count()
    ours = Shipment.objects.filter(registration=Registration.REGISTERED.value, is_integrated=True).count()
    labels = ShippingLabel.objects.filter(is_current=True, shipment__is_integrated=True)
    return [
        Line("invoices", received, _came_to(PackageStatus.PACKED), "packages that were packed"),
        Line("invoices there", len(made), received, "invoices received"),
        Line("shipments", ours, len(registered), "shipments the carrier knows"),
        Line(
            "labels", labels.values("shipment_id").distinct().count(), ours, "shipments that are registered"
        ),
    ]


def _webhooks(running: Running) -> list[Line]:
    report = _desk(running.neighbours.receiver, "report")
    delivered = Delivery.objects.filter(state=DeliveryState.DELIVERED).count()
    return [
        Line("webhooks delivered", delivered, Delivery.objects.count(), "webhooks to be sent"),
        Line("webhooks received", report["unique"], delivered, "webhooks delivered"),
        Line(
            "events told",
            delivered,
            Event.objects.filter(type__in=EVENT_TYPES).count(),
            "events that happened",
        ),
        Line("wrong signatures", report["bad_signature"], 0, "seen by the receiver"),
        Line("out of order", report["out_of_order"] + report["missing"], 0, "seen by the receiver"),
    ]


def _statuses(theirs: Mapping[int, str]) -> list[Line]:
    ours = list(OrderItem.objects.filter(omnitron_id__isnull=False).values_list("omnitron_id", "state"))
    equal = [item for item, status in ours if item is not None and theirs.get(item) == status]
    return [
        Line("order items", len(ours), len(theirs), "order items at the back office"),
        Line("statuses equal", len(equal), len(theirs), "order items at the back office"),
    ]


def _desk(url: str, call: str) -> Any:
    """What a sandbox says of itself."""
    answer = httpx.get(f"{url}/_sandbox/{call}/", timeout=30, trust_env=False)
    return answer.raise_for_status().json()
