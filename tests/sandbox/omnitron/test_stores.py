"""Retail stores."""

from __future__ import annotations

import pytest

from tests.sandbox.omnitron.conftest import Api, Json

FIELDS = {
    "pk", "name", "erp_code", "address", "township", "township_id", "district", "phone_number", "fax_phone_number",
    "fax_number", "latitude", "longitude", "store_hours", "is_active", "click_and_collect", "fast_delivery",
    "is_return_accepted", "sort_order", "config",
}  # fmt: skip


def test_stores_are_listed_flat_and_found_by_code(api: Api) -> None:
    stores = api.rows("retail_stores/")

    assert len(stores) == 12
    assert set(stores[0]) >= FIELDS
    assert api.rows("retail_stores/", erp_code="S01") == [
        each for each in stores if each["erp_code"] == "S01"
    ]
    assert api.rows("channel/2/retail_stores/") == stores
    assert api.get(f"retail_stores/{stores[0]['pk']}/") == stores[0]
    assert [each["config"]["stock_location_type"] for each in stores].count("warehouse") == 1
    assert all(len(each["store_hours"]) == 7 and each["config"]["capacity_limit"] for each in stores)


@pytest.mark.parametrize("path", ["retail_stores/101/detailed/", "retail_stores/detailed/"])
def test_detailed_stores_carry_their_places(api: Api, path: str) -> None:
    answer = api.get(path)
    store = answer if "pk" in answer else answer["results"][0]

    assert store["township"]["pk"] == store["township_id"]
    assert store["township"]["city"]["country"]["code"] == "tr"
    assert store["district"]["township"] == store["township_id"]


def test_a_store_is_opened_changed_and_closed(api: Api) -> None:
    store = api.post(
        "retail_stores/", {"name": "Popup", "erp_code": "P1", "township_id": 1001, "fax_number": "5"}
    )
    path = f"retail_stores/{store['pk']}/"

    assert (store["township"], store["fax_phone_number"]) == (1001, "5")
    assert api.get(path) == store
    changed = api.patch(path, {"is_active": "false", "latitude": 41.5, "config": {"capacity_limit": 5}})
    assert (changed["is_active"], changed["latitude"], changed["config"]) == (
        False,
        "41.50000000",
        {"capacity_limit": 5},
    )
    assert changed["modified_date"] > store["modified_date"]
    replaced = api.call("PUT", path, 200, json={"name": "Popup 2"})
    assert (replaced["name"], replaced["erp_code"], replaced["config"], replaced["is_active"]) == (
        "Popup 2",
        None,
        {},
        True,
    )
    assert api.call("DELETE", path, 204) is None
    assert api.get(path, expect=404)


@pytest.mark.parametrize(
    ("body", "field"),
    [({}, "name"), ({"name": "x", "township": 1}, "township"), ({"name": "x", "latitude": "n"}, "latitude")],
)
def test_a_store_that_cannot_be_is_400(api: Api, body: Json, field: str) -> None:
    assert api.post("retail_stores/", body, status=400)[field]


def test_a_code_is_given_once(api: Api) -> None:
    assert api.post("retail_stores/", {"name": "x", "erp_code": "S01"}, status=406)["error_code"]
    other = api.rows("retail_stores/", erp_code="S02")[0]["pk"]
    assert api.patch(f"retail_stores/{other}/", {"erp_code": "S01"}, status=406)["error_code"]
    assert api.patch(f"retail_stores/{other}/", {"erp_code": "S02"})["erp_code"] == "S02"


def test_a_store_that_orders_go_to_stays(api: Api) -> None:
    used = api.rows("channel/1/addresses/", address_type="retail_store")[0]["retail_store"]

    assert api.call("DELETE", f"retail_stores/{used}/", 406)["error_code"] == "RetailStoreInUse"


def test_a_store_of_some_channels_is_shown_to_these(api: Api) -> None:
    store = api.post("retail_stores/", {"name": "Only web", "channels": [1]})

    assert store in api.rows("channel/1/retail_stores/")
    assert store not in api.rows("channel/2/retail_stores/")
