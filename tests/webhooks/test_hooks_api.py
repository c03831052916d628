"""Hooks over HTTP."""

from typing import Any

import pytest

from packhouse.kernel.models import Role
from packhouse.webhooks import callbacks
from packhouse.webhooks.addressbook import address_of
from packhouse.webhooks.models import Hook
from packhouse.webhooks.registry import EVENT_TYPES
from tests.webhooks.builders import Receiver, a_hook, an_actor, pump, set_up, tell
from tests.webhooks.calls import Caller

pytestmark = pytest.mark.usefixtures("_sending")
URL = "https://example.com/hooks"
COUNTDOWN = {"choice": "fixed", "kwargs": {"seconds": 30}}


@pytest.fixture
def caller() -> Caller:
    return Caller(an_actor())


def a_body(**fields: Any) -> dict[str, Any]:
    return {"target_url": URL, "event_type": "package.created", **fields}


def stored(answer: Any) -> Hook:
    return Hook.objects.select_related("subscriber").get(pk=answer.json()["id"])


def test_subscribing(caller: Caller) -> None:
    answer = caller.post(
        "hooks/",
        a_body(
            secret_key="topsecret",
            retry_countdown_config=COUNTDOWN,
            additional_headers={"X-Shop": "7", "X-Api-Key": "k"},
            config={
                "auth": {"auth_type": "basic", "username": "ada", "password": "pw"},
                "channel_id": 4,
                "mine": [1],
            },
        ),
    )

    assert answer.status_code == 201
    body = answer.json()
    dates = {body.pop(key) for key in ("created_date", "modified_date")}
    assert all(date.endswith("Z") for date in dates)
    assert body == {
        "id": body["id"],
        "target_url": URL,
        "is_active": True,
        "secret_key": "********",
        "event_type": "package.created",
        "callback": None,
        "retry_countdown_config": COUNTDOWN,
        "additional_headers": {"X-Shop": "7", "X-Api-Key": "********"},
        "config": {
            "auth": {"auth_type": "basic", "username": "ada", "password": "********"},
            "channel_id": 4,
            "mine": [1],
        },
        "breaker": "closed",
        "disabled_reason": None,
        "last_delivered_date": None,
    }
    assert caller.get(f"hooks/{body['id']}/").json()["config"] == body["config"]


def test_secrets_are_encrypted_at_rest(caller: Caller) -> None:
    hook = stored(
        caller.post(
            "hooks/",
            a_body(
                secret_key="topsecret",
                additional_headers={"X-Auth-Token": "tok-en"},
                config={"auth": {"auth_type": "basic", "username": "ada", "password": "pass-word"}},
            ),
        )
    )

    rows = repr([*Hook.objects.values()])
    assert not any(secret in rows for secret in ("topsecret", "tok-en", "pass-word"))
    address = address_of(hook)
    assert (address.secret, address.basic) == ("topsecret", ("ada", "pass-word"))
    assert address.headers == {"X-Auth-Token": "tok-en"}


def test_the_docs_own_sample(caller: Caller) -> None:
    answer = caller.post("hooks/", {"target_url": URL, "event_type": "package-created"})

    assert answer.status_code == 201
    assert answer.json()["event_type"] == "package.created"
    assert answer.json()["secret_key"] is None
    assert answer.json()["retry_countdown_config"] == {
        "choice": "exponential",
        "kwargs": {"base": 2, "factor": 5, "limit": 3600},
    }


@pytest.mark.parametrize("path", ["/whisperer/hooks/", "/whisperer/hooks", "/api/v1/oms/whisperer/hooks"])
def test_both_places_and_both_slashes(path: str, caller: Caller) -> None:
    assert caller.post(path, a_body()).status_code == 201
    assert caller.get(path).json()["count"] == 1


def test_the_same_again_is_406(caller: Caller) -> None:
    caller.post("hooks/", a_body())

    answer = caller.post("hooks/", a_body(secret_key="other"))

    assert (answer.status_code, answer.json()) == (
        406,
        {"code": "webhook_100_2", "en": "Webhook already registered"},
    )
    assert stored(caller.get("hooks/").json()["results"] and _first(caller)).secret_key is None
    assert Caller(an_actor()).post("hooks/", a_body()).status_code == 201


def _first(caller: Caller) -> Any:
    return caller.get(f"hooks/{caller.get('hooks/').json()['results'][0]['id']}/")


def test_an_inactive_one_is_switched_on_with_the_new_values(caller: Caller) -> None:
    first = caller.post("hooks/", a_body(secret_key="s", config={"channel_id": 4})).json()["id"]
    assert caller.send("DELETE", f"hooks/{first}/").status_code == 204
    assert caller.get(f"hooks/{first}/").json()["is_active"] is False

    answer = caller.post("hooks/", a_body(config={"erp_code": ["369"]}))

    assert (answer.status_code, answer.json()["id"], answer.json()["is_active"]) == (201, first, True)
    assert answer.json()["config"] == {"erp_code": ["369"]}
    assert answer.json()["secret_key"] is None
    hook = stored(answer)
    assert (hook.channel_ids, hook.erp_codes, hook.disabled_date) == (None, ["369"], None)


def test_a_change_that_collides_is_406(caller: Caller) -> None:
    caller.post("hooks/", a_body())
    second = caller.post("hooks/", a_body(event_type="order.planned")).json()["id"]

    answer = caller.send("PATCH", f"hooks/{second}/", {"event_type": "package.created"})

    assert (answer.status_code, answer.json()["code"]) == (406, "webhook_100_2")
    assert caller.get(f"hooks/{second}/").json()["event_type"] == "order.planned"


def test_put_and_patch(caller: Caller) -> None:
    made = caller.post("hooks/", a_body(secret_key="s", config={"channel": [4]})).json()

    put = caller.send("PUT", f"hooks/{made['id']}/", {**made, "target_url": URL + "/2"})
    patched = caller.send("PATCH", f"hooks/{made['id']}/", {"config": {"ordering": "none"}})

    assert (put.status_code, put.json()["target_url"]) == (200, URL + "/2")
    assert patched.json()["config"] == {"ordering": "none"}
    hook = stored(patched)
    assert (hook.strict_order, hook.channel_ids) == (False, None)
    assert address_of(hook).secret == "s"
    missing = caller.send("PUT", f"hooks/{made['id']}/", {"target_url": URL})
    assert (missing.status_code, list(missing.json())) == (400, ["event_type", "code"])


def test_the_mask_sent_back_keeps_the_secrets(caller: Caller) -> None:
    made = caller.post(
        "hooks/",
        a_body(
            secret_key="s",
            additional_headers={"X-Key": "k", "X-A": "1"},
            config={"auth": {"auth_type": "basic", "username": "ada", "password": "pw"}},
        ),
    ).json()
    made["additional_headers"]["X-A"] = "2"

    answer = caller.send("PUT", f"hooks/{made['id']}/", made)

    address = address_of(stored(answer))
    assert (address.secret, address.basic) == ("s", ("ada", "pw"))
    assert address.headers == {"X-Key": "k", "X-A": "2"}


def test_null_takes_the_secret_away(caller: Caller) -> None:
    made = caller.post("hooks/", a_body(secret_key="s")).json()

    answer = caller.send("PATCH", f"hooks/{made['id']}/", {"secret_key": None})

    assert answer.json()["secret_key"] is None
    assert address_of(stored(answer)).secret is None


BAD = [
    ({"event_type": "package.nonsense"}, "event_type", '"package.nonsense" is not a valid choice.'),
    ({"event_type": 7}, "event_type", "not a valid choice"),
    ({"event_type": None}, "event_type", "may not be null"),
    ({"target_url": ""}, "target_url", "may not be blank"),
    ({"target_url": "example.com"}, "target_url", "https://"),
    ({"target_url": "ftp://example.com"}, "target_url", "https://"),
    ({"target_url": "https://a:b@example.com"}, "target_url", "User name and password"),
    ({"target_url": "https://example.com/" + "x" * 240}, "target_url", "255"),
    ({"target_url": "http://10.0.0.7/"}, "target_url", "not a public address"),
    ({"target_url": "http://[::1]/"}, "target_url", "not a public address"),
    ({"target_url": "http://0x7f.2/"}, "target_url", "not a public address"),
    ({"target_url": "http://169.254.169.254/latest"}, "target_url", "not a public address"),
    ({"secret_key": "x" * 125}, "secret_key", "124"),
    ({"secret_key": "********"}, "secret_key", "mask"),
    ({"is_active": "perhaps"}, "is_active", "boolean"),
    ({"callback": "os.system"}, "callback", "not registered"),
    ({"callback": "x" * 65}, "callback", "not registered"),
    ({"additional_headers": []}, "additional_headers", "Send an object"),
    ({"additional_headers": {"Host": "x"}}, "additional_headers.Host", "set by us"),
    ({"additional_headers": {"content-length": "1"}}, "additional_headers.content-length", "set by us"),
    ({"additional_headers": {"Transfer-Encoding": "x"}}, "additional_headers.Transfer-Encoding", "set by us"),
    ({"additional_headers": {"Connection": "x"}}, "additional_headers.Connection", "set by us"),
    (
        {"additional_headers": {"X-Whisperer-Signature": "x"}},
        "additional_headers.X-Whisperer-Signature",
        "set by us",
    ),
    ({"additional_headers": {"Webhook-Id": "x"}}, "additional_headers.Webhook-Id", "set by us"),
    ({"additional_headers": {"X-A": "a\r\nX-B: c"}}, "additional_headers.X-A", "line breaks"),
    ({"additional_headers": {"X-A": 7}}, "additional_headers.X-A", "text"),
    ({"additional_headers": {"X A": "7"}}, "additional_headers.X A", "name of a header"),
    ({"additional_headers": {"": "7"}}, "additional_headers.", "name of a header"),
    ({"config": []}, "config", "Send an object"),
    (
        {"config": {"auth": {"auth_type": "digest", "username": "a", "password": "b"}}},
        "config.auth.auth_type",
        "basic",
    ),
    ({"config": {"auth": {"auth_type": "basic", "username": "a"}}}, "config.auth.password", "255"),
    (
        {"config": {"auth": {"auth_type": "basic", "username": "a:b", "password": "c"}}},
        "config.auth.username",
        "colon",
    ),
    ({"config": {"auth": "basic"}}, "config.auth", "Send an object"),
    ({"config": {"channel_id": "4"}}, "config.channel_id", "channel's id"),
    ({"config": {"channel_id": []}}, "config.channel_id", "channel's id"),
    ({"config": {"channel_id": True}}, "config.channel_id", "channel's id"),
    ({"config": {"channel_id": 2**63}}, "config.channel_id", "channel's id"),
    ({"config": {"channel": 4, "channel_id": 5}}, "config.channel", "differs"),
    ({"config": {"erp_code": "369"}}, "config.erp_code", "list"),
    ({"config": {"erp_code": [369]}}, "config.erp_code", "list"),
    ({"config": {"ordering": "loose"}}, "config.ordering", "strict, none"),
    ({"config": {"envelope": "short"}}, "config.envelope", "full, published"),
    ({"retry_countdown_config": {"kwargs": {}}}, "retry_countdown_config.choice", "required"),
    ({"retry_countdown_config": {"choice": "fixed"}}, "retry_countdown_config.kwargs", "required"),
    (
        {"retry_countdown_config": {"choice": "never", "kwargs": {}}},
        "retry_countdown_config.choice",
        "valid choice",
    ),
    (
        {"retry_countdown_config": {"choice": "fixed", "kwargs": {}}},
        "retry_countdown_config.kwargs.seconds",
        "required",
    ),
    (
        {"retry_countdown_config": {"choice": "fixed", "kwargs": {"seconds": -1}}},
        "retry_countdown_config.kwargs.seconds",
        "greater than or equal to 0",
    ),
    (
        {"retry_countdown_config": {"choice": "fixed", "kwargs": {"seconds": "30"}}},
        "retry_countdown_config.kwargs.seconds",
        "number",
    ),
    (
        {"retry_countdown_config": {"choice": "fixed", "kwargs": {"seconds": 1, "base": 2}}},
        "retry_countdown_config.kwargs.base",
        "not known",
    ),
    (
        {"retry_countdown_config": {"choice": "exponential", "kwargs": {"base": 2, "factor": 0.5}}},
        "retry_countdown_config.kwargs.factor",
        "greater than or equal to 1",
    ),
    (
        {"retry_countdown_config": {"choice": "linear", "kwargs": {"base": 2, "limit": -1}}},
        "retry_countdown_config.kwargs.limit",
        "greater than or equal to 0",
    ),
    (
        {"retry_countdown_config": {"choice": "random", "kwargs": {"min_value": 5, "max_value": 5}}},
        "retry_countdown_config.kwargs.non_field_errors",
        "'max_value' must be greater than 'min_value'.",
    ),
    (
        {"retry_countdown_config": {"choice": "random", "kwargs": {"min_value": 5}}},
        "retry_countdown_config.kwargs.max_value",
        "required",
    ),
    ({"unheard_of": 1}, "unheard_of", "not known"),
]


@pytest.mark.parametrize(("fields", "path", "text"), BAD)
def test_bad_values_name_their_field_and_change_nothing(
    fields: dict[str, Any], path: str, text: str, caller: Caller
) -> None:
    created = caller.post("hooks/", a_body(**fields))
    kept = caller.post("hooks/", a_body(target_url=URL + "/kept", secret_key=None)).json()
    changed = caller.send("PATCH", f"hooks/{kept['id']}/", fields)

    for answer in (created, changed):
        assert answer.status_code == 400, answer.content
        found: Any = answer.json()
        for key in path.split("."):
            found = found[key]
        assert text in found[0]
        assert "code" in answer.json()
    assert caller.get("hooks/").json()["count"] == 1
    assert caller.get(f"hooks/{kept['id']}/").json() == kept


def test_http_can_be_switched_off(caller: Caller) -> None:
    assert caller.post("hooks/", a_body(target_url="http://example.com/a")).status_code == 201
    set_up(WEBHOOKS={"allow_http": False})

    answer = caller.post("hooks/", a_body(target_url="http://example.com/b"))

    assert (answer.status_code, list(answer.json())) == (400, ["target_url", "code"])
    assert caller.post("hooks/", a_body(target_url="https://example.com/b")).status_code == 201


def test_an_exception_opens_a_private_address(caller: Caller) -> None:
    set_up(WEBHOOKS={"allowed_private_targets": ["10.0.0.0/24"]})

    assert caller.post("hooks/", a_body(target_url="http://10.0.0.7/")).status_code == 201
    assert caller.post("hooks/", a_body(target_url="http://10.0.1.7/")).status_code == 400


def test_a_callback_of_a_plug_in(caller: Caller, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[dict[str, Any]] = []

    def after(**facts: Any) -> None:
        told.append(facts)
        raise RuntimeError("a plug-in's own trouble")

    monkeypatch.setattr(callbacks, "registered", lambda: {"shop.after": after})
    answer = caller.post("hooks/", a_body(target_url=receiver.url, callback="shop.after"))
    assert answer.json()["callback"] == "shop.after"
    tell()

    assert pump() == 1

    [facts] = told
    assert facts["event_type"] == "package.created"
    assert (facts["status"], facts["delivered"], facts["content"]) == (200, True, '{"received": true}')
    assert facts["body"] == receiver.requests[0]["body"]


def test_own_rows_only_and_an_admin_sees_all(caller: Caller) -> None:
    other = Caller(an_actor(Role.OPERATOR))
    admin = Caller(an_actor(Role.ADMIN))
    mine = caller.post("hooks/", a_body()).json()["id"]

    assert [c.get("hooks/").json()["count"] for c in (caller, other, admin)] == [1, 0, 1]
    assert [c.get(f"hooks/{mine}/").status_code for c in (caller, other, admin)] == [200, 404, 200]
    assert other.get(f"hooks/{mine}/").json()["code"] == "webhook_100_1"
    assert other.send("PATCH", f"hooks/{mine}/", {"is_active": False}).status_code == 404
    assert other.send("DELETE", f"hooks/{mine}/").status_code == 404
    assert other.post(f"hooks/{mine}/rotate_secret/").status_code == 404
    assert other.post(f"hooks/{mine}/test/").status_code == 404
    assert admin.send("PATCH", f"hooks/{mine}/", {"is_active": False}).status_code == 200
    assert Hook.objects.get(pk=mine).owner_id == caller.actor.user_id


@pytest.mark.parametrize("path", ["hooks/", "hooks/registry/", "hook_events/", "event_queues/"])
def test_store_users_may_not(path: str) -> None:
    store = Caller(an_actor(Role.STORE))

    assert store.get(path).status_code == 403
    assert store.post("hooks/", a_body()).status_code == 403


def test_a_key_without_the_scope_may_not_write() -> None:
    narrowed = Caller(an_actor(), scopes=["read"])

    assert narrowed.post("hooks/", a_body()).status_code == 403
    assert narrowed.get("hooks/").status_code == 200


def test_the_registry(caller: Caller) -> None:
    types = caller.get("hooks/registry/").json()

    assert types == list(EVENT_TYPES)
    assert len(types) == len(set(types))
    assert {"package.created", "package.status.ready_for_customer", "package.status.ready_for_pickup"} < set(
        types
    )


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"target_url": URL.upper()}, 2),
        ({"event_type": "Order.Planned"}, 1),
        ({"is_active": "false"}, 1),
        ({"is_active": "false", "event_type": "package.created"}, 0),
    ],
)
def test_filters(query: dict[str, str], count: int, caller: Caller) -> None:
    caller.post("hooks/", a_body())
    off = caller.post("hooks/", a_body(event_type="order.planned")).json()["id"]
    caller.send("DELETE", f"hooks/{off}/")

    assert caller.get("hooks/", **query).json()["count"] == count


def test_an_unknown_filter_is_refused(caller: Caller) -> None:
    answer = caller.get("hooks/", owner=1)

    assert (answer.status_code, answer.json()["code"]) == (400, "unknown_filter")


def test_pages_of_up_to_a_thousand_and_any_sort(caller: Caller) -> None:
    for number in (3, 1, 2):
        caller.post("hooks/", a_body(target_url=f"{URL}/{number}"))

    first = caller.get("hooks/", sort="target_url", limit=2).json()
    urls = [row["target_url"] for row in first["results"]]

    assert urls == [f"{URL}/1", f"{URL}/2"]
    assert (first["count"], first["previous"]) == (3, None)
    assert "page=2" in first["next"]
    for field in first["results"][0]:
        wanted = 400 if field in ("secret_key",) else 200
        assert caller.get("hooks/", sort=f"-{field}").status_code == wanted, field


def test_rotating_the_secret(caller: Caller) -> None:
    made = caller.post("hooks/", a_body(secret_key="old")).json()["id"]

    answer = caller.post(f"hooks/{made}/rotate_secret/", None, **{"Idempotency-Key": "k"})

    secret = answer.json()["secret_key"]
    assert answer.status_code == 200
    assert secret.startswith("whsec_")
    assert caller.get(f"hooks/{made}/").json()["secret_key"] == "********"
    address = address_of(stored(answer))
    assert (address.secret, address.previous_secret) == (secret, "old")


def test_a_test_message(caller: Caller, receiver: Receiver) -> None:
    made = caller.post("hooks/", a_body(target_url=receiver.url + "/t", secret_key="s")).json()["id"]
    tell()

    answer = caller.post(f"hooks/{made}/test/")

    assert (answer.status_code, answer.json()["delivered"]) == (200, True)
    assert answer.json()["detail"] == "Webhook event delivered successfully"
    [request] = receiver.requests
    assert request["headers"]["x-oms-test"] == "1"
    assert "x-whisperer-signature" in request["headers"]
    assert receiver.messages[0]["subject"] == "package/0"
    assert caller.get("hook_events/").json()["count"] == 0


@pytest.mark.parametrize("type_", [types for types in EVENT_TYPES if types.count(".") == 1])
def test_there_is_a_sample_of_every_family(type_: str, receiver: Receiver) -> None:
    admin = Caller(an_actor(Role.ADMIN))
    hook = a_hook(receiver.url, type_, owner=an_actor())

    assert admin.post(f"hooks/{hook.pk}/test/").status_code == 200
    assert receiver.messages[0]["type"] == type_


def test_a_test_message_that_fails(caller: Caller, receiver: Receiver) -> None:
    made = caller.post("hooks/", a_body(target_url=receiver.url)).json()["id"]
    receiver.fail(error_rate={"500": 1})

    answer = caller.post(f"hooks/{made}/test/")

    assert (answer.status_code, answer.json()["response_status"]) == (406, 500)
    assert answer.json()["detail"] == "Webhook event delivery failed"


def test_the_breaker_is_shown(caller: Caller, receiver: Receiver) -> None:
    made = caller.post("hooks/", a_body(target_url=receiver.url)).json()["id"]
    receiver.fail(error_rate={"503": 1})
    for package in range(1, 13):
        tell(package=package)

    pump()

    assert caller.get(f"hooks/{made}/").json()["breaker"] == "open"


def test_repeated_with_an_idempotency_key(caller: Caller) -> None:
    first = caller.post("hooks/", a_body(), **{"Idempotency-Key": "k"})
    again = caller.post("hooks/", a_body(), **{"Idempotency-Key": "k"})

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert again.headers["Idempotent-Replayed"] == "true"


def test_an_admin_who_changes_it_opens_nothing_to_its_owner() -> None:
    narrowed = Caller(an_actor(), channel_ids=[4])
    made = narrowed.post("hooks/", a_body()).json()["id"]

    Caller(an_actor(Role.ADMIN)).send("PATCH", f"hooks/{made}/", {"config": {"ordering": "none"}})
    assert Hook.objects.get(pk=made).bound_channel_ids == [4]

    Caller(narrowed.actor).send("PATCH", f"hooks/{made}/", {"config": {}})
    assert Hook.objects.get(pk=made).bound_channel_ids is None
