"""Who may call: letters, scopes, own rows."""

import pytest

from packhouse.api import permissions
from packhouse.api.permissions import allowed
from packhouse.kernel.accounts import SYSTEM, Actor
from packhouse.kernel.models import Role, Scope
from packhouse.locations.models import StockLocation
from packhouse.transfers.models import TransferOrder
from tests.api.callers import Caller, a_caller
from tests.builders import a_channel, a_location, a_transfer

ALL = frozenset(Scope.values)


def an_actor(role: Role, scopes: frozenset[str] = ALL, **fields: object) -> Actor:
    given = {"location_ids": None, "channel_ids": None, **fields}
    return Actor(user_id=1, role=role, scopes=scopes, label="x", language="en", **given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("access", "role", "reads", "writes"),
    [
        ("aosi", Role.STORE, True, False),
        ("AoSI", Role.ADMIN, True, True),
        ("AoSI", Role.OPERATOR, True, False),
        ("AoSI", Role.STORE, True, True),
        ("AoSI", Role.INTEGRATION, True, True),
        ("AO", Role.STORE, False, False),
        ("A", Role.OPERATOR, False, False),
        ("aoi", Role.STORE, False, False),
        ({"GET": "aosi", "PATCH": "AOI"}, Role.STORE, True, False),
        ({"GET": "aosi", "PATCH": "AOI"}, Role.OPERATOR, True, False),
        ({"POST": "AI"}, Role.INTEGRATION, True, True),
        ({"POST": "AI"}, Role.STORE, False, False),
    ],
)
def test_letters(access: permissions.Access, role: Role, reads: bool, writes: bool) -> None:
    actor = an_actor(role)

    assert allowed(actor, "GET", access, "locations") is reads
    assert allowed(actor, "OPTIONS", access, "locations") is reads
    assert allowed(actor, "POST", access, "locations") is writes


def test_a_method_has_the_letters_of_its_own() -> None:
    access = {"GET": "aosi", "PATCH": "AOI"}

    assert allowed(an_actor(Role.OPERATOR), "PATCH", access, None)
    assert not allowed(an_actor(Role.STORE), "PATCH", access, None)


@pytest.mark.parametrize(
    ("scopes", "reads", "writes"),
    [
        ({"read"}, True, False),
        ({"locations"}, True, True),
        ({"stock"}, False, False),
        (set(), False, False),
    ],
)
def test_an_integration_has_what_the_keys_scopes_say(scopes: set[str], reads: bool, writes: bool) -> None:
    actor = an_actor(Role.INTEGRATION, frozenset(scopes))

    assert allowed(actor, "GET", "AoSI", "locations") is reads
    assert allowed(actor, "PATCH", "AoSI", "locations") is writes


def test_an_integration_writes_nothing_that_no_scope_is_for() -> None:
    assert not allowed(an_actor(Role.INTEGRATION), "POST", "AOSI", None)


def test_a_key_that_is_narrower_than_its_admin_stays_narrow() -> None:
    narrow = an_actor(Role.ADMIN, frozenset({"read", "stock"}), narrowed=True)

    assert allowed(narrow, "GET", "A", None)
    assert not allowed(narrow, "POST", "A", None)
    assert not allowed(narrow, "POST", "AoSI", "locations")
    assert allowed(narrow, "POST", "AosI", "stock")


def test_the_system_may_everything() -> None:
    assert allowed(SYSTEM, "DELETE", "", None)


@pytest.mark.django_db
def test_a_missing_right_is_403(operator: Caller) -> None:
    answer = operator.get("settings/application_settings/")

    assert answer.status == 403
    assert answer.json["code"] == "permission_denied"


@pytest.mark.django_db
def test_a_store_user_is_bound_to_its_locations() -> None:
    here, there = a_location(), a_location()

    seen = permissions.visible(
        StockLocation.objects.all(), an_actor(Role.STORE, location_ids=frozenset({here.pk})), locations=["id"]
    )

    assert list(seen) == [here]
    assert there not in seen


@pytest.mark.django_db
def test_a_row_with_two_locations_is_seen_from_both() -> None:
    transfer = a_transfer()
    paths = ["source_id", "destination_id"]

    for own, seen in (
        (transfer.source_id, True),
        (transfer.destination_id, True),
        (a_location().pk, False),
    ):
        actor = an_actor(Role.STORE, location_ids=frozenset({own}))
        rows = permissions.visible(TransferOrder.objects.all(), actor, locations=paths)
        assert rows.exists() is seen


@pytest.mark.django_db
def test_another_channels_row_is_403_and_in_lists_absent() -> None:
    own, foreign = a_channel(), a_channel()
    narrow = a_caller(Role.INTEGRATION, user_scopes=["read"], channel_ids=[own.pk])

    assert narrow.get(f"channels/{own.pk}/").status == 200
    assert narrow.get(f"channels/{foreign.pk}/").status == 403
    assert [row["id"] for row in narrow.get("channels/").json["results"]] == [own.pk]
    assert narrow.get("channels/999999/").status == 404
