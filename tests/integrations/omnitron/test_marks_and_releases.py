"""`is_send` and the back office's own stock reservation (page 70, A7)."""

from typing import Any

import httpx
import pytest

from packhouse.catalog.models import Channel
from packhouse.integrations.omnitron import order_reads, sent_marks, stock_releases, tasks
from packhouse.integrations.omnitron.models import StockRelease
from packhouse.integrations.patience import TryLater
from packhouse.kernel import exceptions, settings_store
from packhouse.kernel.models import ExceptionEntry
from packhouse.orders.models import Order
from packhouse.packages.states import PackageStatus
from tests.builders import a_package, an_order
from tests.integrations.omnitron.conftest import configure
from tests.integrations.omnitron.far import far
from tests.integrations.omnitron.office import Office
from tests.integrations.omnitron.working import run, work
from tests.jobs import waiting_jobs

pytestmark = pytest.mark.django_db


@pytest.fixture
def placed(office: Office, channels: list[Channel]) -> Order:
    pk = office.place_with(2)["pk"]
    order_reads.read_and_copy(pk)
    return Order.objects.get(omnitron_id=pk)


def put(key: str, value: Any) -> None:
    settings_store.put(key, value)
    settings_store.forget()


def test_the_flag_on_planned(office: Office, placed: Order) -> None:
    put("OMNITRON_MARK_SENT", "on_planned")
    assert sent_marks.mark_planned() == 0
    a_package(order=placed)

    assert sent_marks.mark_planned() == 1
    work()

    assert office.order(placed.omnitron_id)["is_send"] is True  # type: ignore[arg-type]
    assert sent_marks.mark_planned() == 0


def test_an_order_whose_flag_waits_or_is_refused_is_not_queued_again_and_again(
    office: Office, placed: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sent_marks, "BATCH", 1)
    put("OMNITRON_MARK_SENT", "on_planned")
    later = an_order(omnitron_id=(placed.omnitron_id or 0) + 1_000_000)
    for order in (placed, later):
        a_package(order=order)

    assert [sent_marks.mark_planned() for _ in range(3)] == [1, 1, 0]
    assert waiting_jobs("omnitron.mark_sent") == [
        {"order_pk": placed.omnitron_id},
        {"order_pk": later.omnitron_id},
    ]

    work(tries=2)
    assert Order.objects.get(pk=placed.pk).is_send
    exceptions.report(sent_marks.KIND, f"omnitron_order/{later.omnitron_id}", "no such order")
    assert sent_marks.mark_planned() == 0


@pytest.mark.parametrize("when", ["never", "on_copy"])
def test_otherwise_planning_sets_no_flag(when: str, placed: Order) -> None:
    put("OMNITRON_MARK_SENT", when)
    a_package(order=placed)

    assert sent_marks.mark_planned() == 0


@pytest.mark.parametrize(
    ("when", "state", "released"),
    [
        ("on_packed", PackageStatus.WAITING, False),
        ("on_packed", PackageStatus.PACKED, True),
        ("on_packed", PackageStatus.SHIPPED, True),
        ("on_planned", PackageStatus.WAITING, True),
        ("on_planned", PackageStatus.CANCELLED, False),
        ("never", PackageStatus.PACKED, False),
    ],
)
def test_reservations_are_dropped_when_ours_holds(
    when: str, state: PackageStatus, released: bool, office: Office, placed: Order
) -> None:
    put("OMNITRON_STOCK_RELEASE", when)
    package = a_package(order=placed, state=state)
    office.forget_requests()

    stock_releases.owe_releases()
    work()
    stock_releases.owe_releases()
    work()

    calls = office.requests("create_mapping", "POST")
    assert len(calls) == (2 if released else 0)
    if released:
        codes = set(StockRelease.objects.values_list("code", flat=True))
        assert codes == {f"{package.number}-{item.pk}" for item in package.items.all()}
        assert set(StockRelease.objects.values_list("state", flat=True)) == {"done"}


def test_an_item_mapped_by_another_system_is_done(office: Office, placed: Order) -> None:
    for item in placed.items.all():
        office.api("POST", f"order_items/{item.omnitron_id}/create_mapping/", {"code": "other"})
    a_package(order=placed, state=PackageStatus.PACKED)

    stock_releases.owe_releases()
    work()

    assert set(StockRelease.objects.values_list("state", "answer")) == {
        ("elsewhere", "mapped by another system")
    }
    assert not ExceptionEntry.objects.exists()


def test_another_refusal_is_parked_and_can_be_tried_again(office: Office, placed: Order) -> None:
    a_package(order=placed, state=PackageStatus.PACKED)
    stock_releases.owe_releases()
    office.faults(error_rate={"403": 1}, paths=["create_mapping"])
    work()
    assert set(StockRelease.objects.values_list("state", flat=True)) == {"parked"}
    assert ExceptionEntry.objects.filter(kind="omnitron_stock_release").count() == 2

    office.calm()
    for item in placed.items.all():
        stock_releases.retry(item.pk)
    work()

    assert set(StockRelease.objects.values_list("state", flat=True)) == {"done"}


def test_the_sweep_does_both(office: Office, placed: Order) -> None:
    put("OMNITRON_MARK_SENT", "on_planned")
    a_package(order=placed, state=PackageStatus.PACKED)

    tasks.sweep.func(0)
    work()

    assert office.order(placed.omnitron_id)["is_send"] is True  # type: ignore[arg-type]
    assert StockRelease.objects.filter(state="done").count() == 2


def test_a_flag_that_is_refused_is_shown_after_five_tries(office: Office) -> None:
    configure("https://omnitron.example.com")
    with far(orders=httpx.Response(403)):
        for attempts in range(4):
            with pytest.raises(TryLater):
                run("omnitron.mark_sent", {"order_pk": 5}, attempts)
        run("omnitron.mark_sent", {"order_pk": 5}, 4)

    assert ExceptionEntry.objects.get().kind == "omnitron_mark_sent"
