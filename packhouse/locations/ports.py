"""Outside services that know places."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Coordinates:
    """Degrees (WGS 84) with eight places."""

    longitude: Decimal
    latitude: Decimal


class Geocoder(Protocol):
    """Finds addresses; the setting `GEOCODE_PROVIDER_SETTINGS` names the service."""

    def __call__(self, address: str) -> Coordinates | None:
        """Where it is; None when the service knows no such address. Raises a PackhouseError when it cannot say.

        Called outside of any transaction, perhaps by several threads.
        """


class _Wired:
    geocoder: Geocoder | None = None


def wire(geocoder: Geocoder) -> None:
    """config/wiring.py names who finds addresses."""
    _Wired.geocoder = geocoder


def geocoder() -> Geocoder:
    if _Wired.geocoder is None:
        raise LookupError("no geocoder is wired; see config/wiring.py")
    return _Wired.geocoder
