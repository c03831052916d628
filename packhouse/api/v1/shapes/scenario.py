"""Scenarios as JSON (page 30)."""

from rest_framework import serializers

from packhouse.api.serializers import TimeField
from packhouse.api.v1.shapes.shape import Shape, id_list, some_number, text_list
from packhouse.planning.models import ScenarioKind


def _condition_type() -> serializers.CharField:
    return serializers.CharField(required=False, help_text="static or dynamic")


def _query() -> serializers.DictField:
    return serializers.DictField(required=False, allow_null=True, help_text="a query of page 30")


class SortSerializer(Shape):
    key = serializers.CharField()
    direction = serializers.CharField(help_text="asc or desc")


class RuleSerializer(Shape):
    name = serializers.CharField(max_length=255)
    prerequisite = _query()
    product_condition = serializers.CharField(help_text="all_products, available_products or query")
    product_query = _query()
    location_conditions = serializers.ListField(child=serializers.DictField())
    sort = SortSerializer(many=True)
    strategy = serializers.CharField(help_text="ordered or fewest_packages")
    max_packages = some_number()
    allow_last_known_stock = serializers.BooleanField()
    transferable = serializers.BooleanField()


class WarnedLocationSerializer(Shape):
    erp_code = serializers.CharField()
    reason = serializers.CharField()


class ScenarioWarningSerializer(Shape):
    """Something that the scenario can never do."""

    code = serializers.CharField()
    path = serializers.CharField()
    detail = serializers.CharField()
    locations = WarnedLocationSerializer(many=True)


class ScenarioSerializer(Shape):
    """Locations by erp_code, channels by id, cargo companies by erp_code, payment options by slug."""

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=ScenarioKind.choices)
    name = serializers.CharField(max_length=255)
    description = serializers.CharField(allow_blank=True)
    status = serializers.CharField(help_text="active or passive")
    priority = serializers.IntegerField()
    version = serializers.IntegerField(help_text="the live one")
    latest_version = serializers.IntegerField()
    channel_condition_type = _condition_type()
    channels = id_list()
    channel_query = _query()
    shipping_condition_type = _condition_type()
    cargo_companies = text_list()
    shipping_query = _query()
    payment_condition_type = _condition_type()
    payment_options = text_list()
    payment_query = _query()
    customer_condition_type = _condition_type()
    customer_types = text_list()
    customer_query = _query()
    default_location = serializers.CharField(required=False, help_text="not for transfer scenarios")
    default_multiple_packages_state = serializers.CharField(required=False)
    rules = RuleSerializer(many=True)
    warnings = ScenarioWarningSerializer(many=True)
    created_date = TimeField()
    modified_date = TimeField()


class ScenarioVersionSerializer(Shape):
    """An immutable version; `document` is what it would say if it were live."""

    scenario = serializers.IntegerField()
    version = serializers.IntegerField()
    is_live = serializers.BooleanField()
    comment = serializers.CharField()
    author = some_number()
    created_date = TimeField()
    document = serializers.DictField()


class ActivatedSerializer(Shape):
    scenario = serializers.IntegerField()
    version = serializers.IntegerField()
    warnings = ScenarioWarningSerializer(many=True)


class DifferenceSerializer(Shape):
    path = serializers.CharField()
    old = serializers.JSONField(allow_null=True)
    new = serializers.JSONField(allow_null=True)


class ScenarioDiffSerializer(Shape):
    changes = DifferenceSerializer(many=True)


class ScenarioCheckSerializer(Shape):
    valid = serializers.BooleanField()
    errors = serializers.DictField()  # type: ignore[assignment]
    warnings = ScenarioWarningSerializer(many=True)


class QueryFieldSerializer(Shape):
    field = serializers.CharField()
    type = serializers.CharField()
    operators = text_list()
    used_in = text_list()
