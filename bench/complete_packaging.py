"""Complete packaging over HTTP with 8 clients, beside a pgbench script of its statements and beside tpcb-like."""

import logging
import os
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import django
import psycopg

from packhouse import postgres
from packhouse.postgres.binaries import find

ROOT = Path(__file__).resolve().parent.parent
CLIENTS = 8
DATABASE = "packhouse_bench"


@click.command()
@click.option("--rounds", default=5, show_default=True, help="Rounds; each measures all three, in turn.")
@click.option("--packages", default=1500, show_default=True, help="Packages packed over HTTP per round.")
@click.option("--seconds", default=4, show_default=True, help="Length of each tpcb-like run.")
@click.option("--record", is_flag=True, help="Append the result to bench/RESULTS.md.")
def main(rounds: int, packages: int, seconds: int, record: bool) -> None:
    """Measure complete packaging (transition without remote_invoice_call) over HTTP with 8 clients."""
    with postgres.running(ROOT / ".data" / "bench", database="postgres") as server:
        os.environ["DATABASE_URL"] = _fresh_database(server.url)
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
        os.environ.setdefault("PACKHOUSE_SECRET_KEY", "bench")
        django.setup()
        logging.disable(logging.INFO)
        result = _measure(server.url, rounds, packages, seconds)
    print(result)
    if record:
        with (ROOT / "bench" / "RESULTS.md").open("a") as file:
            file.write(f"\n{result}\n")


def _fresh_database(url: str) -> str:
    with psycopg.connect(url, autocommit=True) as admin:
        for name in (DATABASE, f"{DATABASE}_tpcb"):
            admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            admin.execute(f"CREATE DATABASE {name}")
    return url.rsplit("/", 1)[0] + f"/{DATABASE}"


def _measure(url: str, rounds: int, packages: int, seconds: int) -> str:
    from bench import brand, setting_up  # noqa: PLC0415 - Django must be set up first

    token = setting_up.install()
    brand.seed()
    _pgbench(url, f"{DATABASE}_tpcb", ["-i", "-s", "10", "-q"])
    rows = []
    with setting_up.web() as port:
        _post_all(port, token, brand.add_packages(400))
        for number in range(1, rounds + 1):
            over_http = _post_all(port, token, brand.add_packages(packages))
            script = setting_up.script_for(brand.add_packages(2 * packages), token)
            bare = _run_script(script)
            tpcb = _tps(
                _pgbench(url, f"{DATABASE}_tpcb", ["-c", str(CLIENTS), "-j", "2", "-T", str(seconds), "-n"])
            )
            rows.append((over_http, bare, tpcb))
            click.echo(
                f"round {number}: HTTP {over_http:7.0f}/s   same statements {bare:7.0f}/s   "
                f"tpcb-like {tpcb:7.0f}/s   ratios {over_http / bare:.2f} {over_http / tpcb:.3f}",
                err=True,
            )
    return _report(rows, script.statements)


def _report(rows: Sequence[tuple[float, float, float]], statements: int) -> str:
    median = statistics.median
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.strip()
    http, bare, tpcb = (median(row[column] for row in rows) for column in range(3))
    share_of_bare = median(row[0] / row[1] for row in rows)
    share_of_tpcb = median(row[0] / row[2] for row in rows)
    setting = (
        f"{os.cpu_count()} cores shared by PostgreSQL, the web server and the load; {CLIENTS} clients; fsync on; "
        f"{statements} statements per command; medians of {len(rows)} rounds. `make bench`"
    )
    return "\n".join(
        [
            f"### Complete packaging over HTTP, {datetime.now(UTC):%Y-%m-%d}, commit {commit}",
            "",
            setting,
            "",
            "| | commands or transactions per second | complete packaging as a share of it |",
            "|---|---|---|",
            f"| complete packaging over HTTP | {http:.0f} | |",
            f"| pgbench, the statements it issues | {bare:.0f} | {share_of_bare:.2f} (goal 0.30) |",
            f"| pgbench, built-in tpcb-like, scale 10 | {tpcb:.0f} | {share_of_tpcb:.3f} (goal 0.15) |",
        ]
    )


def _post_all(port: int, token: str, ids: Sequence[int]) -> float:
    """Pack all packages with 8 clients that keep their connections; commands per second."""
    left = iter(ids)
    lock = threading.Lock()
    wrong: list[str] = []

    def client() -> None:
        # A bare socket: a client that costs as little of the two cores as pgbench does.
        with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
            while True:
                with lock:
                    package = next(left, None)
                if package is None:
                    return
                connection.sendall(_request(package, token))
                answer = connection.recv(65536)
                if not answer.startswith(b"HTTP/1.1 204 "):
                    wrong.append(repr(answer[:300]))
                    return

    threads = [threading.Thread(target=client) for _ in range(CLIENTS)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - started
    if wrong:
        sys.exit(f"{len(wrong)} commands were refused, the first: {wrong[0]}")
    return len(ids) / took


def _request(package: int, token: str) -> bytes:
    body = f'{{"slug": "complete-packaging", "input_parameters": {{"package": {package}}}}}'
    head = (
        f"POST /api/v1/oms/packages/{package}/command/ HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        f"Authorization: Token {token}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return (head + body).encode()


def _run_script(script: Any) -> float:
    defines = [f"-D{name}={value}" for name, value in script.variables.items()]
    each = script.transactions // CLIENTS
    arguments = [
        "-n",
        "-M",
        "prepared",
        "-f",
        str(script.path),
        "-c",
        str(CLIENTS),
        "-j",
        "2",
        "-t",
        str(each),
    ]
    return _tps(_pgbench(os.environ["DATABASE_URL"], DATABASE, [*arguments, *defines]))


def _pgbench(url: str, database: str, arguments: Sequence[str]) -> str:
    program = find().prefix / "bin" / "pgbench"
    address = url.rsplit("/", 1)[0] + f"/{database}"
    done = subprocess.run(
        [str(program), *arguments, "-d", address], capture_output=True, text=True, check=False
    )
    if done.returncode or "aborted" in done.stderr:
        sys.exit(f"pgbench failed: {done.stderr[-2000:]}")
    return done.stdout


def _tps(output: str) -> float:
    line = next(line for line in output.splitlines() if line.startswith("tps"))
    return float(line.split()[2])
