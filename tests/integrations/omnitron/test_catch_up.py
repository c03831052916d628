"""Catch-up (page 70, A5): what no webhook told is found, whatever the back office's lists can do."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
from django.db import transaction

from packhouse.catalog.models import Channel
from packhouse.integrations.omnitron import catch_up, endpoints, order_reads, tasks
from packhouse.integrations.omnitron.client import Omnitron
from packhouse.integrations.omnitron.models import CatchUp, OrderRead
from packhouse.kernel import clock, settings_store
from packhouse.orders.models import Order
from tests.builders import an_order
from tests.integrations.omnitron.conftest import configure
from tests.integrations.omnitron.far import far
from tests.integrations.omnitron.office import Office
from tests.integrations.omnitron.working import work
from tests.jobs import waiting_jobs

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def caught() -> CatchUp:
    return CatchUp.objects.get()


# Against the sandbox


@pytest.fixture
def fresh(office: Office) -> Office:
    """Nothing changed there lately."""
    office.control("POST", "reset/")
    office.forget()
    return office


def test_a_changed_order_is_found_and_the_rest_left_alone(fresh: Office, channels: list[Channel]) -> None:
    catch_up.begin_at(clock.now())
    pk = fresh.place()["pk"]

    assert catch_up.catch_up() == 1
    work()
    assert Order.objects.get().omnitron_id == pk
    assert (caught().mode, caught().healed) == ("filter", 0)

    assert catch_up.catch_up() == 0
    fresh.change(pk, items=[{"id": fresh.order(pk)["orderitem_set"][0]["pk"], "status": "300"}])
    assert catch_up.catch_up() == 1
    work()
    assert Order.objects.get().items.filter(state="300").exists()


def test_the_cursor_moves_with_what_is_queued(fresh: Office, channels: list[Channel]) -> None:
    began = clock.now()
    catch_up.begin_at(began)
    fresh.place()

    catch_up.catch_up()

    cursor = caught().cursor
    assert cursor is not None
    assert began <= cursor <= clock.now()


def test_nothing_is_lost_when_the_back_office_fails_half_way(fresh: Office, channels: list[Channel]) -> None:
    catch_up.begin_at(clock.now())
    pk = fresh.place()["pk"]
    fresh.faults(error_rate={"500": 1}, paths=["orders/"])
    before = caught().cursor
    tasks.catch_up_task.func(0)
    assert (caught().cursor, OrderRead.objects.count()) == (before, 0)

    fresh.calm()
    catch_up.catch_up()

    assert OrderRead.objects.get().order_pk == pk


def test_healed_counts_what_should_have_been_told_long_ago(fresh: Office, channels: list[Channel]) -> None:
    catch_up.begin_at(clock.now())
    fresh.place()
    with clock.frozen(clock.now() + timedelta(seconds=90)):
        catch_up.catch_up()

    assert caught().healed == 1


def test_an_order_that_waits_to_be_read_is_not_healed(fresh: Office, channels: list[Channel]) -> None:
    catch_up.begin_at(clock.now())
    pk = fresh.place()["pk"]
    with transaction.atomic():
        order_reads.ask([pk])
    with clock.frozen(clock.now() + timedelta(seconds=90)):
        assert catch_up.catch_up() == 0

    assert caught().healed == 0


def test_a_parked_order_is_asked_for_again_only_when_it_changes(
    fresh: Office, channels: list[Channel]
) -> None:
    catch_up.begin_at(clock.now())
    pk = fresh.place()["pk"]
    catch_up.catch_up()
    OrderRead.objects.update(parked=True, tries=5)

    assert catch_up.catch_up() == 0
    fresh.change(pk, address={"line": "6 New St"})
    assert catch_up.catch_up() == 1
    assert not OrderRead.objects.get().parked


def test_it_is_due_every_so_many_seconds(fresh: Office) -> None:
    assert catch_up.due()
    catch_up.catch_up()
    assert not catch_up.due()

    settings_store.put("OMNITRON_CATCHUP_SECONDS", 30)
    settings_store.forget()
    with clock.frozen(clock.now() + timedelta(seconds=30)):
        assert catch_up.due()


def test_lost_cancellations_are_found(fresh: Office, channels: list[Channel]) -> None:
    catch_up.begin_at(clock.now())
    pk = fresh.place()["pk"]
    catch_up.catch_up()
    work()
    fresh.cancel(pk)

    catch_up.catch_up()

    assert {"order_pk": pk, "plan_pk": None, "plan_type": None, "items": []} in waiting_jobs(
        "omnitron.handle_plan"
    )


# Against lists that can do less


class Lists:
    """Orders of a back office that honours what it is told to honour."""

    def __init__(self, count: int, *, filters: bool, sorts: bool) -> None:
        self.rows = [
            {"pk": n, "modified_date": (NOON - timedelta(hours=count - n)).isoformat(), "status": "400"}
            for n in range(1, count + 1)
        ]
        self.filters, self.sorts = filters, sorts

    def __call__(self, request: httpx.Request) -> dict[str, Any]:
        query = {key: values[-1] for key, values in parse_qs(request.url.query.decode()).items()}
        rows = list(self.rows)
        if "cancel_status" in query:
            rows = []
        if self.filters and "modified_date__gte" in query:
            rows = [row for row in rows if row["modified_date"] >= query["modified_date__gte"]]
        if self.sorts and "modified_date" in query.get("sort", ""):
            rows.sort(key=lambda row: row["modified_date"], reverse=query["sort"].startswith("-"))
        page, limit = int(query.get("page", 1)), int(query.get("limit", 10))
        part = rows[(page - 1) * limit : page * limit]
        return {"count": len(rows), "next": "x" if page * limit < len(rows) else None, "results": part}


@pytest.fixture
def somewhere(db: None) -> Iterator[None]:
    endpoints.forget()
    configure("https://omnitron.example.com")
    with clock.frozen(NOON):
        yield
    endpoints.forget()


@pytest.mark.usefixtures("somewhere")
@pytest.mark.parametrize(
    ("filters", "sorts", "mode"),
    [
        (True, True, "filter"),
        (False, True, "newest_first"),
        (True, False, "rotation"),
        (False, False, "rotation"),
    ],
)
def test_what_a_list_honours_is_found_out(filters: bool, sorts: bool, mode: str) -> None:
    with far(orders=Lists(50, filters=filters, sorts=sorts)):
        assert catch_up.learn_mode(Omnitron()) == mode


@pytest.mark.usefixtures("somewhere")
@pytest.mark.parametrize(("filters", "sorts"), [(True, True), (False, True)])
def test_several_pages_are_gone_through_down_to_what_is_known(filters: bool, sorts: bool) -> None:
    catch_up.begin_at(NOON - timedelta(hours=250))
    with far(orders=Lists(400, filters=filters, sorts=sorts)):
        found = catch_up.catch_up()

    assert found == OrderRead.objects.count()
    read = set(OrderRead.objects.values_list("order_pk", flat=True))
    assert set(range(150, 401)) <= read
    assert 1 not in read
    assert caught().cursor == NOON


@pytest.mark.usefixtures("somewhere")
def test_many_changes_of_one_moment_are_all_seen() -> None:
    lists = Lists(350, filters=True, sorts=True)
    for row in lists.rows:
        row["modified_date"] = NOON.isoformat()
    lists.rows[0]["modified_date"] = (NOON - timedelta(hours=5)).isoformat()
    catch_up.begin_at(NOON - timedelta(hours=1))
    CatchUp.objects.update(mode="filter")
    with far(orders=lists):
        catch_up.catch_up()

    assert OrderRead.objects.count() == 349


@pytest.mark.usefixtures("somewhere")
def test_rotation_looks_at_our_open_orders_in_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catch_up, "ROTATION", 2)
    ours = [an_order(items=0, state=state) for state in ("400", "450", "550", "500")]
    CatchUp.objects.create(mode="rotation", cursor=NOON)
    read: list[set[int]] = []
    with far(orders=Lists(0, filters=False, sorts=False)):
        for _ in range(3):
            OrderRead.objects.all().delete()
            catch_up.catch_up()
            read.append(set(OrderRead.objects.values_list("order_pk", flat=True)))

    assert read == [{ours[0].omnitron_id, ours[1].omnitron_id}, {ours[3].omnitron_id}, read[0]]


@pytest.mark.usefixtures("somewhere")
def test_a_date_far_ahead_does_not_hide_what_changes_until_then() -> None:
    lists = Lists(3, filters=True, sorts=True)
    lists.rows[2]["modified_date"] = "2099-01-01T00:00:00+00:00"
    CatchUp.objects.create(mode="filter", cursor=NOON - timedelta(hours=9))
    with far(orders=lists):
        catch_up.catch_up()

    assert OrderRead.objects.count() == 3
    assert caught().cursor == NOON


@pytest.mark.usefixtures("somewhere")
def test_rows_that_cannot_be_read_are_passed_over() -> None:
    rows = [
        {"pk": "x"},
        "text",
        {"pk": 5, "modified_date": "soon"},
        {"id": "7", "modified_date": "2026-03-02 10:00"},
    ]

    assert catch_up.remote_dates(rows) == {7: datetime(2026, 3, 2, 10, tzinfo=UTC)}
