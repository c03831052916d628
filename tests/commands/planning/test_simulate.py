"""Simulations: the plans that live planning then writes, from a database that would refuse to write."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import InternalError, connection, transaction

from packhouse.commands.orders.import_orders import import_orders
from packhouse.commands.planning import scenarios, simulate
from packhouse.commands.planning.plan_order import plan_orders
from packhouse.commands.planning.simulation_request import read_request
from packhouse.kernel.accounts import SYSTEM
from packhouse.kernel.errors import InvalidParameter
from packhouse.locations.models import StockLocation
from packhouse.orders.models import Order
from packhouse.packages.models import Package
from packhouse.planning.explain import stored
from packhouse.planning.models import ExecutionPlan, Scenario, Simulation
from packhouse.planning.simulation import plans
from tests.builders import a_location, a_product, an_order, an_order_item, some_stock
from tests.commands.orders.documents import import_document
from tests.commands.planning.markets import a_market
from tests.commands.planning.rows import lasting
from tests.commands.planning.scenarios import a_scenario
from tests.fingerprint import fingerprint
from tests.jobs import take_jobs

pytestmark = pytest.mark.django_db

ALL: dict[str, Any] = {"orders": {}}


def report_of(**request: Any) -> dict[str, Any]:
    """Without its time."""
    told = simulate.run(read_request({**ALL, **request}), lambda done, total: None)
    del told["taken_at"]
    return told


@pytest.fixture
def two_versions() -> Scenario:
    """Live is S1 alone; version 2 takes from S1 and S2; one unit at each, two orders of one and of two units."""
    one, two = a_location(erp_code="S1", max_quota=1), a_location(erp_code="S2")
    product = a_product(sku="A")
    for place in (one, two):
        some_stock(stock_location=place, sku="A", on_hand=2)
    for units in (2, 1):
        an_order_item(order=an_order(items=0, number=f"ORDER-{units}"), product=product, quantity=units)
    rule = {"location_conditions": [{"code": "STOCK_LOCATION_LIST", "value": ["S1"]}]}
    scenario = a_scenario(rule, default=one)
    scenarios.change(scenario.pk, {"rules": [{"name": "everywhere"}]}, SYSTEM)
    return scenario


@pytest.mark.parametrize("seed", range(4))
def test_what_is_simulated_is_what_live_planning_then_writes(seed: int) -> None:
    a_market(seed)
    question = simulate.read_question(read_request(ALL))
    simulated = plans(question, question.candidates[0])
    report = report_of()

    plan_orders([wanted.order.id for wanted in question.orders])

    written = dict(ExecutionPlan.objects.values_list("order__number", "explanation"))
    assert {
        plan.explanation.snapshot.order.number: lasting(_as_json(stored(plan))) for plan in simulated
    } == {number: lasting(kept) for number, kept in written.items()}
    (version,) = report["versions"]
    filled = Package.objects.exclude(state="920")
    assert version["packages"] == filled.count() > 0
    assert {place["erp_code"]: place["packages"] for place in version["locations"]} == {
        code: filled.filter(stock_location__erp_code=code).count()
        for code in filled.values_list("stock_location__erp_code", flat=True)
    }
    assert version["out_of_stock_lines"] == sum(len(kept["not_placed"]) for kept in written.values())
    assert report["left_out"] == {"not_approved": 1}


def _as_json(value: Any) -> Any:
    """Tuples as the lists that the database gives back."""
    if isinstance(value, dict):
        return {key: _as_json(each) for key, each in value.items()}
    return [_as_json(each) for each in value] if isinstance(value, list | tuple) else value


@pytest.mark.parametrize("seed", range(3))
def test_orders_that_are_planned_by_now_are_planned_anew(seed: int) -> None:
    orders = a_market(seed)
    before = report_of()

    plan_orders([order.pk for order in orders])

    assert report_of() == before


def test_versions_stand_side_by_side_in_place_of_the_live_one(two_versions: Scenario) -> None:
    asked = [{"scenario": two_versions.pk, "version": number} for number in (1, 2)]

    report = report_of(versions=asked)

    live, new = report["versions"]
    assert [(each["version"], each["planned"], each["partly"]) for each in (live, new)] == [
        (1, 1, 0),
        (2, 2, 0),
    ]
    assert (live["not_planned"], live["out_of_stock_lines"], live["reasons"]) == (
        1,
        1,
        {"conditions": 1},
    )
    assert [(place["erp_code"], place["packages"], place["over"]) for place in new["locations"]] == [
        ("S1", 1, 0),
        ("S2", 1, 0),
    ]
    assert report["changed"] == 1
    (change,) = report["changes"]
    assert change["order"] == "ORDER-1"
    assert [[package["erp_code"] for package in plan["packages"]] for plan in change["plans"]] == [
        ["S1"],
        ["S2"],
    ]
    assert [plan["packages"][0]["state"] for plan in change["plans"]] == ["OUT_OF_STOCK", "WAITING"]


def test_one_version_has_the_live_ones_beside_it(two_versions: Scenario) -> None:
    report = report_of(versions=[{"scenario": two_versions.pk, "version": 2}])

    assert [(each["name"], each["version"]) for each in report["versions"]] == [("live", None), ("Web", 2)]
    assert report["changed"] == 1


def test_nothing_is_written(two_versions: Scenario) -> None:
    before = fingerprint()

    report_of(versions=[{"scenario": two_versions.pk, "version": 2}])
    report_of(orders=[import_document(channel="Nobody knows it", items=[{"sku": "A", "price": "1"}])])

    assert fingerprint() == before


def test_every_statement_runs_where_writing_is_refused(two_versions: Scenario) -> None:
    allowed = []

    def watched(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        result = execute(sql, *rest)
        if not sql.startswith(("SET", "SAVEPOINT", "RELEASE")):
            allowed.append(connection.connection.execute("SHOW transaction_read_only").fetchone()[0])
        return result

    request = read_request({**ALL, "versions": [{"scenario": two_versions.pk, "version": 2}]})
    with connection.execute_wrapper(watched):
        simulate.read_question(request)

    assert len(allowed) > 5
    assert set(allowed) == {"on"}


def test_the_database_itself_refuses(two_versions: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    def writes(_skus: Any) -> Any:
        Order.objects.update(state="100")

    monkeypatch.setattr(simulate, "read_stock", writes)

    with pytest.raises(InternalError, match="read-only"), transaction.atomic():
        report_of()

    assert set(Order.objects.values_list("state", flat=True)) == {"400"}


def test_documents_are_planned_as_the_orders_they_would_become() -> None:
    store, other = a_location(erp_code="S1", max_quota=9), a_location(erp_code="S2")
    for place in (store, other):
        some_stock(stock_location=place, sku="A", on_hand=3)
    StockLocation.objects.update(max_quota=9)
    a_scenario(
        {
            "prerequisite": {"field": "order.amount", "op": "gte", "value": "150"},
            "location_conditions": [{"code": "STOCK_LOCATION_LIST", "value": ["S2"]}],
        },
        {
            "product_condition": "all_products",
            "location_conditions": [{"code": "LOCATION_TYPE", "value": "city"}],
        },
        default=store,
    )
    documents = [
        import_document(
            number=f"M-{n}",
            date_placed=f"2026-03-01T0{9 - n}:00:00Z",
            items=[{"sku": "A", "price": "100.00", "quantity": n % 3 + 1, "discount_amount": "10"}]
            * (n % 2 + 1),
        )
        for n in range(6)
    ]
    documents[4]["items"][0]["status"] = "100"

    unknown = report_of(orders=documents)
    assert {each.outcome.value for each in import_orders(documents)} == {"created"}
    known = report_of(orders={"number__in": [each["number"] for each in documents]})

    assert report_of(orders=documents) == known
    assert known["versions"][0]["packages"] > 1
    assert unknown["versions"][0]["packages"] > 0


def test_rows_that_are_given_are_all_the_stock_there_is(two_versions: Scenario) -> None:
    rows = [
        {"sku": "A", "erp_code": "S1", "quantity": "3", "safety_stock": 1},
        {"sku": "B", "erp_code": "S2", "quantity": 9},
    ]

    report = report_of(stock=rows, versions=[{"scenario": two_versions.pk, "version": 2}])

    assert [each["planned"] for each in report["versions"]] == [1, 1]


def test_orders_without_anything_to_plan_are_counted_by_reason() -> None:
    store = a_location()
    a_scenario({}, default=store)
    an_order(state="350")

    report = report_of()

    assert (report["orders"], report["left_out"]) == (0, {"not_approved": 1})
    assert report["versions"][0]["packages_per_order"] is None


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        ([], "non_field_errors"),
        ({}, "orders"),
        ({"orders": "all"}, "orders"),
        ({"orders": []}, "orders"),
        ({"orders": {}, "version": []}, "version"),
        ({"orders": {"date_placed__gte": "soon"}}, "orders.date_placed__gte"),
        ({"orders": {"date_placed__gte": "2026-03-01T00:00:00"}}, "orders.date_placed__gte"),
        ({"orders": {"date": "2026-03-01"}}, "orders.date"),
        ({"orders": {"number": "A\x00B"}}, "orders.number"),
        ({"orders": [{"number": "1"}]}, "orders.0.items"),
        ({"orders": [7]}, "orders.0"),
        ({"orders": {}, "versions": [{"scenario": 1}]}, "versions.0.version"),
        ({"orders": {}, "versions": [{"scenario": 1, "version": 0}]}, "versions.0.version"),
        ({"orders": {}, "versions": [{"scenario": 2**70, "version": 1}]}, "versions.0.scenario"),
        ({"orders": {}, "versions": [{"scenario": True, "version": 1}]}, "versions.0.scenario"),
        ({"orders": {}, "versions": [{"scenario": 1, "version": 1}]}, "versions.0"),
        ({"orders": {}, "versions": "all"}, "versions"),
        ({"orders": {}, "stock": "then"}, "stock"),
        ({"orders": {}, "stock": [{"sku": "A", "erp_code": "NOWHERE", "quantity": 1}]}, "stock.0"),
        ({"orders": {}, "stock": [{"sku": "A", "erp_code": "S1", "quantity": -1}]}, "stock.0"),
        ({"orders": {}, "stock": [{"sku": "A", "erp_code": "S1", "delta": 1}]}, "stock.0.delta"),
        ({"orders": {}, "stock": [5]}, "stock.0"),
    ],
)
def test_bad_requests_name_the_field_and_keep_nothing(request_: Any, field: str) -> None:
    a_location(erp_code="S1")

    with pytest.raises(InvalidParameter) as refused:
        simulate.begin(request_, SYSTEM)

    assert field in refused.value.errors, refused.value.errors
    assert not Simulation.objects.exists()


def test_a_simulation_is_worked_off_in_the_background(two_versions: Scenario) -> None:
    row = simulate.begin({"orders": {}, "versions": [{"scenario": two_versions.pk, "version": 2}]}, SYSTEM)
    assert take_jobs("planning.simulate") == [{"simulation_id": row.pk}]

    simulate.work_off(row.pk)
    simulate.work_off(row.pk)

    row.refresh_from_db()
    assert (row.state, row.done, row.total, row.body, row.error) == ("finished", 4, 4, None, None)
    assert row.report["changed"] == 1


def test_what_is_gone_by_then_fails_with_its_reason(two_versions: Scenario) -> None:
    row = simulate.begin({"orders": {}, "versions": [{"scenario": two_versions.pk, "version": 2}]}, SYSTEM)
    Scenario.objects.filter(pk=two_versions.pk).update(live_version=None)
    two_versions.delete()

    simulate.work_off(row.pk)

    row.refresh_from_db()
    assert (row.state, row.report) == ("failed", None)
    assert row.error.startswith("versions.0: There is no version 2")


def test_a_fault_is_shown_and_tried_again(two_versions: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    row = simulate.begin(ALL, SYSTEM)

    def breaks(*_given: Any) -> Any:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(simulate, "simulate", breaks)
        with pytest.raises(ZeroDivisionError):
            simulate.work_off(row.pk)
    row.refresh_from_db()
    assert (row.state, row.error) == ("failed", "ZeroDivisionError")

    simulate.work_off(row.pk)

    row.refresh_from_db()
    assert (row.state, row.error) == ("finished", None)
