"""Locations inside other documents are kept by each process, and never out of date."""

import pytest
from django.db.models import F
from pytest_django import DjangoAssertNumQueries

from packhouse.catalog.models import City
from packhouse.kernel import machine, version
from packhouse.locations.models import StockLocation, StockLocationAddress, Tag
from packhouse.packages.models import Package
from packhouse.payloads import location, package
from packhouse.payloads.formats import Document
from tests import builders
from tests.payloads import worlds

pytestmark = pytest.mark.usefixtures("installed")


@pytest.fixture
def built(installed: None) -> Package:
    """A package at a location that this process knows."""
    built = builders.a_package(items=1, stock_location=worlds.a_whole_location())
    assert read(built) == location.documents([built.stock_location_id])[built.stock_location_id]
    return built


def read(built: Package) -> Document:
    document: Document = package.documents([built.pk])[built.pk]["stock_location"]
    return document


def present(built: Package) -> Document:
    """The location as it stands now, past all that is kept."""
    return location.documents([built.stock_location_id])[built.stock_location_id]


def address_of(built: Package) -> StockLocationAddress:
    address = built.stock_location.address
    assert address
    return address


def test_an_edited_location_is_read_anew(built: Package) -> None:
    StockLocation.objects.filter(pk=built.stock_location_id).update(
        name="Yeni ad", sequence=F("sequence") + 1
    )

    assert read(built)["name"] == "Yeni ad"
    assert read(built) == present(built)


def test_an_edit_that_forgot_the_sequence_is_seen_by_its_date(built: Package) -> None:
    its_location = built.stock_location
    its_location.refresh_from_db()
    its_location.priority = 77
    its_location.save(update_fields=["priority"])

    assert read(built)["priority"] == 77


def test_an_edit_beside_the_row_is_seen_by_the_sequence(built: Package) -> None:
    its_location = built.stock_location
    StockLocationAddress.objects.filter(pk=address_of(built).pk).update(line="2 Other St")
    its_location.tags.add(Tag.objects.create(name="airport"))
    StockLocation.objects.filter(pk=its_location.pk).update(sequence=F("sequence") + 1)

    document = read(built)

    assert document["address"]["line"] == "2 Other St"
    assert "airport" in [tag["name"] for tag in document["tags"]]


def test_quota_is_always_the_present_one(
    built: Package, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    StockLocation.objects.filter(pk=built.stock_location_id).update(quota=20, max_quota=21)

    with django_assert_num_queries(1):
        document = read(built)

    assert (document["quota"], document["max_quota"], document["available_quota"]) == (20, 21, 1)
    assert list(document) == list(present(built))


def test_renamed_geography_is_seen_with_the_version(built: Package) -> None:
    city = address_of(built).city
    assert city
    City.objects.filter(pk=city.pk).update(name="ANKARA (YENİ)")
    version.raise_version()
    machine.reload()  # what the commit brings about

    assert read(built)["address"]["city"]["name"] == "ANKARA (YENİ)"


def test_what_a_caller_changes_in_a_document_stays_his(built: Package) -> None:
    document = read(built)
    document["quota"] = document["name"] = None

    assert read(built) == present(built)


def test_only_the_locations_used_last_are_kept(
    monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    monkeypatch.setattr(location._Kept, "LIMIT", 2)
    first, second, third = (builders.a_package(items=1).pk for _ in range(3))
    for built_id in (first, second, first, third):
        package.documents([built_id])

    with django_assert_num_queries(1):
        package.documents([first])
    with django_assert_num_queries(2):
        package.documents([second])
