"""Numbers at a glance."""

from datetime import UTC, datetime, timedelta

import pytest

from packhouse.kernel import clock
from packhouse.kernel.models import Role
from packhouse.packages.models import Package
from packhouse.packages.states import PackageStatus
from tests.api.callers import Caller, a_caller
from tests.api.objects.answers import grows
from tests.builders import a_denial_reason, a_location, a_package, a_transfer, an_order

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # noon in Istanbul


def test_what_a_location_has_to_work_on(admin: Caller) -> None:
    location = a_location(max_quota=10)
    for state in (
        PackageStatus.WAITING,
        PackageStatus.WAITING,
        PackageStatus.PREPARING,
        PackageStatus.PACKED,
    ):
        a_package(stock_location=location, state=state)
    oldest = clock.now() - timedelta(hours=1)
    Package.objects.filter(pk=Package.objects.earliest("pk").pk).update(created_date=oldest)
    a_package()

    (row,) = admin.get(f"dashboard/location-movements/?erp_code={location.erp_code}").json["results"]

    assert 3600 <= row.pop("oldest_seconds") < 3700
    assert row == {
        "id": location.pk,
        "erp_code": location.erp_code,
        "name": location.name,
        "waiting": 2,
        "preparing": 1,
        "waiting_for_transfer": 0,
        "ready_for_packaging": 0,
        "quota": 3,
        "available_quota": 7,
    }


def test_what_a_location_sends_and_receives(admin: Caller) -> None:
    transfer = a_transfer()

    rows = {row["id"]: row for row in admin.get("dashboard/transfer-movements/").json["results"]}

    assert (rows[transfer.source_id]["sent"]["waiting"], rows[transfer.source_id]["received"]["waiting"]) == (
        1,
        0,
    )
    assert rows[transfer.destination_id]["received"]["waiting"] == 1


@pytest.mark.parametrize("kind", ["location", "transfer"])
def test_statements_do_not_grow(admin: Caller, kind: str) -> None:
    assert grows(admin, f"dashboard/{kind}-movements/", a_transfer, by=3) == 0


def test_how_the_days_went(admin: Caller) -> None:
    with clock.frozen(NOON - timedelta(days=1)):
        split = an_order(items=2)
        first, second = split.items.all()
        a_package(order=split, order_items=[first])
        a_package(order=split, order_items=[second])
        refused = a_package(items=1)
        refused.items.update(denial_reason=a_denial_reason())
        packed = a_package(items=1)
    with clock.frozen(NOON):
        Package.objects.filter(pk=packed.pk).update(state="500", packed_date=clock.now())
        summary = admin.get("dashboard/summary/?days=2").json

    yesterday, today = summary["days"]
    assert yesterday == {
        "day": "2026-03-01",
        "packages": 4,
        "packed": 0,
        "refused": 1,
        "orders": 3,
        "split_rate": pytest.approx(1 / 3),
    }
    assert (today["day"], today["packages"], today["packed"]) == ("2026-03-02", 0, 1)
    assert summary["waiting_seconds"] == {"p50": 86400, "p95": 86400}
    assert sum(row["count"] for row in summary["states"]) == 4
    assert {"state": "500", "channel": packed.order.channel_id, "count": 1} in summary["states"]


def test_days_without_anything(admin: Caller) -> None:
    summary = admin.get("dashboard/summary/").json

    assert (summary["states"], len(summary["days"])) == ([], 7)
    assert summary["waiting_seconds"] == {"p50": None, "p95": None}


@pytest.mark.parametrize("query", ["days=0", "days=93", "days=x", "days=9999", "colour=1"])
def test_what_cannot_be_read_is_400(admin: Caller, query: str) -> None:
    assert admin.get(f"dashboard/summary/?{query}").status == 400


def test_who_may_look() -> None:
    own = a_location()
    a_location()
    store = a_caller(Role.STORE, locations=[own])

    assert [row["id"] for row in store.get("dashboard/location-movements/").json["results"]] == [own.pk]
    assert store.get("dashboard/summary/").status == 403
    assert a_caller(Role.INTEGRATION, user_scopes=["read"]).get("dashboard/location-movements/").status == 403
