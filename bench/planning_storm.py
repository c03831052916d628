"""Planners and command writers on a few hot SKUs; what was promised is watched all the time."""

import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection

from bench import stock_brand

PLANNERS = 4
WRITER_PROCESSES = 4  # of 16 threads each
LOCATIONS = 5
UNITS = 600
"""Free in the beginning, of all SKUs together: the first batches of four planners want more."""

_HOT = """
CREATE TEMP TABLE basket_lines AS
    SELECT DISTINCT ON (basket, product) basket, line, product, 1 AS quantity FROM (
        SELECT basket, line, 1 + floor(%(products)s * random())::int AS product
        FROM generate_series(1, %(count)s) basket, generate_series(1, 3) line
    ) drawn ORDER BY basket, product, random()
"""
_WRONG = "SELECT count(*) FROM inventory_stock WHERE reserved > on_hand - safety_stock OR reserved < 0"
_DRIFT = """
SELECT count(*) FROM inventory_stock s WHERE reserved <> (SELECT coalesce(sum(quantity), 0)
    FROM inventory_reservation r WHERE r.stock_location_id = s.stock_location_id AND r.sku = s.sku)
"""


class Watch(threading.Thread):
    """Looks for a promise beyond what there is, again and again, on a connection of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.looks = self.oversold = 0
        self._end = threading.Event()

    def run(self) -> None:
        database = settings.DATABASES["default"]
        with psycopg.connect(
            host=database["HOST"], port=database["PORT"] or None, user=database["USER"],
            password=database["PASSWORD"] or None, dbname=database["NAME"], autocommit=True,
        ) as own:  # fmt: skip
            while not self._end.is_set():
                row = own.execute(_WRONG).fetchone()
                self.looks += 1
                self.oversold = max(self.oversold, row[0] if row else 0)
                time.sleep(0.01)

    def end(self) -> None:
        self._end.set()
        self.join()


def run(skus: int, seconds: float, spawn: Callable[..., Any], *, unguarded: bool = False) -> str:
    """One storm on a fresh database; a line for the report. Ends the program when a guarded one fails."""
    from bench.planning import enqueue, go  # noqa: PLC0415 - they import each other

    stock_brand.seed(stock_rows=skus * stock_brand.ROWS_PER_SKU, locations=LOCATIONS + 2, shelf=400)
    with connection.cursor() as cursor:
        # What is dear: a few units at a few places, so that everybody wants the same rows.
        units = max(UNITS // (skus * (LOCATIONS + 2)), 2)
        cursor.execute("UPDATE inventory_stock SET on_hand = safety_stock + %s", [units])
        cursor.execute(_HOT % {"products": skus, "count": 8000})
    enqueue(stock_brand.orders_of_baskets())
    options = ["--unguarded"] if unguarded else []
    children = [spawn("plan", seconds, *options) for _ in range(PLANNERS)]
    children += [spawn("write", seconds) for _ in range(WRITER_PROCESSES)]
    before = _deadlocks()
    watch = Watch()
    watch.start()
    results = go(children)
    watch.end()
    errors = sum((Counter(result.get("errors", {})) for result in results), Counter())
    outcomes = sum((Counter(result.get("outcomes", {})) for result in results), Counter())
    done, refused = outcomes.pop("done", 0), outcomes.pop("refused", 0)
    planned = sum(result.get("planned", 0) for result in results)
    with connection.cursor() as cursor:
        cursor.execute(_DRIFT)
        (drift,) = cursor.fetchone()
    found = [watch.oversold, drift, *errors.values(), *outcomes.values()]
    if unguarded and not watch.oversold:
        sys.exit("the negative control has oversold nothing, so the storms prove nothing")
    if not unguarded and any(found):
        sys.exit(
            f"storm on {skus} SKUs: {watch.oversold} oversold rows, {drift} drifted sums; {errors=}; {outcomes=}"
        )
    name = "negative control (the guards taken out)" if unguarded else "storm"
    return (
        f"{name}, {skus} hot SKUs, {PLANNERS} planners, {16 * WRITER_PROCESSES} writers, {seconds:.0f} s: "
        f"{planned} orders planned, {done} commands run, {refused} refused by their state; oversold rows "
        f"{watch.oversold} in {watch.looks} looks, drifted sums {drift}; errors at planners {dict(errors) or 0}, at "
        f"callers {dict(outcomes) or 0}; deadlocks in PostgreSQL {_deadlocks() - before}."
    )


def _deadlocks() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return int(cursor.fetchone()[0])
