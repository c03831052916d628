"""Stock: what is there, what is promised, and feeds of counts (page 40)."""

from dataclasses import asdict
from typing import Any, ClassVar

from django.db.models import F, QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from packhouse.api import filters, formats
from packhouse.api.auth import actor_of
from packhouse.api.filters import DecimalFilter, NumberFilter, StrictFilterSet, TextFilter, TextListFilter
from packhouse.api.json_text import JSONParser
from packhouse.api.lists import DocumentListView
from packhouse.api.routes import route
from packhouse.api.serializers import TimeField
from packhouse.api.v1.csv_files import CSV_BODY, DRY_RUN, CSVParser, flag, sent_file
from packhouse.api.v1.shapes.shape import Shape, some_number
from packhouse.api.v1.stock_feed import CountSerializer, FeedResultSerializer, FileResultSerializer
from packhouse.api.views import LARGE_BODY, ApiView
from packhouse.catalog.models import UnitType
from packhouse.commands.inventory.stock_feed import MOST_ROWS
from packhouse.commands.inventory.take_counts import COLUMNS, NEEDED, take_counts, take_file
from packhouse.inventory.models import Reservation, Stock
from packhouse.kernel.csv_rows import read_rows
from packhouse.kernel.errors import InvalidParameter
from packhouse.kernel.models import Scope

MOST_LINES = 200_000
AVAILABLE = F("on_hand") - F("reserved") - F("safety_stock")


class UnitsField(serializers.FloatField):
    """Whole units as an integer, else a number of up to three places."""

    def to_representation(self, value: Any) -> Any:
        return int(value) if value == value.to_integral_value() else float(value)


class StockSerializer(Shape):
    """`available` = `on_hand` − `reserved` − `safety_stock`."""

    id = serializers.IntegerField()
    sku = serializers.CharField()
    erp_code = serializers.CharField(source="stock_location.erp_code")
    on_hand = UnitsField()
    reserved = UnitsField()
    safety_stock = UnitsField()
    available = serializers.SerializerMethodField()
    unit_type = serializers.ChoiceField(choices=UnitType.choices)
    version = some_number()
    counted_at = TimeField(allow_null=True)
    created_date = TimeField()
    modified_date = TimeField()

    def get_available(self, row: Stock) -> float:
        available: float = UnitsField().to_representation(row.on_hand - row.reserved - row.safety_stock)
        return available


class StockFilterSet(StrictFilterSet):
    sku = TextFilter("sku")
    sku__in = TextListFilter("sku")
    erp_code = TextFilter("stock_location__erp_code")
    erp_code__in = TextListFilter("stock_location__erp_code")
    stock_location = NumberFilter("stock_location")
    unit_type = TextFilter("unit_type")
    available__lt = DecimalFilter(method="filter_available", help_text="less than this is free")

    def filter_available(self, rows: QuerySet[Any], _name: str, value: Any) -> QuerySet[Any]:
        return rows.alias(free=AVAILABLE).filter(free__lt=value)


class StockListView(DocumentListView):
    """Stock by location and SKU."""

    rows = Stock.objects.select_related("stock_location")
    serializer_class = StockSerializer
    scope = Scope.STOCK
    filterset_class = StockFilterSet
    location_paths = ("stock_location",)
    sorts: ClassVar[dict[str, str]] = {"sku": "sku", "erp_code": "stock_location__erp_code"}
    extra_formats = formats.EXPORTS
    file_name = "stocks"


class StockBulkView(ApiView):
    """A feed of counts: absolute (`quantity`) or changes (`delta`); the good rows are kept."""

    access = "AosI"
    scope = Scope.STOCK
    rate = "bulk"
    body_limit = LARGE_BODY
    parser_classes = [JSONParser]

    def get_serializer(self, *args: Any, **kwargs: Any) -> CountSerializer:
        return CountSerializer(*args, **kwargs)

    @extend_schema(request=CountSerializer(many=True), responses={200: FeedResultSerializer})
    def post(self, request: Request) -> Response:
        """Up to 10,000 rows, in order. An older `version` or count is ignored; a bad row stops nothing."""
        rows = request.data
        if not isinstance(rows, list) or len(rows) > MOST_ROWS:
            text = _("Send a JSON list of up to %(count)s rows.") % {"count": MOST_ROWS}
            raise InvalidParameter({"non_field_errors": [text]})
        taken = take_counts(rows, location_ids=actor_of(request).location_ids)
        return Response(asdict(taken))


class StockImportView(ApiView):
    """The same rows as a CSV file: the good ones are kept, the others are named with what is wrong with them."""

    access = {"POST": "AI"}
    scope = Scope.STOCK
    rate = "bulk"
    body_limit = LARGE_BODY
    own_transaction = True
    parser_classes = [CSVParser, MultiPartParser]

    @extend_schema(parameters=[DRY_RUN], request=CSV_BODY, responses={200: FileResultSerializer})
    def post(self, request: Request) -> Response:
        """Columns are the keys of a row of `stocks/bulk/`; a cell that is empty was not sent."""
        filters.check_only(request.GET, "dry_run")
        dry_run = flag(request, "dry_run", default=False)
        rows = read_rows(sent_file(request), columns=COLUMNS, needed=NEEDED, most=MOST_LINES)
        taken = take_file(rows, location_ids=actor_of(request).location_ids, dry_run=dry_run)
        return Response(asdict(taken))


class ReservationSerializer(Shape):
    id = serializers.IntegerField()
    sku = serializers.CharField()
    quantity = UnitsField()
    unit_type = serializers.CharField(source="package_item.order_item.product.unit_type")
    stock_location = serializers.IntegerField(source="stock_location_id")
    package = serializers.IntegerField(source="package_item.package_id")
    package_item = serializers.IntegerField(source="package_item_id")
    transfer_item = some_number(source="transfer_item_id")
    created_date = TimeField()


class ReservationFilterSet(StrictFilterSet):
    sku = TextFilter("sku")
    sku__in = TextListFilter("sku")
    erp_code = TextFilter("stock_location__erp_code")
    erp_code__in = TextListFilter("stock_location__erp_code")
    package = NumberFilter("package_item__package")
    package_item = NumberFilter("package_item")
    order_number = TextFilter("package_item__package__order__number")


class ReservationListView(DocumentListView):
    """Units promised to package items and not yet taken."""

    rows = Reservation.objects.select_related("package_item__order_item__product")
    serializer_class = ReservationSerializer
    scope = Scope.STOCK
    filterset_class = ReservationFilterSet
    location_paths = ("stock_location",)
    channel_path = "package_item__package__order__channel"
    extra_formats = formats.EXPORTS
    file_name = "reservations"


routes = [
    route("stocks/", StockListView),
    route("stocks/bulk/", StockBulkView),
    route("stocks/import/", StockImportView),
    route("reservations/", ReservationListView),
]
