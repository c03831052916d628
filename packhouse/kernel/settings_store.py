"""Application settings: rows that differ from a default, cached per process, secrets encrypted at rest.

A change is seen by this process at its commit and by the others within a second.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, models, transaction
from django.db.models import Value
from django.utils.translation import gettext as _
from pydantic import ValidationError

from packhouse.kernel import version
from packhouse.kernel.accounts import SYSTEM, Actor
from packhouse.kernel.errors import InvalidParameter, NotConfigured, NotUnique
from packhouse.kernel.models import Setting
from packhouse.kernel.secrets import mask, merge, seal, unseal
from packhouse.kernel.settings_keys import KEYS, SettingKey

logger = logging.getLogger(__name__)

ROOT = "json_value"


@dataclass(frozen=True)
class _Snapshot:
    """The stored rows as of a version; `values` fills as keys are asked for."""

    version: int
    stored: Mapping[str, Any]
    values: dict[str, Any] = field(default_factory=dict)


class _Cache:
    snapshot = _Snapshot(-1, {})


def keys() -> list[SettingKey]:
    """Every setting there is, in the order of the documentation."""
    return list(KEYS.values())


def key_named(name: str) -> SettingKey:
    """Raises InvalidParameter for a name that is not on the list."""
    if name not in KEYS:
        raise InvalidParameter({"key": [_("There is no setting %(name)s.") % {"name": name}]})
    return KEYS[name]


def get(key: str) -> Any:
    """The value in force, with secrets in the clear, as plain Python (do not change it in place).

    Objects are complete: what was left out has its default. Raises InvalidParameter for an unknown key,
    NotConfigured for a stored value that this version of the program no longer understands.
    """
    snapshot = _Cache.snapshot
    if snapshot.version != version.current():
        snapshot = _reload()
    try:
        return snapshot.values[key]
    except KeyError:
        return _read(snapshot, key_named(key))


def _reload() -> _Snapshot:
    """The version first, so that a change in between is seen the next time."""
    present = version.read_now()
    _Cache.snapshot = _Snapshot(present, dict(Setting.objects.values_list("key", "json_value")))
    return _Cache.snapshot


def _read(snapshot: _Snapshot, key: SettingKey) -> Any:
    stored = snapshot.stored.get(key.name, key.default)
    try:
        value = key.read(unseal(stored, key.is_secret))
    except ValidationError as error:
        logger.error("The stored value of the setting %s is not valid: %s", key.name, _texts(error))
        raise NotConfigured(_("The setting %(name)s holds an invalid value.") % {"name": key.name}) from None
    snapshot.values[key.name] = value
    return value


def put(key: str, value: Any, *, user: Actor | None = None) -> None:
    """Store a value (as JSON has it). Masked secrets that come back keep what is stored.

    Raises InvalidParameter, keyed `key` or by path under `json_value`; then nothing has changed.
    """
    setting = key_named(key)
    with transaction.atomic():
        row = Setting.objects.select_for_update().filter(key=key).first() or Setting(key=key)
        stored = row.json_value if row.pk else setting.default
        row.json_value = _storable(_sealed(setting, value, stored))
        row.save()
        version.raise_version()
    _log("stored", key, user)


def create(key: str, value: Any, *, user: Actor | None = None) -> int:
    """As `put`, for a setting that still has its default; the new row's id. Raises NotUnique otherwise."""
    setting = key_named(key)
    sealed = _sealed(setting, value, setting.default)
    try:
        with transaction.atomic():
            row = Setting.objects.create(key=key, json_value=_storable(sealed))
            version.raise_version()
    except IntegrityError:
        raise NotUnique({"key": [_("This setting exists already; change it instead.")]}) from None
    _log("created", key, user)
    return row.pk


def reset(key: str, *, user: Actor | None = None) -> None:
    """Back to the default."""
    key_named(key)
    with transaction.atomic():
        Setting.objects.filter(key=key).delete()
        version.raise_version()
    _log("reset", key, user)


def masked(key: str) -> Any:
    """What is stored (or the default), to show: secrets as the mask."""
    setting = key_named(key)
    row = Setting.objects.filter(key=key).first()
    return shown(key, row.json_value) if row else setting.default


def shown(key: str, stored: Any) -> Any:
    """The stored `json_value` of a row, secrets as the mask."""
    return mask(stored, KEYS[key].is_secret) if key in KEYS else stored


def forget() -> None:
    """Read anew at the next `get`."""
    version.forget()
    _Cache.snapshot = _Snapshot(-1, {})


def _sealed(setting: SettingKey, value: Any, stored: Any) -> Any:
    complete = merge(value, unseal(stored, setting.is_secret), setting.is_secret, root=ROOT)
    try:
        setting.read(complete)
    except ValidationError as error:
        raise InvalidParameter(_texts(error)) from None
    return seal(complete, setting.is_secret)


def _storable(value: Any) -> Any:
    """Django writes a bare None as SQL's NULL; the setting means JSON's null."""
    return Value(None, models.JSONField()) if value is None else value


def _texts(error: ValidationError) -> dict[str, list[str]]:
    texts: dict[str, list[str]] = {}
    for detail in error.errors(include_url=False, include_context=False, include_input=False):
        path = ".".join([ROOT, *(str(part) for part in detail["loc"] if not _is_a_branch(part))])
        texts.setdefault(path, []).append(detail["msg"].removeprefix("Value error, "))
    return texts


def _is_a_branch(part: int | str) -> bool:
    """Pydantic names the members of a union in its paths; a caller knows keys and positions only."""
    return isinstance(part, str) and (
        "[" in part or part[:1].isupper() or part in ("bool", "float", "int", "str")
    )


def _log(what: str, key: str, user: Actor | None) -> None:
    logger.info("setting %s %s by %s", key, what, (user or SYSTEM).label)
