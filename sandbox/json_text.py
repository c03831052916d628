"""JSON as the standard has it: what Python alone would let through is refused here."""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn


def parse_json(raw: bytes) -> Any:
    """Parse a body. Raises ValueError with a reason, also for NaN, numbers beyond all bounds, half a surrogate
    pair and nesting without end: none of them could be written back."""
    try:
        parsed = json.loads(raw, parse_constant=_refuse_constant, parse_float=_finite)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if rb"\ud" in raw or rb"\uD" in raw:
        _refuse_half_pairs(parsed)
    return parsed


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is too big")
    return number


def _refuse_half_pairs(parsed: Any) -> None:
    try:
        json.dumps(parsed, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise ValueError("a text holds half of a surrogate pair") from None
