"""Tokens of stock services: fetched where the configuration says, kept by this process until they are refused."""

import hashlib
from collections.abc import Mapping
from threading import Lock
from typing import Any

from packhouse.integrations import http
from packhouse.integrations.failures import BadAnswer
from packhouse.integrations.http import Call, Patience

NAMES = ("token", "key", "access_token")


class _Kept:
    tokens: dict[str, str] = {}
    fetching = Lock()


def forget() -> None:
    """Fetch anew next time."""
    _Kept.tokens.clear()


def authorization(
    system: str, auth: Mapping[str, Any], patience: Patience, *, refused: str | None = None
) -> str:
    """The header's value; `refused`: the one that no longer works. Raises OutsideFailure.

    A token that holds a blank names its own scheme.
    """
    if auth.get("token") and not auth.get("url"):
        return _header(str(auth["token"]))
    name = _name(auth)
    with _Kept.fetching:  # one login at a time; the others take what it brought
        known = _Kept.tokens.get(name)
        if known is None or known == refused:
            _Kept.tokens.pop(name, None)
            known = _Kept.tokens[name] = _header(_fetch(system, auth, patience))
        return known


def _header(token: str) -> str:
    return token if " " in token else f"Token {token}"


def _name(auth: Mapping[str, Any]) -> str:
    login = f"{auth.get('url')} {auth.get('username')} {auth.get('password')}"
    return hashlib.sha256(login.encode()).hexdigest()


def _fetch(system: str, auth: Mapping[str, Any], patience: Patience) -> str:
    call = Call(
        system,
        "login",
        "POST",
        str(auth["url"]),
        body={"username": auth.get("username"), "password": auth.get("password")},
        connect=patience.within,
        read=patience.within,
    )
    answer = http.send(call, patience).json()
    for name in NAMES:
        token = answer.get(name) if isinstance(answer, dict) else None
        if isinstance(token, str) and token:
            return token
    raise BadAnswer(f"The login gave no {' or '.join(NAMES)}.")
