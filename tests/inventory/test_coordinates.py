"""Delivery addresses are looked up where the settings ask for it, once, and never in the way of planning."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest
import stamina
from django.db import transaction

from packhouse.commands.orders.addresses import delivers_elsewhere, differs
from packhouse.commands.planning.plan_order import plan_order
from packhouse.integrations import circuit
from packhouse.integrations.geocoding.google import ADDRESS
from packhouse.kernel import clock, settings_store
from packhouse.kernel.models import ExceptionEntry
from packhouse.locations.models import Geocode, StockLocationAddress
from packhouse.orders.models import Order
from packhouse.packages.models import Package
from packhouse.planning import coordinates
from packhouse.planning.coordinates import find_coordinates
from tests.builders import a_district, a_location, a_product, an_address, an_order, some_stock
from tests.commands.planning.scenarios import a_scenario
from tests.inventory.services import Service, a_service

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=1, cap=True):
        yield


@pytest.fixture
def discovery() -> None:
    settings_store.put("GEOCODE_PROVIDER_SETTINGS", {"provider": "google", "api_key": "sesame"})
    settings_store.put("GEOLOCATION_DISCOVERY", {"enabled": True, "cache_days": 30})


def found(latitude: Any = 39.9, longitude: Any = 32.85) -> httpx.Response:
    location = {"lat": latitude, "lng": longitude}
    return httpx.Response(200, json={"status": "OK", "results": [{"geometry": {"location": location}}]})


def look_up(order: Order, answer: httpx.Response) -> Service:
    with a_service(lambda _request: answer) as service:
        find_coordinates([order.pk])
    order.shipping_address.refresh_from_db()
    return service


def point(order: Order) -> tuple[Decimal | None, Decimal | None]:
    return order.shipping_address.longitude, order.shipping_address.latitude


@pytest.mark.usefixtures("discovery")
def test_an_address_is_looked_up_once_and_keeps_what_was_found() -> None:
    first, second = an_order(items=1), an_order(items=1)
    second.shipping_address.district = first.shipping_address.district
    second.shipping_address.save()

    service = look_up(first, found())

    (request,) = service.requests
    assert str(request.url).startswith(ADDRESS)
    assert dict(request.url.params) == {
        "address": "5 Sample St, KIZILAY, ÇANKAYA, ANKARA, Türkiye",
        "key": "sesame",
    }
    assert point(first) == (Decimal("32.85"), Decimal("39.9"))
    assert look_up(first, found()).requests == []
    assert look_up(second, found(1, 1)).requests == []
    assert point(second) == point(first)
    assert "Sample" not in str(Geocode.objects.values_list())


@pytest.mark.usefixtures("discovery")
def test_what_nobody_knows_is_asked_again_after_a_month_only() -> None:
    order = an_order(items=1)
    nowhere = httpx.Response(200, json={"status": "ZERO_RESULTS", "results": []})

    assert len(look_up(order, nowhere).requests) == 1
    assert look_up(order, found()).requests == []
    with clock.frozen(clock.now() + timedelta(days=31)):
        assert len(look_up(order, found()).requests) == 1

    assert point(order) == (Decimal("32.85"), Decimal("39.9"))
    assert not ExceptionEntry.objects.exists()


@pytest.mark.usefixtures("discovery")
@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (
            httpx.Response(200, json={"status": "REQUEST_DENIED", "error_message": "Bad key."}),
            "REQUEST_DENIED",
        ),
        (httpx.Response(200, json={"status": "OVER_QUERY_LIMIT"}), "OVER_QUERY_LIMIT"),
        (httpx.Response(200, text="<html>"), "not JSON"),
        (httpx.Response(200, json=[1]), "something else"),
        (found(latitude=91), "coordinates that are none"),
        (found(longitude="east"), "coordinates that are none"),
        (httpx.Response(503), "503"),
    ],
)
def test_on_failure_nothing_is_kept_and_a_person_is_told(answer: httpx.Response, text: str) -> None:
    order = an_order(items=1)

    look_up(order, answer)

    assert point(order) == (None, None)
    assert not Geocode.objects.exists()
    assert text in ExceptionEntry.objects.get(kind="geocoding_failing").message
    look_up(order, found())
    assert not ExceptionEntry.objects.filter(resolved_date=None).exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("discovery")
def test_many_addresses_are_looked_up_at_the_same_time() -> None:
    orders = [an_order(items=1, shipping_address=an_address(line=f"{n} Long Rd")) for n in range(12)]

    with a_service(lambda _request: found()) as service:
        find_coordinates([order.pk for order in orders])

    assert len({request.url.params["address"] for request in service.requests}) == 12
    assert Geocode.objects.count() == 12


@pytest.mark.parametrize(
    ("provider", "discover"),
    [
        (None, True),
        ({"provider": "google", "api_key": "x"}, False),
        ({"provider": "google", "api_key": "x"}, None),
    ],
)
def test_unless_the_settings_ask_for_it_nobody_is_asked(provider: Any, discover: bool | None) -> None:
    settings_store.put("GEOCODE_PROVIDER_SETTINGS", provider)
    settings_store.put("GEOLOCATION_DISCOVERY", {"enabled": False} if discover is None else discover)

    assert look_up(an_order(items=1), found()).requests == []


@pytest.mark.usefixtures("discovery")
def test_what_needs_no_looking_up_is_left_alone() -> None:
    known = an_order(shipping_address=an_address(longitude=Decimal(1), latitude=Decimal(2)))
    blank = an_order(shipping_address=an_address(line=""))
    store = an_order(shipping_address=an_address(address_type="retail_store"))

    for order in (known, blank, store):
        assert look_up(order, found()).requests == []


@pytest.mark.usefixtures("discovery")
def test_nobody_is_asked_while_a_transaction_is_open() -> None:
    with transaction.atomic(), pytest.raises(RuntimeError):
        look_up(an_order(items=1), found())


@pytest.mark.usefixtures("discovery")
def test_planning_measures_from_what_was_found() -> None:
    here = StockLocationAddress.objects.create(longitude=Decimal(32), latitude=Decimal(40))
    there = StockLocationAddress.objects.create(longitude=Decimal(29), latitude=Decimal(41))
    order = an_order(products=[a_product(sku="A")])
    for code, address in (("HERE", here), ("THERE", there)):
        some_stock(stock_location=a_location(erp_code=code, address=address), sku="A")
    nearest = {"product_condition": "available_products", "sort": [{"key": "DISTANCE", "direction": "asc"}]}
    a_scenario(nearest, default=a_location())

    with a_service(lambda _request: found(latitude=41.01, longitude=28.97)):
        plan_order(order.pk)

    assert Package.objects.get().stock_location.erp_code == "THERE"


@pytest.mark.usefixtures("discovery")
def test_planning_goes_on_from_the_centre_of_the_district_when_the_service_is_silent() -> None:
    here = StockLocationAddress.objects.create(longitude=Decimal(32), latitude=Decimal(40))
    there = StockLocationAddress.objects.create(longitude=Decimal(29), latitude=Decimal(41))
    district = a_district(longitude=Decimal("28.9"), latitude=Decimal("41.1"))
    order = an_order(products=[a_product(sku="A")], shipping_address=an_address(district=district))
    for code, address in (("HERE", here), ("THERE", there)):
        some_stock(stock_location=a_location(erp_code=code, address=address), sku="A")
    a_scenario({"sort": [{"key": "DISTANCE", "direction": "asc"}]}, default=a_location())

    with a_service(lambda _request: httpx.Response(503)) as service:
        plan_order(order.pk)

    assert len(service.requests) == 1
    assert Package.objects.get().stock_location.erp_code == "THERE"


@pytest.mark.usefixtures("discovery")
def test_a_service_that_keeps_failing_is_left_alone_for_a_while() -> None:
    orders = [
        an_order(items=1, shipping_address=an_address(line=f"{n} Long Rd"))
        for n in range(circuit.FAILURES + 2)
    ]

    with clock.frozen(clock.now()):
        asked = [len(look_up(order, httpx.Response(503)).requests) for order in orders]
    with clock.frozen(clock.now() + circuit.OPEN_FOR + timedelta(seconds=1)):
        again = look_up(orders[0], found())

    assert asked == [1] * circuit.FAILURES + [0, 0]
    assert len(again.requests) == 1
    assert point(orders[0]) == (Decimal("32.85"), Decimal("39.9"))


@pytest.mark.usefixtures("discovery")
def test_a_batch_waits_only_so_long(monkeypatch: pytest.MonkeyPatch) -> None:
    order = an_order(items=1)
    monkeypatch.setattr(coordinates, "SECONDS", 0)

    assert look_up(order, found()).requests == []
    assert not Geocode.objects.exists()
    assert not ExceptionEntry.objects.exists()

    monkeypatch.undo()
    assert len(look_up(order, found()).requests) == 1


def test_an_order_told_again_without_coordinates_goes_nowhere_else() -> None:
    row = an_address(longitude=Decimal(1), latitude=Decimal(2))
    names = ("address_type", "country_id", "city_id", "township_id", "district_id", "line", "postcode")
    told = {name: getattr(row, name) for name in (*names, "retail_store")}

    assert not delivers_elsewhere(row, {**told, "longitude": None, "latitude": None})
    assert not differs(row, {**told, "longitude": None, "latitude": None})
    assert delivers_elsewhere(row, {**told, "longitude": Decimal(3), "latitude": Decimal(2)})
    assert delivers_elsewhere(row, {**told, "line": "elsewhere", "longitude": None, "latitude": None})
