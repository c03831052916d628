"""How single values stand on the wire (page 50, "Types")."""

from datetime import UTC, datetime
from decimal import Decimal


def timestamp(value: datetime) -> str:
    """`2026-03-02T09:00:00.000000Z`: UTC, always six digits."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def optional_timestamp(value: datetime | None) -> str | None:
    return None if value is None else timestamp(value)


def quantity(value: Decimal, unit_type: str = "quantity") -> int | float:
    """An integer, or a number of up to three places where the unit is not `quantity`."""
    return int(value) if unit_type == "quantity" else float(value)
