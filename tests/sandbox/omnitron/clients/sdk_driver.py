"""Runs in the environment of the public clients: drives `omnisdk` against a sandbox and prints what it saw as JSON."""

import inspect
import json
import sys
from typing import Any

import requests
from omnisdk.exceptions import ValidationError
from omnisdk.omnitron import endpoints
from omnisdk.omnitron.client import OmnitronApiClient
from omnisdk.omnitron.models import OrderItem

URL = sys.argv[1]
BASE = f"{URL}/"


def refused(action: Any) -> int:
    try:
        action()
    except requests.HTTPError as error:
        return int(error.response.status_code)
    return 200


def rejected(**credentials: str) -> bool:
    try:
        OmnitronApiClient(base_url=BASE, **credentials)
    except ValidationError:
        return True
    return False


def lists() -> dict[str, int]:
    known = [each for _, each in inspect.getmembers(endpoints, inspect.isclass)]
    classes = [each for each in known if issubclass(each, endpoints.OmnitronApiEndpoint)]
    classes.remove(endpoints.OmnitronApiEndpoint)
    found = {}
    for each in classes:
        rows = each(channel_id=1).list()
        found[each.__name__] = len(rows) if isinstance(rows, list) else 1
    return found


def iterated() -> list[int]:
    endpoint = endpoints.ChannelOrderEndpoint(channel_id=1)
    orders = endpoint.list(params={"limit": 40})
    for page in endpoint.iterator:
        orders.extend(page)
    return [order.pk for order in orders]


def cancel(pk: int) -> Any:
    endpoint = endpoints.ChannelOrderEndpoint(path=f"{pk}/cancel", channel_id=1, raw=True)
    return endpoint.create(item={"order": pk, "is_all": True, "cancel_items": [], "reasons": {}})


def main() -> None:
    api = OmnitronApiClient(base_url=BASE, username="oms", password="oms-sandbox")
    token = api.token
    seen: dict[str, Any] = {
        "wrong_login_rejected": rejected(username="oms", password="wrong"),
        "wrong_token_rejected": rejected(username="oms", password="wrong", token="Token nonsense"),
    }
    api = OmnitronApiClient(base_url=BASE, username="oms", password="wrong", token=token)
    api.password = "oms-sandbox"
    seen["lists"] = lists()
    seen["iterated"] = pks = iterated()
    seen["updates"] = len(endpoints.ChannelOrderEndpoint(path="updates", channel_id=1).list())
    order = endpoints.ChannelOrderEndpoint(channel_id=1).retrieve(id=pks[-1])
    by_number = endpoints.OrderByNumberEndpoint().retrieve(id=order.number)
    seen["by_number"] = by_number.pk == order.pk
    items = endpoints.OrderItemEndpoint()
    item = by_number.orderitem_set[0]["pk"]
    seen["patched"] = items.update(id=item, item=OrderItem(tracking_number="T-1")).tracking_number
    seen["past_the_end"] = endpoints.ChannelOrderEndpoint(channel_id=1).list(params={"page": 999})
    seen["no_such_row"] = refused(lambda: items.retrieve(id=999999))
    seen["no_such_status"] = refused(lambda: items.update(id=item, item=OrderItem(status="425")))
    seen["cancelled"] = cancel(order.pk)["status"]
    seen["cancelled_again"] = refused(lambda: cancel(order.pk))
    requests.post(f"{URL}/_sandbox/expire-tokens/", timeout=10)
    seen["after_expiry"] = items.retrieve(id=item).pk == item
    print(json.dumps(seen))


main()
