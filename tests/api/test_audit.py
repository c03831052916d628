"""The audit trail: every write leaves a row, in the transaction that writes, without secrets."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from packhouse.catalog.models import Channel
from packhouse.commands.installation import install_defaults
from packhouse.kernel import audit, clock, settings_store
from packhouse.kernel.machine import content_type_id
from packhouse.kernel.models import AuditEvent, Role
from packhouse.packages.states import PackageStatus
from tests.api.callers import Caller, a_caller
from tests.api.objects.answers import grows, ids
from tests.builders import a_channel, a_denial_reason, a_package
from tests.commands.orders.documents import import_document

pytestmark = pytest.mark.django_db

TRAIL = "settings/audit_events/"


def rows() -> list[AuditEvent]:
    return list(AuditEvent.objects.order_by("id"))


@pytest.fixture
def machine() -> None:
    install_defaults()


def test_a_write_leaves_a_row(admin: Caller) -> None:
    channel = a_channel()

    admin.patch(
        f"channels/{channel.pk}/?_=1",
        {"is_active": False, "configuration": {"token": "s3cret", "colour": "red"}},
        x_request_id="till-1",
        user_agent="till/2",
    )

    (row,) = rows()
    assert admin.user
    assert (row.user_id, row.remote_addr, row.request_id) == (admin.user.pk, "127.0.0.1", "till-1")
    assert row.url == f"/api/v1/oms/channels/{channel.pk}/?_=1"
    assert row.query_params == {"_": "1"}
    assert row.post_data == {"is_active": False, "configuration": {"token": "********", "colour": "red"}}
    assert row.headers["User-Agent"] == "till/2"
    assert row.headers["Authorization"] == "********"
    assert str(admin.key) not in str(row.headers)
    assert (row.object_id, row.content) == (str(channel.pk), "PATCH Channel")
    assert row.content_type_id == ContentType.objects.get_for_model(Channel).pk


def test_reading_and_refusals_leave_none(admin: Caller, operator: Caller) -> None:
    channel = a_channel()

    admin.get(f"channels/{channel.pk}/")
    admin.patch(f"channels/{channel.pk}/", {"colour": "red"})
    operator.patch(f"channels/{channel.pk}/", {"is_active": False})
    admin.post("scenarios/validate/", {})

    assert rows() == []


def test_a_made_object_is_named_by_its_id(admin: Caller) -> None:
    made = admin.post("packages/package_denial_reason/", {"title": "Broken"})

    assert [row.object_id for row in rows()] == [str(made.json["id"])]
    admin.delete(f"packages/package_denial_reason/{made.json['id']}/")
    assert [row.content.partition(" ")[0] for row in rows()] == ["POST", "DELETE"]


@pytest.mark.usefixtures("machine")
def test_a_command_leaves_one_in_its_own_transaction_and_statement(operator: Caller) -> None:
    package = a_package(state=PackageStatus.WAITING)
    body = {"slug": "complete-packaging"}

    with CaptureQueriesContext(connection) as captured:
        answer = operator.post(f"packages/{package.pk}/command/", body)

    assert answer.status == 204, answer.content
    (row,) = rows()
    assert (row.object_id, row.content_type_id) == (str(package.pk), content_type_id("package"))
    assert row.post_data == body
    writing = [found["sql"] for found in captured if "kernel_auditevent" in found["sql"]]
    assert len(writing) == 1
    assert "INSERT INTO kernel_event" in writing[0]


@pytest.mark.usefixtures("machine")
def test_a_command_that_is_refused_leaves_none(operator: Caller) -> None:
    package = a_package(state=PackageStatus.DELIVERED)

    assert operator.post(f"packages/{package.pk}/command/", {"slug": "complete-packaging"}).status == 400

    assert rows() == []


@pytest.mark.usefixtures("machine")
def test_a_bulk_call_leaves_one(operator: Caller) -> None:
    packages = [a_package(state=PackageStatus.WAITING) for _ in range(2)]
    lines = [{"package": package.pk, "slug": "complete-packaging"} for package in packages]

    answer = operator.post("packages/commands/", lines)

    assert [line["status_code"] for line in answer.json] == [204, 204]
    (row,) = rows()
    assert row.post_data == lines


def test_a_repeat_leaves_no_second_one(admin: Caller) -> None:
    for _ in range(2):
        admin.post("packages/package_denial_reason/", {"title": "Broken"}, idempotency_key="a")

    assert len(rows()) == 1


@pytest.mark.django_db(transaction=True)
def test_what_is_undone_leaves_none_and_is_noted_when_done_again() -> None:
    entry = audit.Entry(url="/x", user_id=None, uuid=uuid4())

    with audit.about(entry):
        try:
            with transaction.atomic():
                audit.write()
                assert entry.is_written
                raise LookupError
        except LookupError:
            pass
        assert not entry.is_written
        audit.write()
        audit.write()

    assert [row.url for row in rows()] == ["/x"]


@pytest.mark.parametrize("value", ["s3cret", {"auth": {"username": "u", "password": "s3cret"}}])
def test_secrets_of_settings_are_known_by_their_key(admin: Caller, value: Any) -> None:
    key = "OMS_INVOICE_SIGNING_SECRET" if isinstance(value, str) else "OMNITRON_CLIENT_SETTINGS"
    whole = (
        value
        if isinstance(value, str)
        else {**value, "urls": {"oms_url": "https://o.example", "base_url": "https://b.example"}}
    )

    made = admin.post("settings/application_settings/", {"key": key, "json_value": whole})
    assert made.status == 201, made.content
    changed = admin.put(f"settings/application_settings/{made.json['id']}/", {"json_value": whole})
    deleted = admin.delete(f"settings/application_settings/{made.json['id']}/")

    assert (changed.status, deleted.status) == (200, 204)
    assert [row.post_data["key"] for row in rows()] == [key] * 3
    assert "s3cret" not in "".join(str(row.post_data) for row in rows())


def test_people_documents_and_long_bodies_are_left_out(admin: Caller) -> None:
    admin.post("orders/import/", import_document())
    admin.post("packages/package_denial_reason/", {"title": "x\u00e7" * 100})
    reason = a_denial_reason()
    admin.call(
        "PATCH",
        f"packages/package_denial_reason/{reason.pk}/",
        b"title=Form",
        content_type="application/x-www-form-urlencoded",
    )

    imported, long, form = rows()
    assert imported.post_data is None
    assert long.post_data["title"].startswith("xç")
    assert form.post_data == {"title": ["Form"]}


def test_a_body_too_long_to_keep_is_cut() -> None:
    entry = audit.Entry(url="/", user_id=None, uuid=uuid4(), body=lambda: ["x" * 900] * 40)
    nul = audit.Entry(url="/", user_id=None, uuid=uuid4(), body=lambda: {"a\x00": "b" * 2000})

    for each in (entry, nul):
        with audit.about(each):
            audit.write()

    cut, shortened = rows()
    assert set(cut.post_data) == {"length", "beginning"}
    assert shortened.post_data["a"].endswith("… (2000)")


def test_filters(admin: Caller) -> None:
    admin.post("packages/package_denial_reason/", {"title": "One"})
    admin.patch(f"channels/{a_channel().pk}/", {"is_active": False})
    first, second = (row.pk for row in rows())
    AuditEvent.objects.filter(pk=first).update(timestamp=clock.now() - timedelta(days=3))
    day = (clock.now() - timedelta(days=1)).date().isoformat()
    assert admin.user

    assert ids(admin.get(f"{TRAIL}?url=CHANNELS")) == [second]
    assert ids(admin.get(f"{TRAIL}?start_date={day}")) == [second]
    assert ids(admin.get(f"{TRAIL}?end_date={day}")) == [first]
    assert ids(admin.call("GET", TRAIL, {"start_date": day})) == [second]
    assert ids(admin.get(f"{TRAIL}?user={admin.user.pk}&sort=timestamp")) == [first, second]
    assert ids(admin.get(f"{TRAIL}?created_date__lt={day}")) == [first]
    for body, status in (({"colour": 1}, 400), ([1], 400), ({"start_date": 7}, 400), (b"{", 400)):
        assert admin.call("GET", TRAIL, body).status == status
    assert admin.get(f"{TRAIL}?format=csv").content.startswith(b"id,uuid,timestamp")


def test_it_is_for_admins_to_read(admin: Caller) -> None:
    admin.post("packages/package_denial_reason/", {"title": "One"})
    address = f"{TRAIL}{rows()[0].pk}/"

    assert list(admin.get(address).json)[:3] == ["id", "uuid", "timestamp"]
    for role in (Role.OPERATOR, Role.STORE, Role.INTEGRATION):
        caller = a_caller(role, user_scopes=["read", "setup"])
        assert (caller.get(TRAIL).status, caller.get(address).status) == (403, 403)
    for method in ("PUT", "PATCH", "DELETE"):
        assert admin.call(method, address, {}).status == 405


def test_old_rows_are_forgotten(admin: Caller) -> None:
    admin.post("packages/package_denial_reason/", {"title": "One"})
    assert audit.forget_old() == 0
    AuditEvent.objects.update(timestamp=clock.now() - timedelta(days=401))
    assert audit.forget_old() == 1
    settings_store.put("RETENTION", {"audit_days": None, "feed_days": 84, "customer_data_days": None})
    settings_store.forget()
    assert audit.forget_old() == 0


def test_statements_do_not_grow(admin: Caller) -> None:
    numbers = iter(range(100))

    def one_more() -> None:
        admin.post("packages/package_denial_reason/", {"title": f"Reason {next(numbers)}"})

    assert grows(admin, TRAIL, one_more) == 0
