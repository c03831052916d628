"""Events to be delivered, made as commands make them: payload, event and deliveries in one transaction."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

from django.db import connection, transaction

from packhouse.kernel import outbox, settings_store
from packhouse.kernel.accounts import SYSTEM, Actor
from packhouse.kernel.models import Role, User
from packhouse.webhooks import hooks
from packhouse.webhooks.fanout import FAN_OUT

TYPE = "package.status.transitioned"
EVENTS_PER_PACKAGE = 4
_SECONDS = """
SELECT extract(epoch FROM max(request_datetimes[1] + response_time) - min(request_datetimes[1]))::float8
FROM webhooks_delivery WHERE id > %s AND hook_id = %s
"""


class Load:
    """One good hook, and packages that have something to tell."""

    def __init__(self, url: str, kilobytes: int) -> None:
        outbox.on_events(FAN_OUT)
        settings_store.put("WEBHOOKS", {"allowed_private_targets": ["127.0.0.1"]})
        self._document = {"id": 1, "lines": ["x" * 60] * (kilobytes * 1000 // 64)}
        self._packages = count(1)
        self._hook = hooks.subscribe(
            _user("good"), {"target_url": f"{url}/hooks", "event_type": TYPE, "secret_key": "s"}
        )

    def tell(self, packages: int) -> None:
        """Four events of each of so many new packages, a hundred packages to a transaction."""
        numbers = [next(self._packages) for _ in range(packages)]
        for start in range(0, packages, 100):
            events = [
                self._event(number, turn) for number in numbers[start : start + 100] for turn in range(1, 5)
            ]
            with transaction.atomic():
                outbox.record(events=events)

    def _event(self, package: int, sequence: int) -> outbox.NewEvent:
        return outbox.NewEvent(
            type=TYPE, kind="package", object_id=package, sequence=sequence, document=self._document
        )

    @contextmanager
    def neighbours(self, *urls: str) -> Iterator[None]:
        """The same events go to these too."""
        made = [
            hooks.subscribe(_user(url), {"target_url": f"{url}/hooks", "event_type": TYPE}) for url in urls
        ]
        yield
        with connection.cursor() as cursor:
            for hook in made:
                hooks.unsubscribe(hook.pk)
                cursor.execute("UPDATE webhooks_delivery SET state = 'dead' WHERE hook_id = %s", [hook.pk])

    @staticmethod
    def last_delivery() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT coalesce(max(id), 0) FROM webhooks_delivery")
            return int(cursor.fetchone()[0])

    def seconds_since(self, first: int) -> float:
        """From the first request of the deliveries after this one to the last answer."""
        with connection.cursor() as cursor:
            cursor.execute(_SECONDS, [first, self._hook.pk])
            return float(cursor.fetchone()[0])


def _user(name: str) -> Actor:
    user, _made = User.objects.get_or_create(username=name, defaults={"role": Role.INTEGRATION})
    return Actor(user.pk, Role.INTEGRATION, SYSTEM.scopes, None, None, name, "en")
