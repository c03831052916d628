"""Who is calling: users, keys, and the key in a header."""

from __future__ import annotations

import secrets

from sandbox.omnitron.errors import Unauthorized
from sandbox.omnitron.schema import TABLES
from sandbox.omnitron.store import Row, Store

USER, TOKEN = TABLES["user"], TABLES["token"]


def user_of(store: Store, header: str) -> Row:
    """The user of `Authorization: Token <key>`. Raises Unauthorized."""
    scheme, _, key = header.strip().partition(" ")
    if scheme.lower() != "token" or not key.strip():
        raise Unauthorized("Authentication credentials were not provided.", "not_authenticated")
    token = store.first(TOKEN, "key = ?", [key.strip()])
    user = store.get(USER, token["user"]) if token else None
    if user is None:
        raise Unauthorized("Invalid token.", "authentication_failed")
    return user


def key_for(store: Store, username: str, password: str) -> str | None:
    """The user's key, made at the first login and the same until it expires; null for wrong credentials."""
    user = store.first(USER, "username = ?", [username])
    if user is None or not secrets.compare_digest(user["password"].encode(), password.encode()):
        return None
    token = store.first(TOKEN, '"user" = ?', [user["id"]])
    if token is None:
        token = store.insert(TOKEN, {"key": secrets.token_hex(20), "user": user["id"]})
    return str(token["key"])


def expire_keys(store: Store) -> int:
    """Make every key worthless; returns how many there were."""
    number = store.count(TOKEN)
    store.run("DELETE FROM token")
    return number
