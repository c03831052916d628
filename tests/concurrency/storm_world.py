"""Every act that may happen in a house, drawn at random.

Acts read without locks and run on what may have moved meanwhile, as callers do; a refusal is an outcome like
any other. There is no stock feed: nothing is ever added to the shelves, so nothing may be promised twice.
"""

import random
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from packhouse.commands.orders.cancel_items import Wanted, cancel_items
from packhouse.commands.orders.cancellation_plans import (
    PlannedItem,
    decide_by_hand,
    decide_by_rule,
    hold_packages,
    keep_plan,
    withdraw,
)
from packhouse.commands.planning.plan_again import plan_again
from packhouse.commands.planning.plan_order import plan_order
from packhouse.commands.planning.previous import previous_packages
from packhouse.jobs import clockwork
from packhouse.kernel import engine, machine, together
from packhouse.kernel.accounts import SYSTEM
from packhouse.kernel.engine import Call
from packhouse.kernel.errors import PackhouseError
from packhouse.orders.models import CancellationPlan, Order, OrderItem
from packhouse.packages.models import Package, PackageItem
from packhouse.packages.states import PackageStatus
from packhouse.transfers.models import TransferItem, TransferOrder
from tests.concurrency.house import House
from tests.jobs import take_jobs

Draw = random.Random
REASONS = ("not_found", "wrong_product", "damaged")
_SYSTEM_ONLY = (
    "HoldForCancellationCommand",
    "ReleaseFromCancellationCommand",
    "MarkStaleWaitingCommand",
    "ReschedulePackageCommand",
)


class Storm:
    """Acts on the orders of a house. `done` counts, by name, what was not refused."""

    def __init__(self, house: House, draw: Draw) -> None:
        self.house = house
        self.draw = draw
        self.done: dict[str, int] = {}

    def act(self) -> None:
        """One act; what is refused has changed nothing."""
        acts, weights = zip(*self._acts(), strict=True)
        self.do(self.draw.choices(acts, weights)[0])

    def do(self, act: Callable[[], str | None]) -> bool:
        """This act; False when it was refused."""
        try:
            name = act()
        except PackhouseError:
            return False
        if name:
            self.done[name] = self.done.get(name, 0) + 1
        return True

    def _acts(self) -> list[tuple[Callable[[], str | None], int]]:
        return [
            (self.arrive, 3),
            (self.plan, 8),
            (self.package_command, 60),
            (self.transfer_command, 14),
            (self.several_together, 6),
            (self.cancel, 5),
            (self.want_cancelled, 4),
            (self.decide, 6),
            (self.reschedule, 5),
        ]

    def arrive(self) -> str:
        order_id = self.house.an_order_arrives(self.draw)
        plan_order(order_id)
        return "arrive"

    def plan(self) -> str | None:
        order_id = self._any(Order)
        if order_id is None:
            return None
        if self.draw.random() < 0.2:
            plan_again(order_id)
        plan_order(order_id)
        return "plan"

    def package_command(self) -> str | None:
        package_id = self._any(Package)
        call = None if package_id is None else self.call_on(package_id)
        return None if call is None else engine.execute("package", call, SYSTEM).command

    def any_command(self) -> str | None:
        """One of the commands that some package's state allows, each as likely as any other."""
        by_command: dict[str, list[int]] = {}
        for package_id, state in Package.objects.order_by("id").values_list("id", "state"):
            for row in machine.current().from_state("package", state):
                by_command.setdefault(row.command, []).append(package_id)
        if not by_command:
            return None
        name = self.draw.choice(sorted(by_command))
        package = Package.objects.get(pk=self.draw.choice(by_command[name]))
        rows = [row for row in machine.current().from_state("package", package.state) if row.command == name]
        items = list(package.items.select_related("order_item__product").order_by("id"))
        call = Call(
            package.pk, slug=self.draw.choice(rows).slug, input_parameters=self._parameters(name, items)
        )
        return engine.execute("package", call, SYSTEM).command

    def system_command(self) -> str | None:
        """A command that no caller may run."""
        package_id = self._any(Package)
        if package_id is None:
            return None
        call = Call(package_id, slug=self.draw.choice(_SYSTEM_ONLY))
        return engine.execute("package", call, SYSTEM).command

    def call_on(self, package_id: int) -> Call | None:
        """A call that fits the package's present state, mostly."""
        package = Package.objects.filter(pk=package_id).first()
        if package is None:
            return None
        rows = machine.current().from_state("package", package.state)
        if self.draw.random() < 0.15 or not rows:
            name = self.draw.choice(_SYSTEM_ONLY)
            return Call(package_id, slug=name)
        row = self.draw.choice(rows)
        items = list(package.items.select_related("order_item__product").order_by("id"))
        parameters = self._parameters(row.command, items) if items else {}
        return Call(package_id, slug=row.slug, input_parameters=parameters)

    def several_together(self) -> str | None:
        """As a bulk request does it."""
        ids = list(Package.objects.order_by("id").values_list("id", flat=True))
        calls = [Call(pk, slug="CompletePackagingCommand") for pk in self.draw.sample(ids, min(8, len(ids)))]
        for group in together.groups("package", calls, 8):
            chosen = [calls[index] for index in group]
            if len(chosen) == 1:
                continue
            together.execute_together("package", chosen, SYSTEM)
        return "together" if calls else None

    def transfer_command(self) -> str | None:
        transfer_id = self._any(TransferOrder)
        if transfer_id is None:
            return None
        state = TransferOrder.objects.values_list("state", flat=True).get(pk=transfer_id)
        names = [row.command for row in machine.current().from_state("transfer", state)]
        name = self.draw.choice([*names, "CancelTransferCommand"])
        given: dict[str, Any] = {}
        if name == "TransferOrderAdvancedCommand":
            given = {"cargo_company": self.house.carrier.pk, "tracking_number": "T1"}
        if name == "TransferOutOfStockCommand" and self.draw.random() < 0.5:
            ids = list(TransferItem.objects.filter(transfer_order=transfer_id).values_list("id", flat=True))
            given = {"transfer_items": [self.draw.choice(ids)]}
        return engine.execute(
            "transfer", Call(transfer_id, slug=name, input_parameters=given), SYSTEM
        ).command

    def cancel(self) -> str | None:
        item_id = self._any(OrderItem)
        if item_id is None:
            return None
        item = OrderItem.objects.select_related("product").get(pk=item_id)
        units = None if item.unit_type == "kg" or self.draw.random() < 0.3 else Decimal(1)
        cancel_items(item.order_id, [Wanted(item_id, units)], sync=self.draw.random() < 0.5)
        return "cancel_items"

    def want_cancelled(self) -> str | None:
        order_id = self._any(Order)
        if order_id is None:
            return None
        order = Order.objects.get(pk=order_id)
        items = list(order.items.order_by("id").values_list("id", flat=True))
        chosen = self.draw.sample(items, self.draw.randint(1, len(items)))
        kind = self.draw.choice(("cancel", "refund"))
        plan = keep_plan(
            order, kind, [PlannedItem(item) for item in chosen], omnitron_id=next(self.house.numbers)
        )
        if self.draw.random() < 0.6:
            hold_packages(plan)
        else:
            decide_by_rule(plan)
        return "cancellation_plan"

    def decide(self) -> str | None:
        plan_id = self._any(CancellationPlan)
        if plan_id is None:
            return None
        plan = CancellationPlan.objects.select_related("order").get(pk=plan_id)
        if self.draw.random() < 0.3:
            withdraw(plan)
            return "withdraw"
        decide_by_hand(plan, accept=self.draw.random() < 0.5)
        return "decide"

    def reschedule(self) -> str | None:
        ids = list(
            Package.objects.filter(state=PackageStatus.OUT_OF_STOCK.value).values_list("id", flat=True)
        )
        return "reschedule" if ids and clockwork.reschedule(self.draw.choice(ids)) else None

    def work_off(self) -> int:
        """Do what waits in the queue for planning; how many jobs."""
        done = 0
        while jobs := [*take_jobs("planning.plan_order"), *take_jobs("packages.reschedule")]:
            for job in jobs:
                done += 1
                if "package_id" in job:
                    clockwork.reschedule(job["package_id"])
                else:
                    plan_order(job["order_id"], previous=previous_packages(job["previous_package_id"]))
        return done

    def _any(self, model: Any) -> int | None:
        ids = list(model.objects.order_by("id").values_list("id", flat=True))
        return self.draw.choice(ids) if ids else None

    def _parameters(self, command: str, items: list[PackageItem]) -> dict[str, Any]:
        draw, one = self.draw, self.draw.choice(items)
        make: dict[str, Callable[[], dict[str, Any]]] = {
            "ChannelBasedCompletePackagingCommand": lambda: {"barcodes": [_barcode(item) for item in items]},
            "PreparePackageCommand": lambda: self._prepared(one),
            "PackageRefuseCommand": lambda: {
                "denial_reason": self.house.denial.pk,
                **({"package_items": [one.pk]} if draw.random() < 0.5 else {}),
            },
            "DetectedOutOfStockItemCommand": lambda: {"package_items": [self._missing(one)]},
            "DetectedOutOfStockItemCommandAdvanced": lambda: {"package_items": [self._missing(one)]},
            "ReplaceProductCommand": lambda: {
                "replacement_products": [
                    {"package_item": one.pk, "sku": draw.choice(self.house.products).sku}
                ]
            },
            "ManualPlanningCommand": lambda: self._groups(items),
            "CancelPackageCommand": lambda: self._cancelled(one),
            "ReturnToStockCommand": lambda: (
                {"package_items": [{"id": one.pk, "condition": draw.choice(("sellable", "damaged"))}]}
                if draw.random() < 0.5
                else {}
            ),
            "SelfServicePackageDeliveryCommand": lambda: {"reason": "seen"},
            "UpdateInvoiceOfThePackageCommand": lambda: {"invoice_number": "INV1"},
            "UpdateShipmentInfoOfThePackageCommand": lambda: {"tracking_number": "T1"},
            "UpdateShipmentLabelOfThePackageCommand": lambda: {"package_items": []},
            "ShipThePackageAdvancedCommand": lambda: {
                "cargo_company": self.house.carrier.pk,
                "tracking_number": "T1",
            },
        }
        return make.get(command, dict)()

    def _missing(self, item: PackageItem) -> dict[str, Any]:
        return {
            "id": item.pk,
            "quantity": str(self._units(item)),
            "discrepancy_reason": self.draw.choice(REASONS),
        }

    def _units(self, item: PackageItem) -> Decimal:
        """All of it, or some whole units."""
        if item.order_item.unit_type == "kg" or item.quantity < 2 or self.draw.random() < 0.4:
            return item.quantity
        return Decimal(self.draw.randint(1, int(item.quantity) - 1))

    def _prepared(self, item: PackageItem) -> dict[str, Any]:
        given: dict[str, Any] = {"select_items_by_omnitron_id": False}
        if self.draw.random() < 0.5:
            missing = self._missing(item)
            given["out_of_stock_products"] = [{"item": missing.pop("id"), **missing}]
        return given

    def _cancelled(self, item: PackageItem) -> dict[str, Any]:
        given: dict[str, Any] = {"replan": self.draw.random() < 0.3}
        if self.draw.random() < 0.7:
            given["package_items"] = [{"id": item.pk, "quantity": str(self._units(item))}]
        return given

    def _groups(self, items: list[PackageItem]) -> dict[str, Any]:
        cut = self.draw.randint(0, len(items))
        parts = [part for part in (items[:cut], items[cut:]) if part]
        return {
            "assignment_groups": [
                {
                    "package_items": [item.pk for item in part],
                    "stock_location": self.draw.choice(self.house.locations).erp_code,
                }
                for part in parts
            ],
            "allow_shortage": self.draw.random() < 0.5,
        }


def _barcode(item: PackageItem) -> dict[str, Any]:
    return {"order_item": item.order_item_id, "barcode": item.order_item.product.barcode}
