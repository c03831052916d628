"""`upsert_order`: the only way an order comes to be, from the back office (page 70, A5) or by import (C).

One transaction, no network: lock or insert the order, copy what it points at, its lines, its addresses; queue
the planning. Told again it changes nothing; told something older it goes back in nothing.
"""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import F, Q

from packhouse.catalog.models import Channel, Customer, CustomerAddress
from packhouse.commands.orders.addresses import address_columns, delivers_elsewhere, differs
from packhouse.commands.orders.held_units import HeldUnits, held_units
from packhouse.commands.orders.messages import FollowUpOrder
from packhouse.commands.orders.order_changes import OrderChanges, Outcome, UpsertResult
from packhouse.commands.orders.order_columns import order_columns, order_hash, placed_at, warnings_of
from packhouse.commands.orders.order_document import AddressPart, OrderPart
from packhouse.commands.orders.order_lines import OrderLines
from packhouse.commands.orders.references import References
from packhouse.kernel import clock, exceptions, machine, outbox
from packhouse.kernel.errors import InvalidParameter, PackhouseError
from packhouse.orders.messages import PlanOrder
from packhouse.orders.models import Order, OrderItem
from packhouse.orders.states import OrderStatus, order_state
from packhouse.packages.services import settle_order

PACKED_ALREADY = "Something of the order is packed already."


class ItemsPacked(PackhouseError):
    """An import wants to change what is packed already."""

    code = "items_packed"


def upsert_order(document: OrderPart, references: References) -> UpsertResult:
    """Create or bring up to date one order.

    Raises InvalidParameter, keyed by path, for what is missing or cannot be found, ItemsPacked for an import
    that comes too late; then nothing has changed.
    """
    with transaction.atomic():
        order, created = _lock(document, references)
        return _Copy(order, document, references, created=created).run()


def _lock(document: OrderPart, references: References) -> tuple[Order, bool]:
    """The order's row, locked; made first where there is none. Everything else follows under this lock."""
    channel = references.channel(document.channel)
    if not document.items:
        # Told so by mistake, all lines that we know would count as withdrawn.
        raise InvalidParameter({"items": ["An order has at least one line."]})
    if not document.number:
        raise InvalidParameter({"number": ["This field is required."]})
    found = _find(document, references, channel)
    if found is not None:
        return found, False
    stub = Order(
        number=document.number,
        channel=channel,
        omnitron_id=None if references.is_import else document.pk,
        connection=references.connection,
        is_imported=references.is_import,
        date_placed=placed_at(document),
        state=OrderStatus.WAITING.value,
    )
    Order.objects.bulk_create([stub], ignore_conflicts=True)
    found = _find(document, references, channel)
    if found is None:
        raise InvalidParameter(
            {"number": [f"Another order of this channel has the number {document.number}."]}
        )
    return found, not found.content_hash


def _find(document: OrderPart, references: References, channel: Channel) -> Order | None:
    """By the back office's id, else by (channel, number), for that an import came first."""
    rows = Order.objects.select_for_update(of=("self",)).select_related(
        "channel", "shipping_address", "billing_address"
    )
    by_number = Q(channel=channel, number=document.number)
    if references.is_import:
        return rows.filter(by_number).first()
    if document.pk is None:
        raise InvalidParameter({"pk": ["This field is required."]})
    by_id = Q(connection=references.connection, omnitron_id=document.pk)
    found = rows.filter(by_id | (by_number & Q(omnitron_id=None)))
    return found.order_by(F("omnitron_id").asc(nulls_last=True)).first()


class _Copy:
    """One document being written into one locked order."""

    def __init__(self, order: Order, document: OrderPart, references: References, *, created: bool) -> None:
        self.order = order
        self.document = document
        self.references = references
        self.created = created
        self.changes = OrderChanges()
        self.held = HeldUnits({}) if created else held_units(order.pk)

    def run(self) -> UpsertResult:
        own_hash = order_hash(self.document)
        is_stale = self._is_stale()
        is_news = not is_stale and own_hash != self.order.content_hash
        before = self.order.state
        if is_news:
            self._write_order(own_hash)
        lines = OrderLines(self.order, self.held, self.references, self.changes)
        lines_changed = lines.write(self.document, may_withdraw=not is_stale)
        if is_news or lines_changed:
            self._settle(before)
        self._say_what_came_too_late()
        return UpsertResult(
            self._outcome(is_stale=is_stale, is_news=is_news, lines_changed=lines_changed),
            self.order.pk,
            self.changes,
            tuple(self.order.warnings),
        )

    def _is_stale(self) -> bool:
        told, known = self.document.modified_date, self.order.remote_modified_date
        return not self.created and told is not None and known is not None and told < known

    def _outcome(self, *, is_stale: bool, is_news: bool, lines_changed: bool) -> Outcome:
        if self.created:
            return Outcome.CREATED
        if is_news or lines_changed:
            return Outcome.UPDATED
        return Outcome.STALE if is_stale else Outcome.UNCHANGED

    def _write_order(self, own_hash: str) -> None:
        order, document, references = self.order, self.document, self.references
        customer = references.customer(document.customer, order.channel)
        cargo_company = references.cargo_company(document.cargo_company)
        payment = references.payment_option(document)
        self._write_addresses(customer)
        store = references.retail_store(document)
        columns = {
            **order_columns(document, order.channel, payment),
            "customer_id": customer.pk if customer else None,
            "cargo_company_id": self._carrier(cargo_company.pk if cargo_company else None),
            "retail_store_id": store.pk if store else None,
            "date_placed": document.date_placed or order.date_placed,
            "content_hash": own_hash,
            "warnings": warnings_of(document),
        }
        if order.omnitron_id is None and not references.is_import:
            columns["omnitron_id"] = document.pk
        if document.pay_on_delivery_amount is not None:
            columns["pay_on_delivery_amount"] = document.pay_on_delivery_amount
        for name, value in columns.items():
            setattr(order, name, value)
        order.save(update_fields=[*columns, "shipping_address", "billing_address"])

    def _carrier(self, told: int | None) -> int | None:
        """The carrier told, as long as there is something left that it could bring."""
        known: int | None = self.order.cargo_company_id
        if told == known or self.created:
            return told
        if self.held.any_packed and (self.references.is_import or not self.held.any_waiting):
            self.changes.kept_aside["cargo_company"] = PACKED_ALREADY
            return known
        self.changes.cargo_company = True
        return told

    def _write_addresses(self, customer: Customer | None) -> None:
        """Snapshots; they stay as they are once something of the order is packed."""
        shipping = self.document.shipping_address
        billing = self.document.billing_address or shipping
        if shipping is None or billing is None:
            return
        given: list[tuple[str, AddressPart]] = [("shipping_address", shipping)]
        if billing is not shipping:
            given.append(("billing_address", billing))
        places = self.references.places(given)
        store = self.references.retail_store(self.document)
        store_id = store.omnitron_id if store else None
        rows = [
            address_columns(part, place, customer, store_id if name == "shipping_address" else None)
            for (name, part), place in zip(given, places, strict=True)
        ]
        if delivers_elsewhere(self.order.shipping_address, rows[0]) and not self.created:
            if self.held.any_packed:
                self.changes.kept_aside["shipping_address"] = PACKED_ALREADY
                return
            self.changes.address = True
        self.order.shipping_address = _snapshot(self.order.shipping_address, rows[0])
        self.order.billing_address = (
            _snapshot(self.order.billing_address, rows[1])
            if len(rows) > 1 and rows[1] != rows[0]
            else self.order.shipping_address
        )

    def _settle(self, before: str) -> None:
        """The order's own state, its log row, and what is to be done about the change."""
        order = self.order
        if self.changes.status and not self.created:
            settle_order(order.pk)
        states = list(OrderItem.objects.filter(order=order).values_list("state", flat=True))
        order.state = order_state(states).value
        Order.objects.filter(pk=order.pk).update(state=order.state, modified_date=clock.now())
        if self.created or order.state != before:
            _log_state(order, None if self.created else before)
        outbox.enqueue(list(self._messages(states)))

    def _messages(self, states: Iterable[str]) -> Iterable[outbox.Message]:
        again = self.changes.asks_for_new_plan and self.held.any_waiting
        if self.changes.withdrawn or again:
            yield FollowUpOrder(order_id=self.order.pk, changes=self.changes.document())
        elif (self.created or self.changes.any) and OrderStatus.APPROVED in states:
            yield PlanOrder(order_id=self.order.pk)

    def _say_what_came_too_late(self) -> None:
        """An import is refused; what arrives by itself is kept out, and a person looks at it."""
        aside = self.changes.kept_aside
        if not aside:
            return
        if self.references.is_import:
            raise ItemsPacked({field: [text] for field, text in aside.items()})
        exceptions.report(
            "order_changed_after_packing",
            f"order/{self.order.pk}",
            f"Order {self.order.number} was changed after packing: {', '.join(aside)}.",
            detail={"kept_aside": aside},
        )


def _snapshot(row: CustomerAddress | None, columns: dict[str, Any]) -> CustomerAddress:
    return CustomerAddress.objects.create(**columns) if row is None or differs(row, columns) else row


def _log_state(order: Order, before: str | None) -> None:
    """A row of the state transition log; an installation without states has none yet."""
    states = machine.current().states
    new, old = states.get(("order", order.state)), states.get(("order", before or ""))
    if new is not None:
        row = outbox.LogRow(
            kind="order",
            object_id=order.pk,
            old_state=old.id if old else None,
            new_state=new.id,
            user_id=None,
            attributes={"command.name": "upsert_order"},
        )
        outbox.record(log=[row])
