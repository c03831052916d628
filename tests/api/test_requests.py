"""What every request passes: slash, id, size, body."""

import json
import logging

import pytest
from django.test import Client

from packhouse.api.chunked import with_chunked_bodies
from packhouse.kernel.log import JsonLines
from tests.api.callers import Caller
from tests.api.probes import EchoView

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.api.probes")]


@pytest.mark.parametrize("address", ["channels/", "channels", "states/", "states"])
def test_both_forms_answer_without_a_redirect(admin: Caller, address: str) -> None:
    assert admin.get(address).status == 200


@pytest.mark.parametrize("address", ["echo/", "echo", "no-slash", "no-slash/"])
def test_a_posted_body_arrives_in_both_forms(nobody: Caller, address: str) -> None:
    assert nobody.post(address, {"a": 1}).json["data"] == {"a": 1}


def test_two_slashes_are_another_address(admin: Caller) -> None:
    assert admin.get("channels//").status == 404


def test_the_callers_request_id_is_taken_and_answered(admin: Caller) -> None:
    assert admin.get("channels/", x_request_id="order-77/a").headers["X-Request-Id"] == "order-77/a"


@pytest.mark.parametrize("given", ["x" * 65, "tab\there", "ğ", ""])
def test_an_unfit_request_id_is_replaced(admin: Caller, given: str) -> None:
    made = admin.get("channels/", x_request_id=given).headers["X-Request-Id"]

    assert made != given
    assert len(made) == 32


def test_every_request_has_a_line_in_the_log(admin: Caller, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "packhouse.api.middleware")

    admin.get("channels/?_=1", x_request_id="abc")

    [record] = [record for record in caplog.records if record.name == "packhouse.api.middleware"]
    line = json.loads(JsonLines().format(record))
    assert line["method"] == "GET"
    assert line["path"] == "/api/v1/oms/channels/"
    assert line["status"] == 200
    assert line["ms"] >= 0
    assert admin.user
    assert line["user"] == admin.user.username
    assert str(admin.key) not in str(line)


def test_an_address_may_have_8_kb(admin: Caller) -> None:
    answer = admin.get("channels/?_=" + "x" * 8192)

    assert (answer.status, answer.json["code"]) == (414, "uri_too_long")
    assert answer.headers["X-Request-Id"]


def test_a_body_over_the_limit_is_413(nobody: Caller) -> None:
    at_most = nobody.post("echo/", b'"' + b"x" * (EchoView.body_limit - 2) + b'"')
    too_long = nobody.post("echo/", b'"' + b"x" * (EchoView.body_limit - 1) + b'"')

    assert at_most.status == 200
    assert (too_long.status, too_long.json["code"]) == (413, "payload_too_large")


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"",
        b"{'a': 1}",
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b'{"a": 1e999}',
        b'{"a": "\\u0000"}',
        b'{"\\u0000": 1}',
        b'{"a": "\\ud800"}',
        b'{"a": "\xff"}',
        b'{"a": "\x00"}',
        b"[" * 400 + b"]" * 400,
        b"[" * 300,
        b'{"a": ' + b"9" * 900 + b"}",
    ],
)
def test_a_body_that_is_no_json_or_cannot_be_kept_is_never_a_500(nobody: Caller, body: bytes) -> None:
    answer = nobody.post("echo/", body)

    if body in (b"", b'{"a": ' + b"9" * 900 + b"}"):
        assert answer.status == 200
    else:
        assert (answer.status, answer.json["code"]) == (400, "invalid_parameter")
        assert "JSON" in answer.json["detail"]


def test_nesting_without_end_is_400(nobody: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(EchoView, "body_limit", 10**6)

    for body in (b"[" * 200_000, b"[" * 101 + b"]" * 101, b'{"a":' * 101 + b"1" + b"}" * 101):
        assert nobody.post("echo/", body).status == 400
    assert nobody.post("echo/", b"[" * 100 + b"]" * 100).status == 200


def test_json_is_read_as_it_stands(nobody: Caller) -> None:
    body = {"text": "İzmir 💥", "number": 1.5, "escaped": "\\u0000", "list": [True, None]}

    assert nobody.post("echo/", body).json["data"] == body
    assert nobody.post("echo/", b"\xef\xbb\xbf[1]").json["data"] == [1]
    latin = '{"a": "ü"}'.encode("latin-1")
    assert nobody.post("echo/", latin, content_type="application/json; charset=latin-1").json["data"] == {
        "a": "ü"
    }


@pytest.mark.parametrize("charset", ["utf-16", "rot13", "zlib"])
def test_a_charset_that_does_not_fit_is_400(nobody: Caller, charset: str) -> None:
    answer = nobody.post("echo/", b'{"a": 1}', content_type=f"application/json; charset={charset}")

    assert answer.status == 400


def test_forms_are_read_and_other_types_are_415(nobody: Caller) -> None:
    form = nobody.post("echo/", b"a=1&b=x", content_type="application/x-www-form-urlencoded")
    other = nobody.post("echo/", b"a", content_type="text/plain")

    assert form.json["data"] == {"a": "1", "b": "x"}
    assert (other.status, other.json["code"]) == (415, "unsupported_media_type")


def test_a_broken_multipart_body_is_400(nobody: Caller) -> None:
    answer = nobody.post("echo/", b"--x\r\nnonsense", content_type="multipart/form-data")

    assert (answer.status, answer.json["code"]) == (400, "invalid_parameter")


def test_times_go_out_in_utc_with_microseconds(admin: Caller) -> None:
    made = admin.post("packages/package_denial_reason/", {"title": "t"}).json

    assert made["created_date"][10] == "T"
    assert len(made["created_date"]) == len("2026-03-02T09:00:00.000000Z")
    assert made["created_date"].endswith("Z")


def test_an_answer_has_its_length(admin: Caller) -> None:
    answer = admin.get("channels/")

    assert int(answer.headers["Content-Length"]) == len(answer.content)


def test_pages_outside_the_api_are_not_json() -> None:
    answer = Client().get("/console/nothing")

    assert answer.status_code == 404
    assert answer.headers["Content-Type"].startswith("text/html")


def test_a_body_in_chunks_gets_its_length() -> None:
    class Stream:
        def read(self, most: int) -> bytes:
            return b"x" * min(most, 30)

    seen = {}

    def application(environ: dict[str, object], _start: object) -> list[bytes]:
        seen.update(environ)
        return []

    wrapped = with_chunked_bodies(application, longest=10)
    wrapped({"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input": Stream()}, None)

    assert seen["CONTENT_LENGTH"] == "11"
    assert seen["wsgi.input"].read() == b"x" * 11  # type: ignore[attr-defined]
