"""Subscribing, changing and ending subscriptions. What a caller may ask for is checked in `serializers.py`."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from django.db import IntegrityError, connection, transaction

from packhouse.kernel import clock, secrets
from packhouse.kernel.accounts import Actor
from packhouse.kernel.addresses import place_of
from packhouse.kernel.errors import PermissionDenied
from packhouse.locations.models import StockLocation
from packhouse.webhooks import desk, recording, waking
from packhouse.webhooks.countdown import DEFAULT, ladder_seconds
from packhouse.webhooks.errors import AlreadyRegistered
from packhouse.webhooks.models import Hook, Subscriber, Target
from packhouse.webhooks.sealing import CONFIG, HEADERS, open_config, open_headers
from packhouse.webhooks.signatures import new_secret

PREVIOUS_SECRET_FOR: Final = timedelta(hours=24)

Values = Mapping[str, Any]
"""Checked values of a hook by published name, secrets in the clear or as the mask."""


@dataclass(frozen=True)
class Bounds:
    """What the owner's key may see at all: a hook hands out nothing beyond it. None: everything."""

    channel_ids: list[int] | None
    erp_codes: list[str] | None

    @classmethod
    def of(cls, actor: Actor) -> "Bounds":
        codes = None
        if actor.location_ids is not None:
            found = StockLocation.objects.filter(pk__in=list(actor.location_ids))
            codes = sorted(found.values_list("erp_code", flat=True))
        return cls(None if actor.channel_ids is None else sorted(actor.channel_ids), codes)


def subscribe(actor: Actor, values: Values) -> Hook:
    """A new hook of the actor's, or an inactive one of the same address and type switched on with these values.

    Raises AlreadyRegistered, InvalidParameter (a mask with nothing behind it).
    """
    if actor.user_id is None:
        raise PermissionDenied("A hook belongs to a user.")
    with transaction.atomic():
        subscriber = _subscriber(actor.user_id, values["target_url"])
        _lock(subscriber.target_id)
        known = subscriber.hooks.select_for_update().filter(event_type=values["event_type"]).first()
        if known is not None and known.is_active:
            raise AlreadyRegistered
        hook = Hook(owner_id=actor.user_id, subscriber=subscriber, event_type=values["event_type"])
        if known is not None:
            hook.pk, hook.created_date = known.pk, known.created_date
            hook.last_delivered_date = known.last_delivered_date
        _fill(hook, {**_DEFAULTS, **values})
        _bind(hook, actor)
        _save_once(hook)
        if known is not None and hook.is_active:
            _resume(hook)
    return hook


_DEFAULTS: Final[Values] = {
    "is_active": True,
    "secret_key": None,
    "callback": None,
    "retry_countdown_config": DEFAULT,
    "additional_headers": {},
    "config": {},
}


def change(hook_id: int, actor: Actor, values: Values) -> Hook:
    """Set the values given, keep the others. Raises AlreadyRegistered, InvalidParameter."""
    with _locked(hook_id, values.get("target_url")) as (hook, subscriber):
        was_active, before = hook.is_active, hook.subscriber
        hook.subscriber = subscriber
        hook.event_type = values.get("event_type", hook.event_type)
        _fill(hook, values)
        _bind(hook, actor)
        _save_once(hook)
        if subscriber.pk != before.pk:
            _move(hook, before)
        if was_active and not hook.is_active:
            _pause(hook)
        elif hook.is_active and not was_active:
            _resume(hook)
    return hook


def unsubscribe(hook_id: int) -> None:
    """Switch off; the row stays."""
    with _locked(hook_id) as (hook, _subscriber):
        if hook.is_active:
            _set_active(hook, active=False)
            hook.save()
            _pause(hook)


@contextmanager
def _locked(hook_id: int, url: str | None = None) -> Iterator[tuple[Hook, Subscriber]]:
    """The hook, and the subscriber it is to belong to. Targets are locked before hooks, as the pumps do."""
    with transaction.atomic():
        known = Hook.objects.select_related("subscriber").get(pk=hook_id)
        subscriber = known.subscriber if url is None else _subscriber(known.owner_id, url)
        for target_id in sorted({known.subscriber.target_id, subscriber.target_id}):
            _lock(target_id)
        hook = Hook.objects.select_for_update(of=("self",)).select_related("subscriber").get(pk=hook_id)
        yield hook, subscriber if url is not None else hook.subscriber


def rotate_secret(hook_id: int) -> str:
    """A new secret, in the clear for this once; the one before signs beside it for 24 hours."""
    secret = new_secret()
    with transaction.atomic():
        hook = Hook.objects.select_for_update().get(pk=hook_id)
        _set_secret(hook, secret)
        hook.save()
    return secret


def _subscriber(owner_id: int, url: str) -> Subscriber:
    place = place_of(url)
    target, _made = Target.objects.get_or_create(scheme=place.scheme, host=place.host, port=place.port)
    subscriber, _made = Subscriber.objects.get_or_create(
        owner_id=owner_id, target_url=url, defaults={"target": target}
    )
    return subscriber


def _bind(hook: Hook, actor: Actor) -> None:
    """The owner's key binds the hook; an admin who changes it opens nothing to its owner."""
    if actor.user_id == hook.owner_id:
        bounds = Bounds.of(actor)
        hook.bound_channel_ids, hook.bound_erp_codes = bounds.channel_ids, bounds.erp_codes


def _fill(hook: Hook, values: Values) -> None:
    if "is_active" in values:
        _set_active(hook, active=values["is_active"])
    if "secret_key" in values:
        _set_secret(hook, values["secret_key"])
    hook.callback = values.get("callback", hook.callback)
    if "retry_countdown_config" in values:
        hook.retry_countdown_config = dict(values["retry_countdown_config"])
        hook.ladder_seconds = ladder_seconds(hook.retry_countdown_config)
    if "additional_headers" in values:
        given = secrets.merge(
            values["additional_headers"],
            open_headers(hook.additional_headers),
            HEADERS,
            root="additional_headers",
        )
        hook.additional_headers = secrets.seal(given, HEADERS)
    if "config" in values:
        _set_config(hook, values["config"])


def _set_active(hook: Hook, *, active: bool) -> None:
    if active:
        hook.disabled_reason = hook.disabled_date = None
    elif hook.is_active or hook.disabled_date is None:
        hook.disabled_date = clock.now()
    hook.is_active = active


def _set_secret(hook: Hook, given: str | None) -> None:
    """A present secret that is replaced by another still signs for a while."""
    present = None if hook.secret_key is None else secrets.decrypt(hook.secret_key)
    wanted = secrets.merge(given, present, lambda _path: True, root="secret_key") or None
    if wanted == present:
        return
    hook.previous_secret_key = hook.secret_key if wanted else None
    hook.previous_secret_until = clock.now() + PREVIOUS_SECRET_FOR if hook.previous_secret_key else None
    hook.secret_key = None if wanted is None else secrets.encrypt(wanted)


def _set_config(hook: Hook, given: Values) -> None:
    config = secrets.merge(given, open_config(hook.config), CONFIG, root="config")
    hook.config = secrets.seal(config, CONFIG)
    channels = config.get("channel_id", config.get("channel"))
    hook.channel_ids = [channels] if isinstance(channels, int) else channels
    hook.erp_codes = config.get("erp_code")
    hook.strict_order = config.get("ordering", "strict") == "strict"
    hook.full_envelope = config.get("envelope", "full") == "full"


def _save_once(hook: Hook) -> None:
    try:
        with transaction.atomic():
            hook.save()
    except IntegrityError:
        raise AlreadyRegistered from None


_PAUSE = """
UPDATE webhooks_delivery SET state = 'held', modified_date = %(now)s
WHERE id = ANY(%(ids)s) AND state IN ('waiting', 'retrying') AND (claimed_until IS NULL OR claimed_until <= %(now)s)
"""
_RESUME = """
UPDATE webhooks_delivery SET state = 'waiting', next_attempt_date = %(now)s, ladder_date = %(now)s, step = 0,
    modified_date = %(now)s
WHERE id = ANY(%(ids)s) AND state = 'held'
"""
_MOVE = """
UPDATE webhooks_delivery SET subscriber_id = %(subscriber)s, state = 'waiting', next_attempt_date = %(now)s,
    ladder_date = %(now)s, step = 0, modified_date = %(now)s
WHERE id = ANY(%(ids)s)
"""
_SUBJECTS = "SELECT DISTINCT subject FROM webhooks_delivery WHERE id = ANY(%(ids)s) AND strict_order"


def _pause(hook: Hook) -> None:
    """What still has to be sent is kept for a while (`sweeping.bury_abandoned`), and stands in nobody's way."""
    ids = recording.open_deliveries(hook)
    _update(_PAUSE, ids)
    _release_behind(hook.subscriber_id, ids)


def _resume(hook: Hook) -> None:
    """What was kept is sent after all; what has something before it is held again as soon as it is looked at."""
    _update(_RESUME, recording.open_deliveries(hook))
    waking.after_commit()


def _move(hook: Hook, before: Subscriber) -> None:
    """What still has to be sent goes to the new address."""
    ids = recording.open_deliveries(hook, at=before)
    _update(_MOVE, ids, subscriber=hook.subscriber_id)
    _release_behind(before.pk, ids)
    waking.after_commit()


def _lock(target_id: int) -> None:
    """For the rest of the transaction."""
    with desk.locked(target_id):
        pass


def _update(statement: str, ids: list[int], **values: Any) -> None:
    if ids:
        with connection.cursor() as cursor:
            cursor.execute(statement, {"ids": ids, "now": clock.now(), **values})


def _release_behind(subscriber_id: int, ids: list[int]) -> None:
    if ids:
        with connection.cursor() as cursor:
            cursor.execute(_SUBJECTS, {"ids": ids})
            keys = [((subscriber_id, row[0]), False) for row in cursor.fetchall()]
        recording.release(keys, clock.now())
