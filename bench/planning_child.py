"""A process of a planning benchmark: `plan` works off the queue, `write` runs commands on what was planned.

Waits for a line on standard input, works, and prints what it did as JSON.
"""

import json
import random
import resource
import sys
import threading
import time
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import django

if TYPE_CHECKING:
    from packhouse.inventory.services import Promise

WRITERS = 16
REFUSED = "refused"


def main(role: str, seconds: float, unguarded: bool) -> None:
    django.setup()
    if unguarded:
        _without_guard()
    print("ready", flush=True)
    sys.stdin.readline()
    started, before = time.perf_counter(), time.process_time()
    result = _plan(seconds) if role == "plan" else _write(seconds)
    result["seconds"] = time.perf_counter() - started
    result["cpu"] = time.process_time() - before
    result["rss_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(result), flush=True)


def _plan(seconds: float) -> dict[str, object]:
    """Until nothing waits; with `seconds` until they are over."""
    from packhouse.jobs import bursts  # noqa: PLC0415 - Django must be set up first

    end = time.monotonic() + (seconds or 3600)
    planned, errors = 0, Counter[str]()
    while time.monotonic() < end:
        try:
            done = bursts.work_off(lambda: False, seconds=end - time.monotonic())
        except Exception as error:  # noqa: BLE001 - counted, which is what the storm is about
            errors[_name(error)] += 1
            continue
        planned += done
        if not seconds and not done:
            break
        if not done:
            time.sleep(0.02)
    return {"planned": planned, "errors": errors}


def _write(seconds: float) -> dict[str, object]:
    """Threads that pack, cancel, plan anew and refuse packages at random."""
    outcomes = Counter[str]()
    end = time.monotonic() + seconds
    threads = [threading.Thread(target=_writer, args=(n, end, outcomes)) for n in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {"outcomes": outcomes}


def _writer(number: int, end: float, outcomes: "Counter[str]") -> None:
    from django.db import connection  # noqa: PLC0415

    from packhouse.kernel import engine  # noqa: PLC0415
    from packhouse.kernel.accounts import SYSTEM  # noqa: PLC0415
    from packhouse.kernel.engine import Call  # noqa: PLC0415
    from packhouse.kernel.errors import PackhouseError  # noqa: PLC0415

    draw = random.Random(number)
    while time.monotonic() < end:
        package = _some_package(connection, draw)
        if package is None:
            time.sleep(0.05)
            continue
        slug = draw.choice(
            [
                "CompletePackagingCommand",
                "CancelPackageCommand",
                "ReschedulePackageCommand",
                "PackageRefuseCommand",
            ]
        )
        given = {"CancelPackageCommand": {"replan": True}}.get(slug, {})
        try:
            engine.execute("package", Call(package, slug=slug, input_parameters=given), SYSTEM)
            outcomes["done"] += 1
        except PackhouseError:
            outcomes[REFUSED] += 1
        except Exception as error:  # noqa: BLE001
            outcomes[_name(error)] += 1
    connection.close()


def _some_package(connection, draw: random.Random) -> int | None:  # type: ignore[no-untyped-def]
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM packages_package WHERE state = '100' ORDER BY id DESC LIMIT 200")
        rows = cursor.fetchall()
    return draw.choice(rows)[0] if rows else None


def _name(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error).splitlines()[0][:80]}"


def _without_guard() -> None:
    """The negative control: planners promise what they planned, and nobody looks again at what is free."""
    from packhouse.commands.planning import apply_plan  # noqa: PLC0415
    from packhouse.commands.planning.contest import Contest  # noqa: PLC0415

    Contest.winners = lambda self: list(self.demands)  # type: ignore[method-assign]
    apply_plan.reserve = _reserve_blindly


def _reserve_blindly(promises: "Sequence[Promise]") -> None:
    """As `inventory.services.reserve`, without its condition."""
    from django.db.models import F  # noqa: PLC0415

    from packhouse.inventory.models import Reservation, Stock  # noqa: PLC0415

    for each in sorted(promises, key=lambda promise: (promise.stock_location_id, promise.sku)):
        rows = Stock.objects.filter(stock_location=each.stock_location_id, sku=each.sku)
        rows.update(reserved=F("reserved") + each.quantity)
        Reservation.objects.create(
            stock_location_id=each.stock_location_id,
            sku=each.sku,
            quantity=each.quantity,
            package_item_id=each.package_item_id,
            transfer_item_id=each.transfer_item_id,
        )


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), "--unguarded" in sys.argv)
