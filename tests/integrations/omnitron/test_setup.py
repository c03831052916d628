"""The setup steps (page 70, A8), against the sandbox: run again, interrupted, with what vanished there."""

from typing import Any

import pytest

from packhouse.catalog.models import CancellationReason, CargoCompany, Channel, City, District, Township
from packhouse.integrations.failures import Unavailable
from packhouse.integrations.omnitron import hook_keys, order_reads, setup
from packhouse.integrations.omnitron.models import CatchUp, Connection, OrderRead, SeenRow
from packhouse.integrations.omnitron.setup import collections, webhooks
from packhouse.integrations.omnitron.setup.runs import StepFailed
from packhouse.integrations.omnitron.stores import copy_store
from packhouse.kernel import clock, settings_store
from packhouse.kernel.errors import InvalidParameter, NotConfigured
from packhouse.kernel.models import ApiKey, Event
from packhouse.locations.models import SenderAddress, StockLocation
from packhouse.orders.models import Order
from packhouse.planning.models import ExecutionPlan
from tests.builders import a_district, a_location, an_order
from tests.integrations.omnitron.conftest import configure
from tests.integrations.omnitron.office import Office
from tests.integrations.omnitron.working import work
from tests.jobs import waiting_jobs

pytestmark = pytest.mark.django_db
MADE_HERE = ("transitions", "sender_addresses")


def test_all_steps_one_after_the_other(office: Office) -> None:
    assert all(setup.is_required(step) for step in setup.NAMES if step not in MADE_HERE)
    seen: list[tuple[int, int]] = []

    for step in setup.NAMES:
        setup.run(step, progress=lambda done, total: seen.append((done, total)))

    assert not any(setup.is_required(step) for step in setup.NAMES)
    assert {setup.status_of(step).result for step in setup.NAMES} == {"FINISHED"}
    assert all(done <= total for done, total in seen)
    assert Channel.objects.filter(is_installed=True).count() == 3
    assert (City.objects.count(), Township.objects.exists(), District.objects.exists()) == (10, True, True)
    assert StockLocation.objects.count() == 12
    assert CargoCompany.objects.count() == 3
    assert CancellationReason.objects.exists()
    assert SenderAddress.objects.count() == 36
    assert CatchUp.objects.get().cursor is not None
    assert order_reads.owed() == OrderRead.objects.count() > 0
    assert not SeenRow.objects.exists()

    work()

    assert order_reads.owed() == 0
    assert Order.objects.count() == OrderRead.objects.count()


def test_a_location_has_what_its_store_has(office: Office) -> None:
    for step in ("channels", "addresses", "stock_locations"):
        setup.run(step)

    theirs = office.api("GET", "retail_stores/102/detailed/")
    ours = StockLocation.objects.get(omnitron_id=102)
    assert (ours.name, ours.erp_code, ours.priority) == (
        theirs["name"],
        theirs["erp_code"],
        theirs["sort_order"],
    )
    assert ours.max_quota == theirs["config"]["capacity_limit"]
    assert ours.is_delivery_location is theirs["click_and_collect"]
    assert ours.working_hours["mon"] == [["10:00", "22:00"]]
    assert ours.address is not None
    assert ours.address.township is not None
    assert ours.address.city is not None
    assert (ours.address.township.name, ours.address.city.name) == (
        theirs["township"]["name"],
        theirs["township"]["city"]["name"],
    )
    assert str(ours.address.latitude) == theirs["latitude"]
    warehouse = StockLocation.objects.get(erp_code="W01")
    assert warehouse.stock_location_type == "warehouse"
    assert Event.objects.filter(type="stock_location.created").count() == 12


def test_run_again_nothing_changes_and_nobody_is_told(office: Office) -> None:
    for step in ("channels", "addresses", "stock_locations"):
        setup.run(step)
    events = Event.objects.count()

    for step in ("channels", "addresses", "stock_locations"):
        setup.run(step)

    assert Event.objects.count() == events


def test_what_vanished_is_switched_off_and_nothing_is_deleted(office: Office) -> None:
    gone = Channel.objects.create(omnitron_id=99, name="Gone", is_installed=True)
    setup.run("channels")
    city = a_district(omnitron_id=999_999).city
    location = a_location(omnitron_id=999)
    mine = a_location(omnitron_id=None)

    setup.run("addresses")
    setup.run("stock_locations")

    for row, active in ((gone, False), (city, False), (location, False), (mine, True)):
        row.refresh_from_db()
        assert row.is_active is active
    assert Event.objects.filter(type="stock_location.updated", object_id=location.pk).exists()


def test_an_interrupted_run_goes_on_where_it_stopped(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collections, "LIMIT", 20)
    setup.run("channels")
    real, calls = collections.Omnitron.listing, []

    def failing(self: Any, endpoint: str, *args: Any, **path: Any) -> Any:
        calls.append(endpoint)
        if len(calls) == 4:
            raise Unavailable("gone")
        return real(self, endpoint, *args, **path)

    monkeypatch.setattr(collections.Omnitron, "listing", failing)
    with pytest.raises(StepFailed, match="gone"):
        setup.run("addresses")
    assert setup.status_of("addresses").result == "FAILED"
    before = calls.copy()
    setup.run("addresses")

    assert before[:2] == ["countries", "cities"]
    assert calls[len(before)] == before[-1]
    assert "countries" not in calls[len(before) :]
    assert City.objects.filter(is_active=True).count() == 10
    assert not Township.objects.filter(is_active=False).exists()


def test_only_channels_of_the_allow_list_are_installed(office: Office) -> None:
    settings_store.put("OMNITRON_CHANNELS", [2])
    settings_store.forget()

    setup.run("channels")

    assert list(Channel.objects.filter(is_installed=True).values_list("omnitron_id", flat=True)) == [2]
    assert not setup.is_required("channels")


def test_orders_that_waited_for_their_channel_are_planned(office: Office) -> None:
    channel = Channel.objects.create(omnitron_id=3, name="New", is_installed=False)
    order = an_order(channel=channel)
    ExecutionPlan.objects.create(order=order, state="pending", reason="unknown_channel")
    assert setup.is_required("channels")

    setup.run("channels")

    assert waiting_jobs("planning.plan_order") == [{"order_id": order.pk, "previous_package_id": None}]


def test_steps_that_need_channels_say_so(office: Office) -> None:
    with pytest.raises(StepFailed, match="run the step channels first"):
        setup.run("addresses")


def test_a_wrong_login_is_named(office: Office) -> None:
    configure(office.url, auth={"username": "oms", "password": "wrong"})

    with pytest.raises(StepFailed, match="refuses the login"):
        setup.run("connection")


def test_there_is_no_such_step() -> None:
    with pytest.raises(InvalidParameter, match="channels"):
        setup.run("nonsense")


def test_orders_of_a_range_of_dates(office: Office) -> None:
    setup.run("channels")
    orders = office.api("GET", "orders/", limit=1000)["results"]
    days = sorted(row["date_placed"] for row in orders)

    setup.run("orders", date_from=days[2], date_to=days[4])

    wanted = {row["pk"] for row in orders if days[2] <= row["date_placed"] <= days[4]}
    assert set(OrderRead.objects.values_list("order_pk", flat=True)) == wanted
    assert setup.is_required("orders")


# Webhooks


def test_webhooks_are_registered_once_and_renewed_when_their_secret_is_another(office: Office) -> None:
    office.control("POST", "reset/")
    office.forget()
    setup.run("webhooks")
    hooks = office.api("GET", "whisperer/hooks/", limit=100)["results"]
    assert {(hook["event_type"], hook["target_url"]) for hook in hooks} == {
        ("order.created", "https://oms.example.com/api/v1/oms/orders-webhook/"),
        ("order.updated", "https://oms.example.com/api/v1/oms/orders-webhook/"),
        ("cancellation_plan.created", "https://oms.example.com/api/v1/oms/cancellation_plan/"),
        ("cancellation_plan.updated", "https://oms.example.com/api/v1/oms/cancellation_plan/"),
        ("retail_store.created", "https://oms.example.com/api/v1/oms/stocklocations-webhook"),
        ("retail_store.updated", "https://oms.example.com/api/v1/oms/stocklocations-webhook"),
    }
    assert all(len(hook["secret_key"]) == 48 for hook in hooks)
    office.api("PATCH", f"whisperer/hooks/{hooks[0]['id']}/", {"secret_key": "other"})
    office.forget_requests()

    setup.run("webhooks")

    again = office.api("GET", "whisperer/hooks/", limit=100)["results"]
    assert [hook["secret_key"] for hook in again] == [hook["secret_key"] for hook in hooks]
    assert len(office.requests("whisperer/hooks/", "PATCH")) == 1
    assert office.requests("whisperer/hooks/", "POST") == []
    office.control("POST", "reset/")
    office.forget()


def test_uninstalled_they_are_switched_off_there_and_on_again_by_the_step(office: Office) -> None:
    setup.run("webhooks")
    ours = {hook["id"] for hook in Connection.objects.get().hooks}

    def active() -> set[int]:
        hooks = office.api("GET", "whisperer/hooks/", limit=100)["results"]
        return {hook["id"] for hook in hooks if hook["is_active"]}

    assert (webhooks.uninstall(), webhooks.uninstall(), len(ours)) == (6, 0, 6)
    assert active() & ours == set()
    assert setup.is_required("webhooks")

    setup.run("webhooks")
    assert active() >= ours
    assert not setup.is_required("webhooks")
    office.control("POST", "reset/")
    office.forget()


def test_a_key_that_was_revoked_is_replaced_at_every_hook(office: Office) -> None:
    office.control("POST", "reset/")
    office.forget()
    setup.run("webhooks")
    before = hook_keys.inbound_key()
    ApiKey.objects.update(revoked_date=clock.now())

    setup.run("webhooks")

    after = hook_keys.inbound_key()
    hooks = office.api("GET", "whisperer/hooks/", limit=100)["results"]
    assert before != after
    assert {hook["additional_headers"]["Authorization"] for hook in hooks} == {f"Token {after}"}
    office.control("POST", "reset/")
    office.forget()


def test_events_of_endpoints_that_live_elsewhere_are_not_registered(office: Office) -> None:
    configure(
        office.url, endpoint_conf=[{"endpoint": "orders", "base_url": "https://seller.example.com/api/v1"}]
    )
    office.control("POST", "reset/")
    office.forget()

    setup.run("webhooks")

    assert {hook["event_type"].partition(".")[0] for hook in Connection.objects.get().hooks} == {
        "cancellation_plan",
        "retail_store",
    }
    office.control("POST", "reset/")
    office.forget()


# Stores


def test_what_was_edited_here_stays(office: Office) -> None:
    location = a_location(omnitron_id=108, name="Ours", local_fields=["name"], priority=7, max_quota=3)

    copy_store({"pk": 108, "name": "Theirs", "erp_code": "369", "phone_number": "0312", "sort_order": 99})

    location.refresh_from_db()
    assert (location.name, location.daytime_phone, location.erp_code) == ("Ours", "0312", "369")
    assert (location.priority, location.max_quota) == (7, 3)


@pytest.mark.parametrize(
    ("code", "kept"), [(None, "OMN-108"), ("", "OMN-108"), ("TAKEN", "OMN-108"), ("369", "369")]
)
def test_a_store_without_a_code_of_its_own_is_called_by_its_id(code: str | None, kept: str, db: None) -> None:
    a_location(erp_code="TAKEN", omnitron_id=5)

    copy_store({"pk": 108, "name": "Store", "erp_code": code})

    assert StockLocation.objects.get(omnitron_id=108).erp_code == kept


def test_a_location_of_ours_with_the_same_code_becomes_the_store(db: None) -> None:
    ours = a_location(erp_code="369", omnitron_id=None)

    copy_store({"pk": 108, "name": "Store", "erp_code": "369"})

    ours.refresh_from_db()
    assert (ours.omnitron_id, ours.name) == (108, "Store")


@pytest.mark.parametrize(
    ("hours", "monday"),
    [
        ([["10:00", "22:00"]] * 7, [["10:00", "22:00"]]),
        ({"mon": [["09:00", "12:00"], ["13:00", "18:00"]]}, [["09:00", "12:00"], ["13:00", "18:00"]]),
        ([{"start": "10:00:00", "end": "20:00:00"}] * 7, [["10:00", "20:00"]]),
        ([["late", "22:00"]] * 7, []),
        ([[]] * 7, []),
        ("always", None),
        (["x"], None),
    ],
)
def test_opening_times_in_any_form(hours: Any, monday: Any, db: None) -> None:
    copy_store({"pk": 108, "name": "Store", "store_hours": hours})

    assert StockLocation.objects.get().working_hours.get("mon") == monday


def test_an_older_state_of_a_store_is_left_alone(db: None) -> None:
    copy_store({"pk": 108, "name": "New", "modified_date": "2026-03-02T10:00:00Z"})
    copy_store({"pk": 108, "name": "Old", "modified_date": "2026-03-01T10:00:00Z"})

    assert StockLocation.objects.get().name == "New"


@pytest.mark.parametrize("store", [{}, {"pk": 5}, {"name": "x"}, {"pk": "x", "name": "y"}])
def test_a_store_has_an_id_and_a_name(store: dict[str, Any], db: None) -> None:
    with pytest.raises(InvalidParameter):
        copy_store(store)


def test_without_a_back_office_steps_say_so(db: None) -> None:
    with pytest.raises(StepFailed) as failure:
        setup.run("connection")

    assert isinstance(failure.value.__cause__, NotConfigured)
