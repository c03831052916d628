"""Webhook subscriptions: the contract of the OMS's own webhook page, seen from the other side."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.omnitron.app import Omnitron
from sandbox.omnitron.dice import dice
from sandbox.omnitron.hooks import countdown
from sandbox.omnitron.schema import TABLES
from tests.sandbox.omnitron.conftest import Api, Json

HOOKS = "whisperer/hooks/"
EVENTS = [
    "order.created",
    "order.updated",
    "cancellation_plan.created",
    "cancellation_plan.updated",
    "retail_store.created",
    "retail_store.updated",
]
_used = iter(range(10**6))


def _hook(**changes: Any) -> Json:
    """A subscription nobody has yet, to a port nobody listens on."""
    return {
        "target_url": f"http://127.0.0.1:9/{next(_used)}/",
        "event_type": "order.updated",
        "secret_key": "topsecret",
        "is_active": False,
        **changes,
    }


def test_a_hook_is_made_read_and_changed(api: Api) -> None:
    config = {"choice": "exponential", "kwargs": {"base": 2, "factor": 5, "limit": 3600}}
    body = _hook(retry_countdown_config=config, additional_headers={"Authorization": "Token x"}, config={})

    hook = api.post(HOOKS, body)

    assert {name: hook[name] for name in body} == body
    assert set(hook) == {
        "id", "created_date", "modified_date", "target_url", "is_active", "secret_key", "event_type", "callback",
        "retry_countdown_config", "additional_headers", "config",
    }  # fmt: skip
    assert hook in api.rows(HOOKS, limit=999)
    path = f"{HOOKS}{hook['id']}/"
    assert api.get(path) == hook
    assert api.patch(path, {"secret_key": "other"})["secret_key"] == "other"
    assert (
        api.get(f"{HOOKS}?event_type=order.updated&target_url={body['target_url']}&is_active=false")["count"]
        == 1
    )


def test_without_a_countdown_there_is_a_default(api: Api) -> None:
    assert api.post(HOOKS, _hook())["retry_countdown_config"]["choice"] == "exponential"


def test_the_registry_is_a_plain_list(api: Api) -> None:
    assert api.get(f"{HOOKS}registry/") == EVENTS


def test_the_same_subscription_again_is_406(api: Api) -> None:
    body = _hook(is_active=True)
    hook = api.post(HOOKS, body)

    assert api.post(HOOKS, body, status=406) == {"code": "webhook_100_2", "en": "Webhook already registered"}
    other = api.post(HOOKS, _hook())
    collision = {"target_url": body["target_url"]}
    assert api.patch(f"{HOOKS}{other['id']}/", collision, status=406)["code"] == "webhook_100_2"
    assert api.patch(f"{HOOKS}{hook['id']}/", collision)["id"] == hook["id"]
    api.call("DELETE", f"{HOOKS}{hook['id']}/", 204)


def test_a_deleted_hook_stays_inactive_and_can_be_made_again(api: Api) -> None:
    body = _hook(is_active=True)
    hook = api.post(HOOKS, body)

    assert api.call("DELETE", f"{HOOKS}{hook['id']}/", 204) is None
    assert api.get(f"{HOOKS}{hook['id']}/")["is_active"] is False

    again = api.post(HOOKS, {**body, "secret_key": "new"})
    assert (again["id"], again["is_active"], again["secret_key"]) == (hook["id"], True, "new")
    api.call("DELETE", f"{HOOKS}{hook['id']}/", 204)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"event_type": "package.created"}, "event_type"),
        ({"event_type": ""}, "event_type"),
        ({"target_url": "nowhere"}, "target_url"),
        ({"target_url": "ftp://x/"}, "target_url"),
        ({"target_url": "http://x/" + "y" * 250}, "target_url"),
        ({"secret_key": "x" * 125}, "secret_key"),
        ({"additional_headers": {"X-Whisperer-Signature": "x"}}, "additional_headers"),
        ({"additional_headers": {"X": "a\nb"}}, "additional_headers"),
        ({"additional_headers": {"X": 1}}, "additional_headers"),
        ({"retry_countdown_config": {"choice": "fixed"}}, "retry_countdown_config"),
        ({"retry_countdown_config": {"choice": "never", "kwargs": {}}}, "retry_countdown_config"),
        (
            {"retry_countdown_config": {"choice": "fixed", "kwargs": {"seconds": -1}}},
            "retry_countdown_config",
        ),
        ({"config": 5}, "config"),
    ],
)
def test_a_hook_that_cannot_be_is_400_naming_the_field(api: Api, change: Json, field: str) -> None:
    count = api.get(HOOKS)["count"]

    assert api.post(HOOKS, _hook(**change), status=400)[field]
    assert api.get(HOOKS)["count"] == count


def test_errors_of_a_countdown_stand_by_their_key(api: Api) -> None:
    config = {"choice": "random", "kwargs": {"min_value": 5, "max_value": 5}}

    errors = api.post(HOOKS, _hook(retry_countdown_config=config), status=400)["retry_countdown_config"]

    assert errors == {"kwargs": {"max_value": ["'max_value' must be greater than 'min_value'."]}}


def test_others_see_their_own_hooks(api: Api, omnitron: Omnitron, address: str) -> None:
    hook = api.post(HOOKS, _hook())
    user = {
        "username": "shop",
        "password": "shop-sandbox",
        "email": "shop@example.com",
        "is_superuser": False,
    }
    omnitron.box.store.insert(TABLES["user"], user)
    other = Api(address)
    key = other.post("auth/login/", {"username": "shop", "password": "shop-sandbox"}, status=200)["key"]
    other.http.headers["Authorization"] = f"Token {key}"

    mine = other.post(HOOKS, _hook(target_url=hook["target_url"]))

    assert other.rows(HOOKS) == [mine]
    assert other.get(f"{HOOKS}{hook['id']}/", expect=404)
    assert mine in api.rows(HOOKS)


# Waiting


@pytest.mark.parametrize(
    ("choice", "kwargs", "waits"),
    [
        ("fixed", {"seconds": 7}, [7, 7, 7, 7]),
        ("linear", {"base": 10, "limit": 25}, [0, 10, 20, 25]),
        ("linear", {"base": 10}, [0, 10, 20, 30]),
        ("exponential", {"base": 2, "factor": 5, "limit": 30}, [5, 10, 20, 30]),
        ("exponential", {"base": 3}, [1, 3, 9, 27]),
    ],
)
def test_waits_of_the_first_retries(choice: str, kwargs: Json, waits: list[float]) -> None:
    config = {"choice": choice, "kwargs": kwargs}

    assert [countdown.wait_after(attempts, config, dice(1)) for attempts in (1, 2, 3, 4)] == waits


def test_a_random_wait_lies_within_its_range() -> None:
    config = {"choice": "random", "kwargs": {"min_value": 3, "max_value": 9}}
    chance = dice(1)

    assert {countdown.wait_after(1, config, chance) for _ in range(200)} == {
        float(each) for each in range(3, 10)
    }


def test_after_eleven_attempts_the_waits_are_long_and_after_eighteen_it_is_over() -> None:
    config = {"choice": "fixed", "kwargs": {"seconds": 1}}
    waits = [countdown.wait_after(attempts, config, dice(1)) for attempts in range(10, 19)]

    assert waits == [1, 1800, 7200, 18000, 36000, 50400, 72000, 86400, None]
    slow = {"choice": "fixed", "kwargs": {"seconds": 200_000}}
    assert countdown.wait_after(11, slow, dice(1)) == 86400
