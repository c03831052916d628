"""The sandbox itself, behind its views: the store, what is switched on, and who is told of changes."""

from __future__ import annotations

import contextlib
import logging
import random
from collections import Counter
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.omnitron.dice import dice
from sandbox.omnitron.hooks.changes import Changes
from sandbox.omnitron.hooks.recorder import record
from sandbox.omnitron.hooks.sender import Sender
from sandbox.omnitron.store import Store

log = logging.getLogger("sandbox.omnitron")


@dataclass(frozen=True)
class Settings:
    """How this sandbox behaves. `time_scale` 60 makes the minutes of webhook retries seconds."""

    strict_batches: bool = False
    time_scale: float = 1.0


def _no_faults() -> Mapping[str, Any]:
    return {}


@dataclass
class Box:
    """Everything a call needs. `faults` tells what is to go wrong at present."""

    store: Store
    settings: Settings = field(default_factory=Settings)
    faults: Callable[[], Mapping[str, Any]] = _no_faults
    unknown_filters: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.sender = Sender(self.store, time_scale=self.settings.time_scale)
        self._chance: tuple[int | None, random.Random] = (None, dice(None))

    @contextlib.contextmanager
    def unit(self) -> Generator[Changes, None, None]:
        """One piece of work: all of it or nothing, and the webhooks of what it changed."""
        changes = Changes()
        with self.store.transaction():
            yield changes
            webhook_faults = self.faults().get("webhook", {})
            sends = record(self.store, changes, webhook_faults, self._random())
        for send in sends:
            self.sender.schedule(
                send.delivery_id, send.delay_s / self.settings.time_scale, repeat=send.repeat
            )

    def note_unknown(self, table: str, keys: list[str]) -> None:
        """Count query parameters that were ignored, and say so in the log the first time."""
        for key in keys:
            name = f"{table}?{key}"
            self.unknown_filters[name] += 1
            if self.unknown_filters[name] == 1:
                log.warning("ignored an unknown filter: %s", name)

    def _random(self) -> random.Random:
        """The dice of the webhook faults; thrown anew whenever another `rng` is asked for."""
        seed = self.faults().get("rng")
        if seed != self._chance[0]:
            self._chance = (seed, dice(seed))
        return self._chance[1]
