"""Who acts, and with which rights: actors, the keys they call with, login."""

import hashlib
import secrets
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, Literal

from django.contrib.auth import authenticate
from django.db import connection
from django.utils.translation import gettext as _

from packhouse.kernel import clock, sql
from packhouse.kernel.errors import InvalidParameter, NotAuthenticated, PackhouseError
from packhouse.kernel.models import ApiKey, Role, Scope, User

EVERY_SCOPE: Final[frozenset[str]] = frozenset(Scope.values)
LOGIN_KEY_DAYS: Final = 30
USED_AGAIN_AFTER: Final = timedelta(minutes=1)

# What the letters of page 50 come down to; an integration has what its key says.
_RIGHTS: Final[dict[str, frozenset[str]]] = {
    Role.ADMIN: EVERY_SCOPE,
    Role.OPERATOR: frozenset({Scope.READ, Scope.COMMANDS, Scope.ORDERS, Scope.HOOKS}),
    Role.STORE: frozenset({Scope.READ, Scope.COMMANDS}),
}


class BadCredentials(PackhouseError):
    """The user name or the password is wrong, or the account is switched off."""

    code = "bad_credentials"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who a piece of work is done for.

    `scopes`: what may be done, after the role and the key's own narrowing. `location_ids`,
    `channel_ids`: the only ones whose rows may be seen and touched; None: all. `narrowed`: the key
    gives less than its user has.
    """

    user_id: int | None
    role: Role | Literal["system"]
    scopes: frozenset[str]
    location_ids: frozenset[int] | None
    channel_ids: frozenset[int] | None
    label: str
    language: str
    key_id: int | None = None
    narrowed: bool = False

    @property
    def is_authenticated(self) -> bool:
        """Always: what is not known is no actor."""
        return True

    def may(self, right: str) -> bool:
        """`right` is a scope's name."""
        return right in self.scopes

    def may_run(self, visibility: Collection[str] | None) -> bool:
        """May run a transition of this visibility; None: of a visibility not known yet."""
        if not self.may(Scope.COMMANDS):
            return False
        if visibility is None or self.role not in (Role.STORE, Role.INTEGRATION):
            return True
        return self.role in visibility


SYSTEM: Final = Actor(
    user_id=None,
    role="system",
    scopes=EVERY_SCOPE,
    location_ids=None,
    channel_ids=None,
    label="system",
    language="en",
)


def digest_of(key: str) -> str:
    """What is kept of a key: its SHA-256 in hex."""
    return hashlib.sha256(key.encode()).hexdigest()


def issue_key(
    user: User,
    *,
    name: str,
    scopes: Iterable[str] | None = None,
    location_ids: Iterable[int] | None = None,
    channel_ids: Iterable[int] | None = None,
    days: int | None = None,
) -> str:
    """A new key of 40 hex digits, seen only here. None means: not narrowed, without end.

    Raises InvalidParameter for a scope that does not exist.
    """
    wanted = None if scopes is None else sorted(set(scopes))
    if unknown := set(wanted or ()) - EVERY_SCOPE:
        raise InvalidParameter({"scopes": [_("There is no scope %(name)s.") % {"name": min(unknown)}]})
    key = secrets.token_hex(20)
    ApiKey.objects.create(
        user=user,
        name=name,
        digest=digest_of(key),
        scopes=wanted,
        location_ids=None if location_ids is None else sorted(set(location_ids)),
        channel_ids=None if channel_ids is None else sorted(set(channel_ids)),
        expires_date=None if days is None else clock.now() + timedelta(days=days),
    )
    return key


def login(username: str, password: str) -> str:
    """A new key, valid 30 days. Raises BadCredentials."""
    user = authenticate(username=username, password=password)
    if not isinstance(user, User):
        raise BadCredentials({"non_field_errors": [_("Unable to log in with the credentials given.")]})
    return issue_key(user, name="login", days=LOGIN_KEY_DAYS)


def logout(key: str) -> None:
    """Revoke this one key; the user's others stay."""
    ApiKey.objects.filter(digest=digest_of(key), revoked_date=None).update(revoked_date=clock.now())


def key_query(locations: str = "NULL::bigint[]") -> str:
    """The statement that finds a key with its user.

    `locations`: an SQL expression over `u` (the user) for the ids of the locations it is bound to. Those
    rows belong to a floor above this one, so the caller names them.
    """
    return f"""
        SELECT k.id, k.user_id, u.role, u.username, u.language, u.scopes,
               k.scopes, k.location_ids, k.channel_ids, k.last_used_date, {locations}
        FROM kernel_apikey k JOIN kernel_user u ON u.id = k.user_id
        WHERE k.digest = %s AND k.revoked_date IS NULL AND u.is_active
          AND (k.expires_date IS NULL OR k.expires_date > %s)"""  # noqa: S608


_PLAIN_QUERY: Final = key_query()


def actor_for_key(key: str, *, query: str = _PLAIN_QUERY) -> Actor:
    """Whose key it is; one statement (a second, at most once a minute, notes the use).

    Raises NotAuthenticated for a key that is unknown, expired or revoked, or whose user is switched off.
    """
    now = clock.now()
    row = sql.row(query, (digest_of(key), now))
    if row is None:
        raise NotAuthenticated(_("This key is unknown, expired or revoked."))
    key_id, last_used = row[0], row[9]
    if last_used is None or now - last_used > USED_AGAIN_AFTER:
        _note_use(key_id)
    return _actor(row)


def _actor(row: tuple[Any, ...]) -> Actor:
    key_id, user_id, role, username, language, own, scopes, location_ids, channel_ids, _used, bound = row
    rights = _RIGHTS[role] if role in _RIGHTS else frozenset(own)
    return Actor(
        user_id=user_id,
        role=Role(role),
        scopes=rights if scopes is None else rights & frozenset(scopes),
        location_ids=_both(location_ids, bound),
        channel_ids=None if channel_ids is None else frozenset(channel_ids),
        label=username,
        language=language,
        key_id=key_id,
        narrowed=scopes is not None,
    )


def _both(first: list[int] | None, second: list[int] | None) -> frozenset[int] | None:
    if first is None or second is None:
        only = second if first is None else first
        return None if only is None else frozenset(only)
    return frozenset(first) & frozenset(second)


def _note_use(key_id: int) -> None:
    now = clock.now()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE kernel_apikey SET last_used_date = %s"
            " WHERE id = %s AND (last_used_date IS NULL OR last_used_date < %s)",
            (now, key_id, now - USED_AGAIN_AFTER),
        )
