"""Who may call: the letters of page 50 over roles, the scopes of keys, the rows of locations and channels.

`access = "AoSI"`: an admin, a store user and an integration may write, an operator only read; whoever has
no letter may do neither. A dict gives letters per method. `scope` is what an integration's key (and any
key narrower than its user) needs to write; to read, `read` or that scope will do.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from packhouse.kernel.accounts import Actor
from packhouse.kernel.errors import NotAuthenticated, PermissionDenied
from packhouse.kernel.models import Role, Scope

LETTERS: Final[Mapping[str, str]] = {
    Role.ADMIN: "A",
    Role.OPERATOR: "O",
    Role.STORE: "S",
    Role.INTEGRATION: "I",
}
READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})

ANY_KEY: Final = "*"
"""For addresses that every key may use, whatever it may do elsewhere."""

Access = str | Mapping[str, str]


def check(actor: Actor | None, method: str, access: Access, scope: str | None) -> None:
    """Raises NotAuthenticated without a key, PermissionDenied without the right."""
    if actor is None:
        raise NotAuthenticated(_("Send a key: Authorization: Token <key>."))
    if not allowed(actor, method, access, scope):
        raise PermissionDenied(_("Your role or your key has no right to do this."))


def allowed(actor: Actor, method: str, access: Access, scope: str | None) -> bool:
    """Whether the actor may use the method on a view with these letters and this scope."""
    if actor.role == "system" or access == ANY_KEY:
        return True
    letter = LETTERS[actor.role]
    letters = access if isinstance(access, str) else _letters(access, method)
    if method in READING:
        return letter.lower() in letters.lower() and _may_read(actor, scope)
    return letter in letters and _may_write(actor, scope)


def _letters(access: Mapping[str, str], method: str) -> str:
    """Reading is open to whoever may use any method, unless GET has letters of its own."""
    if method in READING:
        return access.get("GET", "".join(access.values()))
    return access.get(method, "")


def _may_read(actor: Actor, scope: str | None) -> bool:
    return actor.may(Scope.READ) or (scope is not None and actor.may(scope))


def _may_write(actor: Actor, scope: str | None) -> bool:
    if actor.role != Role.INTEGRATION and not actor.narrowed:
        return True
    return scope is not None and actor.may(scope)


def visible(
    rows: QuerySet[Any], actor: Actor, *, locations: Sequence[str] = (), channel: str | None = None
) -> QuerySet[Any]:
    """The rows of the actor's own locations and channels.

    `locations`: paths to location ids, one of which must be the actor's (a transfer has two); `channel`:
    path to the channel's id. Without a path, rows belong to no location or channel and all may see them.
    """
    if actor.location_ids is not None and locations:
        own = Q()
        for path in locations:
            own |= Q(**{f"{path}__in": list(actor.location_ids)})
        rows = rows.filter(own)
    if actor.channel_ids is not None and channel:
        rows = rows.filter(**{f"{channel}__in": list(actor.channel_ids)})
    return rows
