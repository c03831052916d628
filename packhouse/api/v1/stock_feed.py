"""What a feed of counts (`stocks/bulk/`) and a file of them (`stocks/import/`) look like (page 40)."""

from rest_framework import serializers

from packhouse.api.serializers import TimeField
from packhouse.api.v1.shapes.shape import Shape
from packhouse.catalog.models import UnitType


class CountSerializer(Shape):
    """One row of a feed: `quantity` is what lay on the shelf at `counted_at`, `delta` a change."""

    writable = frozenset(
        {"sku", "erp_code", "quantity", "delta", "counted_at", "version", "safety_stock", "unit_type"}
    )

    sku = serializers.CharField(max_length=128)
    erp_code = serializers.CharField(max_length=128)
    quantity = serializers.DecimalField(required=False, allow_null=True, max_digits=12, decimal_places=3)
    delta = serializers.DecimalField(required=False, allow_null=True, max_digits=12, decimal_places=3)
    counted_at = TimeField(required=False, allow_null=True)
    version = serializers.IntegerField(required=False, allow_null=True, min_value=0)
    safety_stock = serializers.DecimalField(
        required=False, allow_null=True, max_digits=12, decimal_places=3, min_value=0
    )
    unit_type = serializers.ChoiceField(required=False, allow_null=True, choices=UnitType.choices)


class FeedErrorSerializer(Shape):
    index = serializers.IntegerField()
    sku = serializers.CharField(allow_null=True)
    erp_code = serializers.CharField(allow_null=True)
    error = serializers.CharField()


class FeedResultSerializer(Shape):
    accepted = serializers.IntegerField()
    ignored = serializers.IntegerField()
    errors = FeedErrorSerializer(many=True)  # type: ignore[assignment]


class FileErrorSerializer(Shape):
    line = serializers.IntegerField(help_text="the header is line 1")
    sku = serializers.CharField(allow_null=True)
    erp_code = serializers.CharField(allow_null=True)
    error = serializers.CharField()


class FileResultSerializer(Shape):
    accepted = serializers.IntegerField()
    ignored = serializers.IntegerField()
    errors = FileErrorSerializer(many=True)  # type: ignore[assignment]
