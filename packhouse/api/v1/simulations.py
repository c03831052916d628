"""Simulations: what other versions of scenarios would have done, worked out in the background (page 30)."""

from http import HTTPStatus
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from packhouse.api import filters
from packhouse.api.auth import actor_of
from packhouse.api.json_text import JSONParser
from packhouse.api.routes import route
from packhouse.api.serializers import TimeField
from packhouse.api.v1.shapes.shape import Shape, some_text
from packhouse.api.v1.shapes.simulation import REQUEST, SimulationReportSerializer
from packhouse.api.views import LARGE_BODY, ApiView
from packhouse.commands.planning import simulate
from packhouse.kernel.errors import NotFound
from packhouse.kernel.wire import timestamp
from packhouse.planning.models import Simulation


class SimulationStartedSerializer(Shape):
    id = serializers.IntegerField()


class SimulationProgressSerializer(Shape):
    done = serializers.IntegerField()
    total = serializers.IntegerField(help_text="plans to make: orders times versions")


class SimulationSerializer(Shape):
    """`report` once it is finished; `error` says why one failed."""

    id = serializers.IntegerField()
    state = serializers.ChoiceField(choices=Simulation.State.choices)
    progress = SimulationProgressSerializer()
    report = SimulationReportSerializer(allow_null=True)
    error = some_text()
    created_date = TimeField()
    modified_date = TimeField()


_TWO_VERSIONS = OpenApiExample(
    "two versions over a month of orders",
    value={
        "versions": [{"scenario": 2, "version": 4}, {"scenario": 2, "version": 5}],
        "orders": {"date_placed__gte": "2026-03-01T00:00:00Z"},
        "stock": "now",
    },
    request_only=True,
)


class SimulateView(ApiView):
    """Plan orders by other versions of scenarios, side by side, without touching anything."""

    access = "AO"
    rate = "bulk"
    body_limit = LARGE_BODY
    parser_classes = [JSONParser]
    rows = Simulation.objects.all()

    @extend_schema(
        request={"application/json": REQUEST},
        examples=[_TWO_VERSIONS],
        responses={202: SimulationStartedSerializer},
    )
    def post(self, request: Request) -> Response:
        """202 with the `id` under which `scenarios/simulations/{id}/` tells the progress and the report."""
        started = simulate.begin(request.data, actor_of(request))
        return Response({"id": started.pk}, status=HTTPStatus.ACCEPTED)

    def audited_body(self, request: Request) -> None:
        """Orders that were sent are full of people."""


class SimulationView(ApiView):
    """A simulation, how far it has come, and what came of it."""

    access = "ao"

    @extend_schema(responses={200: SimulationSerializer})
    def get(self, request: Request, id: int) -> Response:
        """Ask again until `state` is `finished` or `failed`."""
        filters.check_only(request.GET)
        found = Simulation.objects.filter(pk=id).first()
        if found is None:
            raise NotFound(_("There is no simulation %(id)s.") % {"id": id})
        return Response(_document(found))


def _document(row: Simulation) -> dict[str, Any]:
    return {
        "id": row.pk,
        "state": row.state,
        "progress": {"done": row.done, "total": row.total},
        "report": row.report,
        "error": row.error,
        "created_date": timestamp(row.created_date),
        "modified_date": timestamp(row.modified_date),
    }


routes = [
    route("scenarios/simulate/", SimulateView),
    route("scenarios/simulations/<id:id>/", SimulationView),
]
