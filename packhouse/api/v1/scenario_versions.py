"""Versions of scenarios: immutable, compared, one of them live (page 30)."""

from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from packhouse.api import filters
from packhouse.api.auth import actor_of
from packhouse.api.filters import NumberFilter, StrictFilterSet
from packhouse.api.json_text import JSONParser
from packhouse.api.lists import Document, DocumentListView, DocumentView
from packhouse.api.routes import route
from packhouse.api.v1.scenarios import given_document, told
from packhouse.api.v1.shapes import scenario as shapes
from packhouse.api.v1.shapes.shape import Shape
from packhouse.api.views import ApiView
from packhouse.commands.planning import scenarios
from packhouse.kernel.errors import InvalidParameter, MissingParameter, NotFound
from packhouse.kernel.wire import timestamp
from packhouse.planning.models import Scenario, ScenarioVersion
from packhouse.planning.selectors import document_of


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


routes = [
    route("scenarios/<id:id>/versions/", VersionListView),
    route("scenarios/<id:id>/versions/diff/", VersionDiffView),
    route("scenarios/<id:id>/versions/<id:number>/", VersionView),
    route("scenarios/<id:id>/versions/<id:number>/activate/", VersionActivateView),
]
