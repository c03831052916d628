"""What is wrong with a scenario document, by the path of the field: ``rules.0.sort.1.key``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from packhouse.planning.queries import QueryInvalid

_TEXTS = {
    "extra_forbidden": "unknown key",
    "missing": "required",
    "none_required": "takes no value",
    "tuple_type": "expected a list",
    "union_tag_invalid": "unknown code; known are {expected_tags}",
    "union_tag_not_found": "required",
}
_TAG_ERRORS = ("union_tag_invalid", "union_tag_not_found")


class ScenarioInvalid(ValueError):
    """`errors`: texts by dotted path; the path of the whole document is empty."""

    def __init__(self, errors: Mapping[str, list[str]]) -> None:
        self.errors = errors
        super().__init__("; ".join(f"{path}: {text}" for path, texts in errors.items() for text in texts))


def query_error(error: QueryInvalid) -> PydanticCustomError:
    """A pydantic error that carries every error of a query, with its path below the field."""
    return PydanticCustomError("query", "is no valid query", {"errors": error.errors})


def read_errors(error: ValidationError) -> dict[str, list[str]]:
    """Pydantic's errors by dotted path, those inside queries each at its own place."""
    found: dict[str, list[str]] = {}
    for entry in error.errors(include_url=False, include_input=False):
        location = _without_union_tags(entry["loc"])
        context: Mapping[str, Any] = entry.get("ctx") or {}
        if entry["type"] == "query":
            for below, text in context["errors"]:
                found.setdefault(_dotted((*location, *below)), []).append(text)
            continue
        below = ("code",) if entry["type"] in _TAG_ERRORS else context.get("at", ())
        found.setdefault(_dotted((*location, *below)), []).append(_text(entry["type"], entry["msg"], context))
    return found


def _text(kind: str, message: str, context: Mapping[str, Any]) -> str:
    return _TEXTS[kind].format_map(context) if kind in _TEXTS else message


def _without_union_tags(location: tuple[int | str, ...]) -> tuple[int | str, ...]:
    """Pydantic puts the code of a location condition behind its position; a reader does not look for it."""
    return tuple(part for n, part in enumerate(location) if n < 2 or location[n - 2] != "location_conditions")


def _dotted(location: tuple[int | str, ...]) -> str:
    return ".".join(map(str, location))
