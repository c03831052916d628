"""What makes a webhook of the back office believable: our key in its header, its signature over the raw body."""

import hashlib
import hmac
import secrets

from packhouse.integrations.omnitron.conf import CONNECTION
from packhouse.integrations.omnitron.models import Connection
from packhouse.kernel.accounts import actor_for_key, issue_key
from packhouse.kernel.errors import NotAuthenticated
from packhouse.kernel.models import Role, Scope, User
from packhouse.kernel.secrets import decrypt, encrypt

SIGNATURE = "X-Whisperer-Signature"
SCHEME = "sha256="
USERNAME = "omnitron"


def signature(secret: str, body: bytes) -> str:
    """`sha256=<hex HMAC-SHA256>`, key: the secret in UTF-8."""
    return SCHEME + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def is_signed(body: bytes, given: str | None) -> bool:
    """The signature fits the body with the present secret or the one before; always so while there is none."""
    row = Connection.objects.filter(pk=CONNECTION).first()
    known = [value for value in (row.hook_secret, row.previous_hook_secret) if value] if row else []
    if not known:
        return True
    told = (given or "").strip().lower().removeprefix(SCHEME)
    fitting = [
        hmac.compare_digest(signature(decrypt(value), body).removeprefix(SCHEME).encode(), told.encode())
        for value in known
    ]
    return any(fitting)


def secret() -> str:
    """The present secret; drawn when there is none."""
    row = _row()
    if not row.hook_secret:
        row.hook_secret = encrypt(secrets.token_hex(24))
        row.save(update_fields=["hook_secret"])
    return decrypt(row.hook_secret)


def rotate() -> str:
    """Draw a new secret; what is signed with the one before is still believed."""
    row = _row()
    row.previous_hook_secret, row.hook_secret = row.hook_secret, encrypt(secrets.token_hex(24))
    row.save(update_fields=["hook_secret", "previous_hook_secret"])
    return decrypt(row.hook_secret)


def inbound_key() -> str:
    """The key the back office calls us with, of scope `hooks_in` alone; made when there is none that is valid."""
    row = _row()
    if not row.inbound_key or not _is_valid(decrypt(row.inbound_key)):
        user, _ = User.objects.get_or_create(
            username=USERNAME, defaults={"role": Role.INTEGRATION, "scopes": [Scope.HOOKS_IN]}
        )
        row.inbound_key = encrypt(
            issue_key(user, name="webhooks of the back office", scopes=[Scope.HOOKS_IN])
        )
        row.save(update_fields=["inbound_key"])
    return decrypt(row.inbound_key)


def _is_valid(key: str) -> bool:
    try:
        return actor_for_key(key).may(Scope.HOOKS_IN)
    except NotAuthenticated:
        return False


def _row() -> Connection:
    row, _ = Connection.objects.get_or_create(pk=CONNECTION)
    return row
