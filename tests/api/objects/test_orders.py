"""Orders, their items, their plans, and what locations had."""

from datetime import UTC, datetime
from typing import Any

import pytest

from packhouse.commands.planning.plan_order import plan_order
from packhouse.kernel.models import ExceptionEntry, Role, State
from packhouse.orders.models import Order
from packhouse.packages.states import PackageStatus
from packhouse.planning.models import ExecutionPlan
from tests.api.callers import Caller, a_caller
from tests.api.objects.answers import grows, ids
from tests.builders import a_customer, a_location, a_package, a_product, an_address, an_order, some_stock
from tests.commands.planning.scenarios import a_scenario
from tests.jobs import waiting_jobs
from tests.payloads.examples import differences, example
from tests.payloads.worlds import a_whole_package

pytestmark = pytest.mark.django_db


def test_a_whole_order_is_the_published_example(admin: Caller) -> None:
    package = a_whole_package()

    document = admin.get(f"orders/{package.order_id}/").json

    assert differences(document, example("order")) == []
    assert [row["id"] for row in document["package_set"]] == [package.pk]


@pytest.mark.parametrize(
    "query",
    [
        "number=O-1",
        "omnitron_id={omnitron}",
        "channel={channel}",
        "state={state}",
        "state__enum_value=450",
        "state__enum_value__in=450,500",
        "date_placed__gte=2026-03-01&date_placed__lte=2026-03-03",
        "customer={customer}",
        "customer__email=GRACE@example.com",
        "customer__phone_number=0500",
        "delivery_type=same_day",
        "shipping_option_slug__in=express,other",
        "is_planned=true",
        "q=O-1",
        "q=hopper",
        "q=grace@example.com",
        "q=O-1P1",
    ],
)
def test_each_filter_finds_the_one(admin: Caller, query: str) -> None:
    customer = a_customer(
        first_name="Grace", last_name="Hopper", email="grace@example.com", phone_number="0500"
    )
    wanted = an_order(
        number="O-1",
        shipping_address=an_address(customer=customer),
        delivery_type="same_day",
        shipping_option_slug="express",
        date_placed=datetime(2026, 3, 2, tzinfo=UTC),
    )
    Order.objects.filter(pk=wanted.pk).update(state="450")
    a_package(order=wanted)
    ExecutionPlan.objects.create(order=wanted, state=ExecutionPlan.State.COMPLETED)
    an_order(number="X-1")
    filled = query.format(
        omnitron=wanted.omnitron_id,
        channel=wanted.channel_id,
        customer=customer.pk,
        state=State.objects.get(enum_value="450", content_type__model="order").pk,
    )

    assert ids(admin.get(f"orders/?{filled}")) == [wanted.pk]


@pytest.mark.parametrize("address", ["orders/", "order_items/"])
def test_statements_do_not_grow(admin: Caller, address: str) -> None:
    assert grows(admin, address, lambda: a_package(items=1)) == 0


def test_a_store_user_sees_orders_through_its_packages() -> None:
    own, foreign, unplanned = a_package(), a_package(), an_order()
    store = a_caller(Role.STORE, locations=[own.stock_location])

    assert ids(store.get("orders/")) == [own.order_id]
    assert {row["order"] for row in store.get("order_items/").json["results"]} == {own.order_id}
    for order_id in (foreign.order_id, unplanned.pk):
        assert store.get(f"orders/{order_id}/").status == 403
        assert store.get(f"orders/{order_id}/history/").status == 403
    assert store.get("orders/99999999/").status == 404
    assert store.get("orderexecutionplans/").status == 403
    assert store.post(f"orders/{own.order_id}/plan/").status == 403


def test_order_items_and_their_filters(admin: Caller) -> None:
    wanted, other = an_order(items=1, number="I-1"), an_order(items=1)
    item = wanted.items.get()

    assert ids(admin.get("order_items/")) == [other.items.get().pk, item.pk]
    for query in (
        "order_number=I-1",
        f"order={wanted.pk}",
        f"omnitron_id__in={item.omnitron_id}",
        f"product_sku={item.product.sku}",
    ):
        assert ids(admin.get(f"order_items/?{query}")) == [item.pk], query
    assert len(ids(admin.get("order_items/?state__enum_value=400"))) == 2
    assert admin.get(f"order_items/{item.pk}/").json["product"]["sku"] == item.product.sku


# Planning


def a_planned_order(*, on_hand: int = 5) -> Order:
    """Two units wanted of one SKU; a warehouse has some, planned by one rule."""
    product = a_product(sku="PLANNED")
    order = an_order(products=[product])
    warehouse = a_location(erp_code="WH-1", stock_location_type="warehouse")
    some_stock(stock_location=warehouse, sku="PLANNED", on_hand=on_hand)
    a_scenario({"product_condition": "available_products"}, default=warehouse)
    plan_order(order.pk)
    return order


def test_a_plan_tells_what_was_decided_and_why(admin: Caller) -> None:
    order = a_planned_order()

    plan = admin.get(f"orderexecutionplans/?order={order.pk}").json["results"][0]

    assert (plan["state"], plan["reason"], plan["attempt"], plan["commands"]) == ("completed", None, 1, [])
    assert (plan["order"]["id"], plan["order"]["number"]) == (order.pk, order.number)
    item = plan["orderexecutionplanitem_set"][0]
    assert (item["order_item"], item["quantity"], item["state"]) == (order.items.get().pk, 1, "placed")
    assert plan["scenario"]["name"] == "Web"
    answered = plan["context"]["locations"]["WH-1"]["PLANNED"]
    assert answered == {"stock": 5, "reserved": 0, "safety": 0, "available": 5}
    explanation = admin.get(f"orderexecutionplans/{plan['id']}/explanation/").json
    assert explanation["order"] == order.number
    assert explanation["rules"][0]["applied"] is True
    candidate = explanation["rules"][0]["candidates"][0]
    assert (candidate["erp_code"], candidate["in"]) == ("WH-1", True)
    assert candidate["numbers"]["PLANNED"]["available"] == 5
    assert explanation["sentences"]["en"]
    assert explanation["sentences"]["tr"]


def test_what_locations_had_is_kept(admin: Caller) -> None:
    order = a_planned_order()

    row = admin.get(f"order-stock-info/?order_number={order.number}").json["results"][0]

    assert row["order_item"] == {
        "pk": order.items.get().pk,
        "sku": "PLANNED",
        "omnitron_id": order.items.get().omnitron_id,
        "order_number": order.number,
    }
    assert row["stock_data"] == {
        "quantity": "5.000",
        "unit_type": "quantity",
        "stock_count": "5.000",
        "reservation_count": "0.000",
    }
    assert (row["erp_code"], row["attempt"]) == ("WH-1", 1)
    assert admin.get("order-stock-info/?erp_code=OTHER").json["count"] == 0
    assert admin.get("order-stock-info/?modified_date__lt=2020-01-01").json["count"] == 0
    assert admin.get("order-stock-info/?modified_date__gte=2020-01-01&sort=-date").json["results"] == [row]
    assert admin.get("order-stock-info/?sku=PLANNED&format=csv").status == 200


def test_an_order_without_a_scenario_is_pending_and_can_be_retried_or_given_up(operator: Caller) -> None:
    order = an_order()
    plan_order(order.pk)
    plan = operator.get("orderexecutionplans/?state=pending&reason=no_scenario").json["results"][0]
    assert [command["slug"] for command in plan["commands"]] == ["retry", "cancel"]
    address = f"orderexecutionplans/{plan['id']}/command/"

    retried = operator.post(address, {"slug": "retry"})
    cancelled = operator.post(address, {"slug": "cancel"})
    again = operator.post(address, {"slug": "cancel"})

    assert (retried.status, retried.json["id"]) == (202, plan["id"])
    assert waiting_jobs("planning.plan_order")[-1]["order_id"] == order.pk
    assert cancelled.status == 204
    assert operator.get(f"orderexecutionplans/{plan['id']}/").json["state"] == "cancelled"
    assert not ExceptionEntry.objects.filter(resolved_date__isnull=True).exists()
    assert (again.status, again.json["code"]) == (400, "wrong_state")
    assert operator.post(address, {"slug": "explode"}).status == 400


def test_planning_by_hand_is_queued(operator: Caller) -> None:
    order = an_order()
    waiting = a_package(order=order)
    a_package(order=order, order_items=[], state=PackageStatus.PACKED)

    answer = operator.post(f"orders/{order.pk}/plan/")

    assert (answer.status, answer.json) == (202, {"order": order.pk, "execution_plan": None})
    assert [job["package_id"] for job in waiting_jobs("packages.reschedule")] == [waiting.pk]
    assert [job["order_id"] for job in waiting_jobs("planning.plan_order")] == [order.pk]
    assert operator.post("orders/99999999/plan/").status == 404
    assert operator.get(f"orders/{order.pk}/plan/").status == 405


def test_statements_of_plans_do_not_grow(admin: Caller) -> None:
    def a_plan() -> Any:
        return ExecutionPlan.objects.create(order=an_order(), state=ExecutionPlan.State.COMPLETED)

    assert grows(admin, "orderexecutionplans/", a_plan) == 0


@pytest.mark.parametrize(
    "address",
    [
        "orders/?state__enum_value=1",
        "orders/?is_planned=perhaps",
        "orders/?colour=1",
        "order_items/?order=x",
        "orderexecutionplans/?order=x",
        "order-stock-info/?modified_date__gte=spring",
    ],
)
def test_what_cannot_be_read_is_400(admin: Caller, address: str) -> None:
    assert admin.get(address).status == 400


def test_a_plan_without_an_explanation_is_404_there(admin: Caller) -> None:
    plan = ExecutionPlan.objects.create(order=an_order())

    assert admin.get(f"orderexecutionplans/{plan.pk}/explanation/").status == 404
    assert admin.get("orderexecutionplans/99999999/explanation/").status == 404
