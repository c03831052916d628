"""Hand-over codes on their way to the customer (page 80, 4): each once, to nobody else, and never in a log."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from packhouse.integrations.models import FailedCall
from packhouse.kernel import clock, settings_store
from packhouse.kernel.models import Event, Role, Scope
from packhouse.packages.models import Otp, Package
from packhouse.packages.states import PackageStatus as P
from sandbox.serve import Running
from tests.api.callers import Caller, a_caller
from tests.builders import a_package, an_order

pytestmark = pytest.mark.django_db(transaction=True)


class Sender:
    """A brand's service that sends messages; `status` is what it answers."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        self.logins: list[str | None] = []
        self.status = 200
        self.app = Starlette(routes=[Route("/send", self.take, methods=["POST"])])
        self.url = ""

    async def take(self, request: Request) -> Response:
        self.messages.append(json.loads(await request.body()))
        self.logins.append(request.headers.get("authorization"))
        return Response("{}", self.status)

    @property
    def code(self) -> str:
        return str(self.messages[-1]["otp"])


@pytest.fixture
def sender() -> Iterator[Sender]:
    made = Sender()
    with Running(made.app) as running:
        made.url = f"{running.url}/send"
        yield made


@pytest.fixture
def package(sender: Sender) -> Package:
    settings_store.put("IS_OTP_ENABLED", True)
    auth = {"request_type": "token", "token": "s3cret"}
    settings_store.put("OTP", {"sender_url": sender.url, "auth": auth})
    return a_package(state=P.READY_FOR_PICKUP, order=an_order(items=1, delivery_type="in_store"))


@pytest.fixture
def store(package: Package) -> Caller:
    return a_caller(Role.STORE, locations=[package.stock_location])


def deliver(store: Caller, package: Package, **parameters: str) -> Any:
    body = {"slug": "hand-over", "input_parameters": parameters}
    return store.post(f"packages/{package.pk}/command/", body)


def test_the_customer_gets_the_code_and_the_package_for_it(
    store: Caller, package: Package, sender: Sender
) -> None:
    answer = store.post(f"packages/{package.pk}/otp/")

    assert (answer.status, answer.json["channel"]) == (200, "service")
    assert sender.code not in answer.content.decode()
    assert sender.logins == ["Bearer s3cret"]
    assert sender.messages[0]["phone_number"] is None
    assert sender.code in sender.messages[0]["otp_text"]
    assert Otp.objects.get().sent_date is not None
    assert deliver(store, package, otp=sender.code).status == 204
    package.refresh_from_db()
    assert package.state == P.DELIVERED


def test_another_code_may_be_asked_for_after_a_minute(
    store: Caller, package: Package, sender: Sender
) -> None:
    first = store.post(f"packages/{package.pk}/otp/").json
    again = store.post(f"packages/{package.pk}/otp/")

    assert (again.status, again.json["code"], len(sender.messages)) == (400, "otp_too_soon", 1)
    with clock.frozen(clock.now() + timedelta(seconds=61)):
        assert store.post(f"packages/{package.pk}/otp/").json["resend_date"] > first["resend_date"]
        assert deliver(store, package, otp=sender.code).status == 204


def test_what_could_not_be_sent_opens_nothing_and_is_asked_for_again_at_once(
    store: Caller, package: Package, sender: Sender
) -> None:
    sender.status = 503

    assert store.post(f"packages/{package.pk}/otp/").status == 503

    lost = sender.code
    assert deliver(store, package, otp=lost).json["code"] == "wrong_otp"
    failed = FailedCall.objects.get()
    assert lost not in failed.request_body
    assert "s3cret" not in failed.request_body
    sender.status = 200
    assert store.post(f"packages/{package.pk}/otp/").status == 200
    assert deliver(store, package, otp=sender.code).status == 204


def test_no_event_and_no_row_holds_the_code(store: Caller, package: Package, sender: Sender) -> None:
    store.post(f"packages/{package.pk}/otp/")

    deliver(store, package, otp=sender.code)

    assert Event.objects.exists()
    frozen = [event.payload.body for event in Event.objects.select_related("payload")]
    assert not any(f'"{sender.code}"' in text for text in frozen)
    assert sender.code not in Otp.objects.get().digest


def test_by_mail_where_there_is_no_service(
    store: Caller, package: Package, settings: Any, sender: Sender
) -> None:
    settings_store.put("OTP", {})
    settings.EMAIL_HOST = "mail.example.com"
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"

    assert store.post(f"packages/{package.pk}/otp/").json["channel"] == "email"

    (message,) = mail.outbox
    code = next(word for word in message.body.split() if word.isdigit() and len(word) == 6)
    assert message.to == [package.order.customer.email]
    assert deliver(store, package, otp=code).status == 204


def test_without_any_way_the_installation_is_told(store: Caller, package: Package) -> None:
    settings_store.put("OTP", {})

    answer = store.post(f"packages/{package.pk}/otp/")

    assert (answer.status, answer.json["code"]) == (400, "not_configured")


@pytest.mark.parametrize(
    ("state", "delivery_type", "enabled"),
    [
        (P.PACKED, "in_store", True),
        (P.READY_FOR_PICKUP, "standard", True),
        (P.READY_FOR_PICKUP, "in_store", False),
    ],
)
def test_where_no_code_is_needed_none_is_sent(
    sender: Sender, state: P, delivery_type: str, enabled: bool
) -> None:
    settings_store.put("IS_OTP_ENABLED", enabled)
    settings_store.put("OTP", {"sender_url": sender.url})
    package = a_package(state=state, order=an_order(items=1, delivery_type=delivery_type))

    answer = a_caller(Role.OPERATOR).post(f"packages/{package.pk}/otp/")

    assert (answer.status, answer.json["code"]) == (400, "transition_error")
    assert sender.messages == []


def test_another_store_has_no_part_in_it(package: Package, sender: Sender) -> None:
    other = a_caller(Role.STORE, locations=[a_package().stock_location])
    reader = a_caller(Role.INTEGRATION, user_scopes=[Scope.READ])

    assert other.post(f"packages/{package.pk}/otp/").status == 403
    assert reader.post(f"packages/{package.pk}/otp/").status == 403
    assert other.post("packages/99999999/otp/").status == 404
    assert sender.messages == []
