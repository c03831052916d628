"""What kind of orders come, and when: the mix, the curve of a day, the peak day."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sandbox.omnitron.rules.statuses import APPROVED, DELIVERED, PAYMENT_WAITING, SHIPPED
from sandbox.omnitron.seeding.plan import SeedPlan

DAYS = 30
ONE_LINE, MANY_LINES = 0.62, 0.03
MERGED, COLLECTED, PAID_AT_THE_DOOR, CANCELLED = 0.08, 0.06, 0.05, 0.03
_HOURS = (2, 1, 1, 1, 1, 1, 2, 4, 6, 8, 9, 10, 11, 10, 9, 9, 9, 10, 11, 13, 15, 16, 12, 6)
_PEAK = 3.0
_RECENT_HALF_LIFE_DAYS = 4.0
_SETTLED_AFTER = timedelta(days=3)
_CONFIRMATION_WAITING = "350"


@dataclass
class Recipe:
    """One order to come. `cancellation` is a plan that still waits, or one that is through."""

    placed: datetime
    lines: int = 1
    merged: bool = False
    collected: bool = False
    paid_at_the_door: bool = False
    cancellation: Literal["", "waiting", "completed"] = ""
    status: str = APPROVED
    channel: int | None = None


def recipes(plan: SeedPlan) -> list[Recipe]:
    """The orders of a plan, oldest first. The shares of the mix are kept to the order, not drawn."""
    chance, count = plan.chance("recipes"), plan.counts.orders
    made = [Recipe(placed) for placed in sorted(_moments(plan, chance, count))]
    for recipe, lines in zip(made, _lines(chance, count), strict=True):
        recipe.lines = lines
    for recipe in made:
        recipe.status = _status(plan, chance, plan.anchor - recipe.placed)
    for index in _picked(chance, range(count), MERGED * count):
        made[index].merged = True
    collected = _picked(chance, range(count), COLLECTED * count)
    for index in collected:
        made[index].collected = True
    for index in _picked(chance, set(range(count)) - collected, PAID_AT_THE_DOOR * count):
        made[index].paid_at_the_door = True
    for turn, index in enumerate(sorted(_picked(chance, range(count), CANCELLED * count))):
        made[index].cancellation = "completed" if turn % 3 else "waiting"
        made[index].status = APPROVED
    return made


def _lines(chance: random.Random, count: int) -> list[int]:
    one, many = round(ONE_LINE * count), round(MANY_LINES * count)
    lines = [1] * one + [chance.randint(5, 10) for _ in range(many)]
    lines += [chance.choice((2, 2, 3, 4)) for _ in range(count - one - many)]
    chance.shuffle(lines)
    return lines


def _picked(chance: random.Random, among: Iterable[int], share: float) -> set[int]:
    return set(chance.sample(sorted(among), round(share)))


def _moments(plan: SeedPlan, chance: random.Random, count: int) -> list[datetime]:
    recent = plan.size == "small"
    weights = [math.pow(0.5, day / _RECENT_HALF_LIFE_DAYS) if recent else 1.0 for day in range(DAYS)]
    peak = chance.randrange(1, 4 if recent else DAYS)
    weights[peak] *= _PEAK
    days = chance.choices(range(DAYS), weights, k=count)
    hours = chance.choices(range(24), _HOURS, k=count)
    return [
        plan.anchor
        - timedelta(days=day + 1)
        + timedelta(hours=hour, seconds=chance.randrange(3600), microseconds=chance.randrange(10**6))
        for day, hour in zip(days, hours, strict=True)
    ]


def _status(plan: SeedPlan, chance: random.Random, age: timedelta) -> str:
    """Small: mostly approved, so that a demo has work to do. Else what is older than three days is mostly over."""
    throw = chance.random()
    if age > _SETTLED_AFTER and (plan.size != "small" or throw < 0.15):
        return DELIVERED if plan.size == "small" or throw < 0.90 else SHIPPED if throw < 0.95 else APPROVED
    if throw > 0.96:
        return PAYMENT_WAITING
    return _CONFIRMATION_WAITING if throw > 0.94 else APPROVED


def like_ever(chance: random.Random, placed: datetime) -> Recipe:
    """One order of the usual mix, placed now, with nothing having happened to it yet."""
    lines, kind = chance.random(), chance.random()
    one, many = lines < ONE_LINE, lines >= 1 - MANY_LINES
    return Recipe(
        placed,
        lines=1 if one else chance.randint(5, 10) if many else chance.choice((2, 2, 3, 4)),
        merged=chance.random() < MERGED,
        collected=kind < COLLECTED,
        paid_at_the_door=COLLECTED <= kind < COLLECTED + PAID_AT_THE_DOOR,
        status=PAYMENT_WAITING
        if chance.random() < 0.05 and kind > COLLECTED + PAID_AT_THE_DOOR
        else APPROVED,
    )
