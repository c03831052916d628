"""`plan_order`: what a plan writes, and what it never does (page 30, "Applying a plan")."""

from decimal import Decimal
from functools import partial

import pytest

from packhouse.commands.inventory.count_stock import count_stock
from packhouse.commands.planning.plan_order import plan_order
from packhouse.inventory.counting import Count
from packhouse.inventory.models import Reservation, Stock
from packhouse.kernel import engine
from packhouse.kernel.accounts import SYSTEM
from packhouse.kernel.engine import Call
from packhouse.kernel.models import Event, ExceptionEntry
from packhouse.orders.models import Order
from packhouse.packages.models import LocationExclusion, Package
from packhouse.planning import explain
from packhouse.planning.models import ExecutionPlan, StockSeen
from tests.builders import a_location, a_product, an_order, an_order_item, some_stock
from tests.commands.planning.scenarios import a_scenario
from tests.concurrency.at_once import at_once
from tests.fingerprint import fingerprint
from tests.jobs import waiting_jobs

ANYWHERE = {"product_condition": "available_products", "sort": [{"key": "STOCK_AMOUNT", "direction": "desc"}]}


def packages_of(order: Order) -> list[tuple[str, str, str, list[Decimal]]]:
    """(number's ending, location, state, quantities) of an order's packages."""
    return [
        (
            package.number.removeprefix(order.number),
            package.stock_location.erp_code,
            package.state,
            [item.quantity for item in package.items.order_by("id")],
        )
        for package in Package.objects.filter(order=order).order_by("id")
    ]


@pytest.mark.django_db
def test_an_order_becomes_a_package_with_reservations_quota_and_events() -> None:
    store = a_location(erp_code="S1", max_quota=5)
    order = an_order(items=2)
    for item in order.items.all():
        some_stock(stock_location=store, sku=item.product.sku, on_hand=3)
    scenario = a_scenario(ANYWHERE, default=store)

    planned = plan_order(order.pk)

    assert planned.reason is None
    assert packages_of(order) == [("P1", "S1", "100", [1, 1])]
    package = Package.objects.get(pk=planned.package_ids[0])
    assert package.scenario == {"id": scenario.pk, "name": "Web", "version": 1, "rule": "rule 1"}
    store.refresh_from_db()
    assert store.quota == 1
    assert {stock.reserved for stock in Stock.objects.all()} == {Decimal(1)}
    assert Reservation.objects.filter(package_item__package=package).count() == 2
    assert list(Event.objects.order_by("cursor").values_list("type", "subject", "sequence")) == [
        ("package.created", f"package/{package.pk}", 1),
        ("order.planned", f"order/{order.pk}", 1),
    ]


@pytest.mark.django_db
def test_the_plan_its_stock_and_its_explanation_are_kept() -> None:
    store, other = a_location(erp_code="S1"), a_location(erp_code="S2")
    order = an_order(items=1)
    sku = order.items.get().product.sku
    some_stock(stock_location=store, sku=sku, on_hand=3, reserved=1)
    some_stock(stock_location=other, sku=sku, on_hand=2, reserved=2)
    a_scenario(ANYWHERE, default=store)

    plan_order(order.pk)

    kept = ExecutionPlan.objects.get(order=order)
    assert (kept.state, kept.reason, kept.attempt) == ("completed", None, 1)
    assert [item.stock_location.erp_code for item in kept.items.all() if item.stock_location] == ["S1"]
    assert set(
        StockSeen.objects.values_list("stock_location__erp_code", "stock_count", "reservation_count")
    ) == {
        ("S1", 3, 1),
        ("S2", 2, 2),
    }
    shown = explain.document(kept.explanation or {})
    candidates = {one["erp_code"]: one for one in shown["rules"][0]["candidates"]}
    assert candidates["S1"]["given"][0]["quantity"] == 1
    assert candidates["S2"]["numbers"][sku]["available"] == 0
    assert shown["sentences"]["en"]
    assert shown["sentences"]["tr"]


@pytest.mark.django_db
def test_an_order_split_over_two_places_says_so() -> None:
    first, second = a_location(erp_code="S1"), a_location(erp_code="S2")
    order = an_order(items=2)
    one, two = (item.product.sku for item in order.items.order_by("id"))
    some_stock(stock_location=first, sku=one, on_hand=1)
    some_stock(stock_location=second, sku=two, on_hand=1)
    a_scenario(ANYWHERE, default=first, default_multiple_packages_state="WAITING_REMOTE_ACTION")

    plan_order(order.pk)

    assert packages_of(order) == [("P1", "S1", "150", [1]), ("P2", "S2", "150", [1])]
    types = list(Event.objects.filter(subject=f"order/{order.pk}").values_list("type", flat=True))
    assert types == ["order.planned", "order.fulfillment.multiple_packages"]


@pytest.mark.django_db
def test_what_nobody_has_waits_out_of_stock_at_the_default_location() -> None:
    store = a_location(erp_code="S1")
    order = an_order(items=2)
    some_stock(stock_location=store, sku=order.items.order_by("id")[0].product.sku, on_hand=1)
    a_scenario(ANYWHERE, default=store)

    plan_order(order.pk)

    assert packages_of(order) == [("P1", "S1", "100", [1]), ("P2", "S1", "920", [1])]
    store.refresh_from_db()
    assert store.quota == 1
    assert Reservation.objects.count() == 1


@pytest.mark.django_db
def test_what_can_be_placed_leaves_the_package_that_is_out_of_stock() -> None:
    store = a_location(erp_code="S1")
    order = an_order(items=2)
    skus = [item.product.sku for item in order.items.order_by("id")]
    a_scenario(ANYWHERE, default=store)
    plan_order(order.pk)
    lacking = Package.objects.get(order=order)
    assert lacking.state == "920"

    count_stock([Count(store.pk, skus[0], quantity=Decimal(4))])
    assert waiting_jobs("packages.reschedule") == [{"package_id": lacking.pk}]
    engine.execute("package", Call(lacking.pk, slug="ReschedulePackageCommand"), SYSTEM)

    assert packages_of(order) == [("P1", "S1", "920", [1]), ("P2", "S1", "100", [1])]
    assert Package.objects.get(number=f"{order.number}P2").previous_package == lacking

    count_stock([Count(store.pk, skus[1], quantity=Decimal(1))])
    engine.execute("package", Call(lacking.pk, slug="ReschedulePackageCommand"), SYSTEM)

    assert packages_of(order) == [
        ("P1", "S1", "900", [1]),
        ("P2", "S1", "100", [1]),
        ("P3", "S1", "100", [1]),
    ]


@pytest.mark.django_db
def test_a_rule_asks_about_the_whole_order_also_when_the_rest_of_it_is_planned_later() -> None:
    store = a_location(erp_code="S1")
    order = an_order(items=2)
    first, second = (item.product.sku for item in order.items.order_by("id"))
    two_lines = {"field": "order.line_count", "op": "eq", "value": 2}
    two_units = {"field": "order.item_count", "op": "eq", "value": 2}
    a_scenario({"prerequisite": {"all": [two_lines, two_units]}}, default=store)
    some_stock(stock_location=store, sku=first)
    plan_order(order.pk)
    lacking = Package.objects.get(order=order, state="920")

    count_stock([Count(store.pk, second, quantity=Decimal(1))])
    engine.execute("package", Call(lacking.pk, slug="ReschedulePackageCommand"), SYSTEM)

    assert Package.objects.filter(order=order, state="100").count() == 2


@pytest.mark.django_db
def test_a_package_that_still_fits_nowhere_keeps_its_state_and_writes_no_log() -> None:
    store = a_location()
    order = an_order(items=1)
    a_scenario(ANYWHERE, default=store)
    plan_order(order.pk)
    lacking = Package.objects.get(order=order)
    logs = Event.objects.count()

    engine.execute("package", Call(lacking.pk, slug="ReschedulePackageCommand"), SYSTEM)

    lacking.refresh_from_db()
    assert lacking.state == "920"
    assert Event.objects.count() == logs


@pytest.mark.django_db
def test_without_a_scenario_the_order_is_pending_and_shown() -> None:
    order = an_order()

    planned = plan_order(order.pk)

    assert planned.reason == "no_scenario"
    kept = ExecutionPlan.objects.get(order=order)
    assert (kept.state, kept.reason) == ("pending", "no_scenario")
    entry = ExceptionEntry.objects.get()
    assert (entry.kind, entry.subject, entry.action) == ("order_not_planned", f"order/{order.pk}", "plan")
    assert list(Event.objects.values_list("type", flat=True)) == ["order.pending"]

    store = a_location()
    a_scenario(ANYWHERE, default=store)
    assert plan_order(order.pk).reason is None
    kept.refresh_from_db()
    entry.refresh_from_db()
    assert kept.state == "completed"
    assert entry.resolved_date is not None


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["200", "300", "350"])
def test_an_order_with_an_item_that_still_waits_is_not_planned(state: str) -> None:
    store = a_location()
    order = an_order(items=2)
    order.items.filter(pk=order.items.order_by("id")[0].pk).update(state=state)
    a_scenario(ANYWHERE, default=store)
    before = fingerprint()

    assert plan_order(order.pk).reason == "not_approved"
    assert fingerprint() == before


@pytest.mark.django_db
def test_planning_twice_plans_once() -> None:
    store = a_location()
    order = an_order(items=1)
    some_stock(stock_location=store, sku=order.items.get().product.sku, on_hand=9)
    a_scenario(ANYWHERE, default=store)
    plan_order(order.pk)
    before = fingerprint()

    assert plan_order(order.pk).reason == "nothing_to_plan"
    assert fingerprint() == before


@pytest.mark.django_db
def test_a_place_that_is_excluded_for_the_order_gets_nothing() -> None:
    refusing, other = a_location(erp_code="S1"), a_location(erp_code="S2")
    order = an_order(items=1)
    sku = order.items.get().product.sku
    some_stock(stock_location=refusing, sku=sku, on_hand=9)
    some_stock(stock_location=other, sku=sku, on_hand=1)
    LocationExclusion.objects.create(order=order, stock_location=refusing, reason="refused")
    a_scenario(ANYWHERE, default=other)

    plan_order(order.pk)

    assert packages_of(order) == [("P1", "S2", "100", [1])]


@pytest.mark.django_db(transaction=True)
def test_planners_at_once_never_promise_more_than_there_is() -> None:
    store = a_location(erp_code="S1")
    product, other = a_product(), a_product()
    some_stock(stock_location=store, sku=product.sku, on_hand=5)
    some_stock(stock_location=store, sku=other.sku, on_hand=5)
    orders = []
    for index in range(16):
        order = an_order(items=0)
        for wanted in (product, other) if index % 2 else (other, product):
            an_order_item(order=order, product=wanted)
        orders.append(order)
    a_scenario({"product_condition": "all_products"}, default=store)

    results = at_once([partial(plan_order, order.pk) for order in orders])

    assert [result for result in results if isinstance(result, Exception)] == []
    assert Package.objects.filter(state="100").count() == 5
    assert Package.objects.filter(state="920").count() == 11
    for stock in Stock.objects.all():
        assert (stock.on_hand, stock.reserved) == (5, 5)


@pytest.mark.django_db(transaction=True)
def test_planners_at_once_never_exceed_a_quota_that_binds() -> None:
    store = a_location(erp_code="S1", max_quota=3)
    product = a_product()
    some_stock(stock_location=store, sku=product.sku, on_hand=50)
    orders = [an_order(products=[product]) for _ in range(10)]
    a_scenario({**ANYWHERE, "location_conditions": [{"code": "SELECT_BY_QUOTA"}]}, default=store)

    at_once([partial(plan_order, order.pk) for order in orders])

    store.refresh_from_db()
    assert store.quota == 3
    assert Package.objects.filter(state="100").count() == 3


@pytest.mark.django_db(transaction=True)
def test_one_order_planned_by_several_is_planned_once() -> None:
    store = a_location()
    order = an_order(items=2)
    for item in order.items.all():
        some_stock(stock_location=store, sku=item.product.sku, on_hand=50)
    a_scenario(ANYWHERE, default=store)

    at_once([partial(plan_order, order.pk)] * 6)

    assert Package.objects.count() == 1
    assert ExecutionPlan.objects.filter(state="completed").count() == 1
