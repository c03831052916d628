"""The lines of an order: compared one by one, for a line may change without its order (page 70, A5)."""

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from packhouse.catalog.models import Product, UnitType
from packhouse.commands.orders.held_units import Held, HeldUnits
from packhouse.commands.orders.item_rules import money_of, new_state, quantity_of
from packhouse.commands.orders.order_changes import OrderChanges
from packhouse.commands.orders.order_columns import item_hash
from packhouse.commands.orders.order_document import ItemPart, OrderPart
from packhouse.commands.orders.references import References
from packhouse.kernel import settings_store
from packhouse.orders.models import Order, OrderItem
from packhouse.orders.states import OrderStatus

ONE = Decimal(1)
TOO_LATE = "This line is packed already."


class OrderLines:
    """Writes the lines of one locked order and notes in `changes` what really changed."""

    def __init__(self, order: Order, held: HeldUnits, references: References, changes: OrderChanges) -> None:
        self.order = order
        self.held = held
        self.references = references
        self.changes = changes
        self.is_new = not order.items.exists()
        self._quantity_key = settings_store.get("ORDER_ITEM_QUANTITY_KEY")
        self._new: list[OrderItem] = []
        self._changed: list[OrderItem] = []

    def write(self, document: OrderPart, *, may_withdraw: bool) -> bool:
        """Whether anything was written. `may_withdraw`: lines that are missing were withdrawn."""
        products = self.references.products(document.items)
        known = [] if self.is_new else list(self.order.items.select_related("product").order_by("id"))
        matched = match_lines(known, document.items, products, by_remote_id=not self.references.is_import)
        for index, (part, product) in enumerate(zip(document.items, products, strict=True)):
            self._line(index, part, product, matched[index], document)
        if may_withdraw:
            kept = {row.pk for row in matched if row is not None}
            for row in known:
                if row.pk not in kept:
                    self._withdraw(row)
        return self._save()

    def _line(
        self, index: int, part: ItemPart, product: Product, row: OrderItem | None, document: OrderPart
    ) -> None:
        own_hash = item_hash(part)
        if row is not None and (row.content_hash == own_hash or _is_stale(part, row)):
            return
        held = self.held.of(row.pk) if row is not None else Held()
        state, told = new_state(row, part.status or self._default_status(row, document), held)
        columns = {
            **_plain_columns(part, self.order),
            "omnitron_id": None if self.references.is_import else part.pk,
            **money_of(part),
            "state": state,
            "omnitron_status": told,
            "content_hash": own_hash,
        }
        quantity = self._quantity(part, product, row)
        if row is None:
            made = OrderItem(order=self.order, product=product, quantity=quantity, **columns)
            self._new.append(made)
            return
        columns["omnitron_id"] = row.omnitron_id or columns["omnitron_id"]
        self._note_status(row, columns)
        self._apply_wanted(index, row, product, quantity, held)
        for name, value in columns.items():
            setattr(row, name, value)
        self._changed.append(row)

    @staticmethod
    def _default_status(row: OrderItem | None, document: OrderPart) -> OrderStatus | None:
        """A line without a status of its own: a new one has its order's, one that is there keeps what it has."""
        return document.status if row is None else None

    def _quantity(self, part: ItemPart, product: Product, row: OrderItem | None) -> Decimal:
        quantity = quantity_of(part, self._quantity_key)
        if quantity is None:
            return ONE
        if quantity % 1 and product.unit_type == UnitType.QUANTITY and not self.references.is_import:
            # Sold by parts of a unit, so it is weighed; the back office has no field that says so.
            product.unit_type = UnitType.KG
            product.save(update_fields=["unit_type"])
        return quantity

    def _note_status(self, row: OrderItem, columns: dict[str, Any]) -> None:
        if columns["state"] != row.state:
            self.changes.status.append(row.pk)
        if columns["omnitron_status"] == OrderStatus.CANCELED and row.state != OrderStatus.CANCELED:
            self.changes.withdrawn.append(row.pk)

    def _apply_wanted(
        self, index: int, row: OrderItem, product: Product, quantity: Decimal, held: Held
    ) -> None:
        """Product and quantity, unless more is packed than would be wanted."""
        if product.pk != row.product_id:
            if held.packed:
                self.changes.kept_aside[f"items.{index}.product"] = TOO_LATE
            else:
                row.product = product
                self.changes.product.append(row.pk)
        if quantity != row.quantity:
            if quantity - row.cancelled_quantity < held.packed:
                self.changes.kept_aside[f"items.{index}.quantity"] = TOO_LATE
            else:
                row.quantity = quantity
                self.changes.quantity.append(row.pk)

    def _withdraw(self, row: OrderItem) -> None:
        """A line that is no longer there was cancelled; what is packed of it needs a person or a refusal."""
        if OrderStatus.CANCELED in (row.state, row.omnitron_status):
            return
        held = self.held.of(row.pk)
        if held.packed and self.references.is_import:
            self.changes.kept_aside["items"] = (
                f"A line with {row.product.sku} is packed and cannot be left out."
            )
            return
        if held.ever:
            row.omnitron_status = OrderStatus.CANCELED.value
            self.changes.withdrawn.append(row.pk)
        else:
            row.state = OrderStatus.CANCELED.value
            self.changes.status.append(row.pk)
        row.remote_data = {**row.remote_data, "vanished": True}
        row.content_hash = ""
        self._changed.append(row)

    def _save(self) -> bool:
        if self._new:
            OrderItem.objects.bulk_create(self._new)
            if not self.is_new:
                self.changes.added.extend(row.pk for row in self._new)
        for row in self._changed:
            row.save()
        return bool(self._new or self._changed)


def _is_stale(part: ItemPart, row: OrderItem) -> bool:
    told, known = part.modified_date, row.remote_modified_date
    return told is not None and known is not None and told < known


def _plain_columns(part: ItemPart, order: Order) -> dict[str, Any]:
    return {
        "external_id": part.external_id,
        "cancel_status": part.cancel_status,
        "price_currency": (part.price_currency or order.currency).lower(),
        "price_list": part.price_list,
        "stock_list": part.stock_list,
        "parent_omnitron_id": part.parent,
        "attributes": part.attributes or {},
        "attributes_kwargs": part.attributes_kwargs or {},
        "extra_field": part.extra_field or {},
        "image": part.image,
        "tracking_number": part.tracking_number,
        "estimated_delivery_date": part.estimated_delivery_date,
        "delivered_date": part.delivered_date,
        "remote_modified_date": part.modified_date,
        "remote_data": part.rest,
    }


def match_lines(
    known: Sequence[OrderItem],
    parts: Sequence[ItemPart],
    products: Sequence[Product],
    *,
    by_remote_id: bool,
) -> list[OrderItem | None]:
    """The row of each line: by the back office's id, or by `external_id`; else by position within the same SKU."""
    by_id: dict[Any, OrderItem] = {}
    by_sku: dict[int, list[OrderItem]] = defaultdict(list)
    for row in known:
        name = row.omnitron_id if by_remote_id else row.external_id
        if name is None:
            by_sku[row.product_id].append(row)
        else:
            by_id[name] = row
    matched: list[OrderItem | None] = []
    for part, product in zip(parts, products, strict=True):
        name = part.pk if by_remote_id else part.external_id
        found = by_id.get(name) if name is not None else None
        if found is None and by_sku[product.pk] and (name is None or by_remote_id):
            found = by_sku[product.pk].pop(0)
        matched.append(found)
    return matched
