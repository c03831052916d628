"""The catalogue of commands: what each promises, takes, sends, and how it is installed."""

from typing import Any

from django.utils.translation import get_language
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from packhouse.api import filters, pagination
from packhouse.api.pagination import Page
from packhouse.api.routes import route
from packhouse.api.v1.shapes.shape import Shape, some_text, text_list
from packhouse.api.views import ApiView
from packhouse.commands.registry import in_order
from packhouse.kernel import machine, params
from packhouse.kernel.commands import Command
from packhouse.kernel.errors import InvalidParameter, NotFound

OBJECTS = ("package", "transfer")


class MoveSerializer(Shape):
    source = serializers.CharField()  # type: ignore[assignment]
    target = some_text()


class CatalogueSerializer(Shape):
    """`moves` by member, `target` null where the object does not move; `installed`: active slugs."""

    command = serializers.CharField()
    code = some_text()
    aliases = text_list()
    object = serializers.CharField(help_text="package or transfer")
    name = serializers.CharField()
    system_only = serializers.BooleanField()
    moves = MoveSerializer(many=True)
    input_parameters = serializers.DictField()
    effects = serializers.CharField()
    events = text_list()
    installed = text_list()


class CommandCatalogueView(ApiView):
    """Every command of this version, in the order of the documentation."""

    access = "aoi"

    def get_serializer(self, *args: Any, **kwargs: Any) -> CatalogueSerializer:
        return CatalogueSerializer(*args, **kwargs)

    @extend_schema(responses={200: CatalogueSerializer(many=True)})
    def get(self, request: Request) -> Response:
        """Pages as every list; `object` narrows it to package or transfer."""
        filters.check_only(request.GET, "object")
        kind = request.GET.get("object")
        if kind is not None and kind not in OBJECTS:
            raise InvalidParameter({"object": [f"Send one of: {', '.join(OBJECTS)}."]})
        known = in_order(kind)
        wanted = pagination.asked(request.GET)
        start = (wanted.page - 1) * wanted.size
        if start >= len(known) and wanted.page > 1:
            raise NotFound("There is no such page.")
        rows = [described(command) for command in known[start : start + wanted.size]]
        page = Page((), wanted.page, len(known), estimated=False, has_next=start + wanted.size < len(known))
        return Response(pagination.envelope(request._request, page, rows))  # noqa: SLF001


def described(command: Command) -> dict[str, Any]:
    """A row of the catalogue; name in the caller's language."""
    language = "tr" if (get_language() or "").startswith("tr") else "en"
    active = machine.current().transitions.values()
    return {
        "command": command.name,
        "code": command.code,
        "aliases": list(command.aliases),
        "object": command.on,
        "name": command.title.get(language) or command.name,
        "system_only": command.system_only,
        "moves": [
            {"source": move.source.name, "target": move.target.name if move.target else None}
            for move in command.moves
        ],
        "input_parameters": params.schema(command.params),
        "effects": " ".join(command.effects.split()),
        "events": list(command.events),
        "installed": [row.slug for row in active if row.command == command.name],
    }


routes = [route("commands/", CommandCatalogueView)]
