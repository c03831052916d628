"""Calls to outside systems: what is tried again, what is not, what is kept of a failure."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import httpx
import pytest
import stamina
from django.db import connection, transaction
from procrastinate.jobs import Job

from packhouse.integrations import advisory, http
from packhouse.integrations.failures import (
    BadAnswer,
    Busy,
    CircuitOpen,
    OutsideFailure,
    Refused,
    Unavailable,
    Unreachable,
)
from packhouse.integrations.http import IN_REQUEST, ONCE, Call, Patience, send
from packhouse.integrations.models import FailedCall
from packhouse.integrations.patience import Patient, TryLater
from packhouse.kernel import clock, tracing

CALL = Call("shop/1", "things", "POST", "https://shop.example.com/things/", body={"a": 1})
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)

pytestmark = pytest.mark.django_db


class Far:
    """The far side: answers in turn, and what it was sent."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers = list(answers)
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)


@contextmanager
def far(*answers: httpx.Response | Exception) -> Iterator[Far]:
    side = Far(*answers)
    with httpx.Client(transport=httpx.MockTransport(side)) as client, http.using(client):
        yield side


def test_an_answer_is_given_with_status_headers_and_json() -> None:
    with far(httpx.Response(201, json={"pk": 7}, headers={"X-Is": "there"})) as side:
        answer = send(CALL)

    assert (answer.status, answer.headers["x-is"], answer.json()) == (201, "there", {"pk": 7})
    assert side.requests[0].content == b'{"a": 1}'
    assert side.requests[0].headers["content-type"] == "application/json"
    assert not FailedCall.objects.exists()


def test_the_request_id_is_passed_on() -> None:
    with far(httpx.Response(200)) as side, tracing.traced("from-the-caller"):
        send(CALL)

    assert side.requests[0].headers["x-request-id"] == "from-the-caller"


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_what_may_go_well_later_is_tried_again(status: int) -> None:
    with far(httpx.Response(status), httpx.Response(200)) as side:
        assert send(CALL).status == 200

    assert len(side.requests) == 2
    assert FailedCall.objects.get().status == status


@pytest.mark.parametrize(
    "fault", [httpx.ConnectError("refused"), httpx.ReadTimeout("slow"), httpx.ReadError("cut")]
)
def test_faults_of_the_network_are_tried_three_times(fault: Exception) -> None:
    with far(fault) as side, pytest.raises(Unreachable, match=type(fault).__name__):
        send(CALL)

    assert len(side.requests) == 3


@pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 405, 406, 409, 413, 422])
def test_other_answers_are_not_tried_again(status: int) -> None:
    with far(httpx.Response(status, json={"detail": "no"})) as side, pytest.raises(Refused) as refusal:
        send(CALL)

    assert len(side.requests) == 1
    assert (refusal.value.answered, refusal.value.content) == (status, b'{"detail":"no"}')


def test_once_means_once() -> None:
    with far(httpx.Response(503)) as side, pytest.raises(Unavailable):
        send(CALL, ONCE)

    assert len(side.requests) == 1


def test_waits_grow_with_full_jitter_and_follow_retry_after() -> None:
    waits: list[float] = []
    with (
        stamina.set_testing(False),
        pytest.MonkeyPatch.context() as patch,
        far(
            httpx.Response(500),
            httpx.Response(503, headers={"Retry-After": "3"}),
            httpx.ConnectError("refused"),
            httpx.Response(200),
        ),
    ):
        patch.setattr("tenacity.nap.time.sleep", waits.append)
        patch.setattr("random.uniform", lambda _low, high: high)
        send(CALL, Patience(tries=4, within=60))

    assert waits == [1, 3, 4]


def test_a_wait_beyond_the_time_left_is_left_to_the_caller() -> None:
    answer = httpx.Response(429, headers={"Retry-After": "120"})
    with far(answer) as side, pytest.raises(Unavailable) as failure:
        send(CALL, IN_REQUEST)

    assert len(side.requests) == 1
    assert failure.value.retry_after == 120


def test_retry_after_as_a_date() -> None:
    answer = httpx.Response(503, headers={"Retry-After": "Mon, 02 Mar 2026 12:01:30 GMT"})
    with clock.frozen(NOON), far(answer), pytest.raises(Unavailable) as failure:
        send(CALL)

    assert failure.value.retry_after == 90


def test_an_answer_that_is_too_long_is_not_read_to_its_end() -> None:
    with far(httpx.Response(200, content=b"x" * 5000)), pytest.raises(BadAnswer, match="longer than 1000"):
        send(Call("shop/1", "things", "GET", CALL.url, largest=1000), ONCE)


def test_an_error_page_in_place_of_json() -> None:
    with far(httpx.Response(200, html="<html>gateway</html>")), pytest.raises(BadAnswer):
        send(CALL).json()


def test_a_call_inside_a_transaction_is_refused() -> None:
    with far(httpx.Response(200)) as side, transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        send(CALL)

    assert side.requests == []


def test_a_failure_is_kept_without_secrets_and_personal_data() -> None:
    call = Call(
        "shop/1", "things", "POST", CALL.url, body={"password": "p", "lines": [{"email": "a@b.example"}]}
    )
    body = {"detail": "no", "customer": {"first_name": "Ada", "city": "Ankara"}}
    with far(httpx.Response(400, json=body)), tracing.traced("r1"), pytest.raises(Refused):
        send(call)

    kept = FailedCall.objects.get()
    assert (kept.system, kept.endpoint, kept.method, kept.status, kept.request_id) == (
        "shop/1", "things", "POST", 400, "r1",
    )  # fmt: skip
    assert kept.request_body == '{"password": "********", "lines": [{"email": "********"}]}'
    assert kept.answer_body == '{"detail": "no", "customer": {"first_name": "********", "city": "Ankara"}}'


def test_text_that_is_not_json_loses_addresses_and_numbers() -> None:
    page = b"<p>ada@example.com 0500 000 00 00 failed\x00</p>"
    with far(httpx.Response(500, content=page)), pytest.raises(Unavailable):
        send(CALL, ONCE)

    assert FailedCall.objects.get().answer_body == "<p>******** ******** failed</p>"


def test_json_that_was_cut_off_loses_its_secrets_all_the_same() -> None:
    page = b'{"token": "s3\\"cret", "name": "x", "password" : "more'
    with far(httpx.Response(500, content=page)), pytest.raises(Unavailable):
        send(CALL, ONCE)

    assert FailedCall.objects.get().answer_body == '{"token": "********", "name": "x", "password": "********"'


def fails(times: int, error: type[OutsideFailure] = Unavailable) -> None:
    for _ in range(times):
        with pytest.raises(error):
            send(CALL, ONCE)


def test_five_failures_in_a_row_open_the_circuit_and_a_probe_closes_it() -> None:
    with far(httpx.Response(503)) as side:
        with clock.frozen(NOON):
            fails(5)
            fails(1, CircuitOpen)
            assert len(side.requests) == 5
        side.answers = [httpx.Response(200)]
        with clock.frozen(NOON + timedelta(seconds=29)):
            fails(1, CircuitOpen)
        with clock.frozen(NOON + timedelta(seconds=30)):
            send(CALL)
            send(CALL)

    assert len(side.requests) == 7


def test_a_probe_that_fails_opens_the_circuit_again() -> None:
    with far(httpx.ConnectError("refused")) as side:
        with clock.frozen(NOON):
            fails(5, Unreachable)
        with clock.frozen(NOON + timedelta(seconds=31)):
            fails(1, Unreachable)
            fails(1, CircuitOpen)

    assert len(side.requests) == 6


def test_one_probe_at_a_time() -> None:
    with far(httpx.Response(503)) as side:
        with clock.frozen(NOON):
            fails(5)
        side.answers = [ProbeInside(lambda: fails(1, CircuitOpen))]
        with clock.frozen(NOON + timedelta(seconds=40)), pytest.raises(Unreachable):
            send(CALL, ONCE)

    assert len(side.requests) == 6


class ProbeInside(httpx.ConnectError):
    """Runs something while the far side is being asked, then fails."""

    def __init__(self, run: Callable[[], None]) -> None:
        super().__init__("cut")
        self.run = run

    def __str__(self) -> str:
        self.run()
        return "cut"


def test_failures_that_are_no_row_or_too_far_apart_do_not_open_it() -> None:
    with far(httpx.Response(503)) as side:
        for minute in range(8):
            with clock.frozen(NOON + timedelta(seconds=20 * minute)):
                fails(1)
        side.answers = [httpx.Response(200)]
        with clock.frozen(NOON + timedelta(seconds=141)):
            send(CALL)
            side.answers = [httpx.Response(503)]
            fails(4)
            side.answers = [httpx.Response(404)]
            fails(1, Refused)
            side.answers = [httpx.Response(503)]
            fails(4)
            side.answers = [httpx.Response(200)]
            send(CALL)


def test_another_host_has_a_circuit_of_its_own() -> None:
    with far(httpx.Response(503)) as side:
        fails(5)
        side.answers = [httpx.Response(200)]
        assert send(Call("shop/1", "things", "GET", "https://other.example.com/")).status == 200


def test_no_more_calls_at_once_than_allowed() -> None:
    call = Call("shop/1", "things", "GET", CALL.url, parallel=1)
    session = connection.copy()
    try:
        session.ensure_connection()
        with session.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [advisory._key("calls to shop/1", 0)])
            with far(httpx.Response(200)) as side, pytest.raises(Busy):
                send(call, Patience(tries=1, within=0.05))
            cursor.execute("SELECT pg_advisory_unlock_all()")
        assert side.requests == []
        with far(httpx.Response(200)):
            assert send(call).status == 200
    finally:
        session.close()


def job(attempts: int) -> Job:
    return Job(id=1, queue="q", lock=None, queueing_lock=None, task_name="t", attempts=attempts)


@pytest.mark.parametrize(
    ("error", "least", "most"),
    [
        (Unavailable("x"), 1, 4),
        (Unavailable("x", retry_after=40), 40, 45),
        (CircuitOpen("x", retry_after=12), 12, 17),
        (TryLater(7, "x"), 7, 7),
    ],
)
def test_a_job_comes_back(error: Exception, least: int, most: int) -> None:
    decision = Patient().get_retry_decision(exception=error, job=job(2))

    assert decision is not None
    assert decision.retry_at is not None
    wait = (decision.retry_at - datetime.now(UTC)).total_seconds()
    assert least - 1 <= wait <= most


def test_a_job_that_is_wrong_for_good_does_not_come_back() -> None:
    assert Patient().get_retry_decision(exception=Refused("x"), job=job(0)) is None
    assert Patient().get_retry_decision(exception=ValueError("x"), job=job(0)) is None
