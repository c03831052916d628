"""Trying a scenario on one order: plan and explanation at once, nothing is written (page 50)."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from packhouse.api.json_text import JSONParser
from packhouse.api.routes import route
from packhouse.api.serializers import StrictSerializer
from packhouse.api.v1.shapes.shape import Shape, some_text
from packhouse.api.views import ApiView
from packhouse.commands.planning.simulation_request import VersionAsked
from packhouse.commands.planning.try_plan import try_plan
from packhouse.kernel.errors import InvalidParameter, NotFound
from packhouse.planning import explain

LARGEST = 2**31 - 1


class VersionSerializer(StrictSerializer):
    scenario = serializers.IntegerField(min_value=1, max_value=LARGEST)
    version = serializers.IntegerField(min_value=1, max_value=LARGEST)


class TestDriveBodySerializer(StrictSerializer):
    """`version`: put in the place of the live one of its scenario, also when that is passive."""

    order = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
    version = VersionSerializer(required=False, allow_null=True)


class TriedPlanSerializer(Shape):
    reason = some_text(
        help_text="why the order would stay pending, or has nothing to plan; null: it is planned"
    )
    packages = serializers.ListField(child=serializers.DictField())
    not_placed = serializers.ListField(child=serializers.DictField())


class TestDriveSerializer(Shape):
    order = serializers.IntegerField()
    plan = TriedPlanSerializer()
    explanation = serializers.DictField(allow_null=True)


class TestDriveView(ApiView):
    """One order, planned as it would be now; by another version of a scenario if one is named."""

    audited = False
    access = "AO"
    parser_classes = [JSONParser]

    @extend_schema(request=TestDriveBodySerializer, responses={200: TestDriveSerializer})
    def post(self, request: Request) -> Response:
        """An order that is planned already is planned as if it were not."""
        given = TestDriveBodySerializer(data=request.data)
        given.is_valid(raise_exception=True)
        order_id, version = given.validated_data["order"], given.validated_data.get("version")
        try:
            tried = try_plan(order_id, VersionAsked(**version) if version else None)
        except NotFound as error:
            raise InvalidParameter({"order": [error.text]}) from None
        if isinstance(tried, str):
            return Response(_answer(order_id, {"reason": tried, "packages": [], "not_placed": []}, None))
        told = explain.document(explain.stored(tried))
        plan = {name: told[name] for name in ("reason", "packages", "not_placed")}
        return Response(_answer(order_id, plan, told))


def _answer(order_id: int, plan: dict[str, Any], explanation: dict[str, Any] | None) -> dict[str, Any]:
    return {"order": order_id, "plan": plan, "explanation": explanation}


routes = [route("scenarios/test_drive/", TestDriveView)]
