"""Commands in bulk beside the same commands one by one: per second, and per second of CPU.

`python -m bench.bulk_commands [--record]`. CPU is that of the web server and of PostgreSQL together, so that
the ratio says what one core can do, whatever else the machine does and however many clients wait.
"""

import http.client
import json
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click
import django
import psycopg

from packhouse import postgres

ROOT = Path(__file__).resolve().parent.parent
DATABASE = "packhouse_bench_bulk"
DATA = ROOT / ".data" / "bench-bulk"
CLIENTS = 8
BULK_CLIENTS = 2
SLUGS = ("complete-packaging", "ship-the-package")
GOAL = 3


@dataclass(frozen=True)
class Measured:
    """Commands per second of time, and per second of CPU."""

    per_second: float
    per_core: float


@click.command()
@click.option("--rounds", default=3, show_default=True, help="Rounds; each measures both ways, in turn.")
@click.option("--packages", default=1000, show_default=True, help="Packages per way and round.")
@click.option("--lines", default=500, show_default=True, help="Lines of one bulk request.")
@click.option("--record", is_flag=True, help="Append the result to bench/RESULTS.md.")
def main(rounds: int, packages: int, lines: int, record: bool) -> None:
    """Measure bulk commands against single calls over HTTP."""
    with postgres.running(DATA, database="postgres") as server:
        with psycopg.connect(server.url, autocommit=True) as admin:
            admin.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
            admin.execute(f"CREATE DATABASE {DATABASE}")
        os.environ["DATABASE_URL"] = server.url.rsplit("/", 1)[0] + f"/{DATABASE}"
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
        os.environ.setdefault("PACKHOUSE_SECRET_KEY", "bench")
        django.setup()
        result = _measure(rounds, packages, lines)
    print(result)
    if record:
        with (ROOT / "bench" / "RESULTS.md").open("a") as file:
            file.write(f"\n{result}\n")


def _measure(rounds: int, packages: int, lines: int) -> str:
    from bench import brand, setting_up  # noqa: PLC0415 - Django must be set up first

    token = setting_up.install()
    brand.seed()
    found: dict[tuple[str, str], list[Measured]] = {}
    with setting_up.web() as port:
        callers: dict[str, Callable[[str, Sequence[int]], None]] = {
            "single": lambda slug, ids: _single(port, token, slug, ids),
            "bulk": lambda slug, ids: _bulk(port, token, slug, ids, lines),
        }
        for number in range(rounds + 1):
            for way, call in callers.items():
                ids = brand.add_packages(packages if number else 200)
                for slug in SLUGS:
                    measured = _timed(call, slug, ids)
                    if number:  # the first round fills caches
                        found.setdefault((slug, way), []).append(measured)
    return _report(found, rounds, lines)


def _timed(call: Callable[[str, Sequence[int]], None], slug: str, ids: Sequence[int]) -> Measured:
    cpu, started = _cpu_seconds(), time.perf_counter()
    call(slug, ids)
    took, used = time.perf_counter() - started, _cpu_seconds() - cpu
    return Measured(len(ids) / took, len(ids) / used)


def _report(found: dict[tuple[str, str], list[Measured]], rounds: int, lines: int) -> str:
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.strip()
    rows = []
    for slug in SLUGS:
        single, bulk = found[slug, "single"], found[slug, "bulk"]
        cells = [
            f"{statistics.median(getattr(each, name) for each in way):.0f}"
            for name in ("per_second", "per_core")
            for way in (single, bulk)
        ]
        ratio = statistics.median(b.per_core / s.per_core for s, b in zip(single, bulk, strict=True))
        rows.append(f"| {slug} | {' | '.join(cells)} | {ratio:.1f} (goal {GOAL}) |")
    setting = (
        f"{os.cpu_count()} cores shared by PostgreSQL, the web server and the load; fsync on; {CLIENTS} clients "
        f"with single calls, {BULK_CLIENTS} with bulks of {lines} lines; medians of {rounds} rounds; CPU of web "
        "server and PostgreSQL. `make bench-bulk`"
    )
    return "\n".join(
        [
            f"### Commands in bulk, {datetime.now(UTC):%Y-%m-%d}, commit {commit}",
            "",
            setting,
            "",
            "| | single per second | bulk per second | single per CPU second | bulk per CPU second | bulk per core |",
            "|---|---|---|---|---|---|",
            *rows,
        ]
    )


def _single(port: int, token: str, slug: str, ids: Sequence[int]) -> None:
    bodies = [(f"packages/{pk}/command/", {"slug": slug}) for pk in ids]
    _post_all(port, token, bodies, CLIENTS, lambda status, _: status == 204)


def _bulk(port: int, token: str, slug: str, ids: Sequence[int], lines: int) -> None:
    bodies = [
        ("packages/commands/", [{"package": pk, "slug": slug} for pk in ids[start : start + lines]])
        for start in range(0, len(ids), lines)
    ]

    def done(status: int, text: bytes) -> bool:
        return status == 200 and all(line["status_code"] == 204 for line in json.loads(text))

    _post_all(port, token, bodies, BULK_CLIENTS, done)


def _post_all(
    port: int,
    token: str,
    bodies: Sequence[tuple[str, object]],
    clients: int,
    done: Callable[[int, bytes], bool],
) -> None:
    left = iter(bodies)
    lock = threading.Lock()
    wrong: list[str] = []

    def client() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        headers = {"Authorization": f"Token {token}", "Content-Type": "application/json"}
        while True:
            with lock:
                address, body = next(left, (None, None))
            if address is None:
                return
            connection.request("POST", f"/api/v1/oms/{address}", json.dumps(body), headers)
            answer = connection.getresponse()
            text = answer.read()
            if not done(answer.status, text):
                wrong.append(f"{answer.status} {text[:300]!r}")

    threads = [threading.Thread(target=client) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if wrong:
        sys.exit(f"{len(wrong)} requests went wrong, the first: {wrong[0]}")


def _cpu_seconds() -> float:
    """What the web server and PostgreSQL have used so far, ended processes of theirs included."""
    with psycopg.connect(os.environ["DATABASE_URL"]) as session:
        backend = session.info.backend_pid
        postmaster = int(_stat(backend)[1])
        pids = {*_below(postmaster), *_below(os.getpid())} - {os.getpid(), backend}
    ticks = sum(_ticks(pid) for pid in pids)
    return ticks / os.sysconf("SC_CLK_TCK")


def _ticks(pid: int) -> int:
    fields = _stat(pid)
    return sum(int(number) for number in fields[11:15]) if fields else 0


def _below(root: int) -> Iterator[int]:
    """A process and all that descend from it."""
    parents = {
        int(each.name): fields
        for each in Path("/proc").iterdir()
        if each.name.isdigit() and (fields := _stat(int(each.name)))
    }
    waiting = [root]
    while waiting:
        pid = waiting.pop()
        yield pid
        waiting += [child for child, fields in parents.items() if int(fields[1]) == pid]


def _stat(pid: int) -> list[str]:
    """The fields after the name: state, parent, …; utime is the twelfth. Empty when it has ended."""
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


if __name__ == "__main__":
    main()
