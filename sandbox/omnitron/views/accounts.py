"""Login, and who is logged in."""

from __future__ import annotations

from typing import Any

from sandbox.omnitron.auth import key_for
from sandbox.omnitron.call import Call
from sandbox.omnitron.errors import REQUIRED, BadRequest, plain_error
from sandbox.omnitron.render import flat
from sandbox.omnitron.schema import TABLES
from sandbox.omnitron.views.generic import Routes


def login(call: Call) -> dict[str, Any]:
    """`{"username", "password"}` → `{"key"}`; wrong ones are 400."""
    body = call.object_body()
    missing = {name: [REQUIRED] for name in ("username", "password") if not body.get(name)}
    if missing:
        raise BadRequest(missing, "required")
    key = key_for(call.store, str(body["username"]), str(body["password"]))
    if key is None:
        raise plain_error("Unable to log in with provided credentials.", "authorization")
    return {"key": key}


def active_user(call: Call) -> dict[str, Any]:
    """The user of the key."""
    row = flat(TABLES["user"], call.user)
    return {name: row[name] for name in ("pk", "username", "email", "is_superuser")}


PUBLIC: Routes = {"/auth/login": {"POST": login}}
ROUTES: Routes = {"/active_user": {"GET": active_user}}
