"""Rates: token buckets."""

import pytest
from django.test import override_settings

from packhouse.api import throttling
from packhouse.kernel import settings_store
from packhouse.kernel.models import Role
from tests.api.callers import Caller, a_caller
from tests.builders import a_user

pytestmark = pytest.mark.django_db


class Clock:
    """Monotonic time that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(throttling, "time", clock)
    return clock


def limit(**rates: dict[str, float]) -> None:
    settings_store.put("RATE_LIMITS", rates)
    settings_store.forget()


def test_every_answer_says_how_one_stands(admin: Caller, nobody: Caller, time: Clock) -> None:
    for answer in (admin.get("channels/"), nobody.get("channels/"), admin.get("channels/999/")):
        assert answer.headers["X-RateLimit-Limit"] == "2000"
        assert answer.headers["X-RateLimit-Remaining"].isdigit()
        assert answer.headers["X-RateLimit-Reset"] == "1"


def test_beyond_the_burst_429_until_time_has_passed(admin: Caller, time: Clock) -> None:
    limit(read={"requests": 1, "seconds": 10, "burst": 2})

    statuses = [admin.get("channels/").status for _ in range(3)]
    refused = admin.get("channels/")

    assert statuses == [200, 200, 429]
    assert refused.json["code"] == "throttled"
    assert refused.headers["Retry-After"] == "10"
    assert refused.headers["X-RateLimit-Remaining"] == "0"
    assert refused.headers["X-RateLimit-Reset"] == "20"
    time.now += 10
    assert admin.get("channels/").status == 200
    assert admin.get("channels/").status == 429


def test_a_bucket_holds_no_more_than_its_burst(admin: Caller, time: Clock) -> None:
    limit(read={"requests": 1, "seconds": 1, "burst": 2})

    time.now += 10_000
    assert [admin.get("channels/").status for _ in range(3)] == [200, 200, 429]


def test_each_key_and_each_kind_has_a_bucket_of_its_own(admin: Caller, time: Clock) -> None:
    limit(read={"requests": 1, "seconds": 60}, write={"requests": 1, "seconds": 60})
    other = a_caller(Role.ADMIN)

    assert admin.get("channels/").status == 200
    assert admin.get("channels/").status == 429
    assert other.get("channels/").status == 200
    assert admin.post("packages/package_denial_reason/", {"title": "t"}).status == 201
    assert admin.post("packages/package_denial_reason/", {"title": "u"}).status == 429


def test_exports_and_simple_lists_are_counted_apart(admin: Caller, time: Clock) -> None:
    limit(bulk={"requests": 2, "seconds": 60})
    simple = "package-denial-reason/list-simple/"

    assert [admin.get(simple).status, admin.get(f"{simple}?format=csv").status] == [200, 200]
    assert admin.get(simple).status == 429
    assert admin.get("package-denial-reason/").status == 200


def test_who_sends_no_key_is_counted_by_address(nobody: Caller, time: Clock) -> None:
    limit(read={"requests": 1, "seconds": 60})

    assert [nobody.get("channels/").status for _ in range(2)] == [401, 429]


def test_behind_a_proxy_the_address_is_the_one_that_it_saw(nobody: Caller, time: Clock) -> None:
    limit(read={"requests": 1, "seconds": 60})

    assert nobody.get("channels/", x_forwarded_for="1.1.1.1").status == 401
    assert nobody.get("channels/", x_forwarded_for="2.2.2.2").status == 429
    with override_settings(PACKHOUSE_BEHIND_PROXY=True):
        assert nobody.get("channels/", x_forwarded_for="9.9.9.9, 2.2.2.2").status == 401
        assert nobody.get("channels/", x_forwarded_for="8.8.8.8, 2.2.2.2").status == 429


def test_login_is_counted_per_name_and_address(nobody: Caller, time: Clock) -> None:
    user = a_user(password="correct horse")
    wrong = {"username": user.username, "password": "wrong"}

    statuses = [nobody.post("auth/login/", wrong).status for _ in range(11)]

    assert statuses == [400] * 10 + [429]
    assert nobody.post("auth/login/", {"username": "other", "password": "x"}).status == 400
    right = nobody.post("auth/login/", {"username": user.username, "password": "correct horse"})
    assert right.status == 429
    assert right.headers["X-RateLimit-Limit"] == "10"


def test_idle_buckets_make_room(time: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttling, "_MOST_BUCKETS", 20)

    for who in range(100):
        time.now += 1
        throttling.take("read", who)

    assert len(throttling._buckets) <= 20
    assert ("read", 99) in throttling._buckets
