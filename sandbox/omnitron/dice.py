"""Dice that can be loaded: the same seed throws the same numbers."""

from __future__ import annotations

import random


def dice(seed: int | str | None = None) -> random.Random:
    """Dice of their own; without a seed nobody knows what they throw."""
    return random.Random(seed)  # noqa: S311  (chance, not secrets)
