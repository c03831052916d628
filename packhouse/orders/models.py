"""Orders as copied from the back office, and what must still be told about them."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from packhouse.catalog.models import (
    CargoCompany,
    Channel,
    Customer,
    CustomerAddress,
    PaymentOption,
    Product,
    UnitType,
    money_field,
    quantity_field,
)
from packhouse.kernel import clock
from packhouse.kernel.models import Dated, Mirrored, User
from packhouse.locations.models import StockLocation
from packhouse.orders.states import OrderStatus


class Order(Mirrored):
    """One order. `state` is the lowest code of its items that are not 100 (page 10).

    `sequence` counts the events of `order/<id>`. The row is the mutex of everything planned from it:
    whoever changes a package, a transfer or an item of the order locks this row first (docs/locking.md).
    """

    number = models.CharField(max_length=64)
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="+")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, null=True, related_name="+")
    shipping_address = models.ForeignKey(
        CustomerAddress, on_delete=models.PROTECT, null=True, db_index=False, related_name="+"
    )
    billing_address = models.ForeignKey(
        CustomerAddress, on_delete=models.PROTECT, null=True, db_index=False, related_name="+"
    )
    retail_store = models.ForeignKey(
        StockLocation, on_delete=models.PROTECT, null=True, db_index=False, related_name="+"
    )
    cargo_company = models.ForeignKey(CargoCompany, on_delete=models.PROTECT, null=True, related_name="+")
    payment_option = models.ForeignKey(
        PaymentOption, on_delete=models.PROTECT, null=True, db_index=False, related_name="+"
    )
    state = models.CharField(max_length=8, choices=OrderStatus.choices(), default=OrderStatus.WAITING.value)
    date_placed = models.DateTimeField(default=clock.now, db_index=True)
    currency = models.CharField(max_length=8, default="try")
    amount = money_field(default=0)
    discount_amount = money_field(default=0)
    shipping_amount = money_field(default=0)
    net_shipping_amount = money_field(null=True)
    shipping_tax_rate = money_field(null=True)
    shipping_interest_amount = money_field(null=True)
    refund_amount = money_field(default=0)
    installment = models.BigIntegerField(null=True)
    installment_count = models.PositiveIntegerField(default=1)
    installment_interest_amount = money_field(default=0)
    pay_on_delivery_amount = money_field(null=True)
    payment_type = models.CharField(max_length=64, blank=True)
    delivery_type = models.CharField(max_length=32, default="standard", blank=True)
    delivery_range_start = models.DateTimeField(null=True)
    delivery_range_end = models.DateTimeField(null=True)
    shipping_option_slug = models.CharField(max_length=128, null=True)
    tracking_number = models.CharField(max_length=256, null=True)
    carrier_shipping_code = models.CharField(max_length=256, null=True)
    defined_tracking_url = models.TextField(null=True)
    invoice_number = models.CharField(max_length=128, null=True)
    invoice_date = models.DateTimeField(null=True)
    e_archive_url = models.TextField(null=True)
    is_send = models.BooleanField(default=False)
    cancellation_info = models.JSONField(null=True)
    notes = models.TextField(null=True)
    has_gift_box = models.BooleanField(default=False)
    gift_box_note = models.TextField(null=True)
    client_type = models.CharField(max_length=32, default="default", blank=True)
    language_code = models.CharField(max_length=16, default="tr-tr", blank=True)
    segment = models.CharField(max_length=128, null=True)
    external_status = models.CharField(max_length=128, null=True)
    remote_addr = models.CharField(max_length=64, null=True)
    extra_field = models.JSONField(default=dict)
    content_hash = models.CharField(max_length=64, blank=True)
    warnings = models.JSONField(default=list)
    is_imported = models.BooleanField(default=False)
    sequence = models.BigIntegerField(default=0, db_default=0)

    class Meta(Mirrored.Meta):
        constraints: ClassVar = [
            *Mirrored.Meta.constraints,
            models.UniqueConstraint(fields=["channel", "number"], name="orders_order_number"),
        ]
        indexes: ClassVar = [
            # "Starts with" as well as equality.
            models.Index(fields=["number"], name="orders_order_by_number", opclasses=["varchar_pattern_ops"]),
            models.Index(fields=["state", "date_placed"]),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_click_and_collect(self) -> bool:
        """Delivered in a store (page 70, A6)."""
        return self.delivery_type == "in_store" or (
            self.shipping_address is not None and self.shipping_address.address_type == "retail_store"
        )


class OrderItem(Mirrored):
    """One sellable line. Money is the total of its units; `quantity` minus `cancelled_quantity` is still wanted."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="items")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=8, choices=OrderStatus.choices(), default=OrderStatus.APPROVED.value)
    omnitron_status = models.CharField(max_length=8, null=True)
    cancel_status = models.CharField(max_length=32, null=True)
    quantity = quantity_field(default=1)
    cancelled_quantity = quantity_field(default=0)
    price = money_field(default=0)
    price_currency = models.CharField(max_length=8, default="try")
    retail_price = money_field(null=True)
    tax_rate = money_field(default=0)
    tax_amount = money_field(null=True)
    net_amount = money_field(null=True)
    without_net_amount = money_field(null=True)
    discount_amount = money_field(default=0)
    installment_interest_amount = money_field(default=0)
    price_list = models.BigIntegerField(null=True)
    stock_list = models.BigIntegerField(null=True)
    parent_omnitron_id = models.BigIntegerField(null=True)
    attributes = models.JSONField(default=dict)
    attributes_kwargs = models.JSONField(default=dict)
    extra_field = models.JSONField(default=dict)
    image = models.TextField(null=True)
    external_id = models.CharField(max_length=128, null=True)
    tracking_number = models.CharField(max_length=256, null=True)
    estimated_delivery_date = models.DateTimeField(null=True)
    delivered_date = models.DateTimeField(null=True)
    content_hash = models.CharField(max_length=64, blank=True)

    class Meta(Mirrored.Meta):
        constraints: ClassVar = [
            *Mirrored.Meta.constraints,
            models.CheckConstraint(condition=models.Q(quantity__gt=0), name="orders_orderitem_quantity"),
            models.CheckConstraint(
                condition=models.Q(cancelled_quantity__gte=0)
                & models.Q(cancelled_quantity__lte=models.F("quantity")),
                name="orders_orderitem_cancelled",
            ),
        ]

    @property
    def unit_type(self) -> str:
        return self.product.unit_type or UnitType.QUANTITY


class StatusReport(models.Model):
    """A status (and what belongs to it) of one order item that the back office must learn; the outbox of A7.

    `fields` holds what goes beside the status (`invoice_number`, `tracking_number` …), only keys with a value.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        SENT = "sent"
        REFUSED = "refused"
        PARKED = "parked"

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="+")
    order_item = models.ForeignKey(OrderItem, on_delete=models.CASCADE, related_name="+")
    status = models.CharField(max_length=8)
    fields = models.JSONField(default=dict)
    state = models.CharField(
        max_length=8, choices=State.choices, default=State.WAITING, db_default=State.WAITING
    )
    not_before = models.DateTimeField(null=True)
    tries = models.PositiveIntegerField(default=0, db_default=0)
    last_error = models.TextField(blank=True, db_default="")
    answer = models.JSONField(null=True)
    created_date = models.DateTimeField(default=clock.now, db_default=Now())
    sent_date = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["order", "id"],
                condition=models.Q(state="waiting"),
                name="orders_statusreport_waiting",
            )
        ]


class CancellationPlan(Mirrored):
    """What the back office (or a person) wants cancelled, and what became of it (pages 50, 70 A7)."""

    class State(models.TextChoices):
        WAITING = "waiting"
        ACCEPTED = "accepted"
        PARTLY = "partly"
        REFUSED = "refused"
        WITHDRAWN = "withdrawn"

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="cancellation_plans")
    plan_type = models.CharField(max_length=16, choices=[("cancel", "cancel"), ("refund", "refund")])
    state = models.CharField(max_length=16, choices=State.choices, default=State.WAITING)
    answered_date = models.DateTimeField(null=True)


class CancellationPlanItem(models.Model):
    plan = models.ForeignKey(CancellationPlan, on_delete=models.CASCADE, related_name="items")
    order_item = models.ForeignKey(OrderItem, on_delete=models.CASCADE, related_name="+")
    quantity = quantity_field()
    package_id = models.BigIntegerField(null=True)
    decision = models.CharField(max_length=16, blank=True)
    reason = models.TextField(blank=True)
    cancellation_reason = models.BigIntegerField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["plan", "order_item"], name="orders_cancellationplanitem_once")
        ]


class OrderImport(Dated):
    """A large import of orders, worked off in the background (page 70, C). `user`: who sent it."""

    user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    state = models.CharField(max_length=16, default="waiting")
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    dry_run = models.BooleanField(default=False)
    create_missing = models.BooleanField(default=True)
    body = models.JSONField(null=True)


class OrderImportPart(models.Model):
    """What became of some orders of a large import, one after the other from `first_index`."""

    order_import = models.ForeignKey(OrderImport, on_delete=models.CASCADE, related_name="parts")
    first_index = models.PositiveIntegerField()
    results = models.JSONField()

    class Meta:
        ordering = ("first_index",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["order_import", "first_index"], name="orders_importpart_once")
        ]
