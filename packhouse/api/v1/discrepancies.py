"""Products found missing, wrong or damaged while packing."""

from typing import ClassVar

from rest_framework import serializers

from packhouse.api import formats
from packhouse.api.filters import FlagFilter, NumberFilter, StrictFilterSet, TextFilter, TextListFilter
from packhouse.api.lists import DocumentListView
from packhouse.api.routes import route
from packhouse.api.v1 import visibility
from packhouse.api.v1.shapes.package import DiscrepancySerializer
from packhouse.api.v1.stocks import UnitsField
from packhouse.packages.models import Discrepancy


class DiscrepancyRowSerializer(DiscrepancySerializer):
    """`resolved_date`: when the SKU was counted again at that location."""

    package = serializers.IntegerField(source="package_id")
    package_item = serializers.IntegerField(source="package_item_id", allow_null=True)
    erp_code = serializers.CharField(source="stock_location.erp_code")
    quantity = UnitsField()
    user = serializers.IntegerField(source="user_id", allow_null=True)


class DiscrepancyFilterSet(StrictFilterSet):
    package = NumberFilter("package")
    package__number = TextFilter("package__number")
    package_item = NumberFilter("package_item")
    sku = TextFilter("sku")
    sku__in = TextListFilter("sku")
    erp_code = TextFilter("stock_location__erp_code")
    erp_code__in = TextListFilter("stock_location__erp_code")
    reason = TextFilter("reason")
    is_resolved = FlagFilter("resolved_date", "isnull", exclude=True)


class DiscrepancyListView(DocumentListView):
    """What was not where it should be, newest first."""

    rows = Discrepancy.objects.select_related("stock_location")
    serializer_class = DiscrepancyRowSerializer
    filterset_class = DiscrepancyFilterSet
    location_paths = ("stock_location",)
    channel_path = visibility.PACKAGE_PART.channel
    sorts: ClassVar[dict[str, str]] = {"sku": "sku", "erp_code": "stock_location__erp_code"}
    extra_formats = formats.EXPORTS
    file_name = "discrepancies"


routes = [route("discrepancies/", DiscrepancyListView)]
