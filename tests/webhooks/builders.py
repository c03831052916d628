"""Hooks, events and receivers for tests."""

import json
from dataclasses import dataclass
from itertools import count
from typing import Any

from django.db import transaction

from packhouse.kernel import clock, outbox, settings_store
from packhouse.kernel.accounts import EVERY_SCOPE, Actor
from packhouse.kernel.models import Event, Role, User
from packhouse.webhooks import hooks
from packhouse.webhooks.models import Delivery, Hook
from packhouse.webhooks.pump import Pump
from sandbox.receiver.app import NOTE, ReceiverSandbox

_numbers = count(1)
FIXED = {"choice": "fixed", "kwargs": {"seconds": 30}}


@dataclass
class Receiver:
    """A running receiver; `url` without a path."""

    sandbox: ReceiverSandbox
    url: str

    def reset(self) -> None:
        self.sandbox._reset()
        self.sandbox.control.clear_requests()
        self.sandbox.control.set_faults({})

    def fail(self, **faults: Any) -> None:
        self.sandbox.control.set_faults(faults)

    @property
    def requests(self) -> list[dict[str, Any]]:
        return self.sandbox.control.requests

    @property
    def messages(self) -> list[dict[str, Any]]:
        """What was understood, in the order in which it came."""
        return [row[NOTE] for row in self.requests if NOTE in row]

    def report(self) -> dict[str, Any]:
        return self.sandbox.ledger.report()


def set_up(**settings: Any) -> None:
    """Application settings, in force at once also where nothing is committed."""
    for key, value in settings.items():
        settings_store.put(key, value)
    settings_store.forget()


def an_actor(role: str = Role.INTEGRATION, **fields: Any) -> Actor:
    """A new user, as the caller of the API."""
    user = User.objects.create(username=f"user-{next(_numbers)}", role=role, scopes=sorted(EVERY_SCOPE))
    given: dict[str, Any] = {
        "user_id": user.pk,
        "role": Role(role),
        "scopes": EVERY_SCOPE,
        "location_ids": None,
        "channel_ids": None,
        "label": user.username,
        "language": "en",
    }
    return Actor(**{**given, **fields})


def a_hook(
    url: str, event_type: str = "package.created", *, owner: Actor | None = None, **values: Any
) -> Hook:
    """Retries every 30 s unless told otherwise."""
    given = {"target_url": url, "event_type": event_type, "retry_countdown_config": FIXED, **values}
    return hooks.subscribe(owner or an_actor(), given)


def tell(
    *types: str, package: int = 501, times: int = 1, document: dict[str, Any] | None = None, **fields: Any
) -> list[Event]:
    """Events of a package, as a command would make them: in one transaction, numbered on."""
    last = Event.objects.filter(subject=f"package/{package}").order_by("-sequence").first()
    sequence = last.sequence if last else 0
    events = []
    for type_ in [*(types or ("package.created",))] * times:
        sequence += 1
        payload = document if document is not None else {"id": package, "city": "İzmir", "sequence": sequence}
        given: dict[str, Any] = {"type": type_, "kind": "package", "object_id": package, "sequence": sequence}
        events.append(outbox.NewEvent(document=payload, **{**given, **fields}))
    with transaction.atomic():
        outbox.record(events=events)
    return list(Event.objects.filter(subject=f"package/{package}").order_by("sequence"))[-len(events) :]


def pump() -> int:
    """Send all that is due now; how many attempts were made."""
    return Pump().run(linger=0, longest=60)


def deliveries(**filters: Any) -> list[Delivery]:
    return list(Delivery.objects.filter(**filters).order_by("id"))


def the_delivery(**filters: Any) -> Delivery:
    return Delivery.objects.get(**filters)


def body_of(message: dict[str, Any]) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(message["body"])
    return parsed


def seconds_until(delivery: Delivery) -> float:
    """Until its next attempt."""
    assert delivery.next_attempt_date is not None
    return (delivery.next_attempt_date - clock.now()).total_seconds()
