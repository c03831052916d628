"""The contract as a test of other people's adaptors: the sandbox keeps it, and what is broken is named."""

from packhouse.integrations.carriers.conformance import Account, check
from tests.cli.processes import packhouse
from tests.integrations.carriers.conftest import Carrier


def broken(carrier: Carrier, **account: str) -> dict[str, str]:
    verdicts = check(Account(carrier.url, **{"username": "carrier", "password": "carrier", **account}))
    return {verdict.what: verdict.text for verdict in verdicts if verdict.fits is False}


def test_the_sandbox_keeps_every_promise_and_nothing_is_left_there(carrier: Carrier) -> None:
    answer = packhouse("check-carrier", carrier.url)

    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.count("✓ ") == 13
    assert all(shipment.deleted for shipment in carrier.sandbox.book.shipments.values())


def test_what_is_broken_is_named(carrier: Carrier) -> None:
    carrier.sandbox.control.set_faults({"answer": "html", "paths": ["history", "label"]})

    found = broken(carrier)

    assert list(found) == ["tells its history, oldest first", "prints its label"]
    assert all("is not JSON" in text for text in found.values())


def test_a_wrong_login_or_nobody_there_is_said(carrier: Carrier) -> None:
    assert "401 came" in broken(carrier, password="wrong")["registers a shipment"]
    carrier.sandbox.control.set_faults({"drop_connection": 1.0})
    answer = packhouse("check-carrier", carrier.url)
    assert answer.returncode == 1
    assert "promises of the contract are broken" in answer.stderr
