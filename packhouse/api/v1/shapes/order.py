"""Orders and their items."""

from rest_framework import serializers

from packhouse.api.serializers import TimeField
from packhouse.api.v1.catalog import ProductSerializer
from packhouse.api.v1.shapes.people import CustomerAddressSerializer, CustomerSerializer
from packhouse.api.v1.shapes.runnable import RunnableCommandSerializer
from packhouse.api.v1.shapes.shape import Shape, free, id_list, money, some_number, some_text, units
from packhouse.api.v1.states import StateSerializer
from packhouse.catalog.models import UnitType


class CargoCompanySummarySerializer(Shape):
    id = serializers.IntegerField()
    name = serializers.CharField()
    erp_code = serializers.CharField()
    shipping_company = serializers.CharField()


class DeliveryRangeSerializer(Shape):
    start = TimeField(allow_null=True)
    end = TimeField(allow_null=True)


class OrderSummarySerializer(Shape):
    """How an order stands inside packages, transfers and execution plans."""

    id = serializers.IntegerField()
    omnitron_id = some_number()
    number = serializers.CharField()
    state = StateSerializer()
    channel = serializers.IntegerField()
    date_placed = TimeField()
    currency = serializers.CharField()
    amount = money()
    delivery_type = serializers.CharField()
    shipping_option_slug = some_text()
    language_code = serializers.CharField()


class OrderItemSerializer(Shape):
    id = serializers.IntegerField()
    state = StateSerializer()
    commands = RunnableCommandSerializer(many=True)
    product = ProductSerializer()
    created_date = TimeField()
    modified_date = TimeField()
    omnitron_id = some_number()
    net_amount = money(allow_null=True)
    price = money()
    price_currency = serializers.CharField()
    retail_price = money(allow_null=True)
    tax_rate = money()
    tax_amount = money(allow_null=True)
    discount_amount = money(allow_null=True)
    without_net_amount = money(allow_null=True)
    installment_interest_amount = money()
    attributes = free()
    attributes_kwargs = free()
    image = some_text()
    price_list = some_number()
    stock_list = some_number()
    extra_field = free()
    parent_omnitron_id = some_number()
    order = serializers.IntegerField()
    quantity = units()
    cancelled_quantity = units()
    unit_type = serializers.ChoiceField(choices=UnitType.choices)
    cancel_status = some_text()
    tracking_number = some_text()
    estimated_delivery_date = TimeField(allow_null=True)
    delivered_date = TimeField(allow_null=True)
    packages = id_list()


class ChannelSummarySerializer(Shape):
    id = serializers.IntegerField()
    name = serializers.CharField()
    omnitron_id = some_number()
    channel_type = serializers.CharField()


class PaymentOptionSerializer(Shape):
    pk = serializers.IntegerField()
    name = serializers.CharField()
    slug = serializers.CharField()
    payment_type = serializers.CharField()


class PackageBriefSerializer(Shape):
    """How a package stands inside its order and its transfers; `state` is the `enum_value`."""

    id = serializers.IntegerField()
    number = serializers.CharField()
    state = serializers.CharField()
    stock_location_erp_code = serializers.CharField()


class OrderSerializer(Shape):
    id = serializers.IntegerField()
    state = StateSerializer()
    commands = RunnableCommandSerializer(many=True)
    orderitem_set = OrderItemSerializer(many=True)
    omnitron_id = some_number()
    number = serializers.CharField()
    channel = ChannelSummarySerializer()
    customer = CustomerSerializer(allow_null=True)
    shipping_address = CustomerAddressSerializer(allow_null=True)
    billing_address = CustomerAddressSerializer(allow_null=True)
    date_placed = TimeField()
    currency = serializers.CharField()
    amount = money()
    discount_amount = money()
    shipping_amount = money()
    shipping_tax_rate = money(allow_null=True)
    refund_amount = money()
    installment = some_number()
    installment_count = serializers.IntegerField()
    payment_option = PaymentOptionSerializer(allow_null=True)
    payment_type = serializers.CharField()
    cargo_company = CargoCompanySummarySerializer(allow_null=True)
    delivery_type = serializers.CharField()
    delivery_range = DeliveryRangeSerializer(allow_null=True)
    shipping_option_slug = some_text()
    tracking_number = some_text()
    carrier_shipping_code = some_text()
    invoice_number = some_text()
    invoice_date = TimeField(allow_null=True)
    e_archive_url = some_text()
    notes = some_text()
    has_gift_box = serializers.BooleanField()
    gift_box_note = some_text()
    client_type = serializers.CharField()
    language_code = serializers.CharField()
    segment = some_text()
    external_status = some_text()
    remote_addr = some_text()
    is_send = serializers.BooleanField()
    extra_field = free()
    retail_store = some_number()
    package_set = PackageBriefSerializer(many=True)
    execution_plan = some_number()
    sequence = serializers.IntegerField()
    created_date = TimeField()
    modified_date = TimeField()
    remote_modified_date = TimeField(allow_null=True)
