"""Shipments, parcels, labels."""

from rest_framework import serializers

from packhouse.api.serializers import TimeField
from packhouse.api.v1.shapes.order import CargoCompanySummarySerializer
from packhouse.api.v1.shapes.shape import Shape, id_list, money, some_number, some_text
from packhouse.shipments.states import Registration, ShipmentStatus


def _size() -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=8, decimal_places=1, allow_null=True)


class ParcelSerializer(Shape):
    """Weight in kg, sizes in cm."""

    id = serializers.IntegerField()
    sscc = some_text()
    barcode = serializers.CharField()
    weight = serializers.DecimalField(max_digits=12, decimal_places=3, allow_null=True)
    width = _size()
    height = _size()
    length = _size()
    package_items = id_list()


class ShippingLabelSerializer(Shape):
    id = serializers.IntegerField()
    url = serializers.URLField()
    file_format = serializers.CharField()
    created_date = TimeField()
    modified_date = TimeField()


class ShipmentSerializer(Shape):
    """`status` is null until the carrier has confirmed."""

    id = serializers.IntegerField()
    number = serializers.CharField()
    created_date = TimeField()
    modified_date = TimeField()
    package = some_number()
    transfer_order = some_number()
    cargo_company = CargoCompanySummarySerializer(allow_null=True)
    status = serializers.ChoiceField(choices=[member.value for member in ShipmentStatus], allow_null=True)
    status_date = TimeField(allow_null=True)
    awb_number = some_text()
    tracking_number = some_text()
    query_number = some_text()
    carrier_shipping_code = some_text()
    tracking_url = some_text()
    shipping_date = TimeField(allow_null=True)
    estimated_delivery_date = TimeField(allow_null=True)
    delivered_date = TimeField(allow_null=True)
    pay_on_delivery_amount = money(allow_null=True)
    currency = serializers.CharField()
    is_integrated = serializers.BooleanField()
    registration = serializers.ChoiceField(choices=[member.value for member in Registration])
    origin_id = some_text()
    parcels = ParcelSerializer(many=True)
    last_checked_date = TimeField(allow_null=True)
    error = some_text()


class CarrierStepSerializer(Shape):
    """One step of a carrier's history."""

    date = TimeField()
    status = serializers.CharField()
    text = serializers.CharField()
    place = serializers.CharField()
