"""A back office that answers nonsense: bounded, kept without secrets, shown to a person, tried again, mended."""

from typing import Any

import httpx
import pytest
from django.db import transaction

from packhouse.catalog.models import Channel
from packhouse.integrations.failures import BadAnswer, Refused, TemporaryFailure
from packhouse.integrations.models import FailedCall
from packhouse.integrations.omnitron import catch_up, client, order_reads, tasks
from packhouse.integrations.omnitron.client import Omnitron
from packhouse.kernel import outbox, remedies
from packhouse.kernel.models import ExceptionEntry
from packhouse.orders.messages import SyncOrderStatus
from packhouse.orders.models import Order, StatusReport
from tests.integrations.omnitron.conftest import configure
from tests.integrations.omnitron.far import far
from tests.integrations.omnitron.office import Office
from tests.integrations.omnitron.test_status_reports import order_there_and_here, report_of
from tests.integrations.omnitron.working import work

pytestmark = pytest.mark.django_db
NONSENSE = pytest.mark.parametrize("answer", ["html", "error_in_200", "endless"])
MEGABYTE = 1024 * 1024


@pytest.fixture(autouse=True)
def _small_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sandbox's endless answer ends after 16 MB: the limit is put below that."""
    call = client.Call

    def smaller(*arguments: Any, **more: Any) -> Any:
        return call(*arguments, **{**more, "largest": MEGABYTE})

    monkeypatch.setattr(client, "Call", smaller)


def open_entries() -> list[tuple[str, str]]:
    rows = ExceptionEntry.objects.filter(resolved_date=None).order_by("kind")
    return list(rows.values_list("kind", "subject"))


@NONSENSE
def test_an_order_is_shown_and_read_as_soon_as_the_answer_is_one(
    office: Office, channels: list[Channel], answer: str
) -> None:
    pk = office.place()["pk"]
    with transaction.atomic():
        order_reads.ask([pk])
    office.faults(answer=answer, paths=["orders_integration/"])

    worked = work(tries=2)

    assert (worked.put_off, Order.objects.count(), order_reads.owed()) == (2, 0, 1)
    assert open_entries() == [("omnitron_order", f"omnitron_order/{pk}")]

    office.calm()
    with transaction.atomic():
        order_reads.ask([pk])
    work()

    assert Order.objects.get().omnitron_id == pk
    assert open_entries() == []


def test_a_person_may_have_it_read_again(office: Office, channels: list[Channel]) -> None:
    pk = office.place()["pk"]
    with transaction.atomic():
        order_reads.ask([pk])
    office.faults(answer="html", paths=["orders_integration/"])
    work()
    office.calm()

    remedies.try_again(ExceptionEntry.objects.get().pk, user_id=None)
    work()

    assert Order.objects.get().omnitron_id == pk
    assert open_entries() == []


@NONSENSE
def test_a_status_is_not_told_by_an_answer_that_says_otherwise(office: Office, answer: str) -> None:
    _, ours = order_there_and_here(office, items=1)
    report_of(ours, 0, "450")
    office.faults(answer=answer, paths=["bulk_status_update"])
    entry = ("omnitron_status_job", f"order/{ours.pk}")

    with transaction.atomic():
        outbox.enqueue([SyncOrderStatus(order_id=ours.pk)])
    work()

    assert StatusReport.objects.get().state == "waiting"
    assert open_entries() == [entry]

    office.calm()
    remedies.try_again(ExceptionEntry.objects.get().pk, user_id=None)
    work()

    assert StatusReport.objects.get().state == "sent"
    assert office.items(ours.omnitron_id).popitem()[1]["status"] == "450"
    assert open_entries() == []


@NONSENSE
def test_a_list_that_is_none_is_shown_until_it_is_one(
    office: Office, channels: list[Channel], answer: str
) -> None:
    office.faults(answer=answer, paths=["orders/"])

    tasks.catch_up_task.func(0)

    assert open_entries() == [("omnitron_catch_up", "omnitron/1")]
    assert not catch_up.due()

    office.calm()
    remedies.try_again(ExceptionEntry.objects.get().pk)
    assert catch_up.due()
    tasks.catch_up_task.func(0)
    assert open_entries() == []


@pytest.mark.parametrize("body", [{}, [], "gone", 7, {"results": []}, {"detail": "try again"}])
def test_what_is_no_order_does_not_mean_that_the_order_is_gone(
    office: Office, channels: list[Channel], body: Any
) -> None:
    configure("https://omnitron.example.com")
    with transaction.atomic():
        order_reads.ask([66])

    with far(**{"orders_integration/66/detailed_integration": body}), pytest.raises(BadAnswer):
        order_reads.perform(66)

    assert order_reads.owed() == 1


@pytest.mark.parametrize("content", [b'{"results": [{"pk": 1', b"[" * 100_000, b"A" * MEGABYTE, b"\xff\x00"])
def test_json_that_ends_too_early_or_never_is_no_answer(office: Office, content: bytes) -> None:
    configure("https://omnitron.example.com")
    answer = httpx.Response(200, content=content, headers={"Content-Type": "application/json"})

    with far(orders=answer), pytest.raises(TemporaryFailure):
        Omnitron().listing("orders")


def test_json_of_many_floors_is_kept_too(office: Office) -> None:
    configure("https://omnitron.example.com")
    answer = httpx.Response(400, content=b'{"a":' * 600 + b"1" + b"}" * 600)

    with far(orders=answer), pytest.raises(Refused):
        Omnitron().listing("orders")

    assert FailedCall.objects.get().answer_body.startswith('{"a":')


def test_an_answer_cut_off_on_its_way_is_tried_again(office: Office) -> None:
    office.faults(answer="truncated", paths=["channels/"])

    with pytest.raises(TemporaryFailure):
        Omnitron().listing("channels")

    assert len(office.requests("channels/")) == 3


def test_what_was_answered_is_kept_without_secrets(office: Office) -> None:
    configure("https://omnitron.example.com")
    body = {"error": {"message": "no"}, "token": "s3cret", "customer": {"email": "ada@example.com"}}

    with far(channels=body), pytest.raises(BadAnswer):
        Omnitron().listing("channels")

    kept = FailedCall.objects.latest("id")
    assert (kept.endpoint, kept.status, kept.error) == (
        "channels",
        200,
        "detail: The answer is an error under 200.",
    )
    assert '"message": "no"' in kept.answer_body
    assert "s3cret" not in kept.answer_body
    assert "ada@example.com" not in kept.answer_body
