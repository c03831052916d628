"""The report of a simulation."""

from rest_framework import serializers

from packhouse.api.serializers import TimeField
from packhouse.api.v1.shapes.shape import Shape, some_number, some_text, text_list, units


class LoadSerializer(Shape):
    """`quota`: packages that the location held before; `over`: those beyond its `max_quota`."""

    erp_code = serializers.CharField()
    packages = serializers.IntegerField()
    units = units()
    quota = serializers.IntegerField()
    max_quota = some_number()
    over = serializers.IntegerField()


class DistancesSerializer(Shape):
    """Kilometres from a package's location to its address; null where no coordinates are known."""

    mean = serializers.FloatField(allow_null=True)
    p95 = serializers.FloatField(allow_null=True)


class SimulatedVersionSerializer(Shape):
    """`scenario` and `version` null: as it is live. `planned`: wholly; `packages` without those out of stock."""

    scenario = some_number()
    version = some_number()
    name = serializers.CharField()
    planned = serializers.IntegerField()
    partly = serializers.IntegerField()
    not_planned = serializers.IntegerField()
    packages = serializers.IntegerField()
    packages_per_order = serializers.FloatField(allow_null=True)
    split_rate = serializers.FloatField(allow_null=True)
    transfers = serializers.IntegerField()
    distance_km = DistancesSerializer()
    out_of_stock_lines = serializers.IntegerField()
    reasons = serializers.DictField(child=serializers.IntegerField())
    locations = LoadSerializer(many=True)


class PlacedLineSerializer(Shape):
    sku = serializers.CharField()
    quantity = units()


class SimulatedPackageSerializer(Shape):
    erp_code = serializers.CharField()
    state = serializers.CharField()
    lines = PlacedLineSerializer(many=True)
    transfers = text_list()


class SimulatedPlanSerializer(Shape):
    reason = some_text()
    packages = SimulatedPackageSerializer(many=True)


class ChangeSerializer(Shape):
    """One plan for each of `versions`, in their order."""

    order = serializers.CharField()
    plans = SimulatedPlanSerializer(many=True)


class SimulationReportSerializer(Shape):
    """`left_out`: orders with nothing to plan, by reason; `changes`: the first 1,000 of the `changed` orders."""

    orders = serializers.IntegerField()
    left_out = serializers.DictField(child=serializers.IntegerField())
    taken_at = TimeField()
    versions = SimulatedVersionSerializer(many=True)
    changed = serializers.IntegerField()
    changes = ChangeSerializer(many=True)


_ROWS = {"type": "array", "items": {"type": "object"}}
_TIME = {"type": "string", "format": "date-time"}
_VERSION = {
    "type": "object",
    "required": ["scenario", "version"],
    "properties": {"scenario": {"type": "integer"}, "version": {"type": "integer"}},
}
_FILTER = {
    "type": "object",
    "additionalProperties": False,
    "description": "Orders that are there; all that is given must hold. The oldest 20,000 of them.",
    "properties": {
        **{f"date_placed__{how}": _TIME for how in ("gte", "gt", "lte", "lt")},
        "channel": {"type": "integer"},
        "state": {"type": "string"},
        "number": {"type": "string"},
        "number__in": {"type": "array", "items": {"type": "string"}},
    },
}
REQUEST = {
    "type": "object",
    "required": ["orders"],
    "properties": {
        "versions": {
            "type": "array",
            "items": _VERSION,
            "maxItems": 10,
            "description": "Each in place of the live one of its scenario; one alone has the live ones beside it.",
        },
        "orders": {"oneOf": [_FILTER, {**_ROWS, "description": "Documents as in orders/import/."}]},
        "stock": {
            "oneOf": [
                {"type": "string", "enum": ["now"]},
                {**_ROWS, "description": "Rows with a quantity, as in stocks/bulk/: all the stock there is."},
            ],
            "default": "now",
        },
    },
}
