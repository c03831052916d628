"""The number of statements is part of the interface: it does not grow with the number of objects."""

from collections.abc import Callable, Sequence
from functools import partial

import pytest
from pytest_django import DjangoAssertNumQueries

from packhouse.packages.states import PackageStatus
from packhouse.payloads import location, order, package, people, product, shipment, transfer
from tests import builders

pytestmark = pytest.mark.usefixtures("installed")

Read = Callable[[Sequence[int]], dict[int, object]]


def packages(count: int) -> list[int]:
    return [builders.a_package(items=1 + n).pk for n in range(count)]


def package_items(count: int) -> list[int]:
    return [builders.a_package(items=1).items.get().pk for _ in range(count)]


def transfers(count: int) -> list[int]:
    return [builders.a_transfer().pk for _ in range(count)]


def transfer_items(count: int) -> list[int]:
    return [builders.a_transfer().items.order_by("id")[0].pk for _ in range(count)]


def orders(count: int) -> list[int]:
    return [builders.a_package(items=1 + n).order_id for n in range(count)]


def order_items(count: int) -> list[int]:
    return [builders.an_order(items=1).items.get().pk for _ in range(count)]


def locations(count: int) -> list[int]:
    return [builders.a_location().pk for _ in range(count)]


def shipments(count: int) -> list[int]:
    return [
        builders.a_shipment(package=builders.a_package(state=PackageStatus.PACKED, items=1 + n), parcels=n).pk
        for n in range(count)
    ]


def customers(count: int) -> list[int]:
    return [builders.a_customer().pk for _ in range(count)]


def addresses(count: int) -> list[int]:
    return [builders.an_address().pk for _ in range(count)]


def products(count: int) -> list[int]:
    return [builders.a_product(images=n).pk for n in range(count)]


@pytest.mark.parametrize("count", [1, 7])
@pytest.mark.parametrize(
    ("read", "made", "statements"),
    [
        pytest.param(package.documents, packages, 1, id="packages"),
        pytest.param(package.short_documents, packages, 1, id="short packages"),
        pytest.param(package.item_documents, package_items, 2, id="package items"),
        pytest.param(partial(transfer.documents, nested=True), transfers, 1, id="transfers"),
        pytest.param(partial(transfer.documents, nested=False), transfers, 1, id="told transfers"),
        pytest.param(transfer.short_documents, transfers, 1, id="short transfers"),
        pytest.param(transfer.item_documents, transfer_items, 1, id="transfer items"),
        pytest.param(order.documents, orders, 1, id="orders"),
        pytest.param(order.summaries, orders, 1, id="order summaries"),
        pytest.param(order.item_documents, order_items, 1, id="order items"),
        pytest.param(location.documents, locations, 1, id="locations"),
        pytest.param(location.flat_documents, locations, 1, id="flat locations"),
        pytest.param(shipment.documents, shipments, 1, id="shipments"),
        pytest.param(shipment.payloads, shipments, 1, id="shipment payloads"),
        pytest.param(people.customer_documents, customers, 1, id="customers"),
        pytest.param(people.address_documents, addresses, 1, id="addresses"),
        pytest.param(product.documents, products, 1, id="products"),
    ],
)
def test_statements_do_not_grow_with_the_objects(
    read: Read,
    made: Callable[[int], list[int]],
    statements: int,
    count: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    ids = made(count)
    assert len(read(ids)) == count  # locations are known from here on

    with django_assert_num_queries(statements):
        documents = read([*reversed(ids), ids[0], 987_654_321_987])

    assert list(documents) == list(reversed(ids))


@pytest.mark.parametrize("count", [1, 7])
def test_unknown_locations_cost_one_statement_more(
    count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    ids = packages(count)

    with django_assert_num_queries(2):
        package.documents(ids)


def test_no_ids_cost_nothing(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        assert package.documents([]) == transfer.documents([], nested=True) == order.documents([]) == {}
