"""How the other fields of a hook are checked."""

import re
from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from packhouse.kernel import settings_store, version
from packhouse.kernel.addresses import Allowed, BadUrl, RefusedTarget, place_of
from packhouse.webhooks import callbacks
from packhouse.webhooks.registry import EVENT_TYPES, canonical

LARGEST_ID: Final = 2**63 - 1
MOST_HEADERS: Final = 50
LONGEST_HEADER: Final = 4096
_HEADER_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}")
_HEADER_VALUE: Final = re.compile(
    r"[\x21-\x7e\u00a0-\uffff]([\x20\x21-\x7e\u00a0-\uffff\t]*[\x21-\x7e\u00a0-\uffff])?|"
)
_NOT_THEIRS: Final = frozenset(
    {"host", "content-length", "transfer-encoding", "connection", "x-whisperer-signature"}
)


class EventTypeField(serializers.ChoiceField):
    """A type of the registry; `package-created` is stored with its dot."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=list(EVENT_TYPES), **kwargs)

    def to_internal_value(self, data: Any) -> Any:
        return super().to_internal_value(canonical(data) if isinstance(data, str) else data)


class TargetUrlField(serializers.CharField):
    """An address a webhook may go to; a host that is a private address is refused here already."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=255, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        url = super().to_internal_value(data)
        version.read_now()  # what was allowed a moment ago, perhaps by another process, is allowed
        webhooks = settings_store.get("WEBHOOKS")
        try:
            place = place_of(url)
            Allowed.of(webhooks["allowed_private_targets"]).check_literal(place.host)
        except (BadUrl, RefusedTarget) as error:
            raise ValidationError(str(error)) from None
        if place.scheme == "http" and not webhooks["allow_http"]:
            raise ValidationError(_("This installation sends to https addresses only."))
        return url


class CallbackField(serializers.CharField):
    """Only what a plug-in of the installation has registered."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=64, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        name = super().to_internal_value(data)
        if name not in callbacks.registered():
            raise ValidationError(_("This callback is not registered by a plug-in of this installation."))
        return name


class HeadersField(serializers.JSONField):
    """Header values by name."""

    def to_internal_value(self, data: Any) -> dict[str, str]:
        if not isinstance(data, Mapping):
            raise ValidationError(_("Send an object of header values by name."))
        if len(data) > MOST_HEADERS:
            raise ValidationError(_("Send at most %(most)s headers.") % {"most": MOST_HEADERS})
        if faults := {name: [fault] for name, value in data.items() if (fault := _header_fault(name, value))}:
            raise ValidationError(faults)
        return dict(data)


def _header_fault(name: str, value: Any) -> str | None:
    if not _HEADER_NAME.fullmatch(name):
        return _("This is not the name of a header.")
    if name.lower() in _NOT_THEIRS or name.lower().startswith("webhook-"):
        return _("This header is set by us.")
    if not isinstance(value, str) or len(value) > LONGEST_HEADER or not _HEADER_VALUE.fullmatch(value):
        return _("A header's value is a text without line breaks.")
    return None


class ConfigField(serializers.JSONField):
    """Known keys are checked, others are kept and do nothing."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if not isinstance(data, Mapping):
            raise ValidationError(_("Send an object."))
        faults: dict[str, Any] = {}
        for key, check in _CONFIG.items():
            if key in data and (fault := check(data[key])):
                faults[key] = fault
        if "channel" in data and "channel_id" in data and data["channel"] != data["channel_id"]:
            faults["channel"] = [_("This differs from channel_id.")]
        if faults:
            raise ValidationError(faults)
        return dict(data)


def _auth_fault(value: Any) -> Any:
    if value is None:
        return None
    if not isinstance(value, Mapping):
        return [_("Send an object.")]
    faults: dict[str, Any] = {}
    if value.get("auth_type") != "basic":
        faults["auth_type"] = [_("The only kind is basic.")]
    for key in ("username", "password"):
        given = value.get(key)
        if not isinstance(given, str) or not given or len(given) > 255:
            faults[key] = [_("Send a text of up to 255 characters.")]
    if isinstance(value.get("username"), str) and ":" in value["username"]:
        faults["username"] = [_("A user name has no colon.")]
    for key in set(value) - {"auth_type", "username", "password"}:
        faults[key] = [_("This key is not known.")]
    return faults


def _ids_fault(value: Any) -> list[str]:
    ids = value if isinstance(value, list) else [value]
    if value is not None and (
        not ids
        or any(isinstance(id_, bool) or not isinstance(id_, int) or not 0 < id_ <= LARGEST_ID for id_ in ids)
    ):
        return [_("Send a channel's id, or a list of ids.")]
    return []


def _codes_fault(value: Any) -> list[str]:
    if value is not None and (
        not isinstance(value, list)
        or not value
        or any(not isinstance(code, str) or not 0 < len(code) <= 64 for code in value)
    ):
        return [_("Send a list of erp codes.")]
    return []


def _one_of(*words: str) -> Any:
    def fault(value: Any) -> list[str]:
        return [] if value in words else [_("Send one of: %(words)s.") % {"words": ", ".join(words)}]

    return fault


_CONFIG: Final[Mapping[str, Any]] = {
    "auth": _auth_fault,
    "channel_id": _ids_fault,
    "channel": _ids_fault,
    "erp_code": _codes_fault,
    "ordering": _one_of("strict", "none"),
    "envelope": _one_of("full", "published"),
}
