"""Both sides on real sockets: the sandbox calls us, we call it; whatever gets lost on the way is healed."""

import random
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from pytest_django.live_server_helper import LiveServer

from packhouse.integrations.omnitron import catch_up, endpoints, order_reads, setup
from packhouse.integrations.omnitron.models import Connection, InboxEvent
from packhouse.kernel import clock
from packhouse.kernel.models import ExceptionEntry
from packhouse.locations.models import StockLocation
from packhouse.orders.models import Order, StatusReport
from packhouse.packages.states import PackageStatus
from tests.builders import a_package
from tests.commands.packages.test_complete_packaging_with_shipment import complete
from tests.integrations.omnitron.conftest import configure
from tests.integrations.omnitron.office import Office
from tests.integrations.omnitron.working import work

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop(_sandbox: Office, transactional_db: None, live_server: LiveServer) -> Iterator[Office]:
    """A fresh back office that knows us, and we it."""
    endpoints.forget()
    _sandbox.control("POST", "reset/")
    _sandbox.forget()
    _sandbox.forget_requests()
    configure(
        _sandbox.url, urls={"oms_url": f"{live_server.url}/api/v1", "base_url": f"{_sandbox.url}/api/v1"}
    )
    for step in ("channels", "webhooks"):
        setup.run(step)
    catch_up.begin_at(clock.now())
    yield _sandbox
    _sandbox.calm()
    _sandbox.control("POST", "reset/")
    _sandbox.forget()
    endpoints.forget()


def wait_for(condition: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def quiet(office: Office) -> bool:
    """Everything the back office had to tell is told, or was dropped on purpose."""
    states = {row["state"] for row in office.control("GET", "deliveries/")}
    return not states & {"waiting", "retrying"}


def settle(office: Office) -> None:
    """Until both sides have nothing more to tell each other."""
    for _ in range(20):
        work(tries=50)
        wait_for(lambda: quiet(office))
        if not order_reads.owed():
            return
    raise AssertionError("it does not come to rest")


def assert_equal(theirs: Any) -> None:
    """The order is here once, with the same lines, amounts and statuses."""
    ours = Order.objects.get(omnitron_id=theirs["pk"])
    assert (ours.number, ours.amount) == (theirs["number"], Decimal(theirs["amount"]))
    assert ours.shipping_address is not None
    assert ours.shipping_address.line == theirs["shipping_address"]["line"]
    lines = {item["pk"]: item["status"] for item in theirs["orderitem_set"]}
    assert dict(ours.items.exclude(state="100").values_list("omnitron_id", "state")) == {
        pk: status for pk, status in lines.items() if status != "100"
    }


def test_an_order_comes_in_by_webhook_and_its_statuses_go_back(shop: Office) -> None:
    theirs = shop.place_with(2)
    wait_for(InboxEvent.objects.exists)
    settle(shop)

    ours = Order.objects.get()
    assert_equal(theirs)
    assert InboxEvent.objects.filter(processed_date=None).count() == 0

    complete(a_package(order=ours, state=PackageStatus.WAITING))
    settle(shop)

    assert {row["status"] for row in shop.items(theirs["pk"]).values()} == {"450"}
    assert set(StatusReport.objects.values_list("state", flat=True)) == {"sent"}
    ours.refresh_from_db()
    assert ours.state == "450"
    assert not ours.items.exclude(omnitron_status=None).exists()
    assert not ExceptionEntry.objects.filter(resolved_date=None, kind__startswith="omnitron").exists()


def test_a_cancellation_travels_both_ways(shop: Office) -> None:
    theirs = shop.place_with(2)
    wait_for(InboxEvent.objects.exists)
    settle(shop)
    a_package(order=Order.objects.get(), state=PackageStatus.WAITING)

    plan = shop.cancel(theirs["pk"])
    wait_for(lambda: InboxEvent.objects.filter(event_type="cancellation_plan.created").exists())
    settle(shop)

    assert Order.objects.get().state == "100"
    assert shop.api("GET", f"channel/1/cancellation_plans/{plan['pk']}/")["status"] == "completed"


def test_silent_webhooks_are_healed_by_catching_up(shop: Office) -> None:
    shop.faults(webhook={"drop": 1})
    theirs = [shop.place_with(1) for _ in range(3)]
    wait_for(lambda: quiet(shop))
    assert not InboxEvent.objects.exists()

    assert catch_up.catch_up() == 3
    work()

    for order in theirs:
        assert_equal(order)


def test_a_rough_day(shop: Office) -> None:
    """Failing calls, repeated, shuffled and lost webhooks, orders changed meanwhile: in the end both sides agree."""
    chance = random.Random(5)
    shop.faults(
        error_rate={"500": 0.05, "429": 0.02},
        paths=["orders_integration", "discount_items"],
        webhook={"duplicate": 0.3, "shuffle_s": 1, "drop": 0.2},
        rng=3,
    )
    pks = [row["pk"] for row in shop.control("POST", "orders/", {"count": 25, "channel": 1})["placed"]]
    for pk in chance.sample(pks, 12):
        shop.change(pk, address={"line": f"{pk} New St"})
        work()
    for pk in chance.sample(pks, 8):
        item = shop.order(pk)["orderitem_set"][0]
        shop.change(pk, items=[{"id": item["pk"], "status": "300"}])
    settle(shop)
    shop.calm()
    catch_up.catch_up()
    settle(shop)

    assert Order.objects.count() == 25
    for pk in pks:
        assert_equal(shop.order(pk))
    assert Order.objects.filter(omnitron_id__in=pks).count() == len(pks)


def test_registering_again_changes_nothing_and_what_was_switched_off_stays_off(shop: Office) -> None:
    hooks = shop.api("GET", "whisperer/hooks/", limit=100)["results"]
    assert len(hooks) == 6
    shop.api("PATCH", f"whisperer/hooks/{hooks[0]['id']}/", {"is_active": False})

    setup.run("webhooks")

    again = shop.api("GET", "whisperer/hooks/", limit=100)["results"]
    assert [hook["id"] for hook in again] == [hook["id"] for hook in hooks]
    assert [hook["is_active"] for hook in again].count(False) == 1
    shown = {hook["id"]: hook["is_active"] for hook in Connection.objects.get().hooks}
    assert shown[hooks[0]["id"]] is False


def test_a_store_that_changes_is_brought_up_to_date(shop: Office) -> None:
    shop.control("POST", "stores/", {"pk": 102, "name": "Moved", "phone_number": "0312"})
    wait_for(lambda: InboxEvent.objects.filter(event_type="retail_store.updated").exists())
    work()

    location = StockLocation.objects.get()
    assert location.omnitron_id == 102
    assert (location.name, location.daytime_phone) == ("Moved", "0312")
