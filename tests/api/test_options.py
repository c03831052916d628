"""OPTIONS as published."""

import pytest

from tests.api.callers import Caller

pytestmark = pytest.mark.django_db


def test_the_published_shape(admin: Caller) -> None:
    answer = admin.options("package-denial-reason/list-simple/")

    assert answer.status == 200
    assert list(answer.json) == ["name", "renders", "parses", "actions"]
    assert "text/csv" in answer.json["renders"]
    assert answer.json["parses"] == [
        "application/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
    ]
    assert answer.json["actions"]["GET"]["title"] == {
        "type": "string",
        "required": True,
        "read_only": False,
        "label": "Title",
    }


def test_choices_have_value_and_display_name(admin: Caller) -> None:
    role = admin.options("active_user/").json["actions"]["GET"]["role"]

    assert {"value": "store", "display_name": "Store"} in role["choices"]


def test_nested_objects_show_their_fields(admin: Caller) -> None:
    images = admin.options("products/").json["actions"]["GET"]["productimage_set"]

    assert images["child"]["children"]["url"]["type"] == "string"


def test_methods_are_those_that_the_caller_may_use(admin: Caller, operator: Caller) -> None:
    address = "packages/package_denial_reason/1/"

    assert list(admin.options(address).json["actions"]) == ["GET", "PUT"]
    assert list(operator.options(address).json["actions"]) == ["GET"]


@pytest.mark.parametrize(
    "address",
    ["channels/", "channels/1/", "auth/login/", "settings/application_settings/", "auth/logout/", "schema/"],
)
def test_every_route_has_it(admin: Caller, address: str) -> None:
    answer = admin.options(f"{address}?format=json")

    assert answer.status == 200
    assert answer.json["name"]


def test_it_needs_a_key_where_the_address_does(nobody: Caller) -> None:
    assert nobody.options("channels/").status == 401
