"""Scenarios: who packs what. Saved as versions, one of them live (page 30)."""

from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, ClassVar

from django.db import transaction
from django.db.models import Max
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from packhouse.api import etags, filters
from packhouse.api.auth import actor_of
from packhouse.api.filters import NumberFilter, StrictFilterSet, TextFilter
from packhouse.api.json_text import JSONParser
from packhouse.api.lists import Document, DocumentDetailView, DocumentListView, DocumentView
from packhouse.api.routes import route
from packhouse.api.v1.shapes import scenario as shapes
from packhouse.api.v1.shapes.shape import Shape
from packhouse.api.views import ApiView, no_content
from packhouse.commands.planning import scenarios
from packhouse.kernel.errors import InvalidParameter
from packhouse.kernel.wire import timestamp
from packhouse.planning import queries
from packhouse.planning.ground import read_locations
from packhouse.planning.models import Scenario
from packhouse.planning.scenario_warnings import ScenarioWarning, warnings
from packhouse.planning.selectors import document_of

READ_ONLY = frozenset({"latest_version"})


def told(found: Iterable[ScenarioWarning]) -> list[Document]:
    """Warnings in the caller's language."""
    language = "tr" if (get_language() or "").startswith("tr") else "en"
    return [warning.to_json(language) for warning in found]


def given_document(request: Request) -> dict[str, Any]:
    """The body without the keys that are shown only. Raises InvalidParameter unless it is an object."""
    if not isinstance(request.data, Mapping):
        raise InvalidParameter({"non_field_errors": [_("Send a JSON object.")]})
    return {key: value for key, value in request.data.items() if key not in READ_ONLY}


class ScenarioFilterSet(StrictFilterSet):
    kind = TextFilter("kind")
    status = TextFilter("status")
    name = TextFilter("name", "icontains")
    priority = NumberFilter("priority")


class _Scenarios(DocumentView):
    rows = Scenario.objects.filter(live_version__isnull=False)
    serializer_class: ClassVar[type[Shape]] = shapes.ScenarioSerializer
    access = "AO"
    parser_classes = [JSONParser]

    def documents(self, ids: Sequence[int]) -> Iterable[Document]:
        """The live documents. A fixed number of statements."""
        rows = Scenario.objects.select_related("live_version").annotate(latest=Max("versions__number"))
        found = rows.in_bulk(list(ids))
        locations = read_locations() if found else None
        return [_document(found[pk], locations) for pk in ids if pk in found]

    def shown(self, saved: scenarios.Saved, status: int = HTTPStatus.OK) -> Response:
        """A scenario after it was saved, with the warnings about what was sent; the ETag is that of a GET."""
        (document,) = self.documents([saved.scenario_id])
        return Response(
            {**document, "warnings": told(saved.warnings)},
            status=status,
            headers={"ETag": etags.etag_of(document)},
        )


def _document(row: Any, locations: Any) -> Document:
    live = row.live_version
    document = document_of(row, live)
    return {
        "id": row.pk,
        "version": live.number,
        "latest_version": row.latest,
        **document.to_json(),
        "warnings": told(warnings(document, locations)),
        "created_date": timestamp(row.created_date),
        "modified_date": timestamp(row.modified_date),
    }


class ScenarioListView(_Scenarios, DocumentListView):
    """Scenarios with their live version; `warnings` names what they can never do."""

    filterset_class = ScenarioFilterSet
    sorts: ClassVar[dict[str, str]] = {"priority": "priority", "name": "name"}

    @extend_schema(request=shapes.ScenarioSerializer, responses={201: shapes.ScenarioSerializer})
    def post(self, request: Request) -> Response:
        """A new scenario: version 1, live at once."""
        saved = scenarios.create(given_document(request), actor_of(request))
        return self.shown(saved, HTTPStatus.CREATED)


class ScenarioView(_Scenarios, DocumentDetailView):
    """One scenario with its live version."""

    def get(self, request: Request, id: int, **_kwargs: Any) -> Response:
        return etags.answer(self.document(request, id))

    @extend_schema(request=shapes.ScenarioSerializer, responses={200: shapes.ScenarioSerializer})
    def patch(self, request: Request, id: int) -> Response:
        """`name`, `description`, `status`, `priority` act at once; anything else saves a new version of the live
        one, which is live only after `activate`; the answer's `latest_version` names it."""
        given = given_document(request)
        with transaction.atomic():
            scenarios.locked(id)
            if "If-Match" in request.headers:
                etags.check(request, self.document(request, id))
            saved = scenarios.change(id, given, actor_of(request))
        return self.shown(saved)

    def delete(self, request: Request, id: int) -> Response:
        """Switched off; plans keep naming it."""
        with transaction.atomic():
            scenarios.locked(id)
            if "If-Match" in request.headers:
                etags.check(request, self.document(request, id))
            scenarios.switch_off(id)
        return no_content()


class ScenarioReorderView(ApiView):
    """Priorities at once, in the order of the ids."""

    access = "AO"
    parser_classes = [JSONParser]

    @extend_schema(
        request=serializers.ListSerializer(child=serializers.IntegerField()), responses={204: None}
    )
    def post(self, request: Request) -> Response:
        """`[ids]`; scenarios that are not named follow in their present order."""
        ids = request.data
        if not isinstance(ids, list) or any(isinstance(pk, bool) or not isinstance(pk, int) for pk in ids):
            raise InvalidParameter({"non_field_errors": [_("Send a JSON list of ids.")]})
        scenarios.reorder(ids)
        return no_content()


class ScenarioValidateView(ApiView):
    """Errors and warnings of a document, without saving it."""

    audited = False
    access = "AO"
    parser_classes = [JSONParser]

    @extend_schema(request=shapes.ScenarioSerializer, responses={200: shapes.ScenarioCheckSerializer})
    def post(self, request: Request) -> Response:
        """Errors by path; warnings where there are no errors."""
        try:
            document = scenarios.read(given_document(request))
        except InvalidParameter as refusal:
            return Response({"valid": False, "errors": refusal.errors, "warnings": []})
        found = told(scenarios.warnings_of(document))
        return Response({"valid": True, "errors": {}, "warnings": found})


class ScenarioFieldsView(ApiView):
    """The fields that queries may use, with their types and operators."""

    access = "AO"

    @extend_schema(responses={200: shapes.QueryFieldSerializer(many=True)})
    def get(self, request: Request) -> Response:
        """Where each may be used: order, product, transfer, carrier."""
        filters.check_only(request.GET)
        return Response(queries.describe_fields())


routes = [
    route("scenarios/", ScenarioListView),
    route("scenarios/reorder/", ScenarioReorderView),
    route("scenarios/validate/", ScenarioValidateView),
    route("scenarios/fields/", ScenarioFieldsView),
    route("scenarios/<id:id>/", ScenarioView),
]
