"""`python -m bench.slow_neighbours`: what an invoice service and a carrier that take ten seconds cost the others.

The web server and a worker run as in an installation, the sandboxes beside them. Packages are packed at a steady
rate, most without asking for an invoice, some with. Each round does so four times: with neighbours that answer
at once and with slow ones, waiting for invoices within the request and leaving them to the worker.
"""

import json
import os
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import django
import psycopg

from packhouse import postgres

ROOT = Path(__file__).resolve().parent.parent
DATABASE = "packhouse_bench_neighbours"
DATA = ROOT / ".data" / "bench-neighbours"
LATENCY_MS = 10_000
INLINE_SECONDS = 8
PLAIN_CALLERS, ASKING_CALLERS = 6, 6
GOAL = 1.2
P50, P99 = 0.5, 0.99


@dataclass
class Kind:
    """What was measured of one kind of command in one setting: p50 and p99 of each round, and the slowest."""

    p50: list[float] = field(default_factory=list)
    p99: list[float] = field(default_factory=list)
    slowest: float = 0.0


# (asks for its invoice, seconds it may wait within the request, neighbours are slow)
Setting = tuple[bool, int, bool]


@click.command()
@click.option(
    "--rounds", default=5, show_default=True, help="Rounds; each measures all four settings, in turn."
)
@click.option("--seconds", default=20, show_default=True, help="Length of one setting.")
@click.option("--rate", default=12.0, show_default=True, help="Commands per second that ask for no invoice.")
@click.option("--asking", default=3.0, show_default=True, help="Commands per second that ask for one.")
@click.option("--record", is_flag=True, help="Append the result to bench/RESULTS.md.")
def main(rounds: int, seconds: int, rate: float, asking: float, record: bool) -> None:
    """Measure commands beside neighbours that answer at once and beside slow ones."""
    with postgres.running(DATA, database="postgres") as server, ExitStack() as stack:
        os.environ["DATABASE_URL"] = _fresh_database(server.url)
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
        os.environ.setdefault("PACKHOUSE_SECRET_KEY", "bench")
        os.environ.setdefault("PACKHOUSE_LOG_LEVEL", "ERROR")
        django.setup()
        carrier, invoice = (stack.enter_context(_sandbox(name)) for name in ("carrier", "invoice"))
        result = _measure(rounds, seconds, (rate, asking), carrier, invoice)
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
def _process(program: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    path = str(Path(sys.executable).with_name(program))
    process = subprocess.Popen([path, *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(timeout=60)


@contextmanager
def _sandbox(name: str) -> Iterator[str]:
    """The address of a neighbour."""
    with _process("packhouse-sandbox", name, "--port", "0") as process:
        assert process.stdout is not None
        yield process.stdout.readline().split()[-1]


def _measure(rounds: int, seconds: int, rates: tuple[float, float], carrier: str, invoice: str) -> str:
    from bench import brand, command_load, setting_up  # noqa: PLC0415 - Django must be set up first
    from packhouse.kernel import settings_store  # noqa: PLC0415

    token = setting_up.install()
    brand.seed()
    brand.connect(carrier, invoice)
    found: dict[Setting, Kind] = {}

    def run(port: int, length: float) -> list[Any]:
        plain, asking = (brand.add_packages(max(8, round(length * rate))) for rate in rates)
        return command_load.run(
            port,
            token,
            [
                command_load.Stream(plain, rates[0], PLAIN_CALLERS, asks_for_invoice=False),
                command_load.Stream(asking, rates[1], ASKING_CALLERS, asks_for_invoice=True),
            ],
        )

    with setting_up.web() as port, _process("packhouse", "worker"):
        run(port, 10)
        for number in range(1, rounds + 1):
            for inline in (INLINE_SECONDS, 0):
                settings_store.put("INVOICE_INLINE_SECONDS", inline)
                for slow in (False, True):
                    with _slowly((carrier, invoice), slow=slow):
                        _keep(found, inline, slow, run(port, seconds))
                    brand.forget_jobs()
            click.echo(f"round {number}: {_so_far(found)}", err=True)
    return _report(found, rounds, seconds, rates)


@contextmanager
def _slowly(urls: Sequence[str], *, slow: bool) -> Iterator[None]:
    for url in urls:
        _control(url, "PUT", "faults/", {"latency_ms": LATENCY_MS} if slow else {})
    time.sleep(1.5)  # until every process has seen the setting
    yield
    for url in urls:
        _control(url, "DELETE", "faults/")


def _control(url: str, method: str, path: str, body: Any = None) -> None:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{url}/_sandbox/{path}", data=data, method=method)
    urllib.request.urlopen(request, timeout=30).close()


def _keep(found: dict[Setting, Kind], inline: int, slow: bool, measured: Sequence[Any]) -> None:
    for asks, latencies in enumerate(measured):
        kind = found.setdefault((bool(asks), inline, slow), Kind())
        kind.p50.append(latencies.quantile(P50))
        kind.p99.append(latencies.quantile(P99))
        kind.slowest = max(kind.slowest, latencies.quantile(1))


def _so_far(found: Mapping[Setting, Kind]) -> str:
    parts = [
        f"{'asking' if asks else 'plain'} {inline} s {'slow' if slow else 'calm'} {kind.p99[-1] * 1000:.0f}"
        for (asks, inline, slow), kind in sorted(found.items())
    ]
    return "p99 in ms: " + ", ".join(parts)


def _report(found: Mapping[Setting, Kind], rounds: int, seconds: int, rates: tuple[float, float]) -> str:
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.strip()
    setting = (
        f"{os.cpu_count()} cores shared by PostgreSQL, the web server, a worker, both sandboxes and the load; fsync on;"
        f" {rates[0]:g} commands per second that ask for no invoice beside {rates[1]:g} that do; slow: carrier and"
        f" invoice service answer after {LATENCY_MS // 1000} s; medians of {rounds} rounds of {seconds} s."
        " `make bench-neighbours`"
    )
    rows = [
        _line("asks for no invoice", found, False, INLINE_SECONDS, f"{GOAL} times calm"),
        _line("asks for no invoice", found, False, 0, f"{GOAL} times calm"),
        _line("asks for its invoice", found, True, INLINE_SECONDS, f"{INLINE_SECONDS} s more"),
        _line("asks for its invoice", found, True, 0, f"{GOAL} times calm"),
    ]
    return "\n".join(
        [
            f"### Slow neighbours, {datetime.now(UTC):%Y-%m-%d}, commit {commit}",
            "",
            setting,
            "",
            "| complete packaging that | inline seconds | p50 calm, slow | p99 calm | p99 slow | goal | slowest |",
            "|---|---|---|---|---|---|---|",
            *rows,
        ]
    )


def _line(name: str, found: Mapping[Setting, Kind], asks: bool, inline: int, goal: str) -> str:
    calm, slow = found[asks, inline, False], found[asks, inline, True]
    median = statistics.median
    ratio = median(b / a for a, b in zip(calm.p99, slow.p99, strict=True))
    more = median(b - a for a, b in zip(calm.p99, slow.p99, strict=True))
    told = f"{more:.2f} s more" if asks and inline else f"{ratio:.2f} times"
    return (
        f"| {name} | {inline} | {_ms(median(calm.p50))}, {_ms(median(slow.p50))} | {_ms(median(calm.p99))}"
        f" | {_ms(median(slow.p99))}, {told} | {goal} | {_ms(slow.slowest)} |"
    )


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms"


if __name__ == "__main__":
    main()
