"""Secrets inside JSON values: encrypted at rest, shown as a mask, kept when the mask comes back.

A secret is found by a predicate over its path (`("endpoint_conf", "0", "auth", "token")`); `by_path` and
`by_name` make the usual ones. Whatever stands at such a path is the secret, be it a text, a number or a
whole object; null and the empty text hide nothing and stay readable.
"""

import base64
import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils.translation import gettext as _

from packhouse.kernel.errors import InvalidParameter, NotConfigured

MASK = "********"
SECRET_NAMES = (
    "password",
    "token",
    "access_token",
    "refresh_token",
    "secret",
    "secret_key",
    "client_secret",
    "api_key",
    "private_key",
    "authorization",
)

Path = tuple[str, ...]
IsSecret = Callable[[Path], bool]

_SEALED = "sealed:1:"
_IDENTITIES = ("id", "endpoint", "engine", "name")


def by_path(*patterns: str) -> IsSecret:
    """Secret are these paths: `auth.password`, `endpoint_conf.*.auth.token`; `""` is the whole value."""
    wanted = [tuple(pattern.split(".")) if pattern else () for pattern in patterns]

    def is_secret(path: Path) -> bool:
        return any(
            len(pattern) == len(path)
            and all(part in ("*", given) for part, given in zip(pattern, path, strict=True))
            for pattern in wanted
        )

    return is_secret


def by_name(*names: str) -> IsSecret:
    """Secret is what stands under one of these keys, at any depth, in any case (default: `SECRET_NAMES`)."""
    wanted = frozenset(name.lower() for name in names or SECRET_NAMES)
    return lambda path: bool(path) and path[-1].lower() in wanted


def encrypt(text: str) -> str:
    """`text` under the installation's newest key."""
    return _fernet(settings.PACKHOUSE_ENCRYPTION_KEY).encrypt(text.encode()).decode()


def decrypt(text: str) -> str:
    """Back from `encrypt`, under any of the installation's keys. Raises NotConfigured when none fits."""
    try:
        return _fernet(settings.PACKHOUSE_ENCRYPTION_KEY).decrypt(text.encode()).decode()
    except InvalidToken:
        raise NotConfigured(
            _("A stored secret does not open with the encryption key of this installation.")
        ) from None


@lru_cache(maxsize=4)
def _fernet(keys: str) -> MultiFernet:
    """Several keys, comma between: the first encrypts, all decrypt, so that a key can be changed."""
    known = [Fernet(_derived(key.strip())) for key in keys.split(",") if key.strip()]
    if not known:
        raise NotConfigured(_("Set PACKHOUSE_ENCRYPTION_KEY (or PACKHOUSE_SECRET_KEY) to keep secrets."))
    return MultiFernet(known)


def _derived(key: str) -> bytes:
    derivation = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"packhouse secrets")
    return base64.urlsafe_b64encode(derivation.derive(key.encode()))


def mask(value: Any, is_secret: IsSecret) -> Any:
    """A copy to show: secrets as `MASK`."""
    return _mapped(value, (), is_secret, lambda _secret: MASK)


def seal(value: Any, is_secret: IsSecret) -> Any:
    """A copy to store: secrets encrypted."""
    return _mapped(value, (), is_secret, lambda secret: _SEALED + encrypt(json.dumps(secret)))


def unseal(value: Any, is_secret: IsSecret) -> Any:
    """Back from `seal`. A secret that stands there in the clear is taken as it is."""
    return _mapped(value, (), is_secret, _opened)


def _opened(secret: Any) -> Any:
    if isinstance(secret, str) and secret.startswith(_SEALED):
        return json.loads(decrypt(secret.removeprefix(_SEALED)))
    return secret


def _mapped(value: Any, path: Path, is_secret: IsSecret, change: Callable[[Any], Any]) -> Any:
    if is_secret(path):
        return value if value is None or value == "" else change(value)
    if isinstance(value, Mapping):
        return {key: _mapped(item, (*path, str(key)), is_secret, change) for key, item in value.items()}
    if isinstance(value, list):
        return [_mapped(item, (*path, str(i)), is_secret, change) for i, item in enumerate(value)]
    return value


def merge(given: Any, stored: Any, is_secret: IsSecret, *, root: str = "") -> Any:
    """`given`, with the secrets of `stored` (in the clear) where the mask was sent back.

    Items of a list belong together by their `id`, `endpoint`, `engine` or `name`, else by position.
    Raises InvalidParameter, keyed by path under `root`, where a mask has nothing behind it.
    """
    return _merged(given, stored, (), is_secret, root)


def _merged(given: Any, stored: Any, path: Path, is_secret: IsSecret, root: str) -> Any:
    if is_secret(path):
        if given != MASK:
            return given
        if stored is None or stored == "":
            where = ".".join([*([root] if root else []), *path]) or "detail"
            raise InvalidParameter({where: [_("This is the mask of a secret, but none is stored; send it.")]})
        return stored
    if isinstance(given, Mapping):
        old = stored if isinstance(stored, Mapping) else {}
        return {
            key: _merged(item, old.get(key), (*path, str(key)), is_secret, root)
            for key, item in given.items()
        }
    if isinstance(given, list):
        return [
            _merged(item, _counterpart(item, i, stored), (*path, str(i)), is_secret, root)
            for i, item in enumerate(given)
        ]
    return given


def _counterpart(item: Any, position: int, stored: Any) -> Any:
    if not isinstance(stored, list):
        return None
    if isinstance(item, Mapping):
        for identity in _IDENTITIES:
            if identity in item:
                same = (
                    row for row in stored if isinstance(row, Mapping) and row.get(identity) == item[identity]
                )
                return next(same, None)
    return stored[position] if position < len(stored) else None
