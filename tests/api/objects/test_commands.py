"""Commands over HTTP: one by one, in bulk, and their refusals (page 20)."""

from typing import Any

import pytest

from packhouse.kernel.models import Role, StateTransitionLog, Transition
from packhouse.packages.models import Package
from packhouse.packages.states import PackageStatus
from tests.api.callers import Caller, a_caller
from tests.builders import a_package, a_transfer
from tests.fingerprint import fingerprint

pytestmark = pytest.mark.django_db


def state_of(package: Package) -> str:
    return Package.objects.get(pk=package.pk).state


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize(
    "spelling", ["complete-packaging", "CompletePackagingCommand", "CompletePackingCommand"]
)
def test_complete_packaging_by_slug_class_or_alias(admin: Caller, slash: str, spelling: str) -> None:
    package = a_package()

    answer = admin.post(f"packages/{package.pk}/command{slash}", {"package": package.pk, "slug": spelling})

    assert (answer.status, answer.content) == (204, b"")
    assert state_of(package) == "500"


def test_by_id_with_parameters_inside(admin: Caller) -> None:
    package = a_package(items=1)
    item = package.items.get().order_item
    transition = Transition.objects.get(slug="complete-packaging")
    barcodes = {"order_item": item.pk, "barcode": item.product.barcode}

    answer = admin.post(
        f"packages/{package.pk}/command/",
        {"transition": transition.pk, "input_parameters": {"package": package.pk, "barcodes": barcodes}},
    )

    assert answer.status == 204
    assert package.items.get().selected_barcode == item.product.barcode


BAD: list[tuple[Any, int, str, str]] = [
    ({"slug": "ship-the-package"}, 400, "wrong_state", "transition"),
    ({"slug": "no-such-slug"}, 400, "unknown_transition", "slug"),
    ({"transition": 99999999}, 400, "unknown_transition", "transition"),
    ({"transition": "x"}, 400, "invalid_parameter", "transition"),
    ({}, 400, "unknown_transition", "transition"),
    ([], 400, "invalid_parameter", "detail"),
    (b"{", 400, "invalid_parameter", "detail"),
    ({"slug": 7}, 400, "invalid_parameter", "slug"),
    ({"slug": "complete-packaging", "package": 1}, 400, "id_mismatch", "package"),
    ({"slug": "complete-packaging", "colour": 1}, 400, "unknown_parameter", "input_parameters.colour"),
    (
        {"slug": "complete-packaging", "input_parameters": {"barcodes": [{"barcode": "1"}]}},
        400,
        "missing_parameter",
        "input_parameters.barcodes.0.order_item",
    ),
    (
        {
            "slug": "complete-packaging",
            "input_parameters": {"remote_invoice_call": {"remote_url": "http://x"}},
        },
        400,
        "configuration_from_caller",
        "input_parameters.remote_invoice_call",
    ),
]


@pytest.mark.parametrize(("body", "status", "code", "path"), BAD)
def test_a_refused_command_changes_nothing(
    admin: Caller, body: Any, status: int, code: str, path: str
) -> None:
    package = a_package()
    admin.get("states/")  # the key's last use is noted
    before = fingerprint()

    answer = admin.post(f"packages/{package.pk}/command/", body)

    assert (answer.status, answer.json["status_code"], answer.json["code"]) == (status, status, code)
    assert any(found.startswith(path) for found in answer.json["error"]), answer.json
    assert fingerprint() == before


def test_who_may_not(nobody: Caller) -> None:
    own, foreign = a_package(), a_package()
    store = a_caller(Role.STORE, locations=[own.stock_location])
    reader = a_caller(Role.INTEGRATION, user_scopes=["read"])
    body = {"slug": "complete-packaging"}

    assert nobody.post(f"packages/{own.pk}/command/", body).status == 401
    assert nobody.post(f"packages/{own.pk}/command/", body).headers["WWW-Authenticate"] == "Token"
    assert Caller("0" * 40).post(f"packages/{own.pk}/command/", body).status == 401
    assert reader.post(f"packages/{own.pk}/command/", body).json["code"] == "permission_denied"
    assert store.post(f"packages/{foreign.pk}/command/", body).status == 403
    assert store.post(f"packages/{own.pk}/command/", {"slug": "cancel"}).status == 403
    assert store.post("packages/99999999/command/", body).status == 404
    assert state_of(own) == state_of(foreign) == "100"
    assert store.post(f"packages/{own.pk}/command/", body).status == 204


# Bulk


def test_a_bad_line_stops_nothing(admin: Caller) -> None:
    first, packed, last = a_package(), a_package(state=PackageStatus.PACKED), a_package()
    lines = [
        {"package": first.pk, "slug": "complete-packaging"},
        {"package": packed.pk, "slug": "complete-packaging"},
        {"package": 99999999, "slug": "complete-packaging"},
        {"slug": "complete-packaging"},
        "no object",
        {"package": "x", "slug": "complete-packaging"},
        {"input_parameters": {"package": last.pk}, "slug": "complete-packaging"},
    ]

    answer = admin.post("packages/commands/", lines)

    assert answer.status == 200
    rows = answer.json
    assert [row["index"] for row in rows] == list(range(7))
    assert [row["status_code"] for row in rows] == [204, 400, 404, 400, 400, 400, 204]
    assert [row["code"] for row in rows] == [
        None,
        "wrong_state",
        "not_found",
        "missing_parameter",
        "invalid_parameter",
        "invalid_parameter",
        None,
    ]
    assert [row["package"] for row in rows] == [first.pk, packed.pk, 99999999, None, None, None, last.pk]
    assert rows[0] == {
        "index": 0,
        "package": first.pk,
        "status_code": 204,
        "error": None,
        "code": None,
        "data": None,
    }
    assert set(rows[1]["error"]) == {"transition"}
    assert [state_of(package) for package in (first, last)] == ["500", "500"]


def test_a_lines_key_is_remembered_also_for_the_single_call(admin: Caller) -> None:
    package = a_package()
    line = {"package": package.pk, "slug": "complete-packaging", "idempotency_key": "K1"}

    rows = admin.post("packages/commands/", [line, line]).json
    other = admin.post("packages/commands/", [{**line, "slug": "cancel"}]).json
    single = admin.post(
        f"packages/{package.pk}/command/",
        {"package": package.pk, "slug": "complete-packaging"},
        Idempotency_Key="K1",
    )

    assert [row["status_code"] for row in rows] == [204, 204]
    assert (other[0]["status_code"], other[0]["code"]) == (409, "idempotency_key_reused")
    assert (single.status, single.headers["Idempotent-Replayed"]) == (204, "true")
    packed = {"new_state__enum_class": "PackageStatus", "new_state__enum_value": "500"}
    assert StateTransitionLog.objects.filter(object_id=package.pk, **packed).count() == 1


def test_a_lines_refusal_is_remembered(admin: Caller) -> None:
    package = a_package(state=PackageStatus.PACKED)
    line = {"package": package.pk, "slug": "complete-packaging", "idempotency_key": "K2"}
    first = admin.post("packages/commands/", [line]).json
    Package.objects.filter(pk=package.pk).update(state="100")

    assert admin.post("packages/commands/", [line]).json == first
    assert first[0]["code"] == "wrong_state"


@pytest.mark.parametrize("body", [[], {}, "x", None, b"[", [{}] * 1001])
def test_an_unreadable_list_is_400(admin: Caller, body: Any) -> None:
    answer = admin.post("packages/commands/", body)

    assert (answer.status, answer.json["status_code"]) == (400, 400)
    assert answer.json["error"]["detail"]


def test_transfers_have_the_same_two_addresses(admin: Caller) -> None:
    transfer = a_transfer()

    single = admin.post(f"transfer_orders/{transfer.pk}/command", {"transfer": transfer.pk, "slug": "cancel"})
    bulk = admin.post("transfer_orders/commands/", [{"transfer": transfer.pk, "slug": "cancel"}])

    assert (single.status, single.json["code"]) == (400, "transition_mismatch")
    assert (bulk.status, bulk.json[0]["code"], bulk.json[0]["transfer"]) == (
        200,
        "transition_mismatch",
        transfer.pk,
    )
