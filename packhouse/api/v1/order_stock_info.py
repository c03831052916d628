"""What each location had when an order was planned (published)."""

from typing import ClassVar

from rest_framework import serializers

from packhouse.api import formats
from packhouse.api.filters import NumberFilter, StrictFilterSet, TextFilter, TimeFilter
from packhouse.api.lists import DocumentListView
from packhouse.api.routes import route
from packhouse.api.serializers import TimeField
from packhouse.api.v1.shapes.shape import Shape, some_number
from packhouse.catalog.models import UnitType
from packhouse.planning.models import StockSeen


def _quantity() -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=12, decimal_places=3)


class StockInfoItemSerializer(Shape):
    pk = serializers.IntegerField()
    sku = serializers.CharField(source="product.sku")
    omnitron_id = some_number()
    order_number = serializers.CharField(source="order.number")


class StockDataSerializer(Shape):
    """`quantity` = `stock_count` − `reservation_count`."""

    quantity = serializers.SerializerMethodField()
    unit_type = serializers.ChoiceField(choices=UnitType.choices)
    stock_count = _quantity()
    reservation_count = _quantity()

    def get_quantity(self, row: StockSeen) -> str:
        return str(row.stock_count - row.reservation_count)


class OrderStockInfoSerializer(Shape):
    id = serializers.IntegerField()
    date = TimeField(source="created_date")
    order_item = StockInfoItemSerializer()
    stock_data = StockDataSerializer(source="*")
    erp_code = serializers.CharField()
    attempt = serializers.IntegerField()


class OrderStockInfoFilterSet(StrictFilterSet):
    modified_date__gt = TimeFilter("created_date", "gt", help_text="a row never changes")
    modified_date__gte = TimeFilter("created_date", "gte")
    modified_date__lt = TimeFilter("created_date", "lt")
    modified_date__lte = TimeFilter("created_date", "lte")
    order = NumberFilter("order")
    order_number = TextFilter("order__number")
    erp_code = TextFilter("erp_code")
    sku = TextFilter("sku")


class OrderStockInfoView(DocumentListView):
    """The stock that planning saw; locations that had nothing are left out."""

    rows = StockSeen.objects.select_related("order_item__product", "order_item__order")
    serializer_class = OrderStockInfoSerializer
    filterset_class = OrderStockInfoFilterSet
    sorts: ClassVar[dict[str, str]] = {"date": "created_date", "modified_date": "created_date"}
    location_paths = ("stock_location",)
    channel_path = "order__channel"
    extra_formats = formats.EXPORTS
    file_name = "order-stock-info"


routes = [route("order-stock-info/", OrderStockInfoView)]
