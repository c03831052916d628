"""The request that packs waits a moment for its invoice; the rest is a worker's."""

import threading
import time
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from packhouse.integrations.http import send as send_call
from packhouse.integrations.invoicing import call, inline
from packhouse.integrations.invoicing.course import request_invoice
from packhouse.integrations.patience import TryLater
from packhouse.invoicing.ports import after_commit
from packhouse.kernel import clock
from packhouse.kernel.models import ExceptionEntry
from packhouse.orders.models import StatusReport
from packhouse.packages.models import Package
from packhouse.packages.states import PackageStatus
from tests.builders import a_package
from tests.integrations.invoicing.conftest import Service
from tests.integrations.invoicing.world import asked, configure, invoice_of, pack, setting

pytestmark = pytest.mark.django_db


@pytest.fixture
def package(service: Service) -> Package:
    configure(service.configuration())
    return a_package()


def test_mostly_the_invoice_is_there_when_the_command_answers(service: Service, package: Package) -> None:
    after_commit(pack(package).messages)

    assert invoice_of(package).state == "received"
    assert {row.not_before for row in StatusReport.objects.all()} == {None}
    request_invoice(invoice_of(package).pk)
    assert len(service.requests) == 1


def test_a_slow_service_holds_the_command_no_longer_than_the_window(
    service: Service, package: Package
) -> None:
    setting("INVOICE_INLINE_SECONDS", 0.3)
    service.sandbox.control.set_faults({"latency_ms": 1500})
    outcome = pack(package)

    started = time.monotonic()
    after_commit(outcome.messages)

    assert time.monotonic() - started < 1
    package.refresh_from_db()
    assert package.state == PackageStatus.PACKED
    assert invoice_of(package).state == "pending"
    assert not ExceptionEntry.objects.exists()
    service.sandbox.control.set_faults({})
    assert asked(package).state == "received"


def test_zero_never_waits(service: Service, package: Package) -> None:
    setting("INVOICE_INLINE_SECONDS", 0)

    after_commit(pack(package).messages)

    assert service.requests == []
    assert {row.not_before for row in StatusReport.objects.all()} == {None}


def test_nobody_waits_while_the_circuit_is_open(service: Service) -> None:
    configure(service.configuration())
    service.sandbox.control.set_faults({"error_rate": {"500": 1.0}})
    packages = [a_package() for _ in range(6)]
    for each in packages:
        after_commit(pack(each).messages)

    assert len(service.requests) == 5
    assert invoice_of(packages[-1]).tries == 0


def test_at_most_a_quarter_of_the_threads_wait(
    service: Service, package: Package, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = threading.BoundedSemaphore(1)
    monkeypatch.setattr(inline, "_places", places)
    outcome = pack(package)

    with places:
        after_commit(outcome.messages)
    assert service.requests == []
    after_commit(outcome.messages)

    assert len(service.requests) == 1


def test_a_rejection_ends_the_wait(service: Service, package: Package) -> None:
    service.sandbox.mode["answer"] = "reject"

    after_commit(pack(package).messages)

    assert invoice_of(package).state == "failed"
    assert {row.not_before for row in StatusReport.objects.all()} == {None}


def test_whoever_asks_now_keeps_the_others_waiting(service: Service, package: Package) -> None:
    outcome = pack(package)
    invoice = invoice_of(package)
    invoice.claimed_until = clock.now() + timedelta(seconds=5)
    invoice.save()

    after_commit(outcome.messages)
    with pytest.raises(TryLater):
        request_invoice(invoice.pk)

    assert service.requests == []


@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_open_while_the_service_is_asked(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(service.configuration())
    package = a_package()
    seen: list[bool] = []

    def watched(*arguments: Any) -> Any:
        seen.append(connection.in_atomic_block)
        return send_call(*arguments)

    monkeypatch.setattr(call, "send", watched)
    after_commit(pack(package).messages)

    assert seen == [False]
    assert invoice_of(package).state == "received"
