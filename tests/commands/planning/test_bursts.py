"""A burst of orders: worked off oldest first, around an order that always fails, and after a killed planner."""

import os
import signal
import subprocess
import sys
from datetime import timedelta
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import DatabaseError

from packhouse.commands.planning.plan_order import plan_orders
from packhouse.inventory.models import Stock
from packhouse.jobs import bursts
from packhouse.jobs.tasks import plan_order_task
from packhouse.kernel import clock, outbox
from packhouse.kernel.models import ExceptionEntry
from packhouse.orders.messages import PlanOrder
from packhouse.orders.models import Order
from packhouse.packages.models import Package
from packhouse.planning.models import ExecutionPlan
from tests.builders import a_location, a_product, an_order, some_stock
from tests.commands.planning.scenarios import a_scenario
from tests.commands.planning.test_batches import poison
from tests.concurrency.at_once import at_once
from tests.jobs import waiting_jobs

pytestmark = pytest.mark.django_db(transaction=True)

ROOT = Path(__file__).resolve().parents[3]


def never() -> bool:
    return False


def a_burst(count: int, *, units: int = 1000) -> list[Order]:
    """Orders with a job each; the one placed last is the first in the queue."""
    store = a_location(erp_code="S1")
    product = a_product()
    some_stock(stock_location=store, sku=product.sku, on_hand=units)
    a_scenario({"product_condition": "all_products"}, default=store)
    placed = clock.now() - timedelta(hours=1)
    orders = [an_order(products=[product], date_placed=placed - timedelta(minutes=n)) for n in range(count)]
    outbox.enqueue([PlanOrder(order_id=order.pk) for order in orders])
    return orders


def test_the_oldest_orders_get_what_there_is() -> None:
    orders = a_burst(10, units=4)

    assert bursts.work_off(never, batch=3) == 10

    filled = set(Package.objects.filter(state="100").values_list("order_id", flat=True))
    assert filled == {order.pk for order in orders[-4:]}
    assert waiting_jobs(PlanOrder.task) == []


def test_an_order_that_always_fails_is_parked_and_the_others_go_on() -> None:
    orders = a_burst(7)
    bad = orders[3]
    poison(bad)

    assert bursts.work_off(never) == 6
    assert waiting_jobs(PlanOrder.task) == [{"order_id": bad.pk, "previous_package_id": None}]
    assert bursts.work_off(never) == 0  # it is left to its own job
    with pytest.raises(DatabaseError, match="poisoned"):
        plan_order_task(a_context(attempts=4), order_id=bad.pk)

    entry = ExceptionEntry.objects.get()
    assert (entry.kind, entry.subject, entry.action) == ("planning_failed", f"order/{bad.pk}", "retry")
    assert "poisoned" in entry.message
    assert Package.objects.count() == 6


def a_context(*, attempts: int = 0) -> Any:
    """What a job knows of itself."""
    return SimpleNamespace(job=SimpleNamespace(id=1, attempts=attempts), additional_context={})


def test_a_burst_is_worked_off_by_one_job_of_it() -> None:
    orders = a_burst(30)

    plan_order_task(a_context(), order_id=orders[0].pk)

    assert Package.objects.filter(state="100").count() == 30
    assert waiting_jobs(PlanOrder.task) == []


def test_a_worker_that_is_to_end_begins_no_batch() -> None:
    orders = a_burst(3)
    context = a_context()
    context.additional_context["stopping"] = lambda: True

    plan_order_task(context, order_id=orders[0].pk)

    assert Package.objects.count() == 1
    assert len(waiting_jobs(PlanOrder.task)) == 3


def test_planners_at_once_share_a_burst() -> None:
    orders = a_burst(40, units=25)
    waiting = [order.pk for order in reversed(orders)]

    results = at_once([partial(plan_orders, waiting[n : n + 20]) for n in (0, 20, 10, 0)])

    assert [result for result in results if isinstance(result, Exception)] == []
    assert ExecutionPlan.objects.filter(state="completed").count() == 40
    assert Package.objects.filter(state="100").count() == 25
    assert Stock.objects.get().reserved == 25


_PLANNER = """
import django; django.setup()
from packhouse.jobs import bursts
from packhouse.jobs.tasks import plan_order_task
print("planning", flush=True)
bursts.work_off(lambda: False, batch=2)
"""


def test_after_a_killed_planner_nothing_is_planned_twice_and_nothing_is_left() -> None:
    orders = a_burst(120)
    planner = subprocess.Popen(
        [sys.executable, "-c", _PLANNER],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings", "PACKHOUSE_SECRET_KEY": "tests"},
        stdout=subprocess.PIPE,
    )
    assert planner.stdout is not None
    planner.stdout.readline()
    while Package.objects.count() < 20:
        assert planner.poll() is None
    planner.send_signal(signal.SIGKILL)
    planner.communicate(timeout=20)
    planned = Package.objects.count()

    bursts.work_off(never)

    assert planned < len(orders)
    assert Package.objects.count() == ExecutionPlan.objects.count() == len(orders)
    assert Stock.objects.get().reserved == len(orders)
    assert waiting_jobs(PlanOrder.task) == []
