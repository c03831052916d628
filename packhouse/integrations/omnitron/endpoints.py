"""The named endpoints of the back office (page 70, A3), and under which prefix each one answered."""

import re
from dataclasses import dataclass
from typing import Any

from packhouse.integrations.omnitron.conf import CONNECTION, Target
from packhouse.integrations.omnitron.models import EndpointMemory

_PREFIX = re.compile(r"/(v1|i1)(?=/|$)")
_OTHER = {"v1": "i1", "i1": "v1"}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Paths below the base URL. `many` is a list (or takes one), `one` a single row."""

    many: str = ""
    one: str = ""


ENDPOINTS = {
    "orders": Endpoint("orders/", "orders/{pk}/"),
    "order_detailed": Endpoint(one="orders_integration/{pk}/detailed_integration/"),
    "orderitem_set": Endpoint("order_item/detailed_integration/"),
    "discount_items": Endpoint("discount_items/detailed_integration/"),
    "order_number": Endpoint(one="order_number/{number}/"),
    "order_items": Endpoint("order_items/", "order_items/{pk}/"),
    "order_item_bulk_update": Endpoint("order_items/bulk_status_update/"),
    "create_mapping": Endpoint(one="order_items/{pk}/create_mapping/"),
    "pay_on_delivery_transaction_amount": Endpoint(one="orders/{pk}/pay_on_delivery_transaction_amount/"),
    "channels": Endpoint("channels/", "channels/{pk}/"),
    "cargo_companies": Endpoint("channel/{channel}/cargos/"),
    "countries": Endpoint("channel/{channel}/countries/"),
    "cities": Endpoint("channel/{channel}/cities/"),
    "townships": Endpoint("channel/{channel}/townships/"),
    "districts": Endpoint("channel/{channel}/districts/"),
    "retail_stores": Endpoint("retail_stores/detailed/", "retail_stores/{pk}/detailed/"),
    "cancellation_reasons": Endpoint("channel/{channel}/cancellation_reasons/"),
    "cancellation_plans": Endpoint(
        "channel/{channel}/cancellation_plans/", "channel/{channel}/cancellation_plans/{pk}/"
    ),
    "hooks": Endpoint("whisperer/hooks/", "whisperer/hooks/{pk}/"),
    "customers": Endpoint("customers/", "customers/{pk}/"),
    "addresses": Endpoint("channel/{channel}/addresses/", "channel/{channel}/addresses/{pk}/"),
    "products": Endpoint("products/", "products/{pk}/"),
    "payment_options": Endpoint("payment_options/", "payment_options/{pk}/"),
    "active_user": Endpoint("active_user/"),
}


def path_of(endpoint: str, target: Target, *, one: bool, parameters: dict[str, Any]) -> str:
    """The path of a call. An override's own path stands for the list, or for the row where it names one."""
    usual = ENDPOINTS[endpoint].one if one else ENDPOINTS[endpoint].many
    template = usual
    if target.path is not None:
        template = target.path.lstrip("/")
        names_a_row = "{pk}" in template or "{number}" in template
        if one and not names_a_row and ENDPOINTS[endpoint].many:
            template = f"{template.rstrip('/')}/{{pk}}/"
    return template.format(**parameters)


class _Known:
    prefixes: dict[tuple[str, str], str] | None = None


def url_of(endpoint: str, target: Target, path: str) -> str:
    """The address of a call under the prefix that worked before, if any did."""
    base = target.base_url
    prefix = _known().get((endpoint, base))
    return f"{_with_prefix(base, prefix) if prefix else base}/{path}"


def other_url(endpoint: str, target: Target, path: str) -> str | None:
    """The address under the other prefix; None where one is known to work, or the base has none."""
    found = _PREFIX.search(target.base_url)
    if found is None or (endpoint, target.base_url) in _known():
        return None
    return f"{_with_prefix(target.base_url, _OTHER[found[1]])}/{path}"


def remember(endpoint: str, target: Target, url: str) -> None:
    """This address answered; its prefix is taken from now on."""
    found = _PREFIX.search(url)
    if found is None or (endpoint, target.base_url) in _known():
        return
    EndpointMemory.objects.update_or_create(
        connection=CONNECTION, endpoint=endpoint, base_url=target.base_url, defaults={"prefix": found[1]}
    )
    _known()[endpoint, target.base_url] = found[1]


def forget() -> None:
    """Read what is remembered anew (another process may have learned, a test began)."""
    _Known.prefixes = None


def _known() -> dict[tuple[str, str], str]:
    if _Known.prefixes is None:
        rows = EndpointMemory.objects.filter(connection=CONNECTION)
        _Known.prefixes = {(row.endpoint, row.base_url): row.prefix for row in rows}
    return _Known.prefixes


def _with_prefix(base_url: str, prefix: str) -> str:
    return _PREFIX.sub(f"/{prefix}", base_url, count=1)
