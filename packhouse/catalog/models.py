"""Reference data mirrored from the back office: channels, products, customers, addresses, carriers, reasons."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from packhouse.kernel.models import Dated, Mirrored


class UnitType(models.TextChoices):
    QUANTITY = "quantity"
    KG = "kg"


def money_field(**kwargs: object) -> models.DecimalField:
    """An amount of money: two places, as Omnitron and the wire have it."""
    return models.DecimalField(max_digits=16, decimal_places=2, **kwargs)  # type: ignore[arg-type]


def quantity_field(**kwargs: object) -> models.DecimalField:
    """A quantity: whole units, or kilograms with three places."""
    return models.DecimalField(max_digits=12, decimal_places=3, **kwargs)  # type: ignore[arg-type]


def coordinate_field() -> models.DecimalField:
    return models.DecimalField(max_digits=12, decimal_places=8, null=True, blank=True)


class Channel(Mirrored):
    """Where an order was sold. `configuration` is ours, e.g. `bill_service`."""

    name = models.CharField(max_length=255)
    slug = models.SlugField(max_length=255, null=True, blank=True, unique=True)
    channel_type = models.CharField(max_length=64, default="web")
    catalog = models.JSONField(null=True, blank=True)
    conf = models.JSONField(default=dict, blank=True)
    configuration = models.JSONField(default=dict, blank=True)
    currency = models.CharField(max_length=8, default="try")
    is_active = models.BooleanField(default=True)
    is_installed = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.name


class Place(Mirrored):
    name = models.CharField(max_length=255)
    folded_name = models.CharField(max_length=255, db_index=True, editable=False)
    is_active = models.BooleanField(default=True)
    longitude = coordinate_field()
    latitude = coordinate_field()

    class Meta(Mirrored.Meta):
        abstract = True

    def __str__(self) -> str:
        return self.name


class Country(Place):
    code = models.CharField(max_length=8, blank=True)


class City(Place):
    country = models.ForeignKey(Country, on_delete=models.PROTECT, related_name="cities")


class Township(Place):
    city = models.ForeignKey(City, on_delete=models.PROTECT, related_name="townships")


class District(Place):
    city = models.ForeignKey(City, on_delete=models.PROTECT, related_name="districts")
    township = models.ForeignKey(Township, on_delete=models.PROTECT, related_name="districts")


class Product(Mirrored):
    sku = models.CharField(max_length=128, unique=True)
    base_code = models.CharField(max_length=128, blank=True)
    name = models.CharField(max_length=512)
    barcode = models.CharField(max_length=128, blank=True, db_index=True)
    barcodes = ArrayField(models.CharField(max_length=128), default=list, blank=True)
    unit_type = models.CharField(max_length=16, choices=UnitType.choices, default=UnitType.QUANTITY)
    unit_weight = models.DecimalField(max_digits=12, decimal_places=3, null=True, blank=True)
    desi = models.DecimalField(max_digits=12, decimal_places=3, null=True, blank=True)
    attributes = models.JSONField(default=dict, blank=True)
    attributes_kwargs = models.JSONField(default=dict, blank=True)
    extra_attributes = models.JSONField(default=dict, blank=True)
    is_active = models.BooleanField(default=True)

    class Meta(Mirrored.Meta):
        indexes: ClassVar = [GinIndex(fields=["barcodes"])]

    def __str__(self) -> str:
        return f"{self.sku} {self.name}"


class ProductImage(models.Model):
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="images")
    omnitron_id = models.BigIntegerField(null=True, blank=True)
    order = models.PositiveIntegerField(default=0)
    url = models.TextField()

    class Meta:
        ordering = ("order", "id")


class Customer(Mirrored):
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, null=True, related_name="+")
    email = models.CharField(max_length=254, blank=True, db_index=True)
    first_name = models.CharField(max_length=255, blank=True)
    last_name = models.CharField(max_length=255, blank=True)
    phone_number = models.CharField(max_length=64, null=True, blank=True, db_index=True)
    erp_code = models.CharField(max_length=64, null=True, blank=True, db_index=True)
    user_type = models.CharField(max_length=64, null=True, blank=True)
    attributes = models.JSONField(default=dict, blank=True)
    anonymised_date = models.DateTimeField(null=True, blank=True)


class CustomerAddress(Dated):
    """An address as it was when its order was copied: a snapshot, so that later edits change nothing shipped."""

    class Type(models.TextChoices):
        CUSTOMER = "customer"
        RETAIL_STORE = "retail_store"
        CHECKOUT_PROVIDER = "checkout_provider"

    omnitron_id = models.BigIntegerField(null=True, blank=True, db_index=True)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, null=True, related_name="+")
    address_type = models.CharField(max_length=32, choices=Type.choices, default=Type.CUSTOMER)
    title = models.CharField(max_length=255, blank=True)
    first_name = models.CharField(max_length=255, blank=True)
    last_name = models.CharField(max_length=255, blank=True)
    email = models.CharField(max_length=254, blank=True)
    phone_number = models.CharField(max_length=64, blank=True)
    country = models.ForeignKey(Country, on_delete=models.PROTECT, null=True, related_name="+")
    city = models.ForeignKey(City, on_delete=models.PROTECT, null=True, related_name="+")
    township = models.ForeignKey(Township, on_delete=models.PROTECT, null=True, related_name="+")
    district = models.ForeignKey(District, on_delete=models.PROTECT, null=True, related_name="+")
    line = models.TextField(blank=True)
    postcode = models.CharField(max_length=32, null=True, blank=True)
    notes = models.TextField(null=True, blank=True)
    longitude = coordinate_field()
    latitude = coordinate_field()
    company_name = models.CharField(max_length=255, null=True, blank=True)
    tax_office = models.CharField(max_length=255, null=True, blank=True)
    tax_no = models.CharField(max_length=64, null=True, blank=True)
    e_bill_taxpayer = models.BooleanField(default=False)
    identity_number = models.CharField(max_length=64, null=True, blank=True)
    retail_store = models.BigIntegerField(null=True, blank=True)
    remote_id = models.CharField(max_length=128, null=True, blank=True)
    hash_data = models.CharField(max_length=128, blank=True)
    extra_field = models.JSONField(default=dict, blank=True)
    is_active = models.BooleanField(default=True)


class PaymentOption(Mirrored):
    name = models.CharField(max_length=255)
    slug = models.CharField(max_length=128, db_index=True)
    payment_type = models.CharField(max_length=64, blank=True)


class CargoCompany(Mirrored):
    """A carrier. `configuration` says which adaptor talks to it; its secrets are encrypted."""

    name = models.CharField(max_length=255)
    erp_code = models.CharField(max_length=128, unique=True)
    shipping_company = models.CharField(max_length=128, blank=True)
    configuration = models.JSONField(default=dict, blank=True)
    is_active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.name


class CargoCompanyCondition(Dated):
    """`rules_configuration` {"rules": [...]}: when this carrier may be chosen (page 80, 2.4)."""

    cargo_company = models.ForeignKey(CargoCompany, on_delete=models.CASCADE, related_name="conditions")
    rules_configuration = models.JSONField(default=dict, blank=True)


class CancellationReason(Mirrored):
    cancellation_type = models.CharField(max_length=32, blank=True)
    subject = models.CharField(max_length=255)
    order = models.PositiveIntegerField(default=0)
    is_active = models.BooleanField(default=True)
    send_to_remote = models.BooleanField(default=False)
    send_to_oms = models.BooleanField(default=True)
    extra_information_needed = models.BooleanField(default=False)
    translations = models.JSONField(null=True, blank=True)
    uuid = models.UUIDField(null=True, blank=True)


class PackageDenialReason(Dated):
    """Why a location may refuse a package."""

    title = models.CharField(max_length=255, unique=True)
    remote_id = models.CharField(max_length=100, null=True, blank=True)
    priority = models.PositiveIntegerField(null=True, blank=True)
    is_active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.title
