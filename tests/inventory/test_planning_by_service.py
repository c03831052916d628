"""Orders planned on the answer of the brand's stock service: before any lock, and never on silence."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import httpx
import pytest
import stamina

from packhouse.commands.inventory.count_stock import count_stock
from packhouse.commands.locations.edit_location import change_location
from packhouse.commands.planning.plan_order import plan_order
from packhouse.commands.reconcile.differences import find_differences
from packhouse.inventory.answers import ask_engines
from packhouse.inventory.counting import Count
from packhouse.inventory.models import Stock
from packhouse.kernel.errors import NotEnoughStock
from packhouse.kernel.models import Role
from packhouse.locations.models import StockLocation
from packhouse.orders.models import Order
from packhouse.packages.models import Package
from packhouse.packages.states import PackageStatus
from packhouse.planning.models import ExecutionPlan, Scenario, ScenarioKind, ScenarioVersion
from packhouse.transfers.states import TransferStatus
from tests.api.callers import Caller, a_caller
from tests.builders import a_location, a_package, a_product, a_transfer, an_order, some_stock
from tests.commands.planning.scenarios import a_scenario
from tests.commands.running import refuse, run
from tests.inventory.services import a_service, an_engine, configure, rows

pytestmark = pytest.mark.django_db
TAKE: dict[str, Any] = {"product_condition": "available_products"}


@pytest.fixture(autouse=True)
def _no_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=1, cap=True):
        yield


@pytest.fixture
def served() -> StockLocation:
    configure(an_engine())
    return a_location(erp_code="S1", engine=2)


@pytest.fixture
def admin() -> Caller:
    return a_caller(Role.ADMIN)


def an_order_of_a() -> Order:
    return an_order(products=[a_product(sku="A")])


def silent(_request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("nobody there")


def test_what_the_service_answers_is_promised_and_no_more(served: StockLocation) -> None:
    a_scenario(TAKE, default=served)
    first, second = an_order_of_a(), an_order(items=0)
    second.items.create(product=first.items.get().product, quantity=1, state="400")

    with a_service(lambda _request: httpx.Response(200, json={"A": {"S1": 1}})) as service:
        plan_order(first.pk)
        plan_order(second.pk)

    assert service.asked == [["A"], ["A"]]
    assert list(Package.objects.order_by("id").values_list("order", "state")) == [
        (first.pk, PackageStatus.WAITING.value),
        (second.pk, PackageStatus.OUT_OF_STOCK.value),
    ]
    row = Stock.objects.get()
    assert (row.on_hand, row.reserved) == (1, 1)
    run(Package.objects.get(order=first), "CompletePackagingCommand")
    row.refresh_from_db()
    assert (row.on_hand, row.reserved) == (1, 0)  # the service counts; only the promise moves here
    assert find_differences() == []


def test_on_silence_the_order_waits_and_is_planned_once_the_service_speaks(served: StockLocation) -> None:
    some_stock(stock_location=served, sku="A", on_hand=5)
    a_scenario(TAKE, default=served)
    order = an_order_of_a()

    with a_service(silent):
        assert plan_order(order.pk).reason == "stock_unavailable"
    waiting = ExecutionPlan.objects.get()
    assert (waiting.state, waiting.reason) == ("pending", "stock_unavailable")
    assert not Package.objects.exists()

    with a_service(rows(("A", "S1", 2))):
        assert plan_order(order.pk).reason is None
    assert Package.objects.get().state == PackageStatus.WAITING


def test_a_rule_may_count_on_the_last_answer(served: StockLocation) -> None:
    some_stock(stock_location=served, sku="A", on_hand=5)
    a_scenario({**TAKE, "allow_last_known_stock": True}, default=served)

    with a_service(silent):
        assert plan_order(an_order_of_a().pk).reason is None

    assert Package.objects.get().state == PackageStatus.WAITING


def test_other_locations_go_on_while_a_service_is_silent(served: StockLocation) -> None:
    own = a_location(erp_code="OWN")
    some_stock(stock_location=own, sku="A", on_hand=5)
    only_own = [{"code": "STOCK_LOCATION_LIST", "value": ["OWN"]}]
    a_scenario({**TAKE, "location_conditions": only_own}, default=own)

    with a_service(silent):
        plan_order(an_order_of_a().pk)

    assert Package.objects.get().stock_location == own


def test_a_package_out_of_stock_is_filled_when_the_service_has_something(served: StockLocation) -> None:
    a_scenario(TAKE, default=served)
    with a_service(rows()):
        plan_order(an_order_of_a().pk)
    package = Package.objects.get()

    with a_service(silent):
        run(package, "ReschedulePackageCommand")
    assert package.state == PackageStatus.OUT_OF_STOCK
    with a_service(rows(("A", "S1", 1))):
        run(package, "ReschedulePackageCommand")

    assert package.state == PackageStatus.CANCELLED
    assert Package.objects.get(state=PackageStatus.WAITING.value).previous_package == package


def test_by_hand_a_silent_service_is_named(served: StockLocation) -> None:
    package = a_package(items=1)
    groups = [{"package_items": [package.items.get().pk], "stock_location": "S1"}]
    path = "input_parameters.assignment_groups.0.stock_location"
    with a_service(lambda _request: httpx.Response(500)), pytest.MonkeyPatch.context() as patch:
        patch.setattr("packhouse.inventory.answers._tell", lambda _reply: None)
        patch.setattr("packhouse.integrations.http._note_failure", lambda *_args: None)
        patch.setattr("packhouse.integrations.circuit.failed", lambda _key: None)
        refusal = refuse(package, "ManualPlanningCommand", NotEnoughStock, path, assignment_groups=groups)
    assert "does not say how many" in str(refusal)

    with a_service(rows((package.items.get().order_item.product.sku, "S1", 4))):
        run(package, "ManualPlanningCommand", assignment_groups=groups)
    assert Package.objects.get(state=PackageStatus.WAITING.value).stock_location == served


def test_another_source_of_a_transfer_is_found_by_its_service(served: StockLocation) -> None:
    transfer = a_transfer()
    a_transfer_scenario()
    skus = [item.product.sku for item in transfer.items.all()]

    with a_service(rows(*((sku, "S1", 3) for sku in skus))):
        run(transfer, "TransferProductNotFoundCommand")

    assert transfer.state == TransferStatus.OUT_OF_STOCK
    package = transfer.package
    package.refresh_from_db()
    assert package.state == PackageStatus.WAITING_FOR_TRANSFER
    assert Stock.objects.filter(stock_location=served, reserved=1).count() == len(skus)
    assert find_differences() == []


def a_transfer_scenario() -> Scenario:
    body = {"rules": [{"name": "anywhere", "product_condition": "available_products"}]}
    scenario = Scenario.objects.create(kind=ScenarioKind.TRANSFER, name="Transfers", status="active")
    scenario.live_version = ScenarioVersion.objects.create(scenario=scenario, number=1, body=body)
    scenario.save()
    return scenario


def test_the_availability_question_is_passed_on(served: StockLocation, admin: Caller) -> None:
    a_location(erp_code="OWN")

    with a_service(rows(("A", "S1", 2))) as service:
        answer = admin.get("query-stock-availability?sku=A&sku=A")
        one = admin.get("query-stock-availability?sku=A&erp_code=OWN")

    assert (answer.json, one.json) == ({"OWN": False, "S1": True}, {"OWN": False})
    assert service.asked == [["A"]]
    with a_service(silent):
        assert admin.get("query-stock-availability?sku=A").json == {"OWN": False, "S1": True}


def test_a_location_that_comes_back_to_the_internal_engine_counts_from_there(served: StockLocation) -> None:
    with a_service(rows(("A", "S1", 2))):
        ask_engines(["A"])
    assert Stock.objects.get().opening is None

    change_location(served.pk, {"engine": None})
    count_stock([Count(served.pk, "A", delta=Decimal(3))])

    row = Stock.objects.get()
    assert (row.opening, row.on_hand) == (2, 5)
    assert find_differences() == []
    Stock.objects.update(on_hand=4)
    assert [each.expected for each in find_differences(["on_hand"])] == ["5"]
