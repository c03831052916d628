"""Cancelling items over HTTP, and the plans of the back office: list, detail, decision."""

from decimal import Decimal
from typing import Any

import pytest

from packhouse.commands.orders.cancellation_plans import PlannedItem, hold_packages, keep_plan
from packhouse.kernel.models import Role, Scope, StateTransitionLog
from packhouse.orders.models import CancellationPlan, Order
from packhouse.packages.models import Package
from packhouse.packages.states import PackageStatus as P
from tests.api.callers import Caller, a_caller
from tests.builders import a_package, an_order, an_order_item
from tests.fingerprint import fingerprint

pytestmark = pytest.mark.django_db


def a_plan(order: Order, *, pk: int = 9) -> CancellationPlan:
    items = [PlannedItem(item.pk, 7) for item in order.items.order_by("id")]
    plan = keep_plan(order, "cancel", items, omnitron_id=pk)
    hold_packages(plan)
    return plan


def states(order: Order) -> list[str]:
    return list(Package.objects.filter(order=order).order_by("id").values_list("state", flat=True))


# Plans


@pytest.mark.parametrize("address", ["cancellation_plan/", "cancellation_plan"])
def test_plans_are_listed_newest_first(admin: Caller, address: str) -> None:
    order = an_order(items=1)
    first, second = a_plan(order), a_plan(an_order(items=1), pk=10)
    package = a_package(order=order)

    rows = admin.get(address).json["results"]

    assert [row["id"] for row in rows] == [second.pk, first.pk]
    assert set(rows[1]) == {
        *("id", "omnitron_id", "plan_type", "order", "state", "items", "answered_date"),
        *("created_date", "modified_date"),
    }
    assert rows[1]["items"] == [
        {
            "order_item": order.items.get().pk,
            "quantity": 1,
            "package": None,
            "decision": "",
            "reason": "",
            "cancellation_reason": 7,
        }
    ]
    assert package.state == P.WAITING
    assert admin.get(f"cancellation_plan/{first.pk}/").json == rows[1]


def test_plans_are_filtered(admin: Caller) -> None:
    plan, _ = a_plan(an_order(items=1)), a_plan(an_order(items=1), pk=10)
    CancellationPlan.objects.exclude(pk=plan.pk).update(state="refused")

    for query in (f"order={plan.order_id}", "omnitron_id=9", "state=waiting", "state__in=waiting,accepted"):
        assert [row["id"] for row in admin.get(f"cancellation_plan/?{query}").json["results"]] == [plan.pk]
    assert admin.get("cancellation_plan/?colour=red").json["code"] == "unknown_filter"


def test_the_list_costs_the_same_for_many_plans(admin: Caller, django_assert_max_num_queries: Any) -> None:
    for pk in range(1, 13):
        a_plan(an_order(items=2), pk=pk)

    with django_assert_max_num_queries(8):
        assert len(admin.get("cancellation_plan/").json["results"]) == 12


def test_the_back_offices_webhook_stands_at_the_same_address(admin: Caller) -> None:
    posted = admin.post("cancellation_plan/", {"event": {}, "payload": {}})

    assert (posted.status, list(posted.json)) == (400, ["event.type", "code"])
    assert admin.options("cancellation_plan/").json["actions"]["GET"]["state"]
    assert admin.put("cancellation_plan/", {}).status == 405


@pytest.mark.parametrize(
    ("accept", "state", "package"), [(True, "accepted", P.CANCELLED), (False, "refused", P.WAITING)]
)
def test_a_plan_is_decided(admin: Caller, accept: bool, state: str, package: P) -> None:
    order = an_order(items=2)
    a_package(order=order)
    plan = a_plan(order)
    assert states(order) == [P.CANCELLATION_WAITING]

    answer = admin.post(f"cancellation_plan/{plan.pk}/decide/", {"accept": accept, "reason": "why not"})

    assert (answer.status, answer.json["state"]) == (200, state)
    assert {item["decision"] for item in answer.json["items"]} == {"accepted" if accept else "refused"}
    assert states(order) == [package]
    assert admin.user is not None
    done_by = StateTransitionLog.objects.filter(content_type__model="package").order_by("-id")[0].user_id
    assert done_by == (admin.user.pk if accept else None)


def test_some_items_are_decided_each_once(admin: Caller) -> None:
    plan = a_plan(an_order(items=2))
    first, second = plan.items.order_by("id").values_list("order_item_id", flat=True)
    address = f"cancellation_plan/{plan.pk}/decide/"

    once = admin.post(address, {"accept": True, "order_items": [first]})
    twice = admin.post(address, {"accept": False, "order_items": [first]})
    rest = admin.post(address, {"accept": False, "order_items": [second]})
    closed = admin.post(address, {"accept": True})

    assert (once.json["state"], rest.json["state"]) == ("waiting", "partly")
    assert (twice.status, twice.json["code"], list(twice.json)) == (
        400,
        "invalid_parameter",
        ["order_items", "code"],
    )
    assert (closed.status, closed.json["code"]) == (400, "wrong_state")


@pytest.mark.parametrize(
    "body",
    [{}, [], {"accept": "perhaps"}, {"accept": True, "order_items": []}, {"accept": True, "colour": 1}],
)
def test_a_bad_decision_changes_nothing(admin: Caller, body: Any) -> None:
    plan = a_plan(an_order(items=1))
    before = fingerprint()

    answer = admin.post(f"cancellation_plan/{plan.pk}/decide/", body)

    assert (answer.status, fingerprint()) == (400, before)


@pytest.mark.parametrize(
    ("role", "reads", "decides"),
    [(Role.ADMIN, 200, 200), (Role.OPERATOR, 200, 200), (Role.STORE, 403, 403), (Role.INTEGRATION, 200, 403)],
)
def test_who_may(role: Role, reads: int, decides: int) -> None:
    plan = a_plan(an_order(items=1))
    caller = a_caller(role, user_scopes=list(Scope.values))

    assert caller.get("cancellation_plan/").status == reads
    assert caller.post(f"cancellation_plan/{plan.pk}/decide/", {"accept": True}).status == decides
    assert Caller().get("cancellation_plan/").status == 401


# Items of an order


def test_all_of_an_order_is_cancelled(admin: Caller) -> None:
    order = an_order(items=2)
    first, second = order.items.order_by("id")
    package = a_package(order=order, order_items=[first])

    answer = admin.post(f"orders/{order.pk}/cancel/")

    assert (answer.status, answer.json["results"]) == (
        200,
        [
            {"order_item": first.pk, "cancelled": 1, "refused": 0, "reason": None, "package": package.pk},
            {"order_item": second.pk, "cancelled": 1, "refused": 0, "reason": None, "package": None},
        ],
    )
    order.refresh_from_db()
    assert (order.state, states(order)) == ("100", [P.CANCELLED])


def test_items_are_cancelled_by_quantity_and_what_is_shipped_is_refused(admin: Caller) -> None:
    order = an_order(items=0)
    three, shipped = an_order_item(order=order, quantity=3), an_order_item(order=order)
    a_package(order=order, order_items=[three])
    a_package(order=order, order_items=[shipped], state=P.SHIPPED)
    body = {
        "items": [{"order_item": three.pk, "quantity": 2}, {"order_item": shipped.pk}],
        "reason": "asked by phone",
    }

    results = admin.post(f"orders/{order.pk}/cancel/", body).json["results"]

    assert [(row["cancelled"], row["refused"]) for row in results] == [(2, 0), (0, 1)]
    assert results[1]["reason"] == "Shipped already."
    three.refresh_from_db()
    assert (three.cancelled_quantity, three.state) == (Decimal(2), "400")
    assert sorted(states(order)) == [P.WAITING, P.SHIPPED, P.CANCELLED]


def test_a_key_makes_a_repeated_cancellation_harmless(admin: Caller) -> None:
    order = an_order(items=0)
    item = an_order_item(order=order, quantity=3)
    body = {"items": [{"order_item": item.pk, "quantity": 1}]}

    first = admin.post(f"orders/{order.pk}/cancel/", body, Idempotency_Key="once")
    again = admin.post(f"orders/{order.pk}/cancel/", body, Idempotency_Key="once")

    item.refresh_from_db()
    assert (again.json, again.headers["Idempotent-Replayed"]) == (first.json, "true")
    assert item.cancelled_quantity == 1


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"items": [{"order_item": 99_999_999}]}, "items.0.order_item"),
        ({"items": [{"order_item": "x"}]}, "items"),
        ({"items": [{}]}, "items"),
        ({"items": 1}, "items"),
        ([], "items"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_bad_body_changes_nothing(admin: Caller, body: Any, path: str) -> None:
    order = an_order(items=1)
    before = fingerprint()

    answer = admin.post(f"orders/{order.pk}/cancel/", body)

    assert (answer.status, fingerprint()) == (400, before)
    assert path in answer.json


@pytest.mark.parametrize("quantity", ["0.5", -1, 0, "many"])
def test_a_bad_quantity_changes_nothing(admin: Caller, quantity: Any) -> None:
    order = an_order(items=1)
    before = fingerprint()

    answer = admin.post(
        f"orders/{order.pk}/cancel/", {"items": [{"order_item": order.items.get().pk, "quantity": quantity}]}
    )

    assert (answer.status, fingerprint()) == (400, before)


@pytest.mark.parametrize(
    ("role", "scopes", "status"),
    [
        (Role.OPERATOR, [], 200),
        (Role.STORE, [], 403),
        (Role.INTEGRATION, [Scope.ORDERS], 200),
        (Role.INTEGRATION, [Scope.COMMANDS], 403),
    ],
)
def test_who_may_cancel(role: Role, scopes: list[str], status: int) -> None:
    order = an_order(items=1)
    a_package(order=order)
    caller = a_caller(role, user_scopes=scopes)

    answer = caller.post(f"orders/{order.pk}/cancel/")

    assert answer.status == status
    assert states(order) == [P.CANCELLED if status == 200 else P.WAITING]


def test_no_such_order(admin: Caller) -> None:
    assert admin.post("orders/99999999/cancel/").status == 404
