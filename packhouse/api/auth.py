"""Keys of requests: `Authorization: Token <key>` or `Bearer <key>`, the scheme in any case."""

from typing import Final, cast

from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from packhouse.api import trusted_connection
from packhouse.api.refusals import JwtNotSupported
from packhouse.kernel.accounts import Actor, actor_for_key, key_query
from packhouse.kernel.errors import NotAuthenticated

# A store user is bound to the locations it works at.
_QUERY: Final = key_query(
    "CASE WHEN u.role = 'store' THEN"
    " ARRAY(SELECT l.location_id FROM locations_locationuser l WHERE l.user_id = u.id) END"
)
CALLER: Final = "packhouse.caller"
"""Where a request keeps the name of its user, for the log."""
_SCHEMES: Final = frozenset({"token", "bearer"})


class KeyAuthentication(BaseAuthentication):
    """`request.user` is the Actor, `request.auth` the key; both None where no key was sent."""

    def authenticate(self, request: Request) -> tuple[Actor, str] | None:
        """One statement. Raises NotAuthenticated, JwtNotSupported."""
        header = request.META.get("HTTP_AUTHORIZATION")
        if not header:
            return None
        key = key_in(header)
        actor = actor_for_key(key, query=_QUERY)
        trusted_connection.note_answer()
        request.META[CALLER] = actor.label
        return actor, key

    def authenticate_header(self, request: Request) -> str:
        """For `WWW-Authenticate`."""
        return "Token"


def actor_of(request: Request) -> Actor:
    """Who sent it; for views that need a key."""
    return cast(Actor, request.user)


def key_in(header: str) -> str:
    """The key in an `Authorization` header."""
    scheme, _blank, key = header.strip().partition(" ")
    key = key.strip()
    if scheme.lower() not in _SCHEMES or not key:
        raise NotAuthenticated(_("Send a key: Authorization: Token <key>."))
    if key.count(".") == 2:
        raise JwtNotSupported(_("A JWT is not accepted here; log in for a key."))
    return key
