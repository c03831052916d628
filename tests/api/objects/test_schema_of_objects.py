"""The OpenAPI document describes what these addresses take and answer."""

from typing import Any

import pytest
from drf_spectacular.validation import validate_schema

from packhouse.api.v1 import schema
from packhouse.commands.registry import in_order

BASE = "/api/v1/oms/"


def operation(method: str, address: str) -> dict[str, Any]:
    found: dict[str, Any] = schema.document()["paths"][BASE + address][method]
    return found


def component(reference: dict[str, Any]) -> dict[str, Any]:
    name = reference["$ref"].rpartition("/")[2]
    found: dict[str, Any] = schema.document()["components"]["schemas"][name]
    return found


def answer(method: str, address: str, status: str = "200") -> dict[str, Any]:
    content = operation(method, address)["responses"][status]["content"]["application/json"]
    found: dict[str, Any] = content["schema"]
    return found


def test_it_is_a_valid_document() -> None:
    validate_schema(schema.document())


@pytest.mark.parametrize(("kind", "address"), [("package", "packages"), ("transfer", "transfer_orders")])
def test_every_command_shows_its_body_with_an_example(kind: str, address: str) -> None:
    found = operation("post", f"{address}/{{id}}/command/")

    body = found["requestBody"]["content"]["application/json"]
    shape = component(body["schema"])
    assert {kind, "transition", "slug", "input_parameters"} == set(shape["properties"])
    names = [command.name for command in in_order(kind) if not command.system_only]
    assert [each["$ref"].rpartition("/")[2] for each in shape["anyOf"]] == [f"{name}Body" for name in names]
    assert list(body["examples"]) == names
    assert {"200", "204", "4XX"} <= set(found["responses"])


def test_a_commands_parameters_are_described() -> None:
    body = component({"$ref": "CancelPackageCommandBody"})
    parameters = component(body["properties"]["input_parameters"])

    assert parameters["additionalProperties"] is False
    assert parameters["properties"]["replan"] == {
        "type": "boolean",
        "default": False,
        "description": "Keep the customer's units and plan them again, never to this location.",
    }
    item = component(parameters["properties"]["package_items"]["items"])
    assert item["required"] == ["id"]
    number, _text = item["properties"]["quantity"]["anyOf"]
    assert (number["minimum"], number["exclusiveMinimum"]) == (0.0, True)
    assert item["properties"]["quantity"]["nullable"] is True
    assert "cancel-from-packed" in body["properties"]["slug"]["description"]


def test_a_package_is_described_down_to_its_parts() -> None:
    package = component(answer("get", "packages/{id}/"))

    assert {"id", "state", "commands", "shipment", "packageitem_set", "stock_location"} <= set(
        package["required"]
    )
    item = component(package["properties"]["packageitem_set"]["items"])
    assert item["properties"]["quantity"]["type"] == "number"
    order_item = component(item["properties"]["order_item"]["allOf"][0])
    assert order_item["properties"]["price"]["type"] == "string"
    command = component(package["properties"]["commands"]["items"])
    assert {"transition", "slug", "command", "name", "target_state", "input_parameters"} == set(
        command["properties"]
    )


@pytest.mark.parametrize(
    ("address", "some"),
    [
        (
            "packages/",
            {
                "state__enum_value",
                "order__number",
                "stock_location__erp_code",
                "q",
                "limit",
                "sort",
                "format",
            },
        ),
        ("packages/short/", {"state__enum_value__ne", "id__gt"}),
        ("orders/", {"date_placed__gte", "is_planned"}),
        ("transfer_orders/", {"source__erp_code", "erp_code"}),
        ("state-transition-logs/", {"old_state__name", "slug"}),
        ("stocks/", {"available__lt"}),
        ("query-stock-availability", {"sku", "erp_code", "tag"}),
    ],
)
def test_lists_name_their_filters(address: str, some: set[str]) -> None:
    names = {parameter["name"] for parameter in operation("get", address)["parameters"]}

    assert some <= names


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("patch", "packages/{id}/"),
        ("post", "packages/commands/"),
        ("post", "stocks/bulk/"),
        ("post", "stocklocations/"),
        ("put", "stocklocations/{id}/"),
        ("post", "scenarios/"),
        ("post", "scenarios/{id}/versions/"),
        ("post", "transitions/"),
        ("patch", "transitions/{id}/"),
        ("post", "orderexecutionplans/{id}/command/"),
    ],
)
def test_writes_say_what_they_take(method: str, address: str) -> None:
    body = operation(method, address)["requestBody"]["content"]["application/json"]["schema"]

    assert body


def test_files_are_files() -> None:
    for address in ("packages/{id}/label/", "packages/{id}/document/", "shipments/{id}/label/"):
        content = operation("get", address)["responses"]["200"]["content"]
        assert content["application/pdf"]["schema"] == {"type": "string", "format": "binary"}
