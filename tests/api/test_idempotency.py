"""`Idempotency-Key`: the same answer again, and nothing done twice."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections

from packhouse.api import idempotency
from packhouse.catalog.models import PackageDenialReason
from packhouse.kernel import clock
from packhouse.kernel.models import IdempotentRequest, Role
from tests.api.callers import Answer, Caller, a_caller
from tests.api.probes import SlowMakingView

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.api.probes")]


def held_locks() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()")
        return int(cursor.fetchone()[0])


def make(caller: Caller, key: str | None = "k-1", address: str = "making/", **body: Any) -> Answer:
    headers = {} if key is None else {"idempotency_key": key}
    return caller.post(address, {"title": "once", **body}, **headers)


def test_a_repeat_gets_the_first_answer_and_does_nothing(admin: Caller) -> None:
    first, again = make(admin), make(admin)

    assert (again.status, again.json) == (201, first.json)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    assert PackageDenialReason.objects.count() == 1
    assert held_locks() == 0


def test_a_body_is_the_same_whatever_the_order_of_its_keys(admin: Caller) -> None:
    first = admin.post("making/", b'{"title": "once", "fail": null}', idempotency_key="k")
    again = admin.post("making", b'{ "fail":null, "title":"once" }', idempotency_key="k")

    assert again.json == first.json
    assert again.headers["Idempotent-Replayed"] == "true"


def test_the_key_with_another_body_is_409(admin: Caller) -> None:
    make(admin)

    answer = make(admin, title="other")

    assert (answer.status, answer.json["code"]) == (409, "idempotency_key_reused")
    assert PackageDenialReason.objects.count() == 1
    assert held_locks() == 0


def test_a_key_belongs_to_its_user_method_and_path(admin: Caller) -> None:
    make(admin)

    assert make(a_caller(Role.ADMIN), title="another user").status == 201
    assert make(admin, address="own-transaction/", title="another path").status == 204
    reason = PackageDenialReason.objects.get(title="once")
    patched = admin.patch(
        f"packages/package_denial_reason/{reason.pk}/", {"title": "patched"}, idempotency_key="k-1"
    )
    assert patched.status == 200


@pytest.mark.parametrize(
    ("address", "error"),
    [
        ("making/", {"title": ["Not this one."], "code": "wrong_barcode"}),
        (
            "own-transaction/",
            {"error": {"title": ["Not this one."]}, "status_code": 400, "code": "wrong_barcode"},
        ),
    ],
)
def test_a_refusal_is_remembered_and_what_it_had_begun_is_undone(
    admin: Caller, address: str, error: dict[str, Any]
) -> None:
    first, again = (make(admin, address=address, fail=400) for _ in range(2))

    assert (first.status, first.json) == (400, error)
    assert (again.status, again.json) == (400, error)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert not PackageDenialReason.objects.exists()


@pytest.mark.parametrize("status", [403, 500])
@pytest.mark.parametrize("address", ["making/", "own-transaction/"])
def test_rights_and_failures_of_ours_are_not_remembered(admin: Caller, address: str, status: int) -> None:
    first, again = (make(admin, address=address, fail=status) for _ in range(2))

    assert first.status == again.status == status
    assert "Idempotent-Replayed" not in again.headers
    assert not IdempotentRequest.objects.exists()
    assert not PackageDenialReason.objects.exists()
    assert held_locks() == 0


def test_401_is_not_remembered(nobody: Caller) -> None:
    assert make(nobody).status == 401
    assert not IdempotentRequest.objects.exists()


def test_an_answer_without_a_body(admin: Caller) -> None:
    first, again = (make(admin, address="own-transaction/") for _ in range(2))

    assert (first.status, again.status) == (204, 204)
    assert again.content == b""
    assert again.headers["Idempotent-Replayed"] == "true"
    assert PackageDenialReason.objects.count() == 1


def test_after_24_hours_the_key_is_free_again(admin: Caller) -> None:
    make(admin)

    with clock.frozen(clock.now() + timedelta(hours=24, seconds=1)):
        later = make(admin, title="later")

    assert later.status == 201
    assert IdempotentRequest.objects.count() == 1


def test_what_is_old_is_forgotten(admin: Caller) -> None:
    make(admin)

    assert idempotency.forget_old() == 0
    with clock.frozen(clock.now() + timedelta(hours=25)):
        assert idempotency.forget_old() == 1
    assert not IdempotentRequest.objects.exists()


def test_without_a_key_nothing_is_remembered(admin: Caller) -> None:
    assert make(admin, key=None).status == 201
    assert not IdempotentRequest.objects.exists()


@pytest.mark.parametrize("key", ["", "x" * 256, "tab\there", "ğ"])
def test_a_key_that_is_no_key_is_400(admin: Caller, key: str) -> None:
    answer = make(admin, key=key)

    assert answer.status == 400
    assert list(answer.json) == ["Idempotency-Key", "code"]
    assert not PackageDenialReason.objects.exists()


def test_the_longest_key(admin: Caller) -> None:
    assert make(admin, key="x" * 255).status == 201


def test_a_get_has_no_use_for_a_key(admin: Caller) -> None:
    assert admin.get("channels/", idempotency_key="x" * 300).status == 200


def test_forms_with_files_are_compared_by_content(admin: Caller) -> None:
    def form(boundary: str, content: str) -> Answer:
        body = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="title"\r\n\r\nonce\r\n'
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'
            f"{content}\r\n--{boundary}--\r\n"
        )
        kind = f"multipart/form-data; boundary={boundary}"
        return admin.post("making/", body.encode(), content_type=kind, idempotency_key="form")

    assert form("aaa", "one").status == 201
    assert form("bbb", "one").headers["Idempotent-Replayed"] == "true"
    assert form("ccc", "two").json["code"] == "idempotency_key_reused"


@pytest.mark.django_db(transaction=True)
def test_a_second_request_while_the_first_runs_is_409_and_may_come_again() -> None:
    admin = a_caller(Role.ADMIN)
    SlowMakingView.inside.clear()
    SlowMakingView.go_on.clear()
    answers: list[Answer] = []

    def first() -> None:
        answers.append(make(admin, address="slow-making/"))
        connections.close_all()

    thread = threading.Thread(target=first)
    thread.start()
    try:
        assert SlowMakingView.inside.wait(10)
        second = make(admin, address="slow-making/")
    finally:
        SlowMakingView.go_on.set()
        thread.join(10)

    assert (second.status, second.json["code"]) == (409, "idempotency_in_progress")
    assert second.headers["Retry-After"] == "1"
    assert answers[0].status == 201
    third = make(admin, address="slow-making/")
    assert (third.status, third.json) == (201, answers[0].json)
    assert PackageDenialReason.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("address", ["making/", "own-transaction/"])
def test_of_many_at_once_one_does_it(address: str) -> None:
    admin = a_caller(Role.ADMIN)
    start = threading.Barrier(6)
    answers: list[Answer] = []

    def call() -> None:
        start.wait(10)
        answers.append(make(admin, address=address))
        connections.close_all()

    threads = [threading.Thread(target=call) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    assert PackageDenialReason.objects.count() == 1
    done = [answer for answer in answers if answer.status != 409]
    assert len(answers) == 6
    assert {answer.status for answer in done} == {201 if address == "making/" else 204}
    assert sum("Idempotent-Replayed" not in answer.headers for answer in done) == 1


@pytest.mark.django_db(transaction=True)
def test_who_looked_too_early_is_stopped_by_the_row_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between one request's look and its answer another has done it and given the lock back."""
    admin = a_caller(Role.ADMIN)
    first = make(admin)
    look = idempotency.Claim.look
    looks: list[int] = []

    def blind(claim: idempotency.Claim) -> None:
        look(claim)
        looks.append(1)
        if len(looks) == 1:
            claim.answer = None

    monkeypatch.setattr(idempotency.Claim, "look", blind)
    PackageDenialReason.objects.update(title="renamed since")
    again = make(admin)

    assert len(looks) == 2
    assert (again.status, again.json) == (201, first.json)
    assert PackageDenialReason.objects.count() == 1
    assert held_locks() == 0


@pytest.mark.django_db(transaction=True)
def test_a_process_that_dies_leaves_the_key_free() -> None:
    admin = a_caller(Role.ADMIN)
    SlowMakingView.inside.clear()
    SlowMakingView.go_on.clear()

    def dies() -> None:
        make(admin, address="slow-making/")
        connections.close_all()

    thread = threading.Thread(target=dies)
    thread.start()
    assert SlowMakingView.inside.wait(10)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid() AND state = 'idle in transaction'"
        )
    SlowMakingView.go_on.set()
    thread.join(10)

    assert not PackageDenialReason.objects.exists()
    assert make(admin, address="slow-making/").status == 201
