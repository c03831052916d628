"""Bodies as they may be kept in a log: without secrets and without what names a person."""

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

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
        "surname",
        "tel",
        "contact",
        "addressline",
        "zipcode",
        "deliverynote",
        "deliveredto",
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
# Bounded, or one long word (a document in base64) takes time by the square of its length.
_EMAIL = re.compile(r"[^\s@\"'<>]{1,64}@[^\s@\"'<>]{1,255}\.[^\s@\"'<>]{1,64}")
_PAIR = re.compile(r'"([\w-]{1,64})"\s*:\s*"(?:[^"\\]|\\.)*"?')
_LONG_NUMBER = re.compile(r"\+?\d[\d ()-]{8,}\d")


def masked(body: bytes | str | None) -> str:
    """A body for the log, at most 4,000 characters; JSON keeps its shape, other text loses addresses and numbers."""
    if not body:
        return ""
    text = body.decode("utf-8", "replace") if isinstance(body, bytes) else body
    try:
        shown = json.dumps(_without(json.loads(text)), ensure_ascii=False).replace("\\u0000", "")
    except (ValueError, RecursionError):
        pairs = _PAIR.sub(_hidden, text[: 2 * KEPT_CHARACTERS])
        shown = _LONG_NUMBER.sub(MASK, _EMAIL.sub(MASK, pairs)).replace("\x00", "")
    return shown[:KEPT_CHARACTERS]


def _hidden(pair: re.Match[str]) -> str:
    """Of JSON that was cut off: a secret goes, the rest stays."""
    return f'"{pair[1]}": "{MASK}"' if pair[1].lower() in _HIDDEN else pair[0]


def masked_url(url: str) -> str:
    """An address for the log: without a login in it, and without the values of parameters that hold secrets."""
    try:
        parts = urlsplit(url)
    except ValueError:  # no address at all: where it would begin to hold something is not known
        return MASK
    if "@" in parts.netloc:
        parts = parts._replace(netloc=f"{MASK}@{parts.netloc.rpartition('@')[2]}")
    given = parse_qsl(parts.query, keep_blank_values=True)
    if any(key.lower() in _HIDDEN for key, _value in given):
        shown = [(key, MASK if key.lower() in _HIDDEN else value) for key, value in given]
        parts = parts._replace(query=urlencode(shown, safe="*"))
    return parts.geturl()


def _without(value: Any) -> Any:
    if isinstance(value, Mapping):
        # The name of somebody who can be rung up is a person's; other names are of products and places.
        hidden = _HIDDEN | {"name"} if "tel" in value else _HIDDEN
        return {
            key: MASK if str(key).lower() in hidden and item not in (None, "") else _without(item)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [_without(item) for item in value]
    return value
