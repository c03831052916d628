"""The circuit breaker of a target: ten failures in a row, and it is left alone for a while."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

OPENS_AFTER: Final = 10
FIRST_SECONDS: Final = 60
LONGEST_SECONDS: Final = 1800


@dataclass
class Breaker:
    """As kept on the target. Open until `open_until`; after that one probe at a time, until one is answered."""

    failures: int = 0
    open_seconds: int = 0
    open_until: datetime | None = None
    opened_date: datetime | None = None
    closed_date: datetime | None = None

    def is_open(self, now: datetime) -> bool:
        """Nothing may be sent."""
        return self.open_until is not None and self.open_until > now

    @property
    def is_closed(self) -> bool:
        """Everything may be sent; neither open nor waiting for its probe."""
        return self.open_until is None

    def count(self, *, failed: bool, now: datetime) -> None:
        """Take the result of one attempt into account."""
        if not failed:
            if not self.is_closed:
                self.closed_date = now
            self.failures, self.open_seconds, self.open_until = 0, 0, None
            return
        self.failures += 1
        if self.is_closed and self.failures >= OPENS_AFTER:
            self._open(FIRST_SECONDS, now)
            self.opened_date = now
        elif not self.is_closed and not self.is_open(now):
            self._open(min(2 * self.open_seconds, LONGEST_SECONDS), now)

    def _open(self, seconds: int, now: datetime) -> None:
        self.open_seconds = seconds
        self.open_until = now + timedelta(seconds=seconds)

    def was_open_since(self, moment: datetime) -> bool:
        """Whether the target was left alone at any time after `moment`."""
        return not self.is_closed or (self.closed_date is not None and self.closed_date >= moment)
