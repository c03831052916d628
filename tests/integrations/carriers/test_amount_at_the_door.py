"""Asking the back office what is collected at the door."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import httpx
import pytest

from packhouse.integrations import http
from packhouse.integrations.carriers.amount_at_the_door import amount_of
from packhouse.integrations.failures import BadAnswer, Unavailable
from packhouse.kernel import settings_store
from tests.builders import an_order

pytestmark = pytest.mark.django_db


@pytest.fixture
def said() -> Iterator[dict[str, Any]]:
    """What the back office answers, by path."""
    answers: dict[str, Any] = {}

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=answers[request.url.path])

    urls = {"oms_url": "https://oms.example.com", "base_url": "https://omnitron.example.com/api/v1"}
    settings_store.put("OMNITRON_CLIENT_SETTINGS", {"auth": {"token": "t"}, "urls": urls})
    settings_store.forget()
    with httpx.Client(transport=httpx.MockTransport(answer)) as client, http.using(client):
        yield answers


def test_the_amount_without_loyalty_money_is_kept(said: dict[str, Any]) -> None:
    order = an_order(omnitron_id=1883)
    path = "/api/v1/orders/1883/pay_on_delivery_transaction_amount/"
    said[path] = {"amount": "100.00", "amount_without_loyalty_money": "70.00"}

    assert amount_of(order.pk) == Decimal("70.00")
    order.refresh_from_db()
    assert order.pay_on_delivery_amount == Decimal("70.00")


@pytest.mark.parametrize("amount", [None, "x", "-1", "NaN", []])
def test_what_is_no_amount_is_not_taken(said: dict[str, Any], amount: object) -> None:
    order = an_order(omnitron_id=1883)
    said["/api/v1/orders/1883/pay_on_delivery_transaction_amount/"] = {"amount_without_loyalty_money": amount}

    with pytest.raises(BadAnswer):
        amount_of(order.pk)


def test_without_a_back_office_nobody_is_asked() -> None:
    with pytest.raises(Unavailable):
        amount_of(an_order().pk)
