"""Scenarios over HTTP: versions, what acts at once, warnings, and what is refused."""

from typing import Any

import pytest

from packhouse.commands.planning.plan_order import plan_order
from packhouse.kernel.models import Role
from packhouse.locations.models import StockLocation
from packhouse.packages.models import Package
from packhouse.planning.models import Scenario, ScenarioVersion
from tests.api.callers import Caller, a_caller
from tests.api.objects.answers import grows, ids
from tests.builders import a_location, a_product, an_order, some_stock
from tests.jobs import waiting_jobs

pytestmark = pytest.mark.django_db

WHOLE: dict[str, Any] = {
    "name": "Web shop, Ankara first",
    "description": "",
    "status": "active",
    "priority": 10,
    "default_location": "WH-1",
    "customer_query": {"field": "customer.user_type", "op": "in", "value": ["individual", "vip"]},
    "rules": [
        {
            "name": "one open store of the same city",
            "prerequisite": {"field": "order.amount", "op": "gte", "value": "500"},
            "product_condition": "all_products",
            "location_conditions": [
                {"code": "STOCK_LOCATION_TYPE", "value": "store"},
                {"code": "SELECT_BY_QUOTA"},
            ],
            "sort": [{"key": "DISTANCE", "direction": "asc"}],
            "max_packages": 1,
        }
    ],
}
SMALL: dict[str, Any] = {"name": "Small", "default_location": "WH-1", "rules": [{"name": "all"}]}


@pytest.fixture(autouse=True)
def _warehouse(db: None) -> None:
    a_location(erp_code="WH-1", stock_location_type="warehouse", max_quota=10)
    a_location(erp_code="S-1", max_quota=5)


def made(caller: Caller, **changes: Any) -> Any:
    answer = caller.post("scenarios/", {**SMALL, **changes})
    assert answer.status == 201, answer.content
    return answer.json


def test_the_first_save_is_version_one_and_live(operator: Caller) -> None:
    answer = operator.post("scenarios/", WHOLE)

    document = answer.json
    assert (answer.status, document["version"], document["latest_version"]) == (201, 1, 1)
    assert {key: document[key] for key in ("name", "status", "priority", "kind")} == {
        "name": WHOLE["name"],
        "status": "active",
        "priority": 10,
        "kind": "distribution",
    }
    assert document["rules"][0]["strategy"] == "ordered"
    assert document["channel_condition_type"] == "dynamic"
    assert document["warnings"] == []
    again = operator.get(f"scenarios/{document['id']}/")
    assert again.json == document
    assert again.headers["ETag"] == answer.headers["ETag"]
    assert ScenarioVersion.objects.get().author_id == (operator.user and operator.user.pk)


def test_what_acts_at_once_makes_no_version(operator: Caller) -> None:
    scenario = made(operator)

    answer = operator.patch(
        f"scenarios/{scenario['id']}/", {"name": "Renamed", "status": "active", "priority": 3}
    )

    assert (answer.status, answer.json["name"], answer.json["latest_version"]) == (200, "Renamed", 1)
    assert Scenario.objects.get().status == "active"


def test_anything_else_is_a_version_that_waits_to_be_activated(operator: Caller) -> None:
    scenario = made(operator)
    address = f"scenarios/{scenario['id']}"

    patched = operator.patch(f"{address}/", {"rules": [{"name": "other"}], "name": "Renamed"}).json
    assert (patched["version"], patched["latest_version"], patched["name"]) == (1, 2, "Renamed")
    assert patched["rules"][0]["name"] == "all"

    activated = operator.post(f"{address}/versions/2/activate/")
    assert (activated.status, activated.json["version"]) == (200, 2)
    assert operator.get(f"{address}/").json["rules"][0]["name"] == "other"
    assert operator.post(f"{address}/versions/1/activate/").status == 200
    assert operator.get(f"{address}/").json["rules"][0]["name"] == "all"
    assert [row.number for row in ScenarioVersion.objects.order_by("number")] == [1, 2]


def test_what_was_read_may_be_sent_back(operator: Caller) -> None:
    scenario = made(operator)

    answer = operator.patch(f"scenarios/{scenario['id']}/", scenario)

    assert (answer.status, answer.json) == (200, scenario)


def test_versions_are_listed_compared_and_made_from_any_other(operator: Caller) -> None:
    scenario = made(operator)
    address = f"scenarios/{scenario['id']}/versions"

    second = operator.post(f"{address}/", {"rules": [{"name": "second"}], "comment": "try"})
    third = operator.post(f"{address}/", {"channels": [4], "channel_condition_type": "static", "base": 2})

    assert (second.status, second.json["version"], second.json["comment"]) == (201, 2, "try")
    assert third.json["document"]["rules"][0]["name"] == "second"
    rows = operator.get(f"{address}/").json["results"]
    assert [(row["version"], row["is_live"]) for row in rows] == [(3, False), (2, False), (1, True)]
    assert operator.get(f"{address}/2/").json["document"]["rules"][0]["name"] == "second"
    assert operator.get(f"{address}/diff/?from=1&to=2").json["changes"] == [
        {"path": "rules.0.name", "old": "all", "new": "second"}
    ]


def only(erp_code: str) -> dict[str, Any]:
    return {"name": "r", "location_conditions": [{"code": "STOCK_LOCATION_LIST", "value": [erp_code]}]}


def test_a_switched_version_binds_the_next_order(operator: Caller) -> None:
    scenario = made(operator, status="active", rules=[only("WH-1")])
    product = a_product(sku="X")
    for code in ("WH-1", "S-1"):
        some_stock(stock_location=_location(code), sku="X", on_hand=5)
    first, second = an_order(products=[product]), an_order(products=[product])

    plan_order(first.pk)
    operator.patch(f"scenarios/{scenario['id']}/", {"rules": [only("S-1")]})
    operator.post(f"scenarios/{scenario['id']}/versions/2/activate/")
    plan_order(second.pk)

    places = Package.objects.order_by("id").values_list("stock_location__erp_code", "scenario__version")
    assert list(places) == [("WH-1", 1), ("S-1", 2)]


def _location(code: str) -> StockLocation:
    return StockLocation.objects.get(erp_code=code)


def test_orders_that_found_no_scenario_are_tried_again(operator: Caller) -> None:
    order = an_order()
    plan_order(order.pk)

    made(operator, status="active")

    assert [job["order_id"] for job in waiting_jobs("planning.plan_order")] == [order.pk]


def test_a_scenario_that_can_never_place_anything_is_told_so(operator: Caller) -> None:
    a_location(erp_code="NO-QUOTA", max_quota=None)
    rules = [
        {
            "name": "never",
            "location_conditions": [
                {"code": "STOCK_LOCATION_LIST", "value": ["NO-QUOTA"]},
                {"code": "SELECT_BY_QUOTA"},
            ],
        }
    ]

    answer = operator.post("scenarios/", {**SMALL, "rules": rules})
    turkish = operator.post("scenarios/validate/", {**SMALL, "rules": rules}, Accept_Language="tr").json

    told = {warning["code"]: warning for warning in answer.json["warnings"]}
    assert "NO-QUOTA" in [row["erp_code"] for row in told["never_places"]["locations"]]
    assert turkish["valid"] is True
    assert turkish["warnings"][0]["detail"] != answer.json["warnings"][0]["detail"]


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"name": ""}, "name"),
        ({"name": "TAKEN"}, "name"),
        ({"colour": 1}, "colour"),
        ({"priority": "first"}, "priority"),
        ({"status": "on"}, "status"),
        ({"default_location": None}, "default_location"),
        ({"rules": [{}]}, "rules.0.name"),
        ({"rules": [{"name": "r", "sort": [{"key": "LUCK"}]}]}, "rules.0.sort.0.key"),
        (
            {"rules": [{"name": "r", "location_conditions": [{"code": "MOON"}]}]},
            "rules.0.location_conditions.0.code",
        ),
        ({"channel_query": {"field": "order.moon", "op": "eq", "value": 1}}, "channel_query.field"),
        ({"kind": "moon"}, "kind"),
        ({"rules": "x"}, "rules"),
    ],
)
def test_what_is_wrong_is_named_by_its_path_and_nothing_is_saved(
    operator: Caller, changes: Any, path: str
) -> None:
    made(operator, name="TAKEN")
    scenario = made(operator)

    created = operator.post("scenarios/", {**SMALL, "name": "New", **changes})
    changed = operator.patch(f"scenarios/{scenario['id']}/", changes)

    assert (created.status, changed.status) == (400, 400), (created.content, changed.content)
    assert path in created.json
    assert path in changed.json
    assert (Scenario.objects.count(), ScenarioVersion.objects.count()) == (2, 2)


def test_validating_saves_nothing(operator: Caller) -> None:
    good = operator.post("scenarios/validate/", SMALL)
    bad = operator.post("scenarios/validate/", {**SMALL, "rules": [{}]})

    assert good.json == {"valid": True, "errors": {}, "warnings": []}
    assert (bad.status, bad.json["valid"], bad.json["errors"]) == (200, False, {"rules.0.name": ["required"]})
    assert not Scenario.objects.exists()


def test_order_of_scenarios(operator: Caller) -> None:
    first, second, third = (made(operator, name=name)["id"] for name in "ABC")

    assert operator.post("scenarios/reorder/", [third, first]).status == 204
    assert ids(operator.get("scenarios/?sort=priority")) == [third, first, second]
    for body in ([first, first], [99999999], ["x"], {}, None, [True]):
        assert operator.post("scenarios/reorder/", body).status == 400, body


def test_delete_sets_passive(operator: Caller) -> None:
    scenario = made(operator, status="active")

    assert operator.delete(f"scenarios/{scenario['id']}/").status == 204
    assert operator.get(f"scenarios/{scenario['id']}/").json["status"] == "passive"


def test_fields_of_queries(operator: Caller) -> None:
    rows = {row["field"]: row for row in operator.get("scenarios/fields/").json}

    assert rows["order.amount"]["type"] == "decimal"
    assert "gte" in rows["order.amount"]["operators"]
    assert "product.attributes.<key>" in rows


def test_an_edit_on_top_of_anothers_is_412(operator: Caller) -> None:
    scenario = made(operator)
    etag = operator.get(f"scenarios/{scenario['id']}/").headers["ETag"]

    assert operator.patch(f"scenarios/{scenario['id']}/", {"priority": 1}, If_Match=etag).status == 200
    assert operator.patch(f"scenarios/{scenario['id']}/", {"priority": 2}, If_Match=etag).status == 412
    assert operator.delete(f"scenarios/{scenario['id']}/", If_Match=etag).status == 412


def test_filters_and_statements(operator: Caller) -> None:
    scenario = made(operator)
    body = {"name": "Stores feed WH-1", "kind": "transfer", "rules": [{"name": "near"}]}
    feeds = operator.post("scenarios/", body).json

    assert ids(operator.get("scenarios/?kind=transfer")) == [feeds["id"]]
    assert ids(operator.get("scenarios/?kind=distribution&status=passive")) == [scenario["id"]]
    numbers = iter(range(100))
    assert grows(operator, "scenarios/", lambda: made(operator, name=f"N{next(numbers)}")) == 0


def test_who_may(operator: Caller) -> None:
    scenario = made(operator)
    store = a_caller(Role.STORE, locations=[_location("S-1")])
    key = a_caller(Role.INTEGRATION, user_scopes=["read", "commands"])

    for caller in (store, key):
        for address in ("scenarios/", f"scenarios/{scenario['id']}/", "scenarios/fields/"):
            assert caller.get(address).status == 403
        assert caller.post("scenarios/", SMALL).status == 403


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("GET", "scenarios/99999999/"),
        ("PATCH", "scenarios/99999999/"),
        ("DELETE", "scenarios/99999999/"),
        ("GET", "scenarios/99999999/versions/"),
        ("POST", "scenarios/99999999/versions/1/activate/"),
        ("GET", "scenarios/{id}/versions/9/"),
        ("GET", "scenarios/{id}/versions/999999999999999999/"),
        ("POST", "scenarios/{id}/versions/999999999999999999/activate/"),
        ("GET", "scenarios/{id}/versions/diff/?from=1&to=9"),
    ],
)
def test_what_is_not_there_is_404(operator: Caller, method: str, address: str) -> None:
    scenario = made(operator)

    assert operator.call(method, address.format(id=scenario["id"]), {}).status == 404


def test_diff_needs_two_numbers(operator: Caller) -> None:
    scenario = made(operator)

    for query in ("", "?from=1", "?from=1&to=x", "?from=1&to=2&colour=red"):
        assert operator.get(f"scenarios/{scenario['id']}/versions/diff/{query}").status == 400, query
