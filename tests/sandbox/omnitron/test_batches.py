"""Batches and integration actions: how a channel keeps track of what it has sent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.omnitron.box import Settings
from sandbox.serve import Running
from tests.sandbox.omnitron.conftest import Api, Json, sandbox

BATCHES, ACTIONS = "channel/1/batch_requests/", "channel/1/integration_actions/"
MOVES = {
    "initialized": {"commit", "done", "fail"},
    "commit": {"commit", "sent_to_remote", "done", "fail"},
    "sent_to_remote": {"ongoing", "commit", "done", "fail"},
    "ongoing": {"ongoing", "commit", "done", "fail"},
    "done": set(),
    "fail": set(),
}
WAY = {
    "commit": ["commit"],
    "sent_to_remote": ["commit", "sent_to_remote"],
    "ongoing": ["commit", "sent_to_remote", "ongoing"],
}


@pytest.fixture
def batch(api: Api) -> Json:
    return api.post(BATCHES, {"channel": "1"})


def _named(order: Json, **more: Any) -> Json:
    return {"pk": order["pk"], "content_type": "order", "version_date": order["modified_date"], **more}


def _move(api: Api, batch: Json, status: str, objects: Any = None, *, expect: int = 200) -> Json:
    body = {"channel": "1", "status": status, "content_type": "order", "objects": objects}
    return api.patch(f"{BATCHES}{batch['pk']}/", body, status=expect)


def _action(api: Api, order: Json) -> Json:
    rows = api.rows(ACTIONS, content_type_name="order", object_id=order["pk"])
    assert len(rows) <= 1
    return rows[0] if rows else None


def _feed(api: Api, name: str) -> list[int]:
    return [row["pk"] for row in api.rows(f"channel/1/orders/{name}/")]


def test_a_fresh_batch(api: Api, batch: Json) -> None:
    assert (batch["channel"], batch["status"], batch["objects"]) == (1, "initialized", None)
    assert len(batch["local_batch_id"]) == 36
    assert api.get(f"{BATCHES}{batch['pk']}/") == batch
    assert api.get(f"channel/2/batch_requests/{batch['pk']}/", expect=404)


@pytest.mark.parametrize("state", list(MOVES))
@pytest.mark.parametrize("target", ["initialized", "commit", "sent_to_remote", "ongoing", "done", "fail"])
def test_legal_moves_and_the_others(api: Api, batch: Json, state: str, target: str) -> None:
    for step in WAY.get(state, [state] if state != "initialized" else []):
        _move(api, batch, step)

    legal = target in MOVES[state]
    answer = _move(api, batch, target, expect=200 if legal else 406)

    assert api.get(f"{BATCHES}{batch['pk']}/")["status"] == (target if legal else state)
    if not legal:
        assert "batch_request_status_100_1" in answer["non_field_errors"]
        assert answer["error_code"] == "batch_request_status_100_1"


@pytest.mark.parametrize("objects", [None, []])
def test_nothing_to_work_on_is_fine(api: Api, batch: Json, objects: Any) -> None:
    assert _move(api, batch, "commit", objects)["status"] == "commit"
    assert _move(api, batch, "done", objects)["status"] == "done"


def test_a_commit_locks_and_done_closes(api: Api, batch: Json) -> None:
    order = api.place(channel=1)
    assert order["pk"] in _feed(api, "inserts")

    _move(api, batch, "commit", [_named(order, remote_id="R-1")])

    action = _action(api, order)
    assert action is not None
    assert (action["status"], action["remote_id"], action["local_batch_id"]) == (
        "processing",
        "R-1",
        batch["local_batch_id"],
    )
    assert action["version_date"] == order["modified_date"]
    assert set(action["content_type"]) == {"id", "app_label", "model"}
    api.patch(f"orders/{order['pk']}/", {"is_send": True})
    assert order["pk"] not in _feed(api, "inserts") + _feed(api, "updates")

    _move(api, batch, "done")

    assert _action(api, order) == {
        **action,
        "status": "success",
        "modified_date": _action(api, order)["modified_date"],
    }
    assert order["pk"] in _feed(api, "updates")


def test_committed_again_within_the_batch_is_the_verdict(api: Api, batch: Json) -> None:
    good, bad = api.place(channel=1), api.place(channel=1)
    _move(api, batch, "commit", [_named(good, remote_id="R-1"), _named(bad, remote_id="R-2")])

    _move(api, batch, "commit", [_named(good), _named(bad, failed_reason_type="remote")])

    good_action, bad_action = _action(api, good), _action(api, bad)
    assert (good_action["status"], good_action["remote_id"]) == ("success", "R-1")
    assert (bad_action["status"], bad_action["state"]) == ("error", {"failed_reason_type": "remote"})
    assert not {good["pk"], bad["pk"]} & set(_feed(api, "inserts") + _feed(api, "updates"))


def test_done_makes_the_actions_it_names(api: Api, batch: Json) -> None:
    good, bad = api.place(channel=1), api.place(channel=1)

    _move(api, batch, "done", [_named(good, remote_id=77), _named(bad, failed_reason_type="mapping")])

    assert (_action(api, good)["status"], _action(api, good)["remote_id"]) == ("success", "77")
    assert _action(api, bad)["status"] == "error"


def test_fail_sets_free_what_was_locked(api: Api, batch: Json) -> None:
    new, known, broken = (api.place(channel=1) for _ in range(3))
    first = api.post(BATCHES, {"channel": "1"})
    _move(api, first, "done", [_named(known, remote_id="K")])
    before = _action(api, known)
    api.patch(f"orders/{known['pk']}/", {"is_send": True})
    _move(api, batch, "commit", [_named(each) for each in (new, known, broken)])

    _move(api, batch, "fail", [_named(broken, failed_reason_type="channel_app")])

    assert _action(api, new) is None
    assert new["pk"] in _feed(api, "inserts")
    assert (_action(api, known)["status"], _action(api, known)["version_date"]) == (
        "success",
        before["version_date"],
    )
    assert known["pk"] in _feed(api, "updates")
    assert _action(api, broken)["status"] == "error"


def test_a_changed_object_comes_back_once(api: Api, batch: Json) -> None:
    order = api.place(channel=1)
    _move(api, batch, "done", [_named(order)])
    assert order["pk"] not in _feed(api, "updates")

    changed = api.patch(f"orders/{order['pk']}/", {"is_send": True})
    assert order["pk"] in _feed(api, "updates")
    _move(api, api.post(BATCHES, {}), "done", [_named(changed)])

    assert order["pk"] not in _feed(api, "updates")


def test_several_content_types_in_one_batch(api: Api, batch: Json) -> None:
    order = api.place(channel=1)
    item = order["orderitem_set"][0]
    named = {"pk": item["pk"], "content_type": "orderitem", "remote_id": "L-1"}

    _move(api, batch, "commit", [_named(order, remote_id="O-1"), named])

    found = api.rows(ACTIONS, content_type_name="orderitem", remote_id__exact="L-1")
    assert [(row["object_id"], row["version_date"]) for row in found] == [(item["pk"], item["modified_date"])]
    of_batch = api.rows(ACTIONS, local_batch_id=batch["local_batch_id"], status="processing", sort="id")
    assert [row["content_type"]["model"] for row in of_batch] == ["order", "orderitem"]


def test_batches_are_found_by_status_and_type(api: Api, batch: Json) -> None:
    _move(api, batch, "commit")
    _move(api, batch, "sent_to_remote")

    query = "?status=sent_to_remote&status=ongoing&content_type=order&channel=1&limit=1000"
    rows = api.get(f"{BATCHES}{query}")["results"]

    assert batch["pk"] in [row["pk"] for row in rows]
    assert {row["status"] for row in rows} <= {"sent_to_remote", "ongoing"}


def test_bad_objects_are_400_by_position_and_change_nothing(api: Api, batch: Json) -> None:
    order = api.place(channel=1)
    objects = [
        _named(order),
        {"pk": "x"},
        {"pk": 1, "content_type": "nonsense"},
        {"pk": 1, "version_date": "soon"},
    ]

    errors = _move(api, batch, "commit", objects, expect=400)["objects"]

    assert [bool(each) for each in errors] == [False, True, True, True]
    assert api.get(f"{BATCHES}{batch['pk']}/") == batch
    assert _action(api, order) is None


def test_put_patches_and_delete_lets_go(api: Api, batch: Json) -> None:
    order = api.place(channel=1)
    path = f"{BATCHES}{batch['pk']}/"
    _move(api, batch, "commit", [_named(order)])

    assert api.call("PUT", path, 200, json={"remote_batch_id": "RB"})["remote_batch_id"] == "RB"
    assert api.call("DELETE", path, 204) is None
    assert api.get(path, expect=404)
    assert order["pk"] in _feed(api, "inserts")


# Actions by hand


def test_an_action_is_made_once(api: Api) -> None:
    order = api.place(channel=1)
    body = {
        "channel_id": 1,
        "content_type": "order",
        "object_id": str(order["pk"]),
        "remote_id": "M-1",
        "state": {},
    }

    action = api.post(ACTIONS, {**body, "version_date": order["modified_date"]})

    assert action["status"] == "success"
    assert api.get(f"{ACTIONS}{action['pk']}/") == action
    assert api.post(ACTIONS, body, status=406)["error_code"]
    changed = api.patch(
        f"{ACTIONS}{action['pk']}/", {"content_type_id": 60, "remote_id": "M-2", "state": {"a": 1}}
    )
    assert (changed["remote_id"], changed["state"], changed["status"]) == ("M-2", {"a": 1}, "success")
    assert api.patch(f"{ACTIONS}{action['pk']}/", {"status": "maybe"}, status=400)["status"]
    assert api.post(ACTIONS, {"content_type": "order"}, status=400)["object_id"]
    assert api.post(ACTIONS, {"content_type": 5, "object_id": 1}, status=400)["content_type"]


def test_actions_are_found_by_many(api: Api) -> None:
    rows = api.rows(
        ACTIONS, content_type_name="product", object_id__in="20001,20002", channel_id=1, status="success"
    )

    assert [row["object_id"] for row in rows] == [20001, 20002]
    assert (
        api.rows(ACTIONS, content_type=rows[0]["content_type"]["id"], object_id=20001, channel="1")
        == rows[:1]
    )


# One committing batch


@pytest.fixture
def strict() -> Iterator[Api]:
    with Running(sandbox(settings=Settings(strict_batches=True)).app) as running:
        yield Api(running.url)


def test_by_default_batches_may_commit_side_by_side(api: Api, batch: Json) -> None:
    _move(api, batch, "commit")

    assert _move(api, api.post(BATCHES, {}), "commit")["status"] == "commit"


def test_strictly_one_batch_of_a_type_commits_at_a_time(strict: Api) -> None:
    first, second = (strict.post(BATCHES, {}) for _ in range(2))
    _move(strict, first, "commit")

    assert "batch_request_status_100_2" in _move(strict, second, "commit", expect=406)["non_field_errors"]
    _move(strict, first, "commit")
    _move(strict, first, "done")
    assert _move(strict, second, "commit")["status"] == "commit"


# What channels report


def test_reports_are_kept_as_they_were_sent(api: Api) -> None:
    body = {"error_code": "custom", "raw_response": "ğ", "is_ok": False}

    report = api.post("channel/1/error_reports/", body)
    api.post("channel/3/error_reports/city/", {"remote_code": "3_Nowhere"})
    api.post("channel/1/order_shipping_infos/", {"order": 1001, "is_send": False})

    assert {name: report[name] for name in body} == body
    kept = api.control("GET", "error-reports/")
    assert [(row["channel"], row["kind"]) for row in kept] == [(1, None), (3, "city")]
    assert kept[1]["remote_code"] == "3_Nowhere"
    assert api.control("GET", "order-shipping-infos/")[0]["order"] == 1001
    assert api.rows("channel/1/error_reports/")[0]["raw_response"] == "ğ"
