from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packhouse.planning.geography import Address, Point, distance_km

points = st.builds(Point, st.floats(-180, 180), st.floats(-90, 90))


@pytest.mark.parametrize(
    ("one", "other", "km"),
    [
        (Point(32.854, 39.921), Point(32.854, 39.921), 0.0),
        (Point(32.8597, 39.9334), Point(28.9784, 41.0082), 349.4),  # Ankara, Istanbul
        (Point(27.1428, 38.4237), Point(43.3800, 38.5012), 1411.9),  # Izmir, Van
        (Point(179.5, 0), Point(-179.5, 0), 111.2),  # across the date line
        (Point(0, 90), Point(0, -90), 20015.1),  # from pole to pole
    ],
)
def test_distance_is_the_great_circle(one: Point, other: Point, km: float) -> None:
    assert distance_km(Address(point=one), Address(point=other)) == pytest.approx(km, abs=0.3)


@given(points, points)
def test_distance_is_the_same_both_ways_and_never_more_than_half_the_earth(one: Point, other: Point) -> None:
    (there,), (back,) = one.km_to((other,)), other.km_to((one,))
    assert there == pytest.approx(back, abs=0.002)
    assert 0 <= there <= 20015.2


def test_an_address_without_coordinates_falls_back_to_district_township_city() -> None:
    district, township, city = Point(1, 1), Point(2, 2), Point(3, 3)

    assert Address(point=Point(9, 9), centres=(district, township, city)).best_point == Point(9, 9)
    assert Address(centres=(district, township, city)).best_point == district
    assert Address(centres=(None, township, city)).best_point == township
    assert Address(centres=(None, None, city)).best_point == city
    assert Address(centres=(None, None, None)).best_point is None


def test_without_coordinates_there_is_no_distance() -> None:
    assert distance_km(Address(), Address(point=Point(1, 1))) is None
    assert distance_km(Address(point=Point(1, 1)), Address()) is None


@pytest.mark.parametrize(
    ("longitude", "latitude", "point"),
    [
        (Decimal("32.91708900"), Decimal("39.07019600"), Point(32.917089, 39.070196)),
        (None, 39.0, None),
        (32.9, None, None),
        (Decimal(390), Decimal(39), None),
        (32.9, float("nan"), None),
    ],
)
def test_stored_coordinates_out_of_range_are_none(
    longitude: Decimal | float | None, latitude: Decimal | float | None, point: Point | None
) -> None:
    assert Point.read(longitude, latitude) == point


@pytest.mark.parametrize("longitude", [-180.1, 181, float("nan"), float("inf")])
def test_a_longitude_out_of_range_is_refused(longitude: float) -> None:
    with pytest.raises(ValueError, match="longitude"):
        Point(longitude, 0)


@pytest.mark.parametrize("latitude", [-90.1, 91, float("nan")])
def test_a_latitude_out_of_range_is_refused(latitude: float) -> None:
    with pytest.raises(ValueError, match="latitude"):
        Point(0, latitude)
