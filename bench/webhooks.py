"""`python -m bench.webhooks`: deliveries per second to a receiver on this machine, and what bad neighbours cost.

One process sends (as a worker does), another receives (`packhouse-sandbox receiver`), PostgreSQL is the third. A
round sends the same number of messages twice: to one good subscriber alone, and again beside a dead one and one
that answers after ten seconds.
"""

import json
import os
import socket
import statistics
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import django
import psycopg

from packhouse import postgres

ROOT = Path(__file__).resolve().parent.parent
DATABASE = "packhouse_bench_webhooks"
EVENTS_PER_PACKAGE = 4


@dataclass(frozen=True)
class Measured:
    """One run: deliveries per second, and the sender's CPU seconds for each."""

    rate: float
    cpu: float


@click.command()
@click.option("--rounds", default=5, show_default=True, help="Rounds; each measures both, in turn.")
@click.option("--packages", default=1000, show_default=True, help="Packages per run, four events each.")
@click.option("--kilobytes", default=8, show_default=True, help="Size of a payload.")
@click.option("--record", is_flag=True, help="Append the result to bench/RESULTS.md.")
def main(rounds: int, packages: int, kilobytes: int, record: bool) -> None:
    """Measure deliveries per second, alone and beside a dead and a slow subscriber."""
    with postgres.running(ROOT / ".data" / "bench", database="postgres") as server, ExitStack() as stack:
        os.environ["DATABASE_URL"] = _fresh_database(server.url)
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
        os.environ.setdefault("PACKHOUSE_SECRET_KEY", "bench")
        os.environ.setdefault("PACKHOUSE_LOG_LEVEL", "WARNING")
        django.setup()
        good, slow, dead = stack.enter_context(_receivers())
        result = _measure(rounds, packages, kilobytes, (good, slow, dead))
    print(result)
    if record:
        with (ROOT / "bench" / "RESULTS.md").open("a") as file:
            file.write(f"\n{result}\n")


def _fresh_database(url: str) -> str:
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
        admin.execute(f"CREATE DATABASE {DATABASE}")
    return url.rsplit("/", 1)[0] + f"/{DATABASE}"


@contextmanager
def _receivers() -> Iterator[tuple[str, str, str]]:
    """Addresses of a good receiver, of one that answers after ten seconds, and of one that is not there."""
    program = str(Path(sys.executable).with_name("packhouse-sandbox"))
    processes, urls = [], []
    try:
        for _ in range(2):
            process = subprocess.Popen(
                [program, "receiver", "--port", "0"], cwd=ROOT, stdout=subprocess.PIPE, text=True
            )
            processes.append(process)
            assert process.stdout is not None
            urls.append(process.stdout.readline().split()[-1])
        with socket.socket() as nobody:
            nobody.bind(("127.0.0.1", 0))
            yield urls[0], urls[1], f"http://127.0.0.1:{nobody.getsockname()[1]}"
    finally:
        for process in processes:
            process.terminate()
            process.wait(timeout=30)


def _measure(rounds: int, packages: int, kilobytes: int, urls: tuple[str, str, str]) -> str:
    from django.core.management import call_command  # noqa: PLC0415 - Django must be set up first

    from bench import webhook_load  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    good, slow, dead = urls
    load = webhook_load.Load(good, kilobytes)
    alone: list[Measured] = []
    beside: list[Measured] = []
    _run(load, good, 200)
    for number in range(1, rounds + 1):
        alone.append(_run(load, good, packages))
        _control(slow, "PUT", "faults/", {"latency_ms": 10_000})
        with load.neighbours(slow, dead):
            beside.append(_run(load, good, packages))
        click.echo(
            f"round {number}: alone {alone[-1].rate:.0f}/s   beside bad neighbours {beside[-1].rate:.0f}/s",
            err=True,
        )
    return _report(alone, beside, packages, kilobytes)


def _run(load: Any, good: str, packages: int) -> Measured:
    """Tell of all packages from another thread while the pump of this one sends."""
    from packhouse.webhooks.pump import Pump  # noqa: PLC0415

    _control(good, "POST", "reset/")
    first = load.last_delivery()
    load.tell(packages)
    expected = packages * EVENTS_PER_PACKAGE
    stop = threading.Event()
    watcher = threading.Thread(target=_watch, args=(good, expected, stop))
    used = time.process_time()
    watcher.start()
    Pump(stopping=stop.is_set).run(linger=60, longest=600)
    used = time.process_time() - used
    watcher.join()
    report = _control(good, "GET", "report/")
    if (report["unique"], report["out_of_order"], report["missing"]) != (expected, 0, 0):
        sys.exit(f"not everything arrived in order: {report}")
    return Measured(expected / load.seconds_since(first), used / expected)


def _watch(good: str, expected: int, stop: threading.Event) -> None:
    while _control(good, "GET", "report/")["unique"] < expected:
        time.sleep(0.2)
    stop.set()


def _control(url: str, method: str, path: str, body: Any = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{url}/_sandbox/{path}", data=data, method=method)
    with urllib.request.urlopen(request, timeout=30) as answer:
        text = answer.read()
    return json.loads(text) if text else None


def _report(alone: Sequence[Measured], beside: Sequence[Measured], packages: int, kilobytes: int) -> str:
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.strip()
    share = statistics.median(b.rate / a.rate for a, b in zip(alone, beside, strict=True))
    setting = (
        f"{os.cpu_count()} cores shared by PostgreSQL, one sender and the receiver; fsync on; {packages} packages of"
        f" {EVENTS_PER_PACKAGE} events, in order per package; payloads of {kilobytes} kB, signed twice; medians of"
        f" {len(alone)} rounds. `make bench-webhooks`"
    )
    lines = [
        f"### Webhooks, {datetime.now(UTC):%Y-%m-%d}, commit {commit}",
        "",
        setting,
        "",
        "| | deliveries per second | CPU of the sender per delivery |",
        "|---|---|---|",
        _line("one subscriber", alone, "goal 500"),
        _line("beside a dead and a 10-second-slow one", beside, f"{share:.0%} of it, goal > 90 %"),
    ]
    return "\n".join(lines)


def _line(name: str, measured: Sequence[Measured], remark: str) -> str:
    rate = statistics.median(each.rate for each in measured)
    cpu = statistics.median(each.cpu for each in measured)
    return f"| {name} | {rate:.0f} ({remark}) | {cpu * 1e6:.0f} µs |"


if __name__ == "__main__":
    main()
