"""Several tellers at once, on real connections: one order, no deadlock, nothing twice."""

import random
from functools import partial

import pytest

from packhouse.catalog.models import Channel, City, Customer, District, Product, Township
from packhouse.commands.orders.import_orders import ImportResult, import_orders
from packhouse.commands.orders.order_changes import Outcome, UpsertResult
from packhouse.orders.models import Order, OrderItem
from tests.builders import a_channel
from tests.commands.orders.documents import copy, import_document, remote_item, remote_order
from tests.concurrency.at_once import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def outcomes(results: list[UpsertResult | Exception]) -> list[str]:
    failures = [result for result in results if isinstance(result, Exception)]
    assert failures == []
    return sorted(result.outcome.value for result in results if isinstance(result, UpsertResult))


def test_the_same_order_told_eight_times_at_once_is_there_once() -> None:
    a_channel(omnitron_id=1)
    document = remote_order(items=[remote_item(1), remote_item(2)])

    results = at_once([partial(copy, document)] * 8)

    assert outcomes(results) == ["created", *["unchanged"] * 7]
    assert (Order.objects.count(), OrderItem.objects.count(), Product.objects.count()) == (1, 2, 2)


def test_orders_that_share_new_things_in_any_order_do_not_wait_in_a_circle() -> None:
    a_channel(omnitron_id=1)
    chance = random.Random(1)
    documents = []
    for order in range(1, 17):
        skus = chance.sample(range(1, 9), 5)
        items = [
            {**remote_item(order * 100 + n), "product": {"pk": n, "sku": f"S{n}", "name": f"{n} of {order}"}}
            for n in skus
        ]
        documents.append(remote_order(order, items=items))

    results = at_once([partial(copy, document) for document in documents])

    assert outcomes(results) == ["created"] * 16
    assert (Product.objects.count(), Customer.objects.count(), District.objects.count()) == (8, 1, 1)


def test_imports_of_one_order_at_once() -> None:
    document = import_document(number="M-1")

    def take() -> ImportResult:
        return import_orders([document])[0]

    results = [result for result in at_once([take] * 6) if isinstance(result, ImportResult)]

    assert [result.errors for result in results] == [{}] * 6
    assert sorted(result.outcome for result in results) == [Outcome.CREATED, *[Outcome.UNCHANGED] * 5]
    assert Order.objects.count() == 1


def test_what_imports_miss_is_made_once() -> None:
    documents = [import_document() for _ in range(6)]

    at_once([partial(import_orders, [document]) for document in documents])

    assert Order.objects.count() == 6
    made = (Channel, Customer, City, Township, Product)
    assert [model.objects.count() for model in made] == [1] * 5


def test_an_import_and_the_back_office_meet() -> None:
    channel = a_channel(omnitron_id=1, name="Web shop")
    told = remote_order(number="M-1")
    imported = import_document(number="M-1", channel=channel.pk, items=[{"sku": "SKU-70012", "price": "250"}])

    results = at_once([partial(copy, told), lambda: import_orders([imported])])

    assert [result for result in results if isinstance(result, Exception)] == []
    assert Order.objects.get().number == "M-1"
