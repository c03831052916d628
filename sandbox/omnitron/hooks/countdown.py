"""How long a failed delivery waits, and the check of the configuration that says so."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from sandbox.omnitron.errors import BadRequest

DEFAULT = {"choice": "exponential", "kwargs": {"base": 2, "factor": 5, "limit": 3600}}
FIRST_RETRIES = 10
LONGEST_WAIT_S = 24 * 3600.0
LATE_WAITS_S = tuple(hours * 3600.0 for hours in (0.5, 2, 5, 10, 14, 20, 24))
MAX_ATTEMPTS = 1 + FIRST_RETRIES + len(LATE_WAITS_S)
_ALLOWED = {
    "fixed": {"seconds": 0},
    "linear": {"base": 0, "limit": 0},
    "exponential": {"base": 0, "factor": 1, "limit": 0},
    "random": {"min_value": 0, "max_value": 0},
}
_OPTIONAL = {"limit", "factor"}


def wait_after(attempts: int, config: Mapping[str, Any], chance: random.Random) -> float | None:
    """Seconds until the next attempt when `attempts` have failed; null when it is given up."""
    if attempts >= MAX_ATTEMPTS:
        return None
    asked = _countdown(attempts - 1, config["choice"], config["kwargs"], chance)
    if attempts > FIRST_RETRIES:
        asked = max(asked, LATE_WAITS_S[attempts - FIRST_RETRIES - 1])
    return min(asked, LONGEST_WAIT_S)


def _countdown(retry: int, choice: str, kwargs: Mapping[str, Any], chance: random.Random) -> float:
    """Seconds before retry `retry`, the first being 0."""
    if choice == "fixed":
        return float(kwargs["seconds"])
    if choice == "random":
        return float(chance.randint(int(kwargs["min_value"]), int(kwargs["max_value"])))
    limit = kwargs.get("limit")
    base = kwargs["base"]
    seconds = base * retry if choice == "linear" else base**retry * kwargs.get("factor", 1)
    return float(seconds if limit is None else min(seconds, limit))


def checked(config: Any) -> dict[str, Any]:
    """The configuration as it is kept; the default for none. Raises BadRequest, errors of `kwargs` by key."""
    if config in (None, {}):
        return DEFAULT
    name = "retry_countdown_config"
    if not isinstance(config, dict) or not isinstance(config.get("kwargs"), dict):
        raise BadRequest({name: ["`choice` and `kwargs` are both needed."]})
    choice, kwargs = config.get("choice"), config["kwargs"]
    if choice not in _ALLOWED:
        raise BadRequest({name: {"choice": [f'"{choice}" is not a valid choice.']}})
    errors = {
        key: error
        for key, least in _ALLOWED[choice].items()
        if (error := _error(kwargs.get(key), least, optional=key in _OPTIONAL))
    }
    if not errors and choice == "random" and kwargs["max_value"] <= kwargs["min_value"]:
        errors["max_value"] = ["'max_value' must be greater than 'min_value'."]
    if errors:
        raise BadRequest({name: {"kwargs": errors}})
    return {"choice": choice, "kwargs": kwargs}


def _error(value: Any, least: int, *, optional: bool) -> list[str] | None:
    if value is None:
        return None if optional else ["This field is required."]
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ["A valid number is required."]
    if not least <= value <= 10**6:
        return [f"Ensure this value is between {least} and 1000000."]
    return None
