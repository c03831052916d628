"""Keys, login, logout."""

from typing import Any

import pytest

from packhouse.kernel.models import Role, Scope
from tests.api.callers import Caller, a_caller
from tests.builders import a_location, a_user

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("scheme", ["Token", "token", "Bearer", "BEARER"])
def test_a_key_goes_under_either_scheme_in_any_case(admin: Caller, scheme: str) -> None:
    assert Caller(authorization=f"{scheme} {admin.key}").get("channels/").status == 200


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Token",
        "Token ",
        "Basic b21zOnNlY3JldA==",
        "Token 0000000000000000000000000000000000000000",
        "Token not a key",
        "Token ğü",
    ],
)
def test_without_a_good_key_401_and_how_to_do_better(header: str | None) -> None:
    sent: dict[str, Any] = {} if header is None else {"authorization": header}
    answer = Caller(**sent).get("channels/")

    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"] == "Token"
    assert answer.json["code"] == "not_authenticated"
    assert isinstance(answer.json["detail"], str)


def test_a_jwt_is_refused_by_name() -> None:
    jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"

    answer = Caller(authorization=f"Bearer {jwt}").get("channels/")

    assert (answer.status, answer.json["code"]) == (401, "jwt_not_supported")
    assert answer.headers["WWW-Authenticate"] == "Token"


@pytest.mark.parametrize("address", ["/api/v1/auth/login/", "/api/v1/oms/auth/login", "auth/login/"])
def test_login_gives_a_key_that_works(nobody: Caller, address: str) -> None:
    user = a_user(role=Role.OPERATOR, password="correct horse")

    answer = nobody.post(address, {"username": user.username, "password": "correct horse"})

    assert answer.status == 200
    assert list(answer.json) == ["key"]
    assert Caller(answer.json["key"]).get("channels/").status == 200


def test_login_takes_a_form_too(nobody: Caller) -> None:
    user = a_user(password="correct horse")
    form = f"username={user.username}&password=correct+horse".encode()

    answer = nobody.post("auth/login/", form, content_type="application/x-www-form-urlencoded")

    assert answer.status == 200


def test_login_is_not_put_off_by_the_key_that_has_expired() -> None:
    user = a_user(password="correct horse")
    stale = Caller("0" * 40)

    answer = stale.post("auth/login/", {"username": user.username, "password": "correct horse"})

    assert answer.status == 200


def test_bad_credentials_are_400(nobody: Caller) -> None:
    answer = nobody.post("auth/login/", {"username": "nobody", "password": "wrong"})

    assert answer.status == 400
    assert answer.json == {
        "non_field_errors": ["Unable to log in with the credentials given."],
        "code": "bad_credentials",
    }


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({}, "missing_parameter", "username"),
        ({"username": "x"}, "missing_parameter", "password"),
        ({"username": ["x"], "password": "y"}, "invalid_parameter", "username"),
        ({"username": "x", "password": "y", "otp": 1}, "unknown_parameter", "otp"),
        ([], "invalid_parameter", "non_field_errors"),
        ({"username": "x" * 200, "password": "y"}, "invalid_parameter", "username"),
    ],
)
def test_login_names_what_is_wrong(nobody: Caller, body: object, code: str, field: str) -> None:
    answer = nobody.post("auth/login/", body)

    assert answer.status == 400
    assert answer.json["code"] == code
    assert field in answer.json


def test_logout_revokes_this_key_alone(admin: Caller) -> None:
    assert admin.user
    answer = admin.post("/api/v1/auth/logout/")

    assert (answer.status, answer.content) == (204, b"")
    assert admin.get("channels/").status == 401


@pytest.mark.parametrize("address", ["/api/v1/active_user/", "/api/v1/active_user", "active_user/"])
def test_active_user_tells_who_the_key_is(address: str) -> None:
    location = a_location()
    store = a_caller(Role.STORE, locations=[location])
    assert store.user

    answer = store.get(address)

    assert answer.status == 200
    assert answer.json == {
        "pk": store.user.pk,
        "username": store.user.username,
        "email": "",
        "first_name": "",
        "last_name": "",
        "role": "store",
        "scopes": ["commands", "read"],
        "locations": [location.pk],
    }


def test_active_user_is_for_every_key_whatever_it_may_do_elsewhere() -> None:
    hooks = a_caller(Role.INTEGRATION, user_scopes=[Scope.HOOKS_IN])

    answer = hooks.get("active_user/")

    assert answer.status == 200
    assert answer.json["scopes"] == ["hooks_in"]
    assert answer.json["locations"] is None
    assert hooks.get("channels/").status == 403


def test_active_user_needs_a_key(nobody: Caller) -> None:
    assert nobody.get("active_user/").status == 401
