"""When a shipment is asked for again (page 80, 2.6)."""

import random
from datetime import datetime, timedelta
from typing import Final

from packhouse.integrations.carriers.account import Account
from packhouse.kernel import clock, settings_store
from packhouse.shipments.states import ShipmentStatus

FACTORS: Final = {
    ShipmentStatus.CREATED: 1,
    ShipmentStatus.SHIPPING: 2,
    ShipmentStatus.ATTEMPTED_DELIVERY: 2,
    ShipmentStatus.READY_FOR_PICKUP: 8,
    ShipmentStatus.DELIVERY_FAILED: 24,
}
AT_END: Final = frozenset({ShipmentStatus.DELIVERED, ShipmentStatus.DELETED})
FAILED_FOR: Final = timedelta(days=7)
JITTER: Final = 0.2


def known_status(text: str | None) -> ShipmentStatus | None:
    """The published status of this name; None for any other text."""
    return next((status for status in ShipmentStatus if status == text), None)


def next_poll(account: Account, status: str | None, status_date: datetime | None) -> datetime | None:
    """When to ask next; None when it has come to its end."""
    known = known_status(status) or ShipmentStatus.CREATED
    if known in AT_END:
        return None
    now = clock.now()
    if known is ShipmentStatus.DELIVERY_FAILED and status_date is not None and now - status_date > FAILED_FOR:
        return None
    minutes = account.configuration.polling_minutes or settings_store.get("CARRIER_POLLING")["minutes"]
    spread = random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 - only spreads the calls
    return now + timedelta(minutes=minutes) * FACTORS[known] * spread
