"""Tokens, imports, planning and setup from the command line, against a database of their own."""

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import psycopg
import pytest

from tests.cli.processes import packhouse

Run = Callable[..., "CompletedProcess[str]"]
ORDER = """channel,number,city,line,sku,price,quantity
Shop,A-1,Ankara,1 Example St,SKU-1,100.00,2
Shop,A-1,Ankara,1 Example St,SKU-2,50.00,1
Shop,A-2,Ankara,2 Example St,SKU-1,cheap,1
"""


@pytest.fixture
def run(environment: dict[str, str], tmp_path: Path) -> Run:
    def packhouse_here(*arguments: str) -> CompletedProcess[str]:
        return packhouse(*arguments, "--data", str(tmp_path), environment=environment)

    return packhouse_here


def rows(url: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as database:
        return database.execute(query.encode()).fetchall()


def test_a_key_is_printed_once_and_kept_as_a_hash(run: Run, own_database: str) -> None:
    made = run("token", "erp", "--role", "integration", "--scope", "read", "--scope", "orders", "--days", "3")

    key = made.stdout.strip()
    assert (made.returncode, len(key)) == (0, 40)
    stored = rows(own_database, "SELECT digest, scopes, expires_date > now() FROM kernel_apikey")
    assert [row[1:] for row in stored] == [(["orders", "read"], True)]
    assert key not in str(stored)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("nobody",), "say with --role what it shall be"),
        (("erp", "--role", "integration"), "needs --scope"),
        (("erp", "--role", "integration", "--scope", "packing"), "There is no scope packing"),
        (("kiosk", "--role", "store", "--location", "S99"), "There is no location S99"),
    ],
)
def test_a_key_that_cannot_be_made_changes_nothing(
    run: Run, own_database: str, arguments: tuple[str, ...], text: str
) -> None:
    refused = run("token", *arguments)

    assert refused.returncode == 2
    assert text in " ".join(refused.stderr.split())
    assert rows(own_database, "SELECT count(*) FROM kernel_user") == [(0,)]


def test_orders_come_from_a_file_each_taken_or_refused_by_itself_and_are_planned(
    run: Run, own_database: str, tmp_path: Path
) -> None:
    file, errors = tmp_path / "orders.csv", tmp_path / "errors.json"
    file.write_text(ORDER)

    tried = run("import-orders", str(file), "--dry-run")
    assert rows(own_database, "SELECT count(*) FROM orders_order") == [(0,)]
    imported = run("import-orders", str(file), "--errors", str(errors))
    again = run("import-orders", str(file))

    assert [each.returncode for each in (tried, imported, again)] == [1, 1, 1]
    assert "2 orders: 1 created, 1 refused (nothing was written)" in tried.stdout
    assert "2 orders: 1 created, 1 refused" in imported.stdout
    assert "lines.4.price" in imported.stdout
    assert "1 refused, 1 unchanged" in again.stdout
    assert [row["number"] for row in json.loads(errors.read_text())] == ["A-2"]
    assert rows(own_database, "SELECT number FROM orders_order") == [("A-1",)]

    planned = run("plan", "A-1")
    assert planned.returncode == 1
    assert "no_scenario" in planned.stdout
    assert rows(own_database, "SELECT reason FROM planning_executionplan") == [("no_scenario",)]


def test_an_order_that_does_not_exist_is_named(run: Run) -> None:
    refused = run("plan", "A-1")

    assert refused.returncode == 1
    assert "There is no order A-1." in refused.stderr


def test_the_setup_shows_its_steps_and_says_what_is_missing(run: Run) -> None:
    listed = run("setup", "--list")
    refused = run("setup", "connection")
    unknown = run("setup", "channel")

    assert listed.returncode == 0
    assert all(step in listed.stdout for step in ("connection", "stock_locations", "webhooks", "orders"))
    assert refused.returncode == 1
    assert "OMNITRON_CLIENT_SETTINGS" in refused.stderr
    assert unknown.returncode == 2
    assert "There is no step channel" in unknown.stderr


def test_what_does_not_agree_is_found_and_mended(run: Run, own_database: str) -> None:
    with psycopg.connect(own_database) as database:
        database.execute(
            "INSERT INTO locations_stocklocation (name, erp_code, stock_location_type, is_active, quota, sequence,"
            " is_fulfillment_center, is_pickup_location, is_delivery_location, is_fast_delivery_available,"
            " is_return_available, priority, conf, working_hours, local_fields, email, fax_number, daytime_phone,"
            " evening_phone, remote_data, connection, created_date, modified_date) VALUES ('Store', 'S1', 'store',"
            " true, 7, 0, true, false, false, false, false, 0, '{}', '{}', '{}', '', '', '', '', '{}', 1, now(), now())"
        )

    looked, mended, again = run("reconcile"), run("reconcile", "--fix"), run("reconcile")

    assert [each.returncode for each in (looked, mended, again)] == [1, 0, 0]
    assert "location S1" in looked.stdout
    assert "1 of 1 differences mended." in mended.stdout
    assert "Everything agrees." in again.stdout
    assert rows(own_database, "SELECT quota FROM locations_stocklocation") == [(0,)]
    assert run("reconcile", "--kind", "colour").returncode == 1
