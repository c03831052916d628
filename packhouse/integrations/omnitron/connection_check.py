"""Does the connection work, both ways? Four checks, one after the other, that say which failed (page 70, A1)."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid4

from packhouse.integrations import http
from packhouse.integrations.failures import BadAnswer, text_of
from packhouse.integrations.http import ONCE, Call
from packhouse.integrations.omnitron import conf, hook_keys, tokens
from packhouse.integrations.omnitron.client import Omnitron, read_page
from packhouse.kernel.errors import PackhouseError

EVENT_TYPE = "packhouse.connection_test"
INBOUND = "oms/omnitron-webhook/"
NOT_TRIED = "Not tried, because the one before failed."


@dataclass(frozen=True, slots=True)
class Check:
    """`error` None: it works."""

    name: str
    error: str | None

    def document(self) -> dict[str, str | bool | None]:
        """`{"name", "ok", "error"}`."""
        return {"name": self.name, "ok": self.error is None, "error": self.error}


def check() -> list[Check]:
    """Log in, ask who we are there, read a page of orders, send ourselves a webhook over our public address.

    What stands behind one that fails is not tried; the webhook needs nobody but us and always is. Raises
    NotConfigured where there are no settings.
    """
    conf.settings()
    there = (("login", _log_in), ("active_user", _ask_who_we_are), ("orders", _read_orders))
    checks: list[Check] = []
    for name, test in there:
        failed = bool(checks) and checks[-1].error is not None
        checks.append(Check(name, NOT_TRIED) if failed else _checked(name, test))
    return [*checks, _checked("webhook", _come_back)]


def _checked(name: str, test: Callable[[], None]) -> Check:
    try:
        test()
    except PackhouseError as failure:
        return Check(name, text_of(failure))
    return Check(name, None)


def _log_in() -> None:
    """Anew, for a key from before says nothing about the password; a fixed token shows itself at the next check."""
    target = conf.settings().default
    if target.login.token is None:
        tokens.renewed(target, used=tokens.authorization(target))


def _ask_who_we_are() -> None:
    Omnitron(ONCE).listing("active_user")


def _read_orders() -> None:
    read_page(Omnitron(ONCE).listing("orders", {"limit": 1}))


def _come_back() -> None:
    """The way a webhook of the back office takes: our address, our key, a signature over the raw body."""
    event = {"event": {"type": EVENT_TYPE, "uuid": uuid4().hex}, "payload": {}}
    body = json.dumps(event).encode()
    headers = {
        "Content-Type": "application/json",
        "Authorization": f"Token {hook_keys.inbound_key()}",
        hook_keys.SIGNATURE: hook_keys.signature(hook_keys.secret(), body),
    }
    url = f"{conf.settings().oms_url}/{INBOUND}"
    answer = http.send(Call("packhouse", "webhook", "POST", url, content=body, headers=headers), ONCE).json()
    if not isinstance(answer, dict) or answer.get("result") != "ignored":
        raise BadAnswer("Somebody else answers at our public address (urls.oms_url).")
