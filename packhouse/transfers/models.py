"""Transfer orders: items that travel from a source location to the package's location before packing."""

from typing import ClassVar

from django.db import models

from packhouse.catalog.models import CargoCompany, Product, UnitType, quantity_field
from packhouse.kernel import clock
from packhouse.kernel.models import Dated
from packhouse.locations.models import StockLocation
from packhouse.packages.models import DiscrepancyReason, Package, PackageItem
from packhouse.transfers.states import TransferStatus


class TransferOrder(Dated):
    number = models.CharField(max_length=96, unique=True)
    package = models.ForeignKey(Package, on_delete=models.PROTECT, related_name="+")
    source = models.ForeignKey(StockLocation, on_delete=models.PROTECT, related_name="+")
    destination = models.ForeignKey(StockLocation, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(
        max_length=24, choices=TransferStatus.choices(), default=TransferStatus.WAITING.value
    )
    state_date = models.DateTimeField(default=clock.now)
    cargo_company = models.ForeignKey(CargoCompany, on_delete=models.PROTECT, null=True, related_name="+")
    tracking_number = models.CharField(max_length=256, null=True)
    extra_information = models.JSONField(default=dict, db_default={})
    sequence = models.BigIntegerField(default=0, db_default=0)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["state", "id"])]

    def __str__(self) -> str:
        return self.number


class TransferItem(Dated):
    transfer_order = models.ForeignKey(TransferOrder, on_delete=models.CASCADE, related_name="items")
    package_item = models.ForeignKey(PackageItem, on_delete=models.PROTECT, related_name="+")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(
        max_length=24, choices=TransferStatus.choices(), default=TransferStatus.WAITING.value
    )
    quantity = quantity_field()
    unit_type = models.CharField(max_length=16, choices=UnitType.choices, default=UnitType.QUANTITY)
    discrepancy_reason = models.CharField(max_length=16, choices=DiscrepancyReason.choices, null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(quantity__gt=0), name="transfers_transferitem_quantity")
        ]
