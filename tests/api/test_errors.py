"""Status codes and error bodies (page 50), family by family."""

from typing import Any

import pytest

from tests.api.callers import Caller
from tests.builders import a_channel

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.api.probes")]

STATE_TEXT = "The state is PACKED; this transition starts from: WAITING."


@pytest.mark.parametrize(
    ("how", "status", "body"),
    [
        ("wrong-state", 400, {"transition": [STATE_TEXT], "code": "wrong_state"}),
        ("not-found", 404, {"detail": "There is no package 7.", "code": "not_found"}),
        ("http404", 404, {"detail": "There is nothing at this address.", "code": "not_found"}),
        ("denied", 403, {"detail": "You may not do this.", "code": "permission_denied"}),
        ("suspicious", 400, {"detail": "odd host", "code": "invalid_parameter"}),
        ("data-error", 400, {"detail": "A value is out of range.", "code": "invalid_parameter"}),
        (
            "nested",
            400,
            {"lines": [{}, {"sku": ["Unknown."]}], "title": ["Too long."], "code": "invalid_parameter"},
        ),
        (
            "unsupported",
            415,
            {"detail": 'Unsupported media type "text/plain" in request.', "code": "unsupported_media_type"},
        ),
    ],
)
def test_the_usual_body(admin: Caller, how: str, status: int, body: dict[str, Any]) -> None:
    answer = admin.get(f"ending/{how}/")

    assert (answer.status, answer.json) == (status, body)


@pytest.mark.parametrize(
    ("how", "status", "error", "code"),
    [
        ("wrong-state", 400, {"transition": [STATE_TEXT]}, "wrong_state"),
        (
            "wrong-barcode",
            400,
            {"input_parameters.barcodes.0.barcode": ["Not of this item."]},
            "wrong_barcode",
        ),
        ("not-found", 404, {"detail": ["There is no package 7."]}, "not_found"),
        ("denied", 403, {"detail": ["You may not do this."]}, "permission_denied"),
        ("nested", 400, {"lines.1.sku": ["Unknown."], "title": ["Too long."]}, "invalid_parameter"),
    ],
)
def test_the_body_of_commands(admin: Caller, how: str, status: int, error: dict[str, Any], code: str) -> None:
    answer = admin.post(f"command-ending/{how}/")

    assert answer.status == status
    assert answer.json == {"error": error, "status_code": status, "code": code}


def test_commands_keep_their_body_before_the_view_is_reached(nobody: Caller, admin: Caller) -> None:
    for answer, code in (
        (nobody.post("command-ending/wrong-state/"), "not_authenticated"),
        (admin.delete("command-ending/wrong-state/"), "method_not_allowed"),
        (admin.post("command-ending/wrong-state/?format=csv"), "not_acceptable"),
    ):
        assert answer.json == {
            "error": {"detail": [answer.json["error"]["detail"][0]]},
            "status_code": answer.status,
            "code": code,
        }


def test_the_body_of_the_stock_query(admin: Caller) -> None:
    refused = admin.get("stock-ending/not-found").json
    unreadable = admin.get("stock-ending/bad-query")

    assert refused == {
        "error": "Not Found",
        "message": "There is no package 7.",
        "code": 404,
        "timestamp": refused["timestamp"],
    }
    assert refused["timestamp"].endswith("Z")
    assert unreadable.status == 422
    assert unreadable.json["errors"] == {"sku": ["Missing."]}


def test_the_body_of_settings_is_nested_and_without_a_code(admin: Caller) -> None:
    answer = admin.get("settings-ending/settings/")

    assert answer.status == 400
    assert answer.json == {"json_value": {"auth": {"username": ["Missing."], "non_field_errors": ["Bad."]}}}


def test_the_body_of_whisperer_at_406_and_else(admin: Caller) -> None:
    registered = admin.get("whisperer-ending/registered/")
    refused = admin.get("whisperer-ending/wrong-state/")

    assert registered.status == 406
    assert registered.json == {"code": "webhook_100_2", "en": "Webhook already registered"}
    assert refused.json == {"transition": [STATE_TEXT], "code": "wrong_state"}


@pytest.mark.parametrize("how", ["bug", "integrity"])
def test_a_bug_is_500_with_the_request_id_and_no_trace(admin: Caller, how: str) -> None:
    answer = admin.get(f"ending/{how}/", x_request_id="till-3-0001")

    assert answer.status == 500
    assert answer.json == {
        "detail": "Something went wrong here; it is recorded under this request id.",
        "code": "server_error",
        "request_id": "till-3-0001",
    }
    assert b"secret detail" not in answer.content


def test_a_bug_in_a_command_has_both_shapes(admin: Caller) -> None:
    body = admin.post("command-ending/bug/").json

    assert body["status_code"] == 500
    assert body["code"] == "server_error"
    assert body["error"]["detail"] == [body["detail"]]
    assert body["request_id"]


def test_a_bug_is_logged_with_its_trace(admin: Caller, caplog: pytest.LogCaptureFixture) -> None:
    admin.get("ending/bug/")

    [record] = [record for record in caplog.records if record.name == "packhouse.api.errors"]
    assert record.exc_info
    assert "a secret detail" in str(record.exc_info[1])


def test_a_database_that_is_gone_is_503_and_worth_another_try(admin: Caller) -> None:
    answer = admin.get("ending/database-gone/")

    assert answer.status == 503
    assert answer.json["code"] == "server_error"
    assert answer.headers["Retry-After"] == "1"
    assert b"server closed" not in answer.content


def test_two_who_make_the_same_are_told_apart_by_the_database(admin: Caller) -> None:
    admin.post("making/", {"title": "twice"})

    answer = admin.post("making/", {"title": "twice"})

    assert answer.status == 400
    assert answer.json["code"] == "unique"


def test_an_unknown_address_is_404(admin: Caller) -> None:
    for address in ("nothing/", "nothing", "packages/x/command/", "/api/v1/nothing/", "/api/v2/"):
        answer = admin.get(address)
        assert answer.status == 404
        assert answer.json["code"] == "not_found"


def test_405_names_what_is_offered(admin: Caller) -> None:
    answer = admin.delete("channels/")

    assert answer.status == 405
    assert answer.json["code"] == "method_not_allowed"
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"


def test_405_before_403_for_a_method_that_nobody_has(integration: Caller) -> None:
    assert integration.put("channels/").status == 405


def test_406_names_the_formats(admin: Caller) -> None:
    by_format = admin.get("channels/?format=pdf")
    by_accept = admin.get("channels/", accept="image/png")

    assert (by_format.status, by_accept.status) == (406, 406)
    assert by_format.json == {"detail": "This address answers in: json.", "code": "not_acceptable"}


def test_a_detail_that_is_not_there(admin: Caller) -> None:
    a_channel()

    answer = admin.get("channels/999999/")

    assert (answer.status, answer.json["code"]) == (404, "not_found")
    assert admin.get("channels/99999999999999999999999/").status == 404


def test_messages_follow_the_language_and_codes_do_not(admin: Caller) -> None:
    turkish = admin.get("channels/999999/", accept_language="tr-TR,tr;q=0.9,en;q=0.5").json
    english = admin.get("channels/999999/", accept_language="de, en;q=0.5").json

    assert turkish["code"] == english["code"] == "not_found"
    assert english["detail"] == "There is no channel 999999."
    assert turkish["detail"] == "channel 999999 bulunamadı."


def test_messages_follow_the_user_where_the_request_names_no_language(admin: Caller) -> None:
    assert admin.user
    admin.user.language = "tr"
    admin.user.save()

    assert admin.get("channels/999999/").json["detail"] == "channel 999999 bulunamadı."
