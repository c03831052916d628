"""Transfer orders: whole, short, and their items."""

from rest_framework import serializers

from packhouse.api.serializers import TimeField
from packhouse.api.v1.shapes.location import StockLocationSerializer
from packhouse.api.v1.shapes.order import (
    CargoCompanySummarySerializer,
    OrderSummarySerializer,
    PackageBriefSerializer,
)
from packhouse.api.v1.shapes.runnable import RunnableCommandSerializer
from packhouse.api.v1.shapes.shape import Shape, free, some_text, units
from packhouse.api.v1.shapes.shipment import ShipmentSerializer
from packhouse.api.v1.states import StateSerializer
from packhouse.catalog.models import UnitType


class TransferItemSerializer(Shape):
    id = serializers.IntegerField()
    state = StateSerializer()
    unit_type = serializers.ChoiceField(choices=UnitType.choices)
    package_item = serializers.IntegerField()
    product = serializers.IntegerField()
    name = serializers.CharField()
    quantity = units()
    stock_code = serializers.CharField()
    barcode = serializers.CharField()
    transfer_order = serializers.IntegerField()
    created_date = TimeField()
    modified_date = TimeField()


class TransferOrderSerializer(Shape):
    """A whole transfer order. `commands` lists what the caller may run on it now."""

    id = serializers.IntegerField()
    number = serializers.CharField()
    state = StateSerializer()
    commands = RunnableCommandSerializer(many=True)
    order = OrderSummarySerializer()
    package = PackageBriefSerializer()
    source = StockLocationSerializer()  # type: ignore[assignment]
    destination = StockLocationSerializer()
    transferitem_set = TransferItemSerializer(many=True)
    shipment = ShipmentSerializer(allow_null=True)
    cargo_company = CargoCompanySummarySerializer(allow_null=True)
    tracking_number = some_text()
    extra_information = free()
    sequence = serializers.IntegerField()
    created_date = TimeField()
    modified_date = TimeField()


class ShortTransferOrderSerializer(Shape):
    id = serializers.IntegerField()
    number = serializers.CharField()
    state = serializers.CharField(help_text="the enum_value")
    order_number = serializers.CharField()
    package_number = serializers.CharField()
    source_erp_code = serializers.CharField()
    destination_erp_code = serializers.CharField()
    transferitem_count = serializers.IntegerField()
