"""Stock per (location, SKU), the promises made on it, and every move of it (page 40)."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from packhouse.catalog.models import UnitType, quantity_field
from packhouse.kernel import clock
from packhouse.kernel.models import Dated
from packhouse.locations.models import StockLocation
from packhouse.packages.models import PackageItem
from packhouse.transfers.models import TransferItem


class Stock(Dated):
    """`available = on_hand − reserved − safety_stock`. `reserved` is the sum of the reservation rows.

    `on_hand` is `opening` plus the movements (`opening` null: not known what it began with). For engines other
    than `internal`, `on_hand` holds the service's last answer and `counted_at` its time.
    """

    stock_location = models.ForeignKey(
        StockLocation, on_delete=models.PROTECT, db_index=False, related_name="+"
    )
    sku = models.CharField(max_length=128)
    on_hand = quantity_field(default=0, db_default=0)
    opening = quantity_field(null=True)
    reserved = quantity_field(default=0, db_default=0)
    safety_stock = quantity_field(default=0, db_default=0)
    unit_type = models.CharField(
        max_length=16, choices=UnitType.choices, default=UnitType.QUANTITY, db_default=UnitType.QUANTITY
    )
    version = models.BigIntegerField(null=True)
    counted_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["stock_location", "sku"], name="inventory_stock_once"),
            models.CheckConstraint(condition=models.Q(reserved__gte=0), name="inventory_stock_reserved"),
            models.CheckConstraint(condition=models.Q(safety_stock__gte=0), name="inventory_stock_safety"),
        ]
        indexes: ClassVar = [models.Index(fields=["sku", "stock_location"])]


class Reservation(Dated):
    """Units of a SKU at a location promised to a package item and not yet taken off the shelf count."""

    stock_location = models.ForeignKey(
        StockLocation, on_delete=models.PROTECT, db_index=False, related_name="+"
    )
    sku = models.CharField(max_length=128)
    quantity = quantity_field()
    package_item = models.ForeignKey(PackageItem, on_delete=models.CASCADE, db_index=False, related_name="+")
    transfer_item = models.ForeignKey(TransferItem, on_delete=models.CASCADE, null=True, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(quantity__gt=0), name="inventory_reservation_quantity"),
            models.UniqueConstraint(
                fields=["package_item", "stock_location", "sku", "transfer_item"],
                nulls_distinct=False,
                name="inventory_reservation_once",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["stock_location", "sku"])]


class Movement(models.Model):
    """One change of `on_hand` with its time, so that a count can be brought up to the present. Append only."""

    class Kind(models.TextChoices):
        TAKEN = "taken"
        PUT_BACK = "put_back"
        DISPATCHED = "dispatched"
        ARRIVED = "arrived"
        CORRECTED = "corrected"
        COUNTED = "counted"
        DELTA = "delta"
        RETURNED = "returned"

    stock_location = models.ForeignKey(
        StockLocation, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    sku = models.CharField(max_length=128)
    delta = quantity_field()
    kind = models.CharField(max_length=16, choices=Kind.choices)
    package_item = models.ForeignKey(
        PackageItem,
        on_delete=models.DO_NOTHING,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    transfer_item = models.ForeignKey(
        TransferItem,
        on_delete=models.DO_NOTHING,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    created_date = models.DateTimeField(default=clock.now, db_default=Now())

    class Meta:
        indexes: ClassVar = [models.Index(fields=["stock_location", "sku", "created_date"])]
