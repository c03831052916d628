"""When a carrier may be chosen (pages 50 and 80, 2.4)."""

from http import HTTPStatus
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_field
from pydantic import ValidationError as ShapeError
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from packhouse.api import etags
from packhouse.api.editing import EditableView
from packhouse.api.filters import NumberFilter, StrictFilterSet, TextFilter
from packhouse.api.json_text import JSONParser
from packhouse.api.lists import DocumentListView
from packhouse.api.routes import route
from packhouse.api.serializers import StrictModelSerializer, errors_by_path
from packhouse.api.views import no_content
from packhouse.catalog.models import CargoCompanyCondition
from packhouse.commands.shipments.carrier_rules import RulesConfiguration


@extend_schema_field(
    {"type": "object", "properties": {"rules": {"type": "array", "items": {"type": "object"}}}}
)
class RulesField(serializers.JSONField):
    """`{"rules": [{"when", "priority", "shipping_option_slug", "cost": {"base", "per_desi"}}]}`"""

    def to_internal_value(self, data: Any) -> Any:
        given = super().to_internal_value(data)
        try:
            RulesConfiguration.model_validate(given)
        except ShapeError as error:
            raise ValidationError(errors_by_path(error)) from None
        return given


class CargoCompanyConditionSerializer(StrictModelSerializer):
    """`rules` are alternatives; none: always. A company without a row is never chosen by rule."""

    rules_configuration = RulesField()

    class Meta:
        model = CargoCompanyCondition
        fields = ("id", "rules_configuration", "cargo_company", "created_date", "modified_date")
        read_only_fields = ("created_date", "modified_date")


class CargoCompanyConditionFilterSet(StrictFilterSet):
    cargo_company = NumberFilter("cargo_company")
    cargo_company__erp_code = TextFilter("cargo_company__erp_code")


class CargoCompanyConditionListView(DocumentListView):
    """The conditions of all carriers."""

    access = "Aoi"
    rows = CargoCompanyCondition.objects.all()
    serializer_class = CargoCompanyConditionSerializer
    filterset_class = CargoCompanyConditionFilterSet
    sorts: ClassVar[dict[str, str]] = {"cargo_company": "cargo_company"}
    parser_classes = [JSONParser]

    def post(self, request: Request) -> Response:
        """Say when a carrier may be chosen."""
        given = self.get_serializer(data=request.data)
        given.is_valid(raise_exception=True)
        given.save()
        return etags.answer(dict(given.data), HTTPStatus.CREATED)


class CargoCompanyConditionView(EditableView):
    """One of them; PUT and PATCH take the rules as a whole."""

    access = "Aoi"
    rows = CargoCompanyCondition.objects.all()
    serializer_class = CargoCompanyConditionSerializer
    parser_classes = [JSONParser]

    def delete(self, request: Request, id: int) -> Response:
        """The carrier is then chosen by this rule no more."""
        self.check_visible(id)
        CargoCompanyCondition.objects.filter(pk=id).delete()
        return no_content()


routes = [
    route("cargo-company-conditions/", CargoCompanyConditionListView),
    route("cargo-company-conditions/<id:id>/", CargoCompanyConditionView),
]
