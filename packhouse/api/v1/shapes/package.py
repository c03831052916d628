"""Packages: whole, short, and their items."""

from rest_framework import serializers

from packhouse.api.serializers import TimeField
from packhouse.api.v1.shapes.location import StockLocationSerializer
from packhouse.api.v1.shapes.order import DeliveryRangeSerializer, OrderItemSerializer, OrderSummarySerializer
from packhouse.api.v1.shapes.people import CustomerAddressSerializer, CustomerSerializer
from packhouse.api.v1.shapes.runnable import RunnableCommandSerializer
from packhouse.api.v1.shapes.shape import Shape, some_number, some_text, units
from packhouse.api.v1.shapes.shipment import ShipmentSerializer, ShippingLabelSerializer
from packhouse.api.v1.states import StateSerializer
from packhouse.catalog.models import UnitType
from packhouse.packages.models import DiscrepancyReason


class InvoiceSummarySerializer(Shape):
    number = some_text()
    date = serializers.DateField(allow_null=True)
    document_type = some_text()
    document_url = serializers.URLField()
    e_archive_url = some_text()


class DenialReasonSummarySerializer(Shape):
    id = serializers.IntegerField()
    title = serializers.CharField()
    remote_id = some_text()
    priority = some_number()
    is_active = serializers.BooleanField()


class PackageItemSerializer(Shape):
    id = serializers.IntegerField()
    state = StateSerializer()
    package = serializers.IntegerField()
    order_item = OrderItemSerializer()
    quantity = units()
    unit_type = serializers.ChoiceField(choices=UnitType.choices)
    unit_weight = units(allow_null=True)
    selected_barcode = some_text()
    serial_no = some_text()
    discrepancy_reason = serializers.ChoiceField(choices=DiscrepancyReason.choices, allow_null=True)
    denial_reason = DenialReasonSummarySerializer(allow_null=True)
    created_date = TimeField()
    modified_date = TimeField()
    transfer_item = some_number()


class TransferBriefSerializer(Shape):
    """How a transfer stands inside its package; `state` is the `enum_value`."""

    id = serializers.IntegerField()
    number = serializers.CharField()
    state = serializers.CharField()
    source_erp_code = serializers.CharField()


class ScenarioSummarySerializer(Shape):
    """The scenario, its version and the rule that made a package."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    version = serializers.IntegerField()
    rule = some_text()


class PackageSerializer(Shape):
    """A whole package. `commands` lists what the caller may run on it now."""

    writable = frozenset({"remote_id"})

    id = serializers.IntegerField()
    number = serializers.CharField()
    state = StateSerializer()
    commands = RunnableCommandSerializer(many=True)
    order_id = serializers.IntegerField()
    order_number = serializers.CharField()
    order = OrderSummarySerializer()
    remote_id = serializers.CharField(max_length=128, allow_null=True)
    date_placed = TimeField()
    order_notes = some_text()
    channel = serializers.IntegerField()
    channel_name = serializers.CharField()
    payment_type = serializers.CharField()
    city = some_text()
    delivery_range = DeliveryRangeSerializer(allow_null=True)
    shipment_date = TimeField(allow_null=True)
    invoice_number = some_text()
    invoice = InvoiceSummarySerializer(allow_null=True)
    shipping_label = ShippingLabelSerializer(allow_null=True)
    shipment = ShipmentSerializer(allow_null=True)
    stock_location = StockLocationSerializer()
    packageitem_set = PackageItemSerializer(many=True)
    packageitem_count = serializers.IntegerField()
    transferorder_set = TransferBriefSerializer(many=True)
    customer = CustomerSerializer(allow_null=True)
    shipping_address = CustomerAddressSerializer(allow_null=True)
    billing_address = CustomerAddressSerializer(allow_null=True)
    is_click_and_collect = serializers.BooleanField()
    retail_store = some_number()
    has_gift_box = serializers.BooleanField()
    gift_box_note = some_text()
    cancellation_failed = serializers.BooleanField()
    previous_package = some_number()
    scenario = ScenarioSummarySerializer(allow_null=True)
    sequence = serializers.IntegerField()
    created_date = TimeField()
    modified_date = TimeField()


class ShortPackageSerializer(Shape):
    id = serializers.IntegerField()
    number = serializers.CharField()
    state = serializers.CharField(help_text="the enum_value")
    stock_location_erp_code = serializers.CharField()
    packageitem_count = serializers.IntegerField()
    order = serializers.IntegerField()
    order_number = serializers.CharField()
    stock_location = serializers.IntegerField()
    shipment = some_number()
    channel = serializers.IntegerField()
    tracking_number = some_text()
    created_date = TimeField()
    modified_date = TimeField()


class DiscrepancySerializer(Shape):
    id = serializers.IntegerField()
    package = serializers.IntegerField()
    package_item = some_number()
    sku = serializers.CharField()
    erp_code = serializers.CharField()
    quantity = units()
    reason = serializers.CharField(help_text="as discrepancy_reason of a package item")
    user = some_number()
    created_date = TimeField()
    resolved_date = TimeField(allow_null=True)


class PackageItemRowSerializer(PackageItemSerializer):
    """A row of `packages/package-items/`."""

    package = ShortPackageSerializer()  # type: ignore[assignment]
    discrepancies = DiscrepancySerializer(many=True)
    transfer_orders = TransferBriefSerializer(many=True)


class OldPackageItemSerializer(Shape):
    """The older form: `package`, `order_item`, `denial_reason` are ids, no `quantity`."""

    id = serializers.IntegerField()
    state = StateSerializer()
    package = serializers.IntegerField()
    order_item = serializers.IntegerField()
    unit_type = serializers.ChoiceField(choices=UnitType.choices)
    unit_weight = units(allow_null=True)
    selected_barcode = some_text()
    serial_no = some_text()
    discrepancy_reason = serializers.ChoiceField(choices=DiscrepancyReason.choices, allow_null=True)
    denial_reason = some_number()
    created_date = TimeField()
    modified_date = TimeField()
    transfer_item = some_number()
    discrepancies = DiscrepancySerializer(many=True)
    transfer_orders = TransferBriefSerializer(many=True)
