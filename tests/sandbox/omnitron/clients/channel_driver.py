"""Runs in the environment of the public clients: `channel_app`'s order flows over https, what came of them as JSON."""

# ruff: noqa: E402  (the client reads its settings from the environment when it is imported)

import datetime
import json
import os
import sys
import threading
from typing import Any

import requests
from fakeredis import TcpFakeServer

HTTPS_HOST, HTTP, BUNDLE = sys.argv[1:4]
CHANNEL = "3"
redis = TcpFakeServer(("127.0.0.1", 0))
threading.Thread(target=redis.serve_forever, daemon=True).start()
os.environ.update(
    OMNITRON_CHANNEL_ID=CHANNEL,
    OMNITRON_CATALOG_ID=CHANNEL,
    OMNITRON_USERNAME="oms",
    OMNITRON_PASSWORD="oms-sandbox",
    MAIN_APP_URL=HTTPS_HOST,
    CACHE_HOST="127.0.0.1",
    CACHE_PORT=str(redis.server_address[1]),
    CACHE_DATABASE_INDEX="0",
    OMNITRON_MODULE="channel_app.omnitron.integration",
    CHANNEL_MODULE="channel_side",
    REQUESTS_CA_BUNDLE=BUNDLE,
)

from channel_app.app.order.service import OrderService
from channel_app.core.data import (
    AddressDto,
    CancellationRequestDto,
    CancelOrderDto,
    ChannelCreateOrderDto,
    ChannelOrderDto,
    ChannelUpdateOrderItemDto,
    CustomerDto,
    OrderItemDto,
)
from channel_side import NOTED, TODAY

PERSON = {"email": "ada@example.com", "first_name": "Ada", "last_name": "Yilmaz"}


def order(number: int) -> ChannelCreateOrderDto:
    place = {"country": "tr", "city": "ISTANBUL", "township": "kadikoy", "district": "Moda"}
    address = AddressDto(
        **PERSON, **place, phone_number="05000000000", line="Bahar Sk. 1", title="Home", postcode="", notes=""
    )
    placed = ChannelOrderDto(
        remote_id=f"R{number}",
        number=f"CH-{number}",
        channel=int(CHANNEL),
        customer=CustomerDto(**PERSON, channel_code="C-1"),
        shipping_address=address,
        billing_address=address,
        currency="try",
        amount="100.00",
        shipping_amount="0.00",
        shipping_tax_rate="20.00",
        extra_field={},
        cargo_company="example-kargo",
        created_at=datetime.datetime.now(datetime.UTC),
    )
    items = [
        OrderItemDto(remote_id=f"I{number}-{line}", product=f"SKU-0000{line}", price_currency="try", price="50.00",
                     tax_rate="20.00", extra_field={}, status="400")
        for line in (1, 2)
    ]  # fmt: skip
    return ChannelCreateOrderDto(order=placed, order_item=items)


class Wire:
    """The sandbox, looked at without the client."""

    def __init__(self) -> None:
        body = {"username": "oms", "password": "oms-sandbox"}
        key = requests.post(f"{HTTP}/api/v1/auth/login/", json=body, timeout=10).json()["key"]
        self.headers = {"Authorization": f"Token {key}"}

    def rows(self, path: str, **query: Any) -> Any:
        url = f"{HTTP}/api/v1/{path}"
        return requests.get(url, params={"limit": 1000, **query}, headers=self.headers, timeout=10).json()[
            "results"
        ]

    def patch(self, path: str, body: Any) -> None:
        requests.patch(
            f"{HTTP}/api/v1/{path}", json=body, headers=self.headers, timeout=10
        ).raise_for_status()


def main() -> None:
    service, wire = OrderService(), Wire()
    seen: dict[str, Any] = {}
    TODAY["orders"] = [order(1), order(2)]
    service.fetch_and_create_order()
    service.fetch_and_create_order()
    placed = wire.rows(f"channel/{CHANNEL}/orders/", number__startswith="CH-")
    seen["placed"] = [[each["number"], each["status"], each["extra_field"]] for each in placed]
    items = wire.rows("order_items/", order=placed[0]["pk"])

    wire.patch(
        "order_items/bulk_status_update/", {"orderitem_set": [{"id": items[0]["pk"], "status": "450"}]}
    )
    service.update_orders(add_order_items=True)
    seen["sent"] = NOTED["orders"]
    seen["left_to_send"] = len(wire.rows(f"channel/{CHANNEL}/orders/updates/", number__startswith="CH-"))

    TODAY["items"] = [ChannelUpdateOrderItemDto(remote_id="I1-1", status="500", tracking_number="T-9")]
    service.fetch_and_update_order_items()
    seen["shipped"] = [
        [each["status"], each["tracking_number"]] for each in wire.rows("order_items/", pk=items[0]["pk"])
    ]

    TODAY["cancels"] = [
        CancelOrderDto(order="R2", cancel_items=["I2-1"], reasons={"I2-1": "changed my mind"})
    ]
    service.fetch_and_create_cancel()
    seen["cancelled"] = [
        [each["status"], each["cancel_status"]] for each in wire.rows("order_items/", order=placed[1]["pk"])
    ]

    TODAY["requests"] = [
        CancellationRequestDto(order_item="I2-2", reason="x", remote_id="CR-1", description="please")
    ]
    service.fetch_and_create_cancellation_requests()
    asked = wire.rows(f"channel/{CHANNEL}/cancellation_requests/")
    wire.patch(f"channel/{CHANNEL}/cancellation_requests/{asked[0]['id']}/", {"status": "approved"})
    service.update_cancellation_requests()
    seen["requests"] = NOTED["requests"]

    reports = requests.get(f"{HTTP}/_sandbox/error-reports/", timeout=10).json()
    seen["errors"] = [each["raw_response"] for each in reports if not each["is_ok"]]
    print(json.dumps(seen))


main()
sys.stdout.flush()
os._exit(0)  # the Redis server has no end of its own
