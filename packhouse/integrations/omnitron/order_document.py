"""One order of the back office, whole: read, and completed where only ids came back (page 70, A5)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from packhouse.catalog.models import (
    CargoCompany,
    Channel,
    City,
    Country,
    District,
    PaymentOption,
    Product,
    Township,
)
from packhouse.commands.orders.mirrored_rows import known_ids
from packhouse.integrations.failures import BadAnswer, Refused
from packhouse.integrations.omnitron.client import Omnitron, identity
from packhouse.kernel import settings_store
from packhouse.kernel.models import Mirrored

Row = dict[str, Any]
_PLACES: tuple[tuple[str, str, type[Mirrored]], ...] = (
    ("country", "countries", Country),
    ("city", "cities", City),
    ("township", "townships", Township),
    ("district", "districts", District),
)
_MONEY_TAKEN_OFF = ("discount_amount",)


class OrderGone(Exception):
    """The back office has no such order."""


def fetch_order(client: Omnitron, order_pk: int) -> Row:
    """The order with its items, customer and addresses, as the back office has it.

    Raises OrderGone, and what calls raise.
    """
    order = _order(client, order_pk)
    items = order.get("orderitem_set")
    if not _are_whole(items):
        items = list(client.rows("orderitem_set", {"order": order_pk}))
    order["orderitem_set"] = _once_each(items or [])
    _add_discounts(client, order)
    _add_pay_on_delivery(client, order)
    return order


def completed(client: Omnitron, order: Row) -> Row:
    """The same, with related rows whole where only ids came that we do not know yet. Raises what calls raise."""
    return _Completion(client, order).run()


def find_pk(client: Omnitron, number: str) -> int | None:
    """The id of the order with this number; None where there is none."""
    found = _or_none(lambda: client.row("order_number", number=number))
    if not isinstance(found, dict) or str(found.get("number")) != number:
        return None
    return identity(found)


def _order(client: Omnitron, order_pk: int) -> Row:
    """Nested where that is offered, else flat. A path also names orders by number, so the answer's id counts."""
    if client.offers("order_detailed"):
        found = _row(client, "order_detailed", order_pk)
        if _is(found, order_pk):
            return dict(found)
    found = _row(client, "orders", order_pk)
    if not _is(found, order_pk):
        raise OrderGone(f"The back office has no order {order_pk}.")
    return dict(found)


def _row(client: Omnitron, endpoint: str, pk: int) -> Any:
    """None where it is not there. Raises BadAnswer for what is no row at all: nobody knows then."""
    found = _or_none(lambda: client.row(endpoint, pk=pk))
    if found is not None and identity(found) is None:
        raise BadAnswer("An order was expected.")
    return found


def _is(row: Any, pk: int) -> bool:
    return isinstance(row, dict) and str(identity(row)) == str(pk)


def _or_none(read: Callable[[], Any]) -> Any:
    """What is read; None where it is not there."""
    try:
        return read()
    except Refused as refusal:
        if refusal.answered in (404, 405):
            return None
        raise


def _are_whole(items: Any) -> bool:
    return (
        isinstance(items, list)
        and bool(items)
        and all(isinstance(item, dict) and isinstance(item.get("product"), dict) for item in items)
    )


def _once_each(items: Iterable[Any]) -> list[Row]:
    """A page may repeat an item; the last one counts."""
    return list({identity(item): item for item in items if isinstance(item, dict)}.values())


def _add_discounts(client: Omnitron, order: Row) -> None:
    """Kept with the order as they are; asked for only where money was taken off."""
    rows = [order, *order["orderitem_set"]]
    if any(_is_something(row.get(name)) for row in rows for name in _MONEY_TAKEN_OFF):
        found = _or_none(lambda: list(client.rows("discount_items", {"order": identity(order)})))
        if found:
            order["discounts"] = found


def _is_something(amount: Any) -> bool:
    try:
        return bool(amount) and float(amount) != 0
    except (TypeError, ValueError):
        return False


def _add_pay_on_delivery(client: Omnitron, order: Row) -> None:
    """What is to be paid at the door is asked for, never computed (page 80, 1.5)."""
    kinds = settings_store.get("PAY_ON_DELIVERY_TYPES")
    option = order.get("payment_option")
    told = [order.get("payment_option_slug"), order.get("payment_type")]
    if isinstance(option, dict):
        told += [option.get("payment_type"), option.get("slug")]
    elif isinstance(option, int):
        known = PaymentOption.objects.filter(omnitron_id=option).values_list("payment_type", flat=True)
        told += list(known)
    if not any(kind in kinds for kind in told):
        return
    found = _or_none(lambda: client.row("pay_on_delivery_transaction_amount", pk=identity(order)))
    if isinstance(found, dict):
        order["pay_on_delivery_amount"] = found.get("amount_without_loyalty_money", found.get("amount"))


@dataclass
class _Completion:
    """Puts rows in the place of bare ids; what we know already stays an id."""

    client: Omnitron
    order: Row
    channel: int = field(init=False, default=0)

    def run(self) -> Row:
        self.channel = self._channel()
        order = self.order
        if isinstance(order.get("customer"), int):
            order["customer"] = self._read("customers", order["customer"]) or order["customer"]
        for name in ("shipping_address", "billing_address"):
            if isinstance(order.get(name), int):
                order[name] = self._read("addresses", order[name], channel=self.channel) or order[name]
            if isinstance(order.get(name), dict):
                order[name] = self._with_places(order[name])
        self._products()
        if self._is_unknown(PaymentOption, order.get("payment_option")):
            order["payment_option"] = self._read("payment_options", order["payment_option"])
        if self._is_unknown(CargoCompany, order.get("cargo_company")):
            order["cargo_company"] = self._listed("cargo_companies", order["cargo_company"])
        return order

    def _channel(self) -> int:
        """The channel's id; one nobody knows is read, so that its order can be kept under its name."""
        given = self.order.get("channel")
        if isinstance(given, int) and self._is_unknown(Channel, given):
            self.order["channel"] = self._read("channels", given) or given
        return int(identity(given) if isinstance(given, dict) else given or 0)

    def _read(self, endpoint: str, pk: int, **path: Any) -> Any:
        return _or_none(lambda: self.client.row(endpoint, pk=pk, **path))

    def _listed(self, endpoint: str, pk: int) -> Any:
        """A row of which the back office has lists only."""
        rows = self.client.rows(endpoint, {"pk__in": pk}, channel=self.channel)
        return next((row for row in rows if _is(row, pk)), pk)

    @staticmethod
    def _is_unknown(model: type[Mirrored], given: Any) -> bool:
        return isinstance(given, int) and not known_ids(model, [given])

    def _products(self) -> None:
        bare = [item for item in self.order["orderitem_set"] if isinstance(item.get("product"), int)]
        known = known_ids(Product, (item["product"] for item in bare))
        read: Row = {}
        for item in bare:
            pk = item["product"]
            if pk not in known and pk not in read:
                read[pk] = self._read("products", pk) or pk
            item["product"] = read.get(pk, pk)

    def _with_places(self, address: Row) -> Row:
        """Places known by id alone, and unknown to us, with what they lie in."""
        found = dict(address)
        for name, endpoint, model in _PLACES:
            if self._is_unknown(model, found.get(name)):
                found[name] = self._listed(endpoint, found[name])
        return found
