"""`python -m bench.faults`: one brand lives the same days calm, on a rough line, and through an outage.

Each life has a database, a web server, a worker and a back office (`packhouse-sandbox omnitron`) of its own, all as
they run in production. In the end every row is compared with the calm life's.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import django
import psycopg

from bench.fault_rows import differences
from packhouse import postgres

ROOT = Path(__file__).resolve().parent.parent
DATABASE = "packhouse_bench_faults"
LIVES = ("calm", "rough", "silent-webhooks", "outage")


@click.group(invoke_without_command=True)
@click.option("--orders", default=10_000, show_default=True, help="Orders of each life.")
@click.option(
    "--scale", default=20.0, show_default=True, help="So much faster than the clock are latency and delays."
)
@click.option("--outage-seconds", default=180.0, show_default=True, help="How long the back office is away.")
@click.option("--lives", default=",".join(LIVES), show_default=True, help="Which; the first is the measure.")
@click.option("--record", is_flag=True, help="Append the table to bench/RESULTS.md.")
@click.pass_context
def main(
    context: click.Context, orders: int, scale: float, outage_seconds: float, lives: str, record: bool
) -> None:
    """Live all lives, compare their rows, print the table; exit code 0 only when all end the same."""
    if context.invoked_subcommand is not None:
        return
    reports = []
    with tempfile.TemporaryDirectory(prefix="packhouse-faults-") as folder:
        for life in lives.split(","):
            report = Path(folder) / f"{life}.json"
            arguments = [str(orders), str(scale), str(outage_seconds), str(report)]
            subprocess.run(
                [sys.executable, "-m", "bench.faults", "live", life, *arguments], cwd=ROOT, check=True
            )
            reports.append(json.loads(report.read_text()))
    table, good = _compared(reports, orders, scale, outage_seconds)
    click.echo(table)
    if record:
        with (ROOT / "bench" / "RESULTS.md").open("a") as file:
            file.write(f"\n{table}\n")
    if not good:
        sys.exit(1)


@main.command(hidden=True)
@click.argument("life")
@click.argument("orders", type=int)
@click.argument("scale", type=float)
@click.argument("outage_seconds", type=float)
@click.argument("report", type=Path)
def live(life: str, orders: int, scale: float, outage_seconds: float, report: Path) -> None:
    """One life; what became of it goes into a file."""
    with postgres.running(ROOT / ".data" / "bench", database="postgres") as server:
        url = server.url.rsplit("/", 1)[0] + f"/{DATABASE}"
        with psycopg.connect(server.url, autocommit=True) as admin:
            admin.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
            admin.execute(f"CREATE DATABASE {DATABASE}")
        os.environ["DATABASE_URL"] = url
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
        os.environ.setdefault("PACKHOUSE_SECRET_KEY", "bench")
        os.environ.setdefault("PACKHOUSE_LOG_LEVEL", "ERROR")
        django.setup()
        from bench.fault_life import Life  # noqa: PLC0415 - Django must be set up first
        from packhouse.cli.supervisor import Supervisor  # noqa: PLC0415

        with tempfile.TemporaryDirectory(prefix=f"packhouse-{life}-") as folder:
            Path(folder).chmod(0o755)
            with Supervisor(_say) as supervisor:
                lived = Life(life, orders, scale, outage_seconds, supervisor, _say).live(Path(folder), url)
        report.write_text(json.dumps(lived))


def _say(text: str) -> None:
    click.echo(text, err=True)


def _compared(
    reports: list[dict[str, Any]], orders: int, scale: float, outage_seconds: float
) -> tuple[str, bool]:
    calm = reports[0]
    different = [differences(calm["state"], each["state"]) for each in reports]
    for each, rows in zip(reports, different, strict=True):
        for wrong in [*each["disagreements"], *(f"{name}: {found[:3]}" for name, found in rows.items())][:20]:
            _say(f"{each['life']}: {wrong}")
    lines: list[tuple[str, Callable[[int], str]]] = [
        ("seconds, all steps", lambda n: f"{sum(reports[n]['seconds'].values()):.0f}"),
        ("calls that failed", lambda n: str(reports[n]["failed_calls"])),
        ("webhooks lost on the way", lambda n: str(reports[n]["dropped"])),
        ("orders found by catching up", lambda n: str(reports[n]["healed"])),
        ("p99 of a command, ms", lambda n: f"{_p99(reports[n]['command_seconds']) * 1000:.0f}"),
        ("seconds until all is told after packing", lambda n: f"{reports[n]['seconds']['pack']:.0f}"),
        ("statuses that waited when the outage ended", lambda n: str(reports[n]["backlog"] or "")),
        ("seconds from its end until all is told", lambda n: str(round(reports[n]["recovery"]) or "")),
        ("order items told out of order, rows that went back, sides that differ",
         lambda n: str(len(reports[n]["disagreements"]))),
        ("rows compared", lambda n: str(sum(len(rows) for rows in reports[n]["state"].values()))),
        ("rows that differ from the first life", lambda n: str(sum(map(len, different[n].values())))),
    ]  # fmt: skip
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.strip()
    numbers = range(len(reports))
    table = [
        f"### Faults, {datetime.now(UTC):%Y-%m-%d}, commit {commit}",
        "",
        (
            f"{orders} orders: placed, paid, changed, cancelled, packed, shipped, delivered; {os.cpu_count()} cores"
            f" shared by PostgreSQL, web server, worker and the Omnitron sandbox. Latency and delays of the presets run"
            f" {scale:g} times faster than the clock; the outage (while packing) lasts {outage_seconds:.0f} s."
            f" `make bench-faults ARGS=--orders={orders}`"
        ),
        "",
        f"| | {' | '.join(each['life'] for each in reports)} |",
        f"|---|{'---|' * len(reports)}",
        *(f"| {name} | {' | '.join(shown(n) for n in numbers)} |" for name, shown in lines),
    ]
    return "\n".join(table), not any(different) and not any(each["disagreements"] for each in reports)


def _p99(seconds: list[float]) -> float:
    return statistics.quantiles(seconds, n=100)[98] if len(seconds) > 1 else 0.0


if __name__ == "__main__":
    main()
