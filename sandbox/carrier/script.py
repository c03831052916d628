"""How shipments move by themselves: `created 1m, shipping 5m, delivered 1h`.

Each step is a status and the time it takes to get there from the step before. A shipment is CREATED as soon as it
is registered, so a time for `created` only puts off the rest.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, replace
from datetime import timedelta

CREATED = "CREATED"
SHIPPING = "SHIPPING"
READY_FOR_PICKUP = "READY_FOR_PICKUP"
ATTEMPTED_DELIVERY = "ATTEMPTED_DELIVERY"
DELIVERY_FAILED = "DELIVERY_FAILED"
DELIVERED = "DELIVERED"
DELETED = "DELETED"
STATUSES = (CREATED, SHIPPING, READY_FOR_PICKUP, ATTEMPTED_DELIVERY, DELIVERY_FAILED, DELIVERED, DELETED)

DEFAULT_SCRIPT = "created 1m, shipping 5m, delivered 1h"
STANDING_STILL = "none"
_SHORT_NAMES = {"pickup": READY_FOR_PICKUP, "attempted": ATTEMPTED_DELIVERY, "failed": DELIVERY_FAILED}
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_STEP = re.compile(r"(?P<name>[a-z_]+)\s+(?P<number>\d{1,6}(?:\.\d{1,6})?)\s*(?P<unit>[smhd])", re.IGNORECASE)


class ScriptError(ValueError):
    """A script that cannot be read; the text names the step."""


@dataclass(frozen=True)
class Step:
    """A status and the time it takes to get there from the step before."""

    status: str
    after: timedelta


@dataclass(frozen=True)
class Shares:
    """Parts of all shipments, 0 to 1, that do not simply arrive: `attempted` are delivered at the second try,
    `failed` never, `pickup` wait at a pick-up point before they are fetched."""

    attempted: float = 0.0
    failed: float = 0.0
    pickup: float = 0.0

    def __post_init__(self) -> None:
        shares = (self.attempted, self.failed, self.pickup)
        if min(shares) < 0 or sum(shares) > 1:
            raise ScriptError("The shares of attempted, failed and pickup lie between 0 and 1, in sum too.")


def parse_script(text: str) -> tuple[Step, ...]:
    """The steps of a script in order; `none`, or nothing, for shipments that stand still. Raises ScriptError."""
    if text.strip().lower() in ("", STANDING_STILL):
        return ()
    steps = tuple(_parse_step(part.strip()) for part in text.split(","))
    statuses = [step.status for step in steps]
    if CREATED in statuses[1:]:
        raise ScriptError("Only the first step can be 'created'.")
    if len(set(statuses)) < len(statuses):
        raise ScriptError("A status can come once only.")
    return steps


def course_of(script: tuple[Step, ...], shares: Shares, seed: int, shipment_id: str) -> list[Step]:
    """What lies before one shipment. The same seed and id have the same course, whatever else is registered."""
    steps = list(script)
    if len(steps) > 1 and steps[0].status == CREATED:
        steps[1] = replace(steps[1], after=steps[0].after + steps[1].after)
    steps = [step for step in steps if step.status != CREATED]
    arrival = next((index for index, step in enumerate(steps) if step.status == DELIVERED), None)
    if arrival is None:
        return steps
    delivered = steps[arrival]
    throw = random.Random(f"{seed}:{shipment_id}").random()  # noqa: S311  (a course that can be repeated)
    if throw < shares.attempted:
        return [*steps[:arrival], replace(delivered, status=ATTEMPTED_DELIVERY), *steps[arrival:]]
    if throw < shares.attempted + shares.failed:
        return [*steps[:arrival], replace(delivered, status=DELIVERY_FAILED)]
    if throw < shares.attempted + shares.failed + shares.pickup:
        return [*steps[:arrival], replace(delivered, status=READY_FOR_PICKUP), *steps[arrival:]]
    return steps


def _parse_step(text: str) -> Step:
    match = _STEP.fullmatch(text)
    if match is None:
        raise ScriptError(f"'{text}' is not a step like 'shipping 5m' (units s, m, h, d).")
    name = match["name"].lower()
    status = _SHORT_NAMES.get(name, name.upper())
    if status not in STATUSES:
        known = ", ".join(each.lower() for each in STATUSES)
        raise ScriptError(f"'{match['name']}' is not a status; there are {known}, pickup, attempted, failed.")
    seconds = float(match["number"]) * _SECONDS[match["unit"].lower()]
    return Step(status, timedelta(seconds=seconds))
