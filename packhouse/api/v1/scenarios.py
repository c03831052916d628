"""Scenarios: who packs what. Saved as versions, one of them live (page 30)."""

from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, ClassVar

from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
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
from packhouse.kernel.errors import InvalidParameter, MissingParameter, NotFound
from packhouse.kernel.wire import timestamp
from packhouse.planning import queries
from packhouse.planning.models import Scenario, ScenarioVersion
from packhouse.planning.scenario_warnings import ScenarioWarning, warnings
from packhouse.planning.selectors import document_of, read_locations

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


class VersionFilterSet(StrictFilterSet):
    modified_date__gt = modified_date__gte = modified_date__lt = modified_date__lte = None
    number = NumberFilter("number")
    author = NumberFilter("author")


class _Versions(DocumentView):
    rows = ScenarioVersion.objects.all()
    serializer_class: ClassVar[type[Shape]] = shapes.ScenarioVersionSerializer
    access = "AO"
    parser_classes = [JSONParser]

    def documents(self, ids: Sequence[int]) -> Iterable[Document]:
        found = ScenarioVersion.objects.select_related("scenario").in_bulk(list(ids))
        return [version_document(found[pk]) for pk in ids if pk in found]


def version_document(row: ScenarioVersion) -> Document:
    """A version, with the document it would be if it were live."""
    return {
        "scenario": row.scenario_id,
        "version": row.number,
        "is_live": row.scenario.live_version_id == row.pk,
        "comment": row.comment,
        "author": row.author_id,
        "created_date": timestamp(row.created_date),
        "document": document_of(row.scenario, row).to_json(),
    }


def scenario_of(id: int) -> Scenario:
    """Raises NotFound."""
    found = Scenario.objects.filter(pk=id).first()
    if found is None:
        raise NotFound(_("There is no scenario %(id)s.") % {"id": id})
    return found


class VersionListView(_Versions, DocumentListView):
    """The versions of a scenario, newest first."""

    filterset_class = VersionFilterSet
    sorts: ClassVar[dict[str, str]] = {"version": "number"}
    default_sort = "-version"

    def get(self, request: Request, **kwargs: Any) -> Any:
        scenario_of(kwargs["id"])
        return super().get(request)

    def visible(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.filter(scenario=self.kwargs["id"])

    @extend_schema(request=shapes.ScenarioSerializer, responses={201: shapes.ScenarioVersionSerializer})
    def post(self, request: Request, id: int) -> Response:
        """Save a version with the changed keys, a `comment`, and, when not the live one, the `base` it changes."""
        given = given_document(request)
        comment, base = _comment(given.pop("comment", "")), _base(given.pop("base", None))
        if changed := sorted(set(given) & set(scenarios.AT_ONCE)):
            raise InvalidParameter({name: [_("This acts at once; PATCH the scenario.")] for name in changed})
        saved = scenarios.change(id, given, actor_of(request), base=base, comment=comment)
        row = ScenarioVersion.objects.select_related("scenario").get(scenario=id, number=saved.version)
        return Response(
            {**version_document(row), "warnings": told(saved.warnings)}, status=HTTPStatus.CREATED
        )


def _comment(value: Any) -> str:
    if not isinstance(value, str) or len(value) > 2000:
        raise InvalidParameter({"comment": [_("Send a text of up to 2000 characters.")]})
    return value


def _base(value: Any) -> int | None:
    if value is not None and (isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 2**31):
        raise InvalidParameter({"base": [_("Send the number of a version.")]})
    return value


def _number_in(request: Request, name: str) -> int:
    given = request.GET.get(name)
    if given is None:
        raise MissingParameter({name: [_("Send the number of a version.")]})
    if not (given.isascii() and given.isdigit() and len(given) < 10):
        raise InvalidParameter({name: [_("Send the number of a version.")]})
    return int(given)


class VersionView(_Versions):
    """One version."""

    def get(self, request: Request, id: int, number: int) -> Response:
        """With the document it would be if it were live."""
        filters.check_only(request.GET)
        return Response(version_document(scenarios.version_of(scenario_of(id), _small(number))))


def _small(number: int) -> int:
    """No version has a larger number than a column holds."""
    return min(number, 2**31 - 1)


class VersionActivateView(ApiView):
    """Make a version live; effective for the next order."""

    access = "AO"

    @extend_schema(request=None, responses={200: shapes.ActivatedSerializer})
    def post(self, _request: Request, id: int, number: int) -> Response:
        """One atomic act; answers what the version can never do."""
        saved = scenarios.activate(id, _small(number))
        return Response({"scenario": id, "version": saved.version, "warnings": told(saved.warnings)})


class VersionDiffView(ApiView):
    """What differs between two versions."""

    access = "AO"

    @extend_schema(
        parameters=[
            OpenApiParameter("from", int, required=True, description="number of the older version"),
            OpenApiParameter("to", int, required=True, description="number of the newer version"),
        ],
        responses={200: shapes.ScenarioDiffSerializer},
    )
    def get(self, request: Request, id: int) -> Response:
        """By path: `old` and `new`; null where a side has nothing."""
        filters.check_only(request.GET, "from", "to")
        scenario = scenario_of(id)
        numbers = [_number_in(request, name) for name in ("from", "to")]
        old, new = (scenarios.version_of(scenario, number).body for number in numbers)
        return Response({"from": numbers[0], "to": numbers[1], "changes": list(differences(old, new))})


def differences(old: Any, new: Any, path: str = "") -> Iterable[Document]:
    """Every leaf that is another, by dotted path."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted(old.keys() | new.keys()):
            yield from differences(old.get(key), new.get(key), f"{path}.{key}" if path else key)
    elif (
        isinstance(old, list)
        and isinstance(new, list)
        and any(isinstance(item, dict) for item in [*old, *new])
    ):
        for n in range(max(len(old), len(new))):
            before, after = (rows[n] if n < len(rows) else None for rows in (old, new))
            yield from differences(before, after, f"{path}.{n}")
    elif old != new:
        yield {"path": path, "old": old, "new": new}


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
    route("scenarios/<id:id>/versions/", VersionListView),
    route("scenarios/<id:id>/versions/diff/", VersionDiffView),
    route("scenarios/<id:id>/versions/<id:number>/", VersionView),
    route("scenarios/<id:id>/versions/<id:number>/activate/", VersionActivateView),
]
