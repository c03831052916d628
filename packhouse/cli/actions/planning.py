"""Planning orders by hand."""

from collections.abc import Sequence

import click
from django.db.models import Exists, OuterRef, Q
from rich.console import Console
from rich.table import Table

from packhouse.cli.actions.explaining import explain
from packhouse.cli.progress import bar
from packhouse.commands.planning.apply_plan import Planned
from packhouse.commands.planning.plan_order import plan_order
from packhouse.kernel.errors import PackhouseError
from packhouse.orders.models import Order
from packhouse.orders.states import OrderStatus
from packhouse.packages.models import Package
from packhouse.packages.states import PackageStatus
from packhouse.planning.models import ExecutionPlan


def plan(numbers: Sequence[str], *, everything: bool, explained_in: str | None = None) -> int:
    """Plan these orders, or all that wait; prints a table, and explanations in a language. How many could not
    be planned."""
    orders = _waiting() if everything else _named(numbers)
    table = Table("order", "result", "packages", box=None)
    refused = 0
    with bar("Planning", len(orders)) as progress:
        for order_id, number in orders:
            result = _one(order_id)
            refused += result not in ("planned", "nothing_to_plan")
            table.add_row(number, result, _packages(order_id))
            progress.advance()
    if orders:
        Console().print(table)
    else:
        click.echo("No order waits to be planned.")
    for order_id, number in orders if explained_in else ():
        explain(order_id, number, explained_in or "en")
    return refused


def _one(order_id: int) -> str:
    try:
        planned: Planned = plan_order(order_id)
    except PackhouseError as refusal:
        return str(refusal)
    return planned.reason or "planned"


def _named(numbers: Sequence[str]) -> list[tuple[int, str]]:
    found = {
        number: pk for pk, number in Order.objects.filter(number__in=numbers).values_list("pk", "number")
    }
    missing = [number for number in numbers if number not in found]
    if missing:
        raise click.ClickException(f"There is no order {missing[0]}.")
    return [(found[number], number) for number in numbers]


def _waiting() -> list[tuple[int, str]]:
    pending = ExecutionPlan.objects.filter(state=ExecutionPlan.State.PENDING).values("order_id")
    packages = Package.objects.filter(order_id=OuterRef("pk"))
    unplanned = Q(state=OrderStatus.APPROVED.value) & ~Exists(packages)
    orders = Order.objects.filter(Q(pk__in=pending) | unplanned)
    return list(orders.order_by("date_placed").values_list("pk", "number"))


def _packages(order_id: int) -> str:
    rows = Package.objects.filter(order_id=order_id).select_related("stock_location").order_by("number")
    return ", ".join(
        f"{row.number} at {row.stock_location.erp_code} ({PackageStatus(row.state).name_en})" for row in rows
    )
