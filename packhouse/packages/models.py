"""Packages (packaging orders), their items, what was found missing, and where an order must not go again."""

from typing import ClassVar

from django.db import models

from packhouse.catalog.models import PackageDenialReason, quantity_field
from packhouse.kernel import clock
from packhouse.kernel.models import Dated, User
from packhouse.locations.models import StockLocation
from packhouse.orders.models import Order, OrderItem
from packhouse.packages.states import PackageStatus


class DiscrepancyReason(models.TextChoices):
    NOT_FOUND = "not_found"
    WRONG_PRODUCT = "wrong_product"
    DAMAGED = "damaged"


class Package(Dated):
    """The items of one order to be packed at one location.

    `holds_quota`: this package's unit of the location's quota is taken. `sequence` counts the events of
    `package/<id>`. `scenario` is {"id", "name", "version", "rule"} of the plan that made it.
    """

    number = models.CharField(max_length=80)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="+")
    stock_location = models.ForeignKey(
        StockLocation, on_delete=models.PROTECT, db_index=False, related_name="+"
    )
    state = models.CharField(
        max_length=8, choices=PackageStatus.choices(), default=PackageStatus.WAITING.value
    )
    state_date = models.DateTimeField(default=clock.now)
    holds_quota = models.BooleanField(default=False, db_default=False)
    previous_package = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="successors"
    )
    remote_id = models.CharField(max_length=128, null=True)
    cancellation_failed = models.BooleanField(default=False, db_default=False)
    scenario = models.JSONField(null=True)
    packed_date = models.DateTimeField(null=True)
    shipment_date = models.DateTimeField(null=True)
    sequence = models.BigIntegerField(default=0, db_default=0)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["number"], name="packages_package_number")]
        indexes: ClassVar = [
            models.Index(fields=["state", "id"]),
            models.Index(fields=["stock_location", "state"]),
            models.Index(
                fields=["remote_id"],
                condition=models.Q(remote_id__isnull=False),
                name="packages_package_remote_id",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class PackageItem(Dated):
    """One order item, or a part of its quantity, in one package.

    `taken`: units that left the shelf count for it already. `order_code`: the order-item code it was last
    mapped to (page 10).
    """

    package = models.ForeignKey(Package, on_delete=models.CASCADE, related_name="items")
    order_item = models.ForeignKey(OrderItem, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(
        max_length=8, choices=PackageStatus.choices(), default=PackageStatus.WAITING.value
    )
    quantity = quantity_field()
    taken = quantity_field(default=0, db_default=0)
    order_code = models.CharField(max_length=8, default="400", db_default="400")
    unit_weight = models.DecimalField(max_digits=12, decimal_places=3, null=True)
    selected_barcode = models.CharField(max_length=128, null=True)
    serial_no = models.CharField(max_length=128, null=True)
    discrepancy_reason = models.CharField(max_length=16, choices=DiscrepancyReason.choices, null=True)
    denial_reason = models.ForeignKey(
        PackageDenialReason, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(quantity__gt=0), name="packages_packageitem_quantity"),
            models.CheckConstraint(
                condition=models.Q(taken__gte=0) & models.Q(taken__lte=models.F("quantity")),
                name="packages_packageitem_taken",
            ),
        ]


class Discrepancy(Dated):
    """A product found missing or wrong while packing. `package`: the one that was being packed.

    `package_item` null: its units have been planned again meanwhile, and its row is gone. `resolved_date`: when
    the SKU was counted again at this location.
    """

    package = models.ForeignKey(Package, on_delete=models.CASCADE, related_name="discrepancies")
    package_item = models.ForeignKey(
        PackageItem, on_delete=models.SET_NULL, null=True, related_name="discrepancies"
    )
    stock_location = models.ForeignKey(StockLocation, on_delete=models.PROTECT, related_name="+")
    sku = models.CharField(max_length=128)
    quantity = quantity_field()
    reason = models.CharField(max_length=16, choices=DiscrepancyReason.choices)
    user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    resolved_date = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["stock_location", "sku"],
                condition=models.Q(resolved_date__isnull=True),
                name="packages_discrepancy_open",
            )
        ]


class Otp(Dated):
    """The code by which a customer takes a package over (page 80, 4); one row per code, the last one counts.

    `digest` is salted, and keyed with the installation's secret. `tries` counts wrong codes. `sent_date` null: not
    sent yet.
    """

    package = models.ForeignKey(Package, on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=255)
    expires_date = models.DateTimeField()
    tries = models.PositiveIntegerField(default=0, db_default=0)
    sent_date = models.DateTimeField(null=True)
    used_date = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["package", "-id"], name="packages_otp_last")]


class LocationExclusion(models.Model):
    """This order (or this SKU of it, where `sku` is set) is never planned to this location again."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="+")
    stock_location = models.ForeignKey(StockLocation, on_delete=models.CASCADE, related_name="+")
    sku = models.CharField(max_length=128, null=True)
    reason = models.CharField(max_length=64)
    created_date = models.DateTimeField(default=clock.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["order", "stock_location", "sku"],
                nulls_distinct=False,
                name="packages_locationexclusion_once",
            )
        ]
