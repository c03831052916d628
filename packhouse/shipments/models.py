"""Shipments: the carrier's side of a package or of a transfer."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from packhouse.catalog.models import CargoCompany, money_field
from packhouse.kernel import clock
from packhouse.kernel.models import Dated
from packhouse.packages.models import Package, PackageItem
from packhouse.shipments.states import Registration, ShipmentStatus
from packhouse.transfers.models import TransferOrder


def _choices(enum: type[ShipmentStatus] | type[Registration]) -> list[tuple[str, str]]:
    return [(member.value, member.value) for member in enum]


class Shipment(Dated):
    """`status` is null until the carrier has confirmed; `registration` says whether it knows the shipment.

    `remote_id` is the `shipmentId` at the carrier. `next_poll_date` null: not polled.
    """

    package = models.ForeignKey(Package, on_delete=models.PROTECT, null=True, related_name="+")
    transfer_order = models.ForeignKey(TransferOrder, on_delete=models.PROTECT, null=True, related_name="+")
    cargo_company = models.ForeignKey(CargoCompany, on_delete=models.PROTECT, null=True, related_name="+")
    cargo_company_reason = models.CharField(max_length=255, blank=True, db_default="")
    status = models.CharField(max_length=32, choices=_choices(ShipmentStatus), null=True)
    status_date = models.DateTimeField(null=True)
    registration = models.CharField(
        max_length=16,
        choices=_choices(Registration),
        default=Registration.PENDING.value,
        db_default=Registration.PENDING.value,
    )
    remote_id = models.CharField(max_length=128, null=True)
    awb_number = models.CharField(max_length=256, null=True)
    tracking_number = models.CharField(max_length=256, null=True)
    query_number = models.CharField(max_length=256, null=True)
    carrier_shipping_code = models.CharField(max_length=256, null=True)
    tracking_url = models.TextField(null=True)
    origin_id = models.CharField(max_length=128, null=True)
    shipping_date = models.DateTimeField(null=True)
    estimated_delivery_date = models.DateTimeField(null=True)
    delivered_date = models.DateTimeField(null=True)
    pay_on_delivery_amount = money_field(null=True)
    currency = models.CharField(max_length=8, default="try", db_default="try")
    is_integrated = models.BooleanField(default=True, db_default=True)
    tries = models.PositiveIntegerField(default=0, db_default=0)
    first_try_date = models.DateTimeField(null=True)
    label_tries = models.PositiveIntegerField(default=0, db_default=0)
    error = models.TextField(null=True)
    next_poll_date = models.DateTimeField(null=True)
    last_checked_date = models.DateTimeField(null=True)
    is_current = models.BooleanField(default=True, db_default=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(package__isnull=False) ^ models.Q(transfer_order__isnull=False),
                name="shipments_shipment_one_owner",
            ),
            models.UniqueConstraint(fields=["remote_id"], name="shipments_shipment_remote_id"),
            models.UniqueConstraint(
                fields=["package"], condition=models.Q(is_current=True), name="shipments_shipment_package"
            ),
            models.UniqueConstraint(
                fields=["transfer_order"],
                condition=models.Q(is_current=True),
                name="shipments_shipment_transfer",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["awb_number"],
                condition=models.Q(awb_number__isnull=False),
                name="shipments_awb_number",
            ),
            models.Index(
                fields=["tracking_number"],
                condition=models.Q(tracking_number__isnull=False),
                name="shipments_tracking_number",
            ),
            models.Index(
                fields=["next_poll_date"],
                condition=models.Q(next_poll_date__isnull=False),
                name="shipments_next_poll_date",
            ),
        ]

    @property
    def number(self) -> str:
        return f"S{self.pk}"


class Parcel(models.Model):
    """One physical box. Weight in kg, sizes in cm."""

    shipment = models.ForeignKey(Shipment, on_delete=models.CASCADE, related_name="parcels")
    position = models.PositiveIntegerField(default=1)
    sscc = models.CharField(max_length=18, null=True)
    barcode = models.CharField(max_length=128)
    tracking_number = models.CharField(max_length=256, null=True)
    weight = models.DecimalField(max_digits=12, decimal_places=3, null=True)
    width = models.DecimalField(max_digits=8, decimal_places=1, null=True)
    height = models.DecimalField(max_digits=8, decimal_places=1, null=True)
    length = models.DecimalField(max_digits=8, decimal_places=1, null=True)
    package_items = models.ManyToManyField(PackageItem, related_name="+")

    class Meta:
        ordering = ("position", "id")


class ShippingLabel(Dated):
    """A label as the carrier gave it or as we drew it."""

    shipment = models.ForeignKey(Shipment, on_delete=models.CASCADE, related_name="labels")
    parcel = models.ForeignKey(Parcel, on_delete=models.CASCADE, null=True, related_name="+")
    file_format = models.CharField(max_length=8, choices=[("pdf", "pdf"), ("zpl", "zpl"), ("png", "png")])
    content = models.BinaryField()
    is_current = models.BooleanField(default=True)


class TrackingEvent(models.Model):
    """One step of the carrier's history; unique by (shipment, status, date)."""

    shipment = models.ForeignKey(Shipment, on_delete=models.CASCADE, related_name="history")
    date = models.DateTimeField()
    status = models.CharField(max_length=64)
    text = models.TextField(blank=True)
    place = models.CharField(max_length=255, blank=True)
    carrier_code = models.CharField(max_length=64, blank=True)
    created_date = models.DateTimeField(default=clock.now, db_default=Now())

    class Meta:
        ordering = ("date", "id")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["shipment", "status", "date"], name="shipments_trackingevent_once"
            )
        ]
