"""What passes between the desk (database) and the sender (network)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from packhouse.webhooks.message import Address
from packhouse.webhooks.network import Answer

Key = tuple[int, str]
"""Subscriber and subject: within it, one delivery at a time, in sequence."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How a hook's deliveries are retried, and the plug-in's function that is told of every attempt."""

    countdown: Mapping[str, Any]
    ladder_seconds: int
    callback: str | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a delivery stands on its ladder."""

    state: str
    next_attempt_date: datetime | None


@dataclass(frozen=True, slots=True)
class Item:
    """A claimed delivery, ready to send. `single`: behind a dead letter, so it gets this one attempt.

    `begin_before` (monotonic): later than that it may not be begun, because the claim would run out.
    `by_hand`: a person wants this attempt; when it fails, state and ladder stay as they were.
    """

    id: int
    uuid: UUID
    hook_id: int
    subscriber_id: int
    subject: str
    strict: bool
    event_type: str
    body: bytes
    address: Address
    plan: Plan
    retry_count: int
    step: int
    ladder_date: datetime
    single: bool
    begin_before: float
    by_hand: Standing | None = None

    @property
    def key(self) -> Key | None:
        """None: in no order with others."""
        return (self.subscriber_id, self.subject) if self.strict else None


Chain = list[Item]
"""Deliveries of one key in sequence: each is sent when the one before it is through."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """What became of an item. `rest`: the items behind it in its chain that were not sent; `is_last`: it was
    the last of its chain to be sent."""

    item: Item
    answer: Answer
    at: datetime
    request_headers: Mapping[str, str]
    rest: tuple[Item, ...] = ()
    is_last: bool = True
