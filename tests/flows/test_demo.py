"""The demo as it is told: one run of the main job, and the description of a demo to play with.

These start whole houses of processes, so they run one after the other and have more time than other tests.
"""

import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from packhouse.kernel.accounts import EVERY_SCOPE
from packhouse.webhooks.registry import EVENT_TYPES
from tests.cli.processes import packhouse, started

pytestmark = [pytest.mark.xdist_group("demo"), pytest.mark.timeout(420)]

TELLS = ("orders", "packages", "packed", "shipped", "delivered", "invoices", "labels", "webhooks delivered")


def test_the_main_job_is_done_and_everybody_agrees(folder: Path) -> None:
    environment = {"DATABASE_URL": "", "COLUMNS": "120"}

    answer = packhouse(
        "demo", "--packages", "30", "--data", str(folder), environment=environment, timeout=400
    )

    assert answer.returncode == 0, answer.stderr + answer.stdout
    rows = {cells[0]: cells[1] for line in answer.stdout.splitlines() if len(cells := _cells(line)) == 4}
    assert all(int(rows[name]) > 0 for name in TELLS), rows
    assert (rows["orders"], rows["packed"], rows["oversold"]) == ("200", "30", "0")
    assert rows["statuses equal"] == rows["order items"]
    assert "✗" not in answer.stdout


@pytest.fixture
def described(environment: dict[str, str], tmp_path: Path) -> Iterator[dict[str, Any]]:
    file = tmp_path / "demo.json"
    options = ("--port", "0", "--data", str(tmp_path), "--describe", str(file))
    with started("run", "--demo", *options, environment=environment) as house:
        house.wait_for_line("Ctrl-C ends everything", seconds=300)
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        yield json.loads(file.read_text())
        assert house.end() == 0


def test_the_description_says_what_is_there(described: dict[str, Any], own_database: str) -> None:
    assert sorted(described) == ["base_url", "database_url", "logins", "sandboxes", "tokens"]
    assert described["database_url"] == own_database
    assert sorted(described["tokens"]) == ["admin", "integration", "store"]
    assert sorted(described["sandboxes"]) == ["carrier", "invoice", "omnitron", "receiver"]
    assert sorted(described["logins"]) == ["console", "omnitron"]
    _check_people(described)
    _check_neighbours(described)
    with psycopg.connect(own_database) as database:
        _check_packages(database)
        _check_invoice_calls(database, described["sandboxes"]["invoice"])
        _check_hooks(database, described["sandboxes"]["receiver"])


def _check_people(described: dict[str, Any]) -> None:
    base, tokens = described["base_url"] + "/api/v1", described["tokens"]
    users = {role: _get(f"{base}/active_user/", token).json() for role, token in tokens.items()}
    assert {role: user["role"] for role, user in users.items()} == {role: role for role in tokens}
    assert set(users["integration"]["scopes"]) == EVERY_SCOPE
    assert len(users["store"]["locations"]) == 1

    seen = _get(f"{base}/oms/packages/short/?state__enum_value=100&limit=100", tokens["store"]).json()
    assert seen["count"] > 0
    assert {row["stock_location"] for row in seen["results"]} == set(users["store"]["locations"])

    login = httpx.post(f"{base}/auth/login/", json=described["logins"]["console"], trust_env=False)
    assert login.status_code == 200


def _check_neighbours(described: dict[str, Any]) -> None:
    for url in described["sandboxes"].values():
        assert url.count("/") == 2  # without a path
        assert httpx.get(f"{url}/_sandbox/requests/", trust_env=False).status_code == 200
    login = httpx.post(
        f"{described['sandboxes']['omnitron']}/api/v1/auth/login/",
        json=described["logins"]["omnitron"],
        trust_env=False,
    )
    assert login.status_code == 200
    report = httpx.get(f"{described['sandboxes']['receiver']}/_sandbox/report/", trust_env=False).json()
    assert report["by_type"]["package.created"] >= 60
    assert (report["bad_signature"], report["missing"]) == (0, 0)


def _check_packages(database: psycopg.Connection) -> None:
    """Nobody packs by itself; enough to do, and a third of it with several items."""
    rows = database.execute(
        "SELECT count(i.id) FROM packages_package p JOIN packages_packageitem i ON i.package_id = p.id"
        " WHERE p.state = '100' GROUP BY p.id"
    ).fetchall()
    several = [count for (count,) in rows if count > 1]
    assert len(rows) >= 60
    assert len(several) >= len(rows) / 3
    touched = "SELECT count(*) FROM packages_package WHERE state NOT IN ('100', '150', '920')"
    assert database.execute(touched).fetchone() == (0,)
    assert database.execute("SELECT count(*) FROM orders_order").fetchone() == (200,)


def _check_invoice_calls(database: psycopg.Connection, invoice: str) -> None:
    rows = database.execute(
        "SELECT configuration FROM kernel_transition WHERE command = 'CompletePackagingCommand'"
    ).fetchall()
    assert len(rows) == 3
    assert all(row[0]["remote_invoice_call"]["remote_url"].startswith(invoice + "/") for row in rows)


def _check_hooks(database: psycopg.Connection, receiver: str) -> None:
    rows = database.execute(
        "SELECT h.event_type, s.target_url FROM webhooks_hook h"
        " JOIN webhooks_subscriber s ON s.id = h.subscriber_id WHERE h.is_active"
    ).fetchall()
    assert sorted(row[0] for row in rows) == sorted(EVENT_TYPES)
    assert all(row[1].startswith(receiver + "/") for row in rows)


def _get(url: str, token: str) -> httpx.Response:
    answer = httpx.get(url, headers={"Authorization": f"Token {token}"}, timeout=30, trust_env=False)
    assert answer.status_code == 200, answer.text
    return answer


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("│").split("│")]
