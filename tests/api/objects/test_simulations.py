"""`scenarios/simulate/`: always asynchronous; progress and report by GET."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from packhouse.commands.planning import simulate
from packhouse.commands.planning.simulation_request import read_request
from packhouse.kernel.models import Role
from packhouse.planning.models import Scenario, Simulation
from tests.api.callers import Caller, a_caller
from tests.builders import a_location, a_product, an_order, some_stock
from tests.commands.orders.documents import import_document
from tests.commands.planning.scenarios import a_scenario
from tests.jobs import take_jobs

pytestmark = pytest.mark.django_db

ADDRESS = "scenarios/simulate/"


@pytest.fixture
def scenario() -> Scenario:
    store = a_location(erp_code="S1", max_quota=5)
    some_stock(stock_location=store, sku="A", on_hand=1)
    product = a_product(sku="A")
    for _ in range(2):
        an_order(products=[product])
    return a_scenario({}, default=store)


def test_a_simulation_is_begun_followed_and_read(operator: Caller, scenario: Scenario) -> None:
    body = {"versions": [{"scenario": scenario.pk, "version": 1}], "orders": {"state": "400"}, "stock": "now"}

    begun = operator.post(ADDRESS, body)

    assert (begun.status, list(begun.json)) == (202, ["id"])
    address = f"scenarios/simulations/{begun.json['id']}/"
    waiting = operator.get(address).json
    assert (waiting["state"], waiting["progress"], waiting["report"]) == (
        "waiting",
        {"done": 0, "total": 0},
        None,
    )

    (job,) = take_jobs("planning.simulate")
    simulate.work_off(job["simulation_id"])

    told = operator.get(address).json
    assert (told["state"], told["progress"], told["error"]) == ("finished", {"done": 4, "total": 4}, None)
    report = told["report"]
    assert (report["orders"], report["changed"], report["left_out"]) == (2, 0, {})
    live, same = report["versions"]
    assert (live["scenario"], same["scenario"], same["version"]) == (None, scenario.pk, 1)
    assert same == {
        **live,
        "scenario": scenario.pk,
        "version": 1,
        "name": "Web",
        "planned": 1,
        "not_planned": 1,
        "locations": [{"erp_code": "S1", "packages": 1, "units": 1, "quota": 0, "max_quota": 5, "over": 0}],
    }


def test_orders_and_stock_may_be_sent(operator: Caller, scenario: Scenario) -> None:
    body = {
        "orders": [import_document(items=[{"sku": "A", "price": "10", "quantity": 3}])],
        "stock": [{"sku": "A", "erp_code": "S1", "quantity": 3}],
    }

    begun = operator.post(ADDRESS, body)
    simulate.work_off(begun.json["id"])

    (live,) = operator.get(f"scenarios/simulations/{begun.json['id']}/").json["report"]["versions"]
    assert (live["planned"], live["locations"][0]["units"]) == (1, 3)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"orders": {"colour": "red"}}, "orders.colour"),
        ({"orders": {}, "versions": [{"scenario": 9_999, "version": 1}]}, "versions.0"),
        ({"orders": {}, "stock": [{"sku": "A", "erp_code": "S1", "quantity": "-2"}]}, "stock.0"),
    ],
)
def test_what_is_wrong_is_named_and_begins_nothing(
    operator: Caller, scenario: Scenario, body: Any, field: str
) -> None:
    answer = operator.post(ADDRESS, body)

    assert (answer.status, answer.json["code"]) == (400, "invalid_parameter")
    assert field in answer.json
    assert not Simulation.objects.exists()


def test_only_who_may_change_scenarios_may_simulate(scenario: Scenario) -> None:
    store_user, integration = a_caller(Role.STORE), a_caller(Role.INTEGRATION)

    assert store_user.post(ADDRESS, {"orders": {}}).status == 403
    assert integration.post(ADDRESS, {"orders": {}}).status == 403
    assert not Simulation.objects.exists()


def test_an_unknown_simulation_is_404(operator: Caller) -> None:
    assert operator.get("scenarios/simulations/77/").status == 404


def test_three_times_as_many_orders_are_read_by_as_many_statements(scenario: Scenario) -> None:
    request = read_request({"orders": {}})
    simulate.read_question(request)  # fills caches
    with CaptureQueriesContext(connection) as few:
        assert len(simulate.read_question(request).orders) == 2
    for product in [a_product() for _ in range(4)]:
        an_order(products=[product])

    with CaptureQueriesContext(connection) as more:
        assert len(simulate.read_question(request).orders) == 6

    assert len(more) == len(few)
