"""Webhooks registered at the back office, so that it tells us what happens (page 70, A4)."""

from collections.abc import Iterator
from typing import Any

from packhouse.integrations.failures import Refused
from packhouse.integrations.omnitron import conf, hook_keys
from packhouse.integrations.omnitron.client import Omnitron, Row, identity
from packhouse.integrations.omnitron.conf import CONNECTION
from packhouse.integrations.omnitron.models import Connection
from packhouse.integrations.omnitron.setup.progress import Progress
from packhouse.kernel import settings_store

RETRIES = {"choice": "exponential", "kwargs": {"base": 2, "factor": 5, "limit": 3600}}
THERE_ALREADY = "webhook_100_2"
OFF = "uninstalled"
# Where another system stands in for the back office, that system's own events are not the back office's to send.
_ENDPOINT_OF = {"order": "orders", "cancellation_plan": "cancellation_plans", "retail_store": "retail_stores"}


def is_required() -> bool:
    """One of those we want is not known to be registered."""
    if not conf.is_configured():
        return True
    row = Connection.objects.filter(pk=CONNECTION).first()
    known = {
        (hook["event_type"], hook["target_url"]) for hook in (row.hooks if row else []) if not hook.get(OFF)
    }
    return not set(wanted()) <= known


def wanted() -> Iterator[tuple[str, str]]:
    """Event type and address of each webhook of `OMNITRON_WEBHOOKS` that is the back office's to send."""
    settings = conf.settings()
    for entry in settings_store.get("OMNITRON_WEBHOOKS"):
        kind = entry["event_type"].partition(".")[0]
        if not settings.target(_ENDPOINT_OF.get(kind, "hooks")).is_override:
            yield entry["event_type"], f"{settings.oms_url}/oms/{entry['path'].lstrip('/')}"


def execute(progress: Progress) -> None:
    """Create what is missing, renew what has another secret.

    One that somebody switched off stays off; what `uninstall` switched off is switched on again.
    """
    client = Omnitron()
    hooks = list(wanted())
    progress.expect(len(hooks))
    key_before = Connection.objects.filter(pk=CONNECTION).values_list("inbound_key", flat=True).first()
    hook_keys.inbound_key()
    has_new_key = not Connection.objects.filter(pk=CONNECTION, inbound_key=key_before or "").exists()
    present = {
        (row.get("event_type"), row.get("target_url")): row for row in client.rows("hooks", {"limit": 999})
    }
    kept, ended = [], _ended()
    for event_type, target_url in hooks:
        row, body = present.get((event_type, target_url)), _body(event_type, target_url)
        if row is not None and identity(row) in ended:
            row = {**row, **(client.change("hooks", body, pk=identity(row)) or {}), "is_active": True}
        else:
            row = _ensure(client, row, body, has_new_key)
        kept.append(_kept(row))
        progress.did()
    Connection.objects.filter(pk=CONNECTION).update(hooks=kept)


def _ended() -> set[Any]:
    """Hooks that we switched off ourselves, by id."""
    row = Connection.objects.filter(pk=CONNECTION).first()
    return {hook["id"] for hook in (row.hooks if row else []) if hook.get(OFF)}


def _ensure(client: Omnitron, row: Row | None, body: dict[str, Any], has_new_key: bool) -> Row:
    if row is None:
        return _create(client, body)
    is_current = row.get("secret_key") == body["secret_key"] and not has_new_key
    if row.get("is_active") is False or is_current:
        return row
    changes = {name: body[name] for name in ("secret_key", "additional_headers")}
    return {**row, **(client.change("hooks", changes, pk=identity(row)) or {})}


def _create(client: Omnitron, body: dict[str, Any]) -> Row:
    try:
        return {**body, **(client.create("hooks", body) or {})}
    except Refused as refusal:
        if THERE_ALREADY.encode() in refusal.content:
            return {**body, "id": None}
        raise


def _body(event_type: str, target_url: str) -> dict[str, Any]:
    return {
        "target_url": target_url,
        "event_type": event_type,
        "secret_key": hook_keys.secret(),
        "retry_countdown_config": RETRIES,
        "is_active": True,
        "additional_headers": {"Authorization": f"Token {hook_keys.inbound_key()}"},
        "config": {},
    }


def _kept(row: Row) -> dict[str, Any]:
    """What we remember of a hook; not its secrets."""
    return {
        "id": identity(row),
        "event_type": row["event_type"],
        "target_url": row["target_url"],
        "is_active": row.get("is_active") is not False,
    }


def uninstall() -> int:
    """Switch our webhooks off there; how many. Repeatable. The step `webhooks` switches them on again."""
    client = Omnitron()
    row = Connection.objects.filter(pk=CONNECTION).first()
    hooks = [hook for hook in (row.hooks if row else []) if hook["id"] is not None and not hook.get(OFF)]
    for hook in hooks:
        client.remove("hooks", pk=hook["id"])
        hook.update({"is_active": False, OFF: True})
    if row is not None:
        Connection.objects.filter(pk=CONNECTION).update(hooks=row.hooks)
    return len(hooks)
