"""The OpenAPI document and its pages."""

from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from packhouse.api.v1 import schema
from packhouse.kernel import settings_store
from tests.api.callers import Caller

pytestmark = pytest.mark.django_db


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in schema.document()["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def test_it_is_yaml_or_json_and_open_to_all(nobody: Caller) -> None:
    as_yaml = nobody.get("schema/")
    as_json = nobody.get("schema?format=json")
    by_accept = nobody.get("schema/", accept="application/json")

    assert as_yaml.status == as_json.status == by_accept.status == 200
    assert yaml.safe_load(as_yaml.content)["openapi"] == "3.0.3"
    assert as_json.json == by_accept.json
    assert as_json.json["info"]["title"] == "Packhouse"


def test_the_pages_load_nothing_from_elsewhere(nobody: Caller) -> None:
    answer = nobody.get("docs/")
    text = answer.content.decode()

    assert answer.status == 200
    assert "http://" not in text
    assert "https://" not in text
    for part in text.split('"'):
        if part.startswith("/static/"):
            assert nobody.get(part).status == 200


def test_the_setting_closes_both(nobody: Caller, operator: Caller) -> None:
    settings_store.put("API", {"public_schema": False})
    settings_store.forget()

    for address in ("schema/", "docs/"):
        assert nobody.get(address).status == 401
        assert operator.get(address).status == 200


def test_making_it_warns_of_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    schema.document.cache_clear()

    schema.document()

    assert "Warning" not in capsys.readouterr().err


def test_every_operation_says_what_it_does_and_has_a_name_of_its_own() -> None:
    names = [operation["operationId"] for _path, _method, operation in operations()]

    assert len(names) == len(set(names))
    assert len(names) > 30


def test_paths_stand_in_their_canonical_form() -> None:
    for path, _method, _operation in operations():
        assert path.startswith(("/api/v1/", "/whisperer/"))
        assert path.endswith(("/", "/query-stock-availability", "/stocklocations-webhook", ".xml"))


def test_a_list_tells_its_filters_pages_and_sorts() -> None:
    listed = schema.document()["paths"]["/api/v1/oms/products/"]["get"]

    parameters = {parameter["name"]: parameter for parameter in listed["parameters"]}
    assert {"sku", "sku__in", "created_date__gte", "page", "limit", "page_size", "sort"} <= set(parameters)
    assert parameters["is_active"]["schema"] == {"type": "boolean"}
    reference = listed["responses"]["200"]["content"]["application/json"]["schema"]["$ref"]
    body = schema.document()["components"]["schemas"][reference.rpartition("/")[2]]
    assert body["required"] == ["count", "next", "previous", "results"]
    assert listed["responses"]["4XX"]


def test_login_needs_no_key_and_lists_do() -> None:
    paths = schema.document()["paths"]

    assert not paths["/api/v1/auth/login/"]["post"].get("security")
    assert paths["/api/v1/oms/products/"]["get"]["security"] == [{"key": []}]
