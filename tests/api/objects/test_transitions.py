"""Installed transitions, the catalogue of commands, the exceptions list."""

from typing import Any

import pytest

from packhouse.kernel import exceptions, version
from packhouse.kernel.models import Role, State, Transition
from packhouse.kernel.secrets import by_name, unseal
from packhouse.packages.models import Package
from packhouse.packages.states import PackageStatus
from tests.api.callers import Caller, a_caller
from tests.api.objects.answers import grows, ids
from tests.builders import a_package
from tests.fingerprint import fingerprint

pytestmark = pytest.mark.django_db

NEW: dict[str, Any] = {
    "slug": "pack-it",
    "command": "CompletePackagingCommand",
    "source_state": "WAITING",
    "target_state": "PACKED",
}
CALL = {
    "remote_url": "https://invoice.example.com/",
    "auth": {"request_type": "token", "token": "s3cret"},
}


def state(member: PackageStatus) -> State:
    return State.objects.get(enum_class="PackageStatus", enum_value=member.value)


def run(caller: Caller, package: Package, slug: str) -> int:
    """The status of a command, run after the commit of what was changed before."""
    version.forget()
    return caller.post(f"packages/{package.pk}/command/", {"slug": slug}).status


def test_a_row_is_installed_and_runs(admin: Caller) -> None:
    package = a_package()

    answer = admin.post(
        "transitions/", {**NEW, "visibility": ["store"], "name": {"en": "Pack it", "tr": "Paketle"}}
    )

    assert answer.status == 201, answer.content
    made = answer.json
    assert (made["command"], made["code"], made["is_active"]) == ("CompletePackagingCommand", None, True)
    assert made["source_state"]["enum_value"] == "100"
    assert made["target_state"]["enum_value"] == "500"
    assert made["warnings"] == []
    assert run(admin, package, "pack-it") == 204
    assert admin.get(f"transitions/{made['id']}/").json == {**made, "warnings": []}


def test_states_by_id_and_the_command_by_code(admin: Caller) -> None:
    body = {
        "slug": "s-1",
        "command": "PKG_STATE_TRANSITION",
        "source_state": state(PackageStatus.READY_FOR_PACKAGING).pk,
        "target_state": admin.get(f"states/{state(PackageStatus.WAITING).pk}/").json,
        "name": "Back",
        "position": 5,
    }

    made = admin.post("transitions/", body).json

    assert (made["command"], made["code"]) == ("PackageStateTransitionCommand", "PKG_STATE_TRANSITION")
    assert (made["name"], made["position"]) == ({"en": "Back", "tr": "Back"}, 5)
    assert (made["source_state"]["enum_value"], made["target_state"]["enum_value"]) == ("400", "100")


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"target_state": "SHIPPED"}, "target_state", "invalid_parameter"),
        ({"target_state": None}, "target_state", "invalid_parameter"),
        ({"source_state": "PACKED"}, "target_state", "invalid_parameter"),
        ({"source_state": "MOON"}, "source_state", "invalid_parameter"),
        ({"source_state": 99999999}, "source_state", "invalid_parameter"),
        ({"source_state": 10**30}, "source_state", "invalid_parameter"),
        ({"source_state": []}, "source_state", "invalid_parameter"),
        ({"command": "MoonCommand"}, "command", "invalid_parameter"),
        ({"slug": "complete-packaging"}, "slug", "unique"),
        ({"slug": "no blanks"}, "slug", "invalid_parameter"),
        ({"slug": "x" * 65}, "slug", "invalid_parameter"),
        ({"visibility": ["everybody"]}, "visibility", "invalid_parameter"),
        ({"configuration": {"remote_moon_call": {}}}, "configuration", "invalid_parameter"),
        (
            {"configuration": {"remote_invoice_call": {"remote_url": "nowhere"}}},
            "configuration",
            "invalid_parameter",
        ),
        ({"configuration": []}, "configuration", "invalid_parameter"),
        ({"name": {"de": "x"}}, "name", "invalid_parameter"),
        ({"position": -1}, "position", "invalid_parameter"),
        ({"colour": "red"}, "colour", "unknown_parameter"),
    ],
)
def test_what_may_not_be_installed(admin: Caller, changes: Any, field: str, code: str) -> None:
    before = Transition.objects.count()

    answer = admin.post("transitions/", {**NEW, **changes})

    assert (answer.status, answer.json["code"]) == (400, code), answer.content
    assert field in answer.json
    assert Transition.objects.count() == before


def test_the_legal_moves_are_named(admin: Caller) -> None:
    answer = admin.post("transitions/", {**NEW, "target_state": "SHIPPED"})

    assert "WAITING → PACKED" in answer.json["target_state"][0]


@pytest.mark.parametrize(
    ("changes", "field", "legal"),
    [
        ({"target_state": "SHIPPED"}, "target_state", "WAITING → PACKED"),
        ({"source_state": "PACKED"}, "target_state", "PREPARING → PACKED"),
        ({"command": "ShipThePackageCommand"}, "target_state", "PACKED → SHIPPED"),
        ({"command": "MoonCommand"}, "command", "CancelPackageCommand"),
        ({"source_state": "MOON"}, "source_state", "READY_FOR_PACKAGING"),
        ({"slug": "complete-packaging"}, "slug", ""),
        ({"is_active": "perhaps"}, "is_active", ""),
    ],
)
def test_an_illegal_change_names_what_is_legal_and_changes_nothing(
    admin: Caller, changes: Any, field: str, legal: str
) -> None:
    made = admin.post("transitions/", NEW).json
    before = fingerprint()

    answer = admin.patch(f"transitions/{made['id']}/", changes)

    assert answer.status == 400, answer.content
    assert legal in answer.json[field][0]
    assert fingerprint() == before


@pytest.mark.parametrize("missing", ["slug", "command", "source_state"])
def test_what_a_row_needs(admin: Caller, missing: str) -> None:
    answer = admin.post("transitions/", {key: value for key, value in NEW.items() if key != missing})

    assert (answer.status, answer.json["code"]) == (400, "missing_parameter")
    assert missing in answer.json


def test_secrets_are_sealed_masked_and_kept(admin: Caller) -> None:
    made = admin.post("transitions/", {**NEW, "configuration": {"remote_invoice_call": CALL}}).json
    shown = made["configuration"]
    assert shown["remote_invoice_call"]["auth"]["token"] == "********"
    row = Transition.objects.get(pk=made["id"])
    assert "s3cret" not in str(row.configuration)

    answer = admin.patch(
        f"transitions/{made['id']}/", {"configuration": {**shown, "sync_remote_order_status": False}}
    )

    assert answer.status == 200, answer.content
    row.refresh_from_db()
    opened = unseal(row.configuration, by_name())
    assert opened["remote_invoice_call"]["auth"]["token"] == "s3cret"
    assert opened["sync_remote_order_status"] is False


def test_a_change_binds_the_next_command(admin: Caller) -> None:
    package = a_package()
    row = Transition.objects.get(slug="start-preparing")

    assert admin.delete(f"transitions/{row.pk}/").status == 204

    assert run(admin, package, "start-preparing") == 400
    assert admin.patch(f"transitions/{row.pk}/", {"is_active": True}).status == 200
    assert run(admin, package, "start-preparing") == 204


def test_slug_states_and_command_are_fixed_once_it_has_run(admin: Caller) -> None:
    made = admin.post("transitions/", NEW).json
    address = f"transitions/{made['id']}/"
    assert admin.patch(address, {"slug": "pack-that"}).json["slug"] == "pack-that"
    assert admin.patch(address, {"source_state": "PREPARING"}).json["source_state"]["enum_value"] == "200"
    package = a_package(state=PackageStatus.PREPARING)
    assert run(admin, package, "pack-that") == 204

    refused = admin.patch(address, {"slug": "other", "position": 1})

    assert (refused.status, set(refused.json)) == (400, {"slug", "code"})
    assert admin.patch(address, {"slug": "pack-that", "position": 1}).status == 200
    assert admin.patch(address, {"source_state": "WAITING"}).status == 400


def test_what_was_read_may_be_sent_back(admin: Caller) -> None:
    row = Transition.objects.get(slug="complete-packaging")
    document = admin.get(f"transitions/{row.pk}/").json

    assert admin.patch(f"transitions/{row.pk}/", document).status == 200
    after = admin.get(f"transitions/{row.pk}/").json
    assert {**after, "modified_date": None} == {**document, "modified_date": None}


def test_a_dead_end_is_a_warning(admin: Caller) -> None:
    label = state(PackageStatus.WAITING_CARGO_LABEL)
    Transition.objects.filter(source_state=label).update(is_active=False)

    answer = admin.post("transitions/", {**NEW, "target_state": "WAITING_CARGO_LABEL"})

    assert answer.status == 201
    (warning,) = answer.json["warnings"]
    assert (warning["code"], warning["kind"], warning["state"]) == (
        "dead_end",
        "package",
        "WAITING_CARGO_LABEL",
    )
    assert warning in admin.post("transitions/validate/", {}).json["warnings"]


def test_checking_saves_nothing(admin: Caller) -> None:
    before = Transition.objects.count()

    good = admin.post("transitions/validate/", NEW).json
    bad = admin.post("transitions/validate/", {**NEW, "target_state": "SHIPPED"}).json
    worse = admin.post("transitions/validate/", {"slug": "a b"}).json

    assert (good["valid"], bad["valid"], worse["valid"]) == (True, False, False)
    assert list(bad["errors"]) == ["target_state"]
    assert "slug" in worse["errors"]
    assert Transition.objects.count() == before


def test_defaults_are_seeded_where_they_are_missing(admin: Caller) -> None:
    Transition.objects.filter(slug="ship-the-package").delete()

    assert admin.post("transitions/install_defaults/").json == {"installed": 1}
    assert admin.post("transitions/install_defaults/").json == {"installed": 0}


def test_an_edit_on_top_of_anothers_is_412(admin: Caller) -> None:
    row = Transition.objects.get(slug="cancel")
    etag = admin.get(f"transitions/{row.pk}/").headers["ETag"]

    assert admin.patch(f"transitions/{row.pk}/", {"position": 7}, If_Match=etag).status == 200
    assert admin.patch(f"transitions/{row.pk}/", {"position": 8}, If_Match=etag).status == 412


def test_list_filters_and_rights(admin: Caller) -> None:
    row = Transition.objects.get(slug="ship-the-package")
    operator = a_caller(Role.OPERATOR)

    for query in (
        "slug=ship-the-package",
        "command=ShipThePackageCommand",
        "source_state__enum_value=500&target_state__enum_value=600&command=ShipThePackageCommand",
    ):
        assert row.pk in ids(operator.get(f"transitions/?{query}")), query
    assert operator.post("transitions/", NEW).status == 403
    assert a_caller(Role.STORE).get("transitions/").status == 403
    assert admin.get("transitions/99999999/").status == 404
    assert admin.patch("transitions/99999999/", {}).status == 404
    assert admin.delete("transitions/99999999/").status == 404


# Unblocking leads back to the state before


def test_a_blocked_package_shows_where_unblocking_leads(admin: Caller) -> None:
    package, other = a_package(), a_package(state=PackageStatus.PREPARING)
    for blocked in (package, other):
        assert admin.post(f"packages/{blocked.pk}/command/", {"slug": "BlockThePackageCommand"}).status == 204

    def target(document: Any) -> Any:
        unblock = next(c for c in document["commands"] if c["command"] == "UnblockThePackageCommand")
        return unblock["target_state"]["enum_value"]

    assert target(admin.get(f"packages/{package.pk}/").json) == "100"
    assert [target(row) for row in admin.get("packages/?sort=id").json["results"]] == ["100", "200"]

    def block_one() -> None:
        made = a_package()
        admin.post(f"packages/{made.pk}/command/", {"slug": "BlockThePackageCommand"})

    assert grows(admin, "packages/", block_one, by=4) == 0


# Catalogue and exceptions


def test_the_catalogue_tells_what_every_command_takes(admin: Caller) -> None:
    first = admin.get("commands/?limit=100").json

    rows = {row["command"]: row for row in first["results"]}
    assert first["count"] == len(rows)
    row = rows["CompletePackagingCommand"]
    assert (row["object"], row["aliases"]) == ("package", ["CompletePackingCommand"])
    assert {"source": "WAITING", "target": "PACKED"} in row["moves"]
    assert "barcodes" in row["input_parameters"]["properties"]
    assert "complete-packaging" in row["installed"]
    assert row["effects"]
    assert rows["PackageStateTransitionCommand"]["code"] == "PKG_STATE_TRANSITION"
    assert admin.get("commands/?limit=1&page=2").json["previous"]
    assert admin.get("commands/?page=99").status == 404
    assert admin.get("commands/?object=moon").status == 400
    assert a_caller(Role.STORE).get("commands/").status == 403


def test_what_needs_a_person_is_listed_until_it_is_mended(admin: Caller) -> None:
    package = a_package()
    for _ in range(2):
        exceptions.report("carrier_failed", f"package/{package.pk}", "no answer", action="retry")
    exceptions.report("dead_letter", "hook/7", "gone")
    exceptions.resolve("dead_letter", "hook/7")

    (row,) = admin.get("exceptions/").json["results"]

    assert (row["kind"], row["count"], row["action"]) == ("carrier_failed", 2, "retry")
    assert admin.get(row["link"]).json["id"] == package.pk
    assert admin.get(f"exceptions/{row['id']}/").json == row
    assert admin.get("exceptions/?is_resolved=true").json["results"][0]["kind"] == "dead_letter"
    assert admin.get("exceptions/?kind=dead_letter").json["count"] == 0
    assert a_caller(Role.STORE).get("exceptions/").status == 403
    assert a_caller(Role.INTEGRATION, user_scopes=["read"]).get("exceptions/").status == 403
