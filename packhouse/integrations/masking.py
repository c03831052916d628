"""Bodies as they may be kept in a log: without secrets and without what names a person."""

import json
import re
from collections.abc import Mapping
from typing import Any

from packhouse.kernel.secrets import MASK, SECRET_NAMES

KEPT_CHARACTERS = 4000

_PERSONAL = frozenset(
    {
        "email",
        "first_name",
        "last_name",
        "name_surname",
        "full_name",
        "receiver",
        "phone",
        "phone_number",
        "daytime_phone",
        "evening_phone",
        "line",
        "address",
        "postcode",
        "identity_number",
        "tax_no",
        "company_name",
        "remote_addr",
        "ibans",
        "holder_names",
        "date_of_birth",
        "gift_box_note",
        "notes",
        "order_notes",
    }
)
_HIDDEN = _PERSONAL | frozenset(SECRET_NAMES) | {"key", "cookie", "otp", "otp_text"}
_EMAIL = re.compile(r"[^\s@\"'<>]+@[^\s@\"'<>]+\.[^\s@\"'<>]+")
_LONG_NUMBER = re.compile(r"\+?\d[\d ()-]{8,}\d")


def masked(body: bytes | str | None) -> str:
    """A body for the log, at most 4,000 characters; JSON keeps its shape, other text loses addresses and numbers."""
    if not body:
        return ""
    text = body.decode("utf-8", "replace") if isinstance(body, bytes) else body
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return _LONG_NUMBER.sub(MASK, _EMAIL.sub(MASK, text))[:KEPT_CHARACTERS].replace("\x00", "")
    return json.dumps(_without(document), ensure_ascii=False)[:KEPT_CHARACTERS].replace("\\u0000", "")


def _without(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {
            key: MASK if str(key).lower() in _HIDDEN and item not in (None, "") else _without(item)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [_without(item) for item in value]
    return value
