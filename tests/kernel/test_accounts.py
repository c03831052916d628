"""Actors, keys, login."""

import re
from datetime import timedelta
from typing import Any

import pytest

from packhouse.kernel import clock
from packhouse.kernel.accounts import (
    EVERY_SCOPE,
    SYSTEM,
    BadCredentials,
    actor_for_key,
    digest_of,
    issue_key,
    login,
    logout,
)
from packhouse.kernel.errors import InvalidParameter, NotAuthenticated
from packhouse.kernel.models import ApiKey, Role, Scope
from tests.builders import a_user

pytestmark = pytest.mark.django_db


def test_a_key_is_shown_once_and_kept_as_its_hash() -> None:
    key = issue_key(a_user(), name="till 3")

    assert re.fullmatch("[0-9a-f]{40}", key)
    kept = ApiKey.objects.get()
    assert kept.digest == digest_of(key)
    assert key not in str(vars(kept))


def test_one_statement_finds_whose_key_it_is(django_assert_num_queries: Any) -> None:
    user = a_user(role=Role.ADMIN)
    key = issue_key(user, name="x")
    actor_for_key(key)

    with django_assert_num_queries(1):
        actor = actor_for_key(key)

    assert (actor.user_id, actor.role, actor.label) == (user.pk, Role.ADMIN, user.username)
    assert actor.scopes == EVERY_SCOPE
    assert actor.location_ids is None
    assert actor.channel_ids is None
    assert not actor.narrowed


def test_the_use_is_noted_at_most_once_a_minute() -> None:
    key = issue_key(a_user(), name="x")
    start = clock.now()

    with clock.frozen(start):
        actor_for_key(key)
    with clock.frozen(start + timedelta(seconds=59)):
        actor_for_key(key)
    assert ApiKey.objects.get().last_used_date == start
    with clock.frozen(start + timedelta(seconds=61)):
        actor_for_key(key)
    assert ApiKey.objects.get().last_used_date == start + timedelta(seconds=61)


def test_an_unknown_key_is_nobody() -> None:
    with pytest.raises(NotAuthenticated):
        actor_for_key("0" * 40)


def test_a_revoked_key_is_nobody_and_the_users_other_keys_stay() -> None:
    user = a_user()
    first, second = issue_key(user, name="1"), issue_key(user, name="2")

    logout(first)

    with pytest.raises(NotAuthenticated):
        actor_for_key(first)
    assert actor_for_key(second).user_id == user.pk


def test_an_expired_key_is_nobody() -> None:
    key = issue_key(a_user(), name="x", days=1)

    actor_for_key(key)
    with clock.frozen(clock.now() + timedelta(days=1, seconds=1)), pytest.raises(NotAuthenticated):
        actor_for_key(key)


def test_the_keys_of_a_user_who_is_switched_off_are_nobodys() -> None:
    key = issue_key(a_user(is_active=False), name="x")

    with pytest.raises(NotAuthenticated):
        actor_for_key(key)


def test_an_integration_has_the_scopes_of_its_user_narrowed_by_the_key() -> None:
    user = a_user(role=Role.INTEGRATION, scopes=[Scope.READ, Scope.STOCK])

    whole = actor_for_key(issue_key(user, name="1"))
    narrow = actor_for_key(issue_key(user, name="2", scopes=[Scope.STOCK, Scope.SETUP]))

    assert whole.scopes == {"read", "stock"}
    assert narrow.scopes == {"stock"}
    assert narrow.may("stock")
    assert not narrow.may("read")


def test_a_key_may_narrow_locations_and_channels() -> None:
    actor = actor_for_key(issue_key(a_user(), name="x", location_ids=[3, 1, 3], channel_ids=[]))

    assert actor.location_ids == frozenset({1, 3})
    assert actor.channel_ids == frozenset()


def test_an_unknown_scope_is_refused() -> None:
    with pytest.raises(InvalidParameter) as refused:
        issue_key(a_user(), name="x", scopes=["everything"])

    assert list(refused.value.errors) == ["scopes"]
    assert not ApiKey.objects.exists()


def test_login_gives_a_key_for_thirty_days() -> None:
    user = a_user(password="correct horse")

    key = login(user.username, "correct horse")

    assert actor_for_key(key).user_id == user.pk
    expires = ApiKey.objects.get().expires_date
    assert expires is not None
    assert timedelta(days=29, hours=23) < expires - clock.now() <= timedelta(days=30)


@pytest.mark.parametrize("fields", [{"password": "wrong"}, {"username": "nobody"}])
def test_wrong_credentials_are_refused(fields: dict[str, str]) -> None:
    user = a_user(password="correct horse")

    with pytest.raises(BadCredentials):
        login(**{"username": user.username, "password": "correct horse", **fields})
    assert not ApiKey.objects.exists()


def test_a_user_who_is_switched_off_cannot_log_in() -> None:
    user = a_user(password="correct horse", is_active=False)

    with pytest.raises(BadCredentials):
        login(user.username, "correct horse")


@pytest.mark.parametrize(
    ("role", "visibility", "may"),
    [
        (Role.ADMIN, [], True),
        (Role.OPERATOR, [], True),
        (Role.STORE, [], False),
        (Role.STORE, ["store"], True),
        (Role.STORE, ["integration"], False),
        (Role.STORE, None, True),
    ],
)
def test_who_may_run_a_transition(role: Role, visibility: list[str] | None, may: bool) -> None:
    actor = actor_for_key(issue_key(a_user(role=role), name="x"))

    assert actor.may_run(visibility) is may


def test_an_integration_needs_the_scope_and_the_visibility() -> None:
    user = a_user(role=Role.INTEGRATION, scopes=[Scope.COMMANDS, Scope.READ])
    able = actor_for_key(issue_key(user, name="1"))
    unable = actor_for_key(issue_key(user, name="2", scopes=[Scope.READ]))

    assert able.may_run(["integration"])
    assert not able.may_run(["store"])
    assert not unable.may_run(["integration"])
    assert not unable.may_run(None)


def test_the_system_may_everything() -> None:
    assert all(SYSTEM.may(scope) for scope in Scope.values)
    assert SYSTEM.may_run([])
