"""Stores and warehouses, their addresses, their users and their sender ids at carriers."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from packhouse.catalog.models import (
    CargoCompany,
    Channel,
    City,
    Country,
    District,
    Township,
    coordinate_field,
)
from packhouse.kernel.models import Dated, Mirrored, User


class StockLocationAddress(Dated):
    title = models.CharField(max_length=255, blank=True)
    country = models.ForeignKey(Country, on_delete=models.PROTECT, null=True, related_name="+")
    city = models.ForeignKey(City, on_delete=models.PROTECT, null=True, related_name="+")
    township = models.ForeignKey(Township, on_delete=models.PROTECT, null=True, related_name="+")
    district = models.ForeignKey(District, on_delete=models.PROTECT, null=True, related_name="+")
    line = models.TextField(blank=True)
    postcode = models.CharField(max_length=32, null=True, blank=True)
    notes = models.TextField(null=True, blank=True)
    longitude = coordinate_field()
    latitude = coordinate_field()
    mapping = models.JSONField(null=True, blank=True)
    is_active = models.BooleanField(default=True)


class Tag(models.Model):
    name = models.CharField(max_length=64, unique=True)

    def __str__(self) -> str:
        return self.name


class StockLocation(Mirrored):
    """A store or warehouse; partners name it by `erp_code`.

    `quota` counts the packages that hold a unit here; only the engine moves it. `local_fields` lists
    what was edited here and is therefore not overwritten by the back office.
    """

    class Type(models.TextChoices):
        STORE = "store"
        WAREHOUSE = "warehouse"

    name = models.CharField(max_length=255)
    stock_location_type = models.CharField(max_length=16, choices=Type.choices, default=Type.STORE)
    erp_code = models.CharField(max_length=64, unique=True)
    address = models.ForeignKey(
        StockLocationAddress, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    channels = models.ManyToManyField(Channel, blank=True, related_name="+")
    tags = models.ManyToManyField(Tag, blank=True, related_name="locations")
    is_fulfillment_center = models.BooleanField(default=True)
    is_pickup_location = models.BooleanField(default=False)
    is_delivery_location = models.BooleanField(default=False)
    is_fast_delivery_available = models.BooleanField(default=False)
    is_return_available = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    priority = models.IntegerField(default=0)
    max_quota = models.PositiveIntegerField(null=True, blank=True)
    quota = models.IntegerField(default=0, db_default=0, editable=False)
    engine = models.PositiveIntegerField(null=True, blank=True)
    conf = models.JSONField(default=dict, blank=True)
    email = models.CharField(max_length=254, blank=True)
    fax_number = models.CharField(max_length=64, blank=True)
    daytime_phone = models.CharField(max_length=64, blank=True)
    evening_phone = models.CharField(max_length=64, blank=True)
    target_packaging_time = models.PositiveIntegerField(null=True, blank=True)
    exit_time = models.TimeField(null=True, blank=True)
    working_hours = models.JSONField(default=dict, blank=True)
    local_fields = ArrayField(models.CharField(max_length=64), default=list, blank=True)
    sequence = models.BigIntegerField(default=0, db_default=0, editable=False)

    class Meta(Mirrored.Meta):
        constraints: ClassVar = [
            *Mirrored.Meta.constraints,
            models.CheckConstraint(condition=models.Q(quota__gte=0), name="locations_stocklocation_quota"),
        ]

    def __str__(self) -> str:
        return f"{self.erp_code} {self.name}"

    @property
    def available_quota(self) -> int | None:
        """`max_quota − quota`; None where no limit is set."""
        return None if self.max_quota is None else self.max_quota - self.quota


class LocationUser(models.Model):
    """A store user works at this location."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    location = models.ForeignKey(StockLocation, on_delete=models.CASCADE, related_name="users")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "location"], name="locations_locationuser_once")
        ]


class SenderAddress(Dated):
    """What a carrier calls a location: `origin_id`.

    `made_for`: a digest of the address that the carrier gave it for; empty for one that a person has entered.
    """

    stock_location = models.ForeignKey(
        StockLocation, on_delete=models.CASCADE, related_name="sender_addresses"
    )
    cargo_company = models.ForeignKey(CargoCompany, on_delete=models.CASCADE, related_name="+")
    origin_id = models.CharField(max_length=128, blank=True)
    remote_id = models.CharField(max_length=128, null=True, blank=True)
    made_for = models.CharField(max_length=64, blank=True, default="", db_default="")
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["stock_location", "cargo_company"], name="locations_senderaddress_once"
            )
        ]


class Geocode(Dated):
    """What a geocode service answered about an address: kept so that it is asked once.

    `digest` is of the address's text, which is not kept. Coordinates null: it knows no such address.
    """

    digest = models.CharField(max_length=64, unique=True)
    longitude = coordinate_field()
    latitude = coordinate_field()
