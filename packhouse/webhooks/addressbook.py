"""How hooks are called, with their secrets opened; kept until a hook is changed."""

import logging
from collections.abc import Iterable
from datetime import datetime

from packhouse.kernel import secrets
from packhouse.kernel.errors import NotConfigured
from packhouse.webhooks.message import Address
from packhouse.webhooks.models import Hook
from packhouse.webhooks.sealing import open_config, open_headers
from packhouse.webhooks.work import Plan

logger = logging.getLogger(__name__)

Version = tuple[int, datetime]
"""A hook's id and `modified_date`."""


class AddressBook:
    """Opened hooks by version. One per pump."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[datetime, Address, Plan]] = {}

    def learn(self, versions: Iterable[Version]) -> None:
        """Read those that are new or changed: one statement, or none."""
        wanted = [id_ for id_, modified in set(versions) if self._is_new(id_, modified)]
        if wanted:
            for hook in Hook.objects.select_related("subscriber").filter(pk__in=wanted):
                self._known[hook.pk] = (hook.modified_date, _usable(hook), plan_of(hook))

    def _is_new(self, id_: int, modified: datetime) -> bool:
        return id_ not in self._known or self._known[id_][0] != modified

    def __getitem__(self, hook_id: int) -> tuple[Address, Plan]:
        _modified, address, plan = self._known[hook_id]
        return address, plan


def address_of(hook: Hook) -> Address:
    """The hook's address, secrets in the clear. Raises NotConfigured when they do not open."""
    auth = open_config(hook.config).get("auth")
    return Address(
        url=hook.subscriber.target_url,
        secret=_opened(hook.secret_key),
        previous_secret=_opened(hook.previous_secret_key),
        previous_until=hook.previous_secret_until,
        basic=(auth["username"], auth["password"]) if auth else None,
        headers=open_headers(hook.additional_headers),
    )


def _usable(hook: Hook) -> Address:
    try:
        return address_of(hook)
    except NotConfigured as error:
        logger.error("hook %s cannot be sent to: %s", hook.pk, error)
        return Address(url=hook.subscriber.target_url, unusable=error.text)


def plan_of(hook: Hook) -> Plan:
    return Plan(hook.retry_countdown_config, hook.ladder_seconds, hook.callback)


def _opened(sealed: str | None) -> str | None:
    return None if sealed is None else secrets.decrypt(sealed)
