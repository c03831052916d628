"""`python -m bench.planning`: orders planned per second, whole, beside 2,000 locations and up to a million stock rows.

Every order goes the whole way: its job is claimed, stock is read, the scenario is matched, the plan made, and
packages, reservations, quotas, the explanation, log rows and events with their payloads are committed.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import django
import psycopg

from packhouse import postgres

ROOT = Path(__file__).resolve().parent.parent
DATABASE = "packhouse_bench_planning"
FEW_ROWS = 10_000
WARM_UP = 400


@dataclass(frozen=True)
class Rate:
    """`cpu`: milliseconds of the planners' CPU for each order; `memory`: the largest planner, in MB."""

    name: str
    orders: int
    seconds: float
    cpu: float
    memory: float

    @property
    def per_second(self) -> float:
        return self.orders / self.seconds

    def row(self) -> str:
        return (
            f"| {self.name} | {self.orders} | {self.per_second:.0f} | {1000 / self.per_second:.2f} "
            f"| {self.cpu:.2f} | {self.memory:.0f} |"
        )


@click.command()
@click.option("--stock-rows", default=1_000_000, show_default=True, help="Stock rows of the large brand.")
@click.option("--orders", default=10_000, show_default=True, help="Orders of each run.")
@click.option("--burst", default=50_000, show_default=True, help="Orders of the burst; 0 leaves it out.")
@click.option(
    "--storm-seconds", default=15.0, show_default=True, help="Length of each storm; 0 leaves them out."
)
@click.option(
    "--baskets", type=click.Path(path_type=Path), help="A gzipped CSV of order lines for real baskets."
)
@click.option("--record", is_flag=True, help="Append the result to bench/RESULTS.md.")
def main(
    stock_rows: int, orders: int, burst: int, storm_seconds: float, baskets: Path | None, record: bool
) -> None:
    """Measure planning: throughput, two planners, few and many stock rows, a burst with a kill, storms."""
    folder = ROOT / ".data" / "bench-planning"
    with postgres.running(folder, database="postgres") as server:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
        os.environ.setdefault("PACKHOUSE_SECRET_KEY", "bench")
        os.environ["DATABASE_URL"] = server.url.rsplit("/", 1)[0] + f"/{DATABASE}"
        django.setup()
        result = _measure(server.url, stock_rows, orders, burst, storm_seconds, baskets)
    shutil.rmtree(folder, ignore_errors=True)
    click.echo(result)
    if record:
        with (ROOT / "bench" / "RESULTS.md").open("a") as file:
            file.write(f"\n{result}\n")


def _measure(
    url: str, stock_rows: int, orders: int, burst: int, storm_seconds: float, baskets: Path | None
) -> str:
    from bench import planning_storm, stock_brand  # noqa: PLC0415 - Django must be set up first

    rates, notes = [], []
    load = os.getloadavg()[0]
    with brand(url, FEW_ROWS) as products:
        _run("", stock_brand.add_orders(WARM_UP, products), 1)
        few = _run(f"one planner, {FEW_ROWS:,} stock rows", stock_brand.add_orders(orders // 2, products), 1)
        rates.append(few)
    with brand(url, stock_rows) as products:
        _run("", stock_brand.add_orders(WARM_UP, products), 1)
        one = _run(f"one planner, {stock_rows:,} stock rows", stock_brand.add_orders(orders, products), 1)
        two = _run("two planners", stock_brand.add_orders(orders, products), 2)
        rates += [one, two]
        if baskets:
            real = stock_brand.add_real_orders(baskets, orders // 5, products)
            rates.append(_run("one planner, real baskets", real, 1))
        if burst:
            rates.append(_burst(stock_brand.add_orders(burst, products), notes))
        notes.append(_kept())
    if storm_seconds:
        for skus in (3, 20):
            with brand(url, 0):
                notes.append(planning_storm.run(skus, storm_seconds, spawn))
        with brand(url, 0):
            notes.append(planning_storm.run(3, storm_seconds / 2, spawn, unguarded=True))
    ratio = (few.per_second / one.per_second) if one.per_second else 0
    notes.insert(
        0,
        f"two planners: {two.per_second / one.per_second:.2f} times one; an order beside {stock_rows:,} "
        f"rows costs {ratio:.2f} times one beside {FEW_ROWS:,} (goal 1.5).",
    )
    return _report(rates, notes, load)


@contextmanager
def brand(url: str, stock_rows: int) -> Iterator[int]:
    """A fresh database with a brand of so many stock rows (0: tables only); the number of its products."""
    from django.db import connection  # noqa: PLC0415

    from bench import setting_up, stock_brand  # noqa: PLC0415

    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
        admin.execute(f"CREATE DATABASE {DATABASE}")
    setting_up.install()
    products = stock_brand.seed(stock_rows=stock_rows) if stock_rows else 0
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    try:
        yield products
    finally:
        connection.close()


def spawn(role: str, seconds: float = 0, *options: str) -> "subprocess.Popen[str]":
    """A child that is ready and waits for a line."""
    child = subprocess.Popen(
        [sys.executable, "-m", "bench.planning_child", role, str(seconds), *options],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert child.stdout is not None
    child.stdout.readline()
    return child


def enqueue(order_ids: Sequence[int]) -> None:
    """A job for every order."""
    from packhouse.kernel import outbox  # noqa: PLC0415
    from packhouse.orders.messages import PlanOrder  # noqa: PLC0415

    for start in range(0, len(order_ids), 1000):
        outbox.enqueue([PlanOrder(order_id=pk) for pk in order_ids[start : start + 1000]])


def go(children: Sequence["subprocess.Popen[str]"]) -> list[dict[str, Any]]:
    """Let them work; what they say at the end."""
    for child in children:
        assert child.stdin is not None
        child.stdin.write("\n")
        child.stdin.flush()
    return [json.loads(child.communicate()[0].splitlines()[-1]) for child in children]


def _run(name: str, order_ids: Sequence[int], planners: int) -> Rate:
    enqueue(order_ids)
    children = [spawn("plan") for _ in range(planners)]
    started = time.perf_counter()
    results = go(children)
    rate = _rate(name, order_ids, time.perf_counter() - started, results)
    if name:
        click.echo(rate.row(), err=True)
    return rate


def _rate(name: str, order_ids: Sequence[int], seconds: float, results: Sequence[dict[str, Any]]) -> Rate:
    planned = sum(result["planned"] for result in results)
    wrong = sum((Counter(result["errors"]) for result in results), Counter())
    if planned != len(order_ids) or wrong:
        sys.exit(f"{planned} of {len(order_ids)} orders were planned; errors: {dict(wrong)}")
    longest = max(result["seconds"] for result in results)
    cpu = sum(result["cpu"] for result in results) * 1000 / planned
    return Rate(name, planned, min(seconds, longest), cpu, max(result["rss_mb"] for result in results))


def _burst(order_ids: Sequence[int], notes: list[str]) -> Rate:
    """Two planners, one of them killed on the way; every order is planned once all the same."""
    from django.db import connection  # noqa: PLC0415

    enqueue(order_ids)
    victim, first = spawn("plan"), spawn("plan")
    started = time.perf_counter()
    for child in (victim, first):
        assert child.stdin is not None
        child.stdin.write("\n")
        child.stdin.flush()
    while _planned(connection, order_ids) < len(order_ids) // 3:
        time.sleep(0.2)
    victim.kill()
    victim.communicate()
    second = spawn("plan")
    results = [*go([second]), json.loads(first.communicate()[0].splitlines()[-1])]
    seconds = time.perf_counter() - started
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), count(DISTINCT order_id) FROM planning_executionplan WHERE order_id = ANY(%s)",
            [list(order_ids)],
        )
        plans, orders = cursor.fetchone()
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo'")
        (left,) = cursor.fetchone()
    if not plans == orders == len(order_ids) or left:
        sys.exit(f"after the kill: {plans} plans of {orders} orders of {len(order_ids)}, {left} jobs left")
    notes.append(
        f"burst of {len(order_ids):,}: one of two planners killed (-9) after a third; {plans:,} plans of "
        f"{orders:,} orders, no job left."
    )
    cpu = sum(result["cpu"] for result in results) * 1000 / len(order_ids)
    memory = max(result["rss_mb"] for result in results)
    rate = Rate(
        f"burst of {len(order_ids):,}, two planners, one killed", len(order_ids), seconds, cpu, memory
    )
    click.echo(rate.row(), err=True)
    return rate


def _planned(connection: Any, order_ids: Sequence[int]) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM planning_executionplan WHERE order_id >= %s", [order_ids[0]])
        return int(cursor.fetchone()[0])


def _kept() -> str:
    from django.db import connection  # noqa: PLC0415

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT avg(pg_column_size(explanation)), avg(octet_length(explanation::text)),"
            " avg(jsonb_array_length(explanation -> 'at')) FROM planning_executionplan"
        )
        stored, text, places = cursor.fetchone()
        cursor.execute("SELECT count(*)::numeric / count(DISTINCT order_id) FROM packages_package")
        (packages,) = cursor.fetchone()
    return (
        f"explanation: {stored:.0f} bytes an order on disk ({text:.0f} as text) for {places:.0f} candidate locations; "
        f"{packages:.2f} packages an order."
    )


def _report(rates: Sequence[Rate], notes: Sequence[str], load: float) -> str:
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.strip()
    return "\n".join(
        [
            f"### Planning, {datetime.now(UTC):%Y-%m-%d}, commit {commit}",
            "",
            (
                f"{os.cpu_count()} cores shared by PostgreSQL and the planners; fsync on; 2,000 locations; orders of "
                "1 to 5 lines unless real; from the claimed job to the commit; load average at the beginning "
                f"{load:.1f}. `make bench-planning`"
            ),
            "",
            "| | orders | orders per second | ms per order | planner CPU, ms per order | memory of a planner, MB |",
            "|---|---|---|---|---|---|",
            *(rate.row() for rate in rates),
            "",
            *(f"- {note}" for note in notes),
        ]
    )


if __name__ == "__main__":
    main()
