"""The installed machine as a drawing: JSON, DOT, Mermaid, SVG (page 50)."""

from typing import Any

from django.http import HttpResponse
from django.utils.translation import get_language
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from packhouse.api import filters
from packhouse.api.json_text import JSONRenderer, dumps
from packhouse.api.routes import route
from packhouse.api.v1.shapes.shape import Shape, some_number, some_text
from packhouse.api.v1.transitions import MachineWarningSerializer, told
from packhouse.api.views import ApiView
from packhouse.commands.machine_graph.formats import drawn
from packhouse.commands.machine_graph.graph import OBJECTS, installed
from packhouse.commands.transition_lint import lint
from packhouse.kernel.errors import InvalidParameter


class StateNodeSerializer(Shape):
    """`born`: planning makes objects in it."""

    member = serializers.CharField()
    enum_value = serializers.CharField()
    name = serializers.CharField()
    open = serializers.BooleanField()
    born = serializers.BooleanField()


class GraphTransitionSerializer(Shape):
    """`transition` and `slug` are null for what the system does by itself."""

    transition = some_number()
    slug = some_text()
    command = serializers.CharField()
    name = serializers.CharField()


class GraphMoveSerializer(Shape):
    """`back`: what leads the object back to where it came from. `system`: no caller makes this move."""

    source = serializers.CharField()  # type: ignore[assignment]
    target = serializers.CharField()
    transitions = GraphTransitionSerializer(many=True)
    back = GraphTransitionSerializer(many=True)
    system = serializers.BooleanField()


class InPlaceSerializer(Shape):
    state = serializers.CharField()
    transitions = GraphTransitionSerializer(many=True)


class MachineGraphSerializer(Shape):
    """States by member."""

    object = serializers.CharField(help_text="package or transfer")
    states = StateNodeSerializer(many=True)
    moves = GraphMoveSerializer(many=True)
    in_place = InPlaceSerializer(many=True)


class DrawingSerializer(Shape):
    graphs = MachineGraphSerializer(many=True)
    warnings = MachineWarningSerializer(many=True)


class _Drawing(BaseRenderer):
    """Stands for a format in the negotiation; what is no drawing (an error) stays JSON."""

    charset = "utf-8"

    def render(self, data: Any, *_args: Any, **_kwargs: Any) -> bytes:
        return b"" if data is None else dumps(data).encode()


class DotFormat(_Drawing):
    media_type = "text/vnd.graphviz"
    format = "dot"


class MermaidFormat(_Drawing):
    media_type = "text/vnd.mermaid"
    format = "mermaid"


class SvgFormat(_Drawing):
    media_type = "image/svg+xml"
    format = "svg"


class TransitionGraphView(ApiView):
    """The states of packages and transfers, and the active transitions between them."""

    access = "aoi"
    renderer_classes = (JSONRenderer, DotFormat, MermaidFormat, SvgFormat)

    @extend_schema(
        parameters=[
            OpenApiParameter("object", OpenApiTypes.STR, enum=list(OBJECTS), description="one kind alone")
        ],
        responses={
            (200, "application/json"): DrawingSerializer,
            (200, DotFormat.media_type): OpenApiTypes.STR,
            (200, MermaidFormat.media_type): OpenApiTypes.STR,
            (200, SvgFormat.media_type): OpenApiTypes.STR,
        },
    )
    def get(self, request: Request) -> Response | HttpResponse:
        """JSON with the lint's warnings, or a drawing. Names are the installation's own."""
        filters.check_only(request.GET, "object")
        wanted = request.GET.get("object")
        if wanted is not None and wanted not in OBJECTS:
            raise InvalidParameter({"object": [f"Send one of: {', '.join(OBJECTS)}."]})
        language = (get_language() or "en").partition("-")[0]
        graphs = [installed(kind, language) for kind in OBJECTS if wanted in (None, kind)]
        chosen = request.accepted_renderer.format
        if chosen == "json":
            return Response({"graphs": [graph.wire() for graph in graphs], "warnings": told(lint())})
        media_type = f"{request.accepted_renderer.media_type}; charset=utf-8"
        return HttpResponse(drawn(graphs, str(chosen)), content_type=media_type)


routes = [route("transitions/graph/", TransitionGraphView)]
