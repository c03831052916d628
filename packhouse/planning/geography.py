"""Places and distances. Longitude and latitude are degrees (WGS 84), distances kilometres."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from math import asin, cos, radians, sin, sqrt

DIAMETER_KM = 2 * 6371.0088
"""Of the Earth, from its mean radius (IUGG)."""


@dataclass(frozen=True, slots=True)
class Point:
    """Degrees; both must be finite and in range, else ``ValueError``."""

    longitude: float
    latitude: float
    angles: tuple[float, float, float] = field(init=False, repr=False, compare=False)
    """Longitude, latitude, cosine of the latitude: kept, because one location is measured for many orders."""

    def __post_init__(self) -> None:
        if not -180 <= self.longitude <= 180:
            raise ValueError(f"longitude {self.longitude} is not between -180 and 180")
        if not -90 <= self.latitude <= 90:
            raise ValueError(f"latitude {self.latitude} is not between -90 and 90")
        latitude = radians(self.latitude)
        object.__setattr__(self, "angles", (radians(self.longitude), latitude, cos(latitude)))

    @classmethod
    def read(cls, longitude: Decimal | float | None, latitude: Decimal | float | None) -> Point | None:
        """From stored coordinates; one that is missing or out of range is as good as none."""
        if longitude is None or latitude is None:
            return None
        try:
            return cls(float(longitude), float(latitude))
        except ValueError:
            return None

    def km_to(self, points: Sequence[Point]) -> list[float]:
        """Great-circle distances (haversine) in kilometres, rounded to metres: they compare the same everywhere."""
        longitude, latitude, cosine = self.angles
        distances = []
        for point in points:
            to_longitude, to_latitude, to_cosine = point.angles
            north, east = sin((to_latitude - latitude) / 2), sin((to_longitude - longitude) / 2)
            chord = north * north + cosine * to_cosine * east * east
            distances.append(round(DIAMETER_KM * asin(sqrt(chord if chord < 1 else 1.0)), 3))
        return distances


@dataclass(frozen=True, slots=True)
class Address:
    """Where something is: mirrored places by id and name, and coordinates where they are known.

    ``centres`` are the centres of its district, township and city, in this order; the first known
    one stands in for an address without coordinates of its own.
    """

    country_id: int | None = None
    country: str | None = None
    city_id: int | None = None
    city: str | None = None
    township_id: int | None = None
    township: str | None = None
    district_id: int | None = None
    district: str | None = None
    point: Point | None = None
    centres: tuple[Point | None, ...] = ()
    best_point: Point | None = field(init=False, repr=False, compare=False)
    """Its own coordinates, else the closest known centre, else None."""

    def __post_init__(self) -> None:
        points = (self.point, *self.centres)
        object.__setattr__(self, "best_point", next((point for point in points if point is not None), None))


def distance_km(one: Address, other: Address) -> float | None:
    """Distance between the best known points of two addresses; None when one has none."""
    if one.best_point is None or other.best_point is None:
        return None
    return one.best_point.km_to((other.best_point,))[0]
