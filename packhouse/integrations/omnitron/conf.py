"""The connector's settings, read (setting `OMNITRON_CLIENT_SETTINGS`, page 70, A1)."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from packhouse.kernel import settings_store
from packhouse.kernel.errors import NotConfigured

CONNECTION = 1
SYSTEM = f"omnitron/{CONNECTION}"
PARALLEL_CALLS = 8


@dataclass(frozen=True, slots=True)
class Login:
    """How we are known there: by a login that gives a token, or by a fixed token."""

    base_url: str
    username: str | None
    password: str | None
    token: str | None

    @property
    def name(self) -> str:
        """Tells logins apart in the database, and changes with everything that belongs to one."""
        text = json.dumps([self.base_url, self.username, self.password, self.token])
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Target:
    """Where one named endpoint is reached. `path` replaces the usual one."""

    base_url: str
    login: Login
    connect: float
    read: float
    path: str | None = None
    enabled: bool = True
    is_override: bool = False


@dataclass(frozen=True, slots=True)
class Settings:
    """`oms_url` is our own address, up to `/api/v1`."""

    oms_url: str
    default: Target
    overrides: Mapping[str, Target]

    def target(self, endpoint: str) -> Target:
        return self.overrides.get(endpoint, self.default)


def is_configured() -> bool:
    return settings_store.get("OMNITRON_CLIENT_SETTINGS") is not None


def settings() -> Settings:
    """Raises NotConfigured where the back office is not set up."""
    given = settings_store.get("OMNITRON_CLIENT_SETTINGS")
    if given is None:
        raise NotConfigured("The back office is not configured (setting OMNITRON_CLIENT_SETTINGS).")
    base_url = given["urls"]["base_url"]
    timeouts = given["timeouts"]
    login = _login(base_url, given["auth"])
    default = Target(base_url, login, connect=timeouts["connect"], read=timeouts["read"])
    overrides = {entry["endpoint"]: _override(entry, default) for entry in given["endpoint_conf"]}
    return Settings(given["urls"]["oms_url"], default, overrides)


def _override(entry: Mapping[str, Any], default: Target) -> Target:
    base_url = entry["base_url"] or default.base_url
    timeouts = entry["timeouts"] or {}
    return Target(
        base_url=base_url,
        login=_login(base_url, entry["auth"]) if entry["auth"] else default.login,
        connect=timeouts.get("connect", default.connect),
        read=timeouts.get("read", default.read),
        path=entry["path"],
        enabled=entry["enabled"],
        is_override=entry["base_url"] is not None,
    )


def _login(base_url: str, auth: Mapping[str, Any]) -> Login:
    return Login(base_url, auth["username"], auth["password"], auth["token"])
