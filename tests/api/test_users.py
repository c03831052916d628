"""Users and their keys."""

import pytest

from packhouse.kernel.models import ApiKey, Role, User
from packhouse.locations.models import LocationUser
from tests.api.callers import Caller, a_caller
from tests.api.objects.answers import grows, ids
from tests.builders import a_channel, a_location, a_user

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"


def test_a_user_is_made_and_can_log_in(admin: Caller, nobody: Caller) -> None:
    location = a_location()

    made = admin.post(
        "users/",
        {"username": "ada", "password": PASSWORD, "role": "store", "locations": [location.pk]},
    )
    key = nobody.post("/api/v1/auth/login/", {"username": "ada", "password": PASSWORD}).json["key"]

    assert made.status == 201
    assert "password" not in made.json
    assert (made.json["role"], made.json["locations"]) == ("store", [location.pk])
    active = Caller(key).get("active_user/").json
    assert (active["username"], active["locations"]) == ("ada", [location.pk])


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "username"),
        ({"username": "ada", "role": "king"}, "role"),
        ({"username": "a b", "role": "admin"}, "username"),
        ({"username": "KNOWN", "role": "admin"}, "username"),
        ({"username": "ada", "role": "admin", "password": "short"}, "password"),
        ({"username": "ada", "role": "admin", "password": "password123"}, "password"),
        ({"username": "ada", "role": "admin", "email": "x"}, "email"),
        ({"username": "ada", "role": "store", "locations": [99999999]}, "locations"),
        ({"username": "ada", "role": "store", "locations": ["9" * 5000]}, "locations"),
        ({"username": "ada", "role": "integration", "scopes": ["everything"]}, "scopes"),
        ({"username": "ada", "role": "admin", "is_superuser": True}, "is_superuser"),
        ([], "non_field_errors"),
    ],
)
def test_what_is_no_user_is_refused(admin: Caller, body: object, field: str) -> None:
    a_user(username="known")

    answer = admin.post("users/", body)

    assert answer.status == 400
    assert field in answer.json
    assert not User.objects.filter(username="ada").exists()


def test_locations_are_for_store_users(admin: Caller) -> None:
    location = a_location()
    store = a_user(role=Role.STORE)

    at_work = admin.patch(f"users/{store.pk}/", {"locations": [location.pk]})
    promoted = admin.patch(f"users/{store.pk}/", {"role": "operator"})
    moved = admin.patch(f"users/{store.pk}/", {"role": "operator", "locations": []})

    assert (at_work.status, at_work.json["locations"]) == (200, [location.pk])
    assert (promoted.status, list(promoted.json)) == (400, ["locations", "code"])
    assert (moved.status, moved.json["role"], LocationUser.objects.count()) == (200, "operator", 0)


def test_one_admin_always_stays(admin: Caller) -> None:
    assert admin.user
    address = f"users/{admin.user.pk}/"

    assert admin.delete(address).json["detail"] == "You cannot switch yourself off."
    assert "role" in admin.patch(address, {"role": "operator"}).json
    assert "is_active" in admin.patch(address, {"is_active": False}).json
    a_user(role=Role.ADMIN)
    assert admin.patch(address, {"is_active": False}).status == 200


def test_a_user_is_switched_off_with_its_keys(admin: Caller) -> None:
    other = a_caller(Role.OPERATOR)
    assert other.user

    assert admin.delete(f"users/{other.user.pk}/").status == 204

    assert other.get("active_user/").status == 401
    assert admin.get(f"users/{other.user.pk}/").json["is_active"] is False
    assert ApiKey.objects.get(user=other.user).revoked_date


def test_a_key_is_shown_once_and_narrowed(admin: Caller) -> None:
    user = a_user(role=Role.INTEGRATION, scopes=["read", "orders"])
    location, channel = a_location(), a_channel()
    address = f"users/{user.pk}/keys/"

    made = admin.post(
        address,
        {"name": "till", "scopes": ["read"], "locations": [location.pk], "channels": [channel.pk], "days": 7},
        idempotency_key="once",
    )
    again = admin.post(
        address,
        {"name": "till", "scopes": ["read"], "locations": [location.pk], "channels": [channel.pk], "days": 7},
        idempotency_key="once",
    )

    assert (made.status, len(made.json["key"])) == (201, 40)
    assert again.json["key"] != made.json["key"]
    active = Caller(made.json["key"]).get("active_user/").json
    assert (active["scopes"], active["locations"]) == (["read"], [location.pk])
    listed = admin.get(address).json["results"]
    assert [row["id"] for row in listed] == [again.json["id"], made.json["id"]]
    assert "key" not in listed[0]
    assert (listed[0]["channels"], listed[0]["revoked_date"]) == ([channel.pk], None)
    refused = admin.post(address, {"name": "till", "scopes": ["commands"]})
    assert (refused.status, list(refused.json)) == (400, ["scopes", "code"])


def test_keys_are_revoked_one_or_all(admin: Caller) -> None:
    user = a_user()
    address = f"users/{user.pk}/keys/"
    first, second = (admin.post(address, {"name": name}).json for name in ("a", "b"))

    assert admin.delete(f"{address}{first['id']}/").status == 204
    assert Caller(first["key"]).get("active_user/").status == 401
    assert Caller(second["key"]).get("active_user/").status == 200
    assert ids(admin.get(f"{address}?is_revoked=true")) == [first["id"]]
    assert admin.delete(address).status == 204
    assert Caller(second["key"]).get("active_user/").status == 401
    assert admin.get(f"{address}{second['id']}/").json["revoked_date"]
    assert admin.delete(f"users/{a_user().pk}/keys/{first['id']}/").status == 404
    assert admin.get("users/99999999/keys/").status == 404


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.STORE, Role.INTEGRATION])
def test_they_are_for_admins_alone(role: Role) -> None:
    caller = a_caller(role, user_scopes=["read", "setup"])

    for method, address in (("GET", "users/"), ("POST", "users/"), ("GET", "users/1/keys/")):
        assert caller.call(method, address, {} if method == "POST" else None).status == 403


def test_a_list_has_filters_and_a_fixed_number_of_statements(admin: Caller) -> None:
    location = a_location()
    store = a_user(username="till-1", role=Role.STORE)
    LocationUser.objects.create(user=store, location=location)

    for query in ("role=store", "username=TILL", f"location={location.pk}"):
        assert ids(admin.get(f"users/?{query}")) == [store.pk]
    assert grows(admin, "users/", a_user) == 0
