"""What arrived, and how well: repeats, changed bytes, order per subject, counts by type."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Track:
    """The sequences of one subject seen at one path."""

    highest: int
    seen: set[int]

    @property
    def missing(self) -> int:
        """Numbers between the lowest and the highest that never came."""
        return self.highest - min(self.seen) + 1 - len(self.seen)


@dataclass
class Ledger:
    """Counts over everything received since the start or the last reset."""

    received: int = 0
    duplicates: int = 0
    changed_bytes: int = 0
    bad_signature: int = 0
    unreadable: int = 0
    out_of_order: int = 0
    by_type: Counter[str] = field(default_factory=Counter)
    _bodies: dict[str, bytes] = field(default_factory=dict)
    _tracks: dict[tuple[str, str], Track] = field(default_factory=dict)

    def note(self, path: str, event: dict[str, Any], body: bytes) -> dict[str, Any]:
        """Count one message that may be trusted; returns `{"duplicate", "out_of_order"}` for it.

        A repeat is counted as such and otherwise left alone, so that a retry is never out of order.
        """
        self.received += 1
        uuid = str(event.get("uuid"))
        digest = hashlib.blake2b(body, digest_size=8).digest()
        known = self._bodies.get(uuid)
        if known is not None:
            self.duplicates += 1
            self.changed_bytes += known != digest
            return {"duplicate": True, "out_of_order": False}
        self._bodies[uuid] = digest
        self.by_type[str(event.get("type"))] += 1
        late = self._is_late(path, event.get("subject"), event.get("sequence"))
        self.out_of_order += late
        return {"duplicate": False, "out_of_order": late}

    def _is_late(self, path: str, subject: object, sequence: object) -> bool:
        if not isinstance(subject, str) or not isinstance(sequence, int):
            return False
        track = self._tracks.get((path, subject))
        if track is None:
            self._tracks[path, subject] = Track(sequence, {sequence})
            return False
        late = sequence < track.highest
        track.seen.add(sequence)
        track.highest = max(track.highest, sequence)
        return late

    def report(self) -> dict[str, Any]:
        """The figures of `/_sandbox/report/`; `received` counts every call, refused ones too."""
        return {
            "received": self.received + self.bad_signature + self.unreadable,
            "unique": len(self._bodies),
            "duplicates": self.duplicates,
            "changed_bytes": self.changed_bytes,
            "bad_signature": self.bad_signature,
            "unreadable": self.unreadable,
            "out_of_order": self.out_of_order,
            "missing": sum(track.missing for track in self._tracks.values()),
            "subjects": len(self._tracks),
            "by_type": dict(sorted(self.by_type.items())),
        }
