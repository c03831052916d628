"""What can go wrong with a neighbour, as data: parsed from JSON once, then asked once per request."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from jsonschema import Draft202012Validator

from sandbox.schema_check import problems_of

ANSWERS = ("html", "truncated", "error_in_200", "endless")
"""Ways to answer nonsense: a web page, JSON cut short, an error under status 200, a body without end."""

_SHARE = {"type": "number", "minimum": 0, "maximum": 1}
_AMOUNT = {"type": "number", "minimum": 0, "maximum": 3_600_000}
_SPAN = {
    "oneOf": [
        _AMOUNT,
        {"type": "array", "items": _AMOUNT, "minItems": 2, "maxItems": 2},
    ]
}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "preset": {"type": "string"},
        "latency_ms": _SPAN,
        "error_rate": {
            "type": "object",
            "propertyNames": {"pattern": "^[45][0-9]{2}$"},
            "additionalProperties": _SHARE,
        },
        "retry_after": {"type": "integer", "minimum": 0, "maximum": 86_400},
        "drop_connection": _SHARE,
        "drop_answer": _SHARE,
        "silent": {"type": "boolean"},
        "answer": {"enum": list(ANSWERS)},
        "webhook": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "duplicate": _SHARE,
                "drop": _SHARE,
                "shuffle_s": _AMOUNT,
                "delay_s": _SPAN,
            },
        },
        "paths": {"type": "array", "items": {"type": "string", "minLength": 1}},
        "until": {"type": "string"},
        "rng": {"type": "integer"},
    },
}
PRESETS: dict[str, dict[str, Any]] = {
    "calm": {},
    "rough": {
        "latency_ms": [50, 2000],
        "error_rate": {"500": 0.05, "429": 0.01},
        "drop_connection": 0.01,
        "webhook": {"duplicate": 0.2, "shuffle_s": 30, "drop": 0.1, "delay_s": [0, 60]},
    },
    "outage": {"error_rate": {"503": 1.0}, "drop_connection": 0.5, "webhook": {"drop": 1.0}},
    "silent-webhooks": {"webhook": {"drop": 1.0}},
}
_VALIDATOR = Draft202012Validator(SCHEMA)


class FaultsError(ValueError):
    """The faults asked for cannot be had; `field` names the key at fault."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}" if field else message)
        self.field = field


@dataclass(frozen=True)
class Decision:
    """The fate of one request: `status` an injected error, `answer` nonsense instead of the real one."""

    latency_s: float = 0.0
    drop_connection: bool = False
    drop_answer: bool = False
    silent: bool = False
    status: int | None = None
    answer: str | None = None
    retry_after: int | None = None


UNHARMED = Decision()


@dataclass
class Faults:
    """Faults in force. With `rng` in the body the same requests in the same order meet the same fate."""

    body: dict[str, Any] = field(default_factory=dict)
    until: datetime | None = None
    _random: random.Random = field(default_factory=random.Random)

    @classmethod
    def parse(cls, body: object, presets: Mapping[str, dict[str, Any]] | None = None) -> Faults:
        """Check a request body and fill in its preset; keys beside `preset` win over it.

        Raises FaultsError naming the field. `presets` adds to, or replaces, the common ones by name.
        """
        wanted = _checked(body)
        known = {**PRESETS, **(presets or {})}
        name = wanted.pop("preset", None)
        if name is not None:
            if name not in known:
                raise FaultsError("preset", f"'{name}' is not one of {', '.join(sorted(known))}")
            wanted = {**known[name], **wanted}
        seed = wanted.get("rng")
        dice = random.Random(seed)  # noqa: S311  (dice that can be loaded are the purpose)
        return cls(wanted, _parse_until(wanted.get("until")), dice)

    def expired(self, now: datetime) -> bool:
        """True once `until` has passed."""
        return self.until is not None and now >= self.until

    def decide(self, path: str) -> Decision:
        """Throw the dice for one request. Always the same number of throws, so that a seed stays in step."""
        if not self.body or not _path_matches(path, self.body.get("paths")):
            return UNHARMED
        throws = [self._random.random() for _ in range(4)]
        body = self.body
        status = self._drawn_status(throws[2])
        answer = body.get("answer") if status is not None or not body.get("error_rate") else None
        return Decision(
            latency_s=within(body.get("latency_ms", 0), throws[0]) / 1000,
            drop_connection=throws[1] < body.get("drop_connection", 0),
            drop_answer=throws[3] < body.get("drop_answer", 0),
            silent=body.get("silent", False),
            status=status,
            answer=answer,
            retry_after=body.get("retry_after"),
        )

    def _drawn_status(self, throw: float) -> int | None:
        reached = 0.0
        for status, share in self.body.get("error_rate", {}).items():
            reached += share
            if throw < reached:
                return int(status)
        return None


def within(span: float | list[float], throw: float) -> float:
    """A number as it is, or the point `throw` (0 to 1) of the way from the first to the second of a pair."""
    if isinstance(span, list):
        return span[0] + (span[1] - span[0]) * throw
    return span


def _checked(body: Any) -> dict[str, Any]:
    for problem in problems_of(_VALIDATOR, body):
        raise FaultsError(problem.field, problem.message)
    if sum(body.get("error_rate", {}).values()) > 1:
        raise FaultsError("error_rate", "the shares add up to more than 1")
    webhook = body.get("webhook", {})
    for name, span in (("latency_ms", body.get("latency_ms")), ("webhook.delay_s", webhook.get("delay_s"))):
        if isinstance(span, list) and span[0] > span[1]:
            raise FaultsError(name, "the first of the two must not be the greater")
    return dict(body)


def _parse_until(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        until = datetime.fromisoformat(text)
    except ValueError:
        raise FaultsError("until", f"'{text}' is not an ISO 8601 time") from None
    return until if until.tzinfo else until.replace(tzinfo=UTC)


def _path_matches(path: str, wanted: list[str] | None) -> bool:
    """A wanted path with a leading slash counts from the root, one without from any slash of the path."""
    if wanted is None:
        return True
    return any(path.startswith(each) if each.startswith("/") else f"/{each}" in path for each in wanted)
