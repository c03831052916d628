"""Application settings over HTTP."""

from typing import Any

import pytest

from packhouse.kernel import settings_store
from packhouse.kernel.models import Setting
from packhouse.kernel.settings_keys import KEYS
from tests.api.callers import Caller

pytestmark = pytest.mark.django_db

LIST = "settings/application_settings/"
CLIENT: dict[str, Any] = {
    "auth": {"username": "oms", "password": "secret"},
    "urls": {"oms_url": "https://oms.example.com/api/v1", "base_url": "https://o.example.com/api/v1"},
    "timeouts": {"read": 20, "connect": 5},
    "endpoint_conf": [{"endpoint": "orders", "base_url": "https://s.example.com", "auth": {"token": "t"}}],
}


def value_of(key: str) -> Any:
    settings_store.forget()
    return settings_store.get(key)


@pytest.fixture
def polling(admin: Caller) -> str:
    """The address of a stored setting."""
    made = admin.post(LIST, {"key": "CARRIER_POLLING", "json_value": {"minutes": 5}})
    return f"{LIST}{made.json['id']}/"


def test_a_setting_is_made_listed_and_read(admin: Caller) -> None:
    made = admin.post(LIST, {"key": "CARRIER_POLLING", "json_value": {"minutes": 5}})

    assert made.status == 201
    assert made.json == {"id": made.json["id"], "key": "CARRIER_POLLING", "json_value": {"minutes": 5}}
    assert admin.get(LIST).json["results"] == [made.json]
    assert admin.get(f"{LIST}{made.json['id']}/").json == made.json
    assert value_of("CARRIER_POLLING") == {"minutes": 5, "stop_after_days": 60}


def test_ten_a_page_and_the_key_contains(admin: Caller) -> None:
    for name in list(KEYS)[:12]:
        settings_store.put(name, KEYS[name].default)

    assert len(admin.get(LIST).json["results"]) == 10
    found = admin.get(f"{LIST}?key=catchup").json["results"]
    assert [row["key"] for row in found] == ["OMNITRON_CATCHUP_SECONDS"]


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_an_update_answers_200_without_a_body(admin: Caller, polling: str, method: str) -> None:
    answer = admin.call(method, polling, {"json_value": {"minutes": 7}})

    assert (answer.status, answer.content) == (200, b"")
    assert value_of("CARRIER_POLLING")["minutes"] == 7


def test_what_was_read_may_be_sent_back(admin: Caller, polling: str) -> None:
    assert admin.put(polling, admin.get(polling).json).status == 200


def test_delete_goes_back_to_the_default(admin: Caller, polling: str) -> None:
    assert admin.delete(polling).status == 204
    assert admin.get(polling).status == 404
    assert value_of("CARRIER_POLLING")["minutes"] == 30


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"json_value": 1}, {"key": ["This field is required."]}),
        ({"key": "CARRIER_POLLING"}, {"json_value": ["This field is required."]}),
        ({"key": "NO_SUCH_KEY", "json_value": 1}, {"key": ["There is no setting NO_SUCH_KEY."]}),
        (
            {"key": "CARRIER_POLLING", "json_value": {"minutes": "often"}},
            {"json_value": {"minutes": ["Input should be a valid integer"]}},
        ),
        (
            {"key": "IS_OTP_ENABLED", "json_value": 3},
            {"json_value": ["Input should be a valid boolean"]},
        ),
        ({"key": "IS_OTP_ENABLED", "json_value": True, "x": 1}, {"x": ["This key is not known."]}),
    ],
)
def test_what_does_not_fit_is_400_in_the_published_shape(admin: Caller, body: Any, error: Any) -> None:
    answer = admin.post(LIST, body)

    assert (answer.status, answer.json) == (400, error)
    assert not Setting.objects.exists()


def test_a_setting_that_exists_is_400(admin: Caller, polling: str) -> None:
    answer = admin.post(LIST, {"key": "CARRIER_POLLING", "json_value": {"minutes": 9}})

    assert answer.status == 400
    assert list(answer.json) == ["key"]
    assert value_of("CARRIER_POLLING")["minutes"] == 5


def test_a_bad_update_changes_nothing(admin: Caller, polling: str) -> None:
    answer = admin.put(polling, {"json_value": {"minutes": 0}})

    assert answer.status == 400
    assert list(answer.json["json_value"]) == ["minutes"]
    assert value_of("CARRIER_POLLING")["minutes"] == 5
    assert admin.patch(polling, {}).json == {"json_value": ["This field is required."]}


def test_secrets_read_as_the_mask_which_sent_back_keeps_them(admin: Caller) -> None:
    made = admin.post(LIST, {"key": "OMNITRON_CLIENT_SETTINGS", "json_value": CLIENT}).json
    address = f"{LIST}{made['id']}/"

    shown = admin.get(address).json["json_value"]
    assert shown["auth"]["password"] == "********"
    assert shown["endpoint_conf"][0]["auth"]["token"] == "********"
    shown["auth"]["username"] = "oms-2"
    assert admin.put(address, {"json_value": shown}).status == 200

    value = value_of("OMNITRON_CLIENT_SETTINGS")
    assert value["auth"] == {"username": "oms-2", "password": "secret", "token": None}
    assert value["endpoint_conf"][0]["auth"]["token"] == "t"


def test_a_mask_for_nothing_is_400(admin: Caller) -> None:
    body = {**CLIENT, "auth": {"username": "oms", "password": "********"}}

    answer = admin.post(LIST, {"key": "OMNITRON_CLIENT_SETTINGS", "json_value": body})

    assert answer.status == 400
    assert list(answer.json["json_value"]["auth"]) == ["password"]


def test_if_match_that_no_longer_fits_is_412(admin: Caller, polling: str) -> None:
    etag = admin.get(polling).headers["ETag"]
    assert admin.put(polling, {"json_value": {"minutes": 6}}, if_match=etag).status == 200

    late = admin.put(polling, {"json_value": {"minutes": 7}}, if_match=etag)

    assert (late.status, late.json["code"]) == (412, "precondition_failed")
    assert admin.delete(polling, if_match=etag).status == 412
    assert value_of("CARRIER_POLLING")["minutes"] == 6
    assert admin.put(polling, {"json_value": {"minutes": 8}}, if_match="*").status == 200


def test_keys_lists_every_setting_with_schema_default_and_text(admin: Caller) -> None:
    english = admin.get(f"{LIST}keys/").json
    turkish = admin.get(f"{LIST}keys", accept_language="tr").json

    assert english["count"] == len(KEYS)
    rows = {row["key"]: row for row in english["results"]}
    assert rows["OTP"]["default"]["length"] == 6
    assert rows["MARK_STALE_WAITING_PACKAGES_DAY"]["json_schema"] == {"minimum": 1, "type": "integer"}
    assert rows["OMNITRON_CLIENT_SETTINGS"]["secrets"][0] == "auth.password"
    assert rows["OTP"]["text"] == KEYS["OTP"].en
    assert {row["key"]: row["text"] for row in turkish["results"]}["OTP"] == KEYS["OTP"].tr


def test_settings_are_the_admins(operator: Caller, integration: Caller, polling: str) -> None:
    for caller in (operator, integration):
        assert caller.get(LIST).status == 403
        assert caller.get(f"{LIST}keys/").status == 403
        assert caller.put(polling, {"json_value": {"minutes": 1}}).status == 403
        assert caller.post(LIST, {"key": "OTP", "json_value": {}}).status == 403
    assert value_of("CARRIER_POLLING")["minutes"] == 5
