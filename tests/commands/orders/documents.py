"""Orders as Omnitron tells them, and as people import them."""

from itertools import count
from typing import Any

from packhouse.commands.orders.document_types import Reading
from packhouse.commands.orders.order_changes import UpsertResult
from packhouse.commands.orders.order_document import parse_order
from packhouse.commands.orders.remote_references import RemoteReferences
from packhouse.commands.orders.upsert_order import upsert_order
from packhouse.orders.models import Order

_number = count(70_001)
DAY_ONE, DAY_TWO, DAY_THREE = (f"2026-03-0{day}T09:00:00Z" for day in (1, 2, 3))
TURKEY = {"pk": 1, "name": "Türkiye", "code": "tr"}
ANKARA = {"pk": 40, "name": "ANKARA", "country": 1}
CANKAYA = {"pk": 468, "name": "CANKAYA", "city": 40}
KIZILAY = {"pk": 9021, "name": "KIZILAY", "city": 40, "township": 468}


def remote_address(**fields: Any) -> dict[str, Any]:
    return {
        "pk": 298,
        "title": "Home",
        "first_name": "Ada",
        "last_name": "Yılmaz",
        "phone_number": "05000000000",
        "country": TURKEY,
        "city": ANKARA,
        "township": CANKAYA,
        "district": KIZILAY,
        "line": "5 Sample St",
        "postcode": "06420",
        **fields,
    }


def remote_item(pk: int = 70012, **fields: Any) -> dict[str, Any]:
    sku = fields.pop("sku", f"SKU-{pk}")
    return {
        "pk": pk,
        "product": {"pk": pk + 100_000, "sku": sku, "name": f"Product {sku}", "base_code": sku},
        "status": "400",
        "price": "250.00",
        "price_currency": "try",
        "tax_rate": "20.00",
        "discount_amount": "0.00",
        "attributes": {},
        "modified_date": DAY_ONE,
        **fields,
    }


def remote_order(pk: int = 1883, **fields: Any) -> dict[str, Any]:
    """Nested, as `order_detailed` answers."""
    items = fields.pop("items", None) or [remote_item()]
    return {
        "pk": pk,
        "number": f"{100000000000 + pk}",
        "channel": {"pk": 1, "id": 1, "name": "Web shop", "channel_type": "web", "is_active": True},
        "customer": {"pk": 1232, "email": "ada@example.com", "first_name": "Ada", "last_name": "Yılmaz"},
        "shipping_address": remote_address(),
        "billing_address": remote_address(),
        "status": "400",
        "date_placed": "2026-03-01T08:59:10.580441Z",
        "currency": "try",
        "amount": "259.00",
        "shipping_amount": "9.00",
        "delivery_type": "standard",
        "modified_date": DAY_ONE,
        "orderitem_set": items,
        **fields,
    }


def copy(document: dict[str, Any]) -> UpsertResult:
    """As the connector writes what it has read."""
    return upsert_order(parse_order(document, Reading(lenient=True)), RemoteReferences())


def copied(**fields: Any) -> Order:
    """The order after one copy."""
    return Order.objects.get(pk=copy(remote_order(**fields)).order_id)


def import_document(**fields: Any) -> dict[str, Any]:
    return {
        "channel": "Market",
        "number": f"M-{next(_number)}",
        "customer": {"email": "bob@example.com", "first_name": "Bob", "last_name": "Kaya"},
        "shipping_address": {"city": "Ankara", "township": "Çankaya", "line": "1 Side St"},
        "items": [{"sku": "A-1", "price": "100.00", "tax_rate": "20"}],
        **fields,
    }
