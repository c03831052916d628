"""Installed transitions: which moves callers may make, and how each is configured (pages 10 and 50)."""

from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, ClassVar

from django.core.validators import RegexValidator
from django.db import transaction
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from packhouse.api import etags
from packhouse.api.filters import FlagFilter, NumberFilter, StrictFilterSet, TextFilter
from packhouse.api.json_text import JSONParser
from packhouse.api.lists import Document, DocumentDetailView, DocumentListView, DocumentView
from packhouse.api.permissions import Access
from packhouse.api.routes import route
from packhouse.api.serializers import SealedField, TimeField
from packhouse.api.v1.location_fields import read_id
from packhouse.api.v1.shapes.shape import Shape, some_text
from packhouse.api.v1.states import StateSerializer
from packhouse.api.views import ApiView, no_content
from packhouse.commands import transition_rows
from packhouse.commands.installation import install_defaults
from packhouse.commands.transition_lint import LANGUAGES, MachineWarning, lint
from packhouse.kernel import commands, machine
from packhouse.kernel.configuration import TransitionConfiguration
from packhouse.kernel.errors import PackhouseError
from packhouse.kernel.models import Transition, Visibility
from packhouse.kernel.secrets import by_name, mask
from packhouse.kernel.wire import timestamp

IS_SECRET = by_name()


@extend_schema_field(StateSerializer(allow_null=True))
class StateField(serializers.Field[Any, Any, Any, Any]):
    """In a body: the id of a state, its member, or the state object as it was read."""

    def to_internal_value(self, data: Any) -> int | str:
        if isinstance(data, str) and not data.isdecimal():
            return data
        return read_id(data)

    def to_representation(self, value: Any) -> Any:
        return value


@extend_schema_field(OpenApiTypes.OBJECT)
class NamesField(serializers.Field[Any, Any, Any, Any]):
    """`{"en": "Ship", "tr": "Kargoya ver"}`; a text is the name in every language."""

    def to_internal_value(self, data: Any) -> dict[str, str]:
        names = dict.fromkeys(LANGUAGES, data) if isinstance(data, str) else data
        if not isinstance(names, Mapping) or not names or set(names) - set(LANGUAGES):
            raise ValidationError(_("Send a text, or an object with en and tr."))
        if any(not isinstance(name, str) or not 0 < len(name) <= 255 for name in names.values()):
            raise ValidationError(_("A name has 1 to 255 characters."))
        return dict(names)

    def to_representation(self, value: Any) -> Any:
        return value


class MachineWarningSerializer(Shape):
    """`state` is a member; `state` or `slug` says where."""

    code = serializers.ChoiceField(
        choices=[
            "dead_end",
            "unreachable",
            "duplicate_slug",
            "undeclared_move",
            "missing_translation",
            "missing_state_translation",
        ]
    )
    kind = serializers.CharField(help_text="package or transfer")
    state = some_text()
    slug = some_text()
    detail = serializers.CharField()


class TransitionSerializer(Shape):
    """A row: its command may move an object from one source to one target."""

    writable = frozenset(
        {
            *("slug", "command", "name", "source_state", "target_state", "visibility", "configuration"),
            *("is_active", "position"),
        }
    )

    id = serializers.IntegerField()
    slug = serializers.CharField(max_length=64, validators=[RegexValidator(r"^[-a-zA-Z0-9_]+\Z")])
    command = serializers.CharField(max_length=64, help_text="class name; in a body a code will do")
    code = serializers.CharField(allow_null=True)
    name = NamesField(required=False)
    content_type = serializers.IntegerField()
    source_state = StateField()
    target_state = StateField(required=False, allow_null=True)
    visibility = serializers.ListField(
        required=False, child=serializers.ChoiceField(choices=Visibility.choices)
    )
    configuration = SealedField(required=False, shape=TransitionConfiguration, is_secret=IS_SECRET)
    is_active = serializers.BooleanField(required=False)
    position = serializers.IntegerField(required=False, min_value=0, max_value=2**31 - 1)
    created_date = TimeField()
    modified_date = TimeField()
    warnings = MachineWarningSerializer(many=True)


class TransitionFilterSet(StrictFilterSet):
    slug = TextFilter("slug")
    command = TextFilter("command")
    content_type = NumberFilter("content_type")
    source_state = NumberFilter("source_state")
    source_state__enum_value = TextFilter("source_state__enum_value")
    target_state = NumberFilter("target_state")
    target_state__enum_value = TextFilter("target_state__enum_value")
    is_active = FlagFilter("is_active")


class _Transitions(DocumentView):
    rows = Transition.objects.all()
    serializer_class = TransitionSerializer
    access: ClassVar[Access | None] = "Aoi"
    parser_classes = [JSONParser]

    def documents(self, ids: Sequence[int]) -> Iterable[Document]:
        found = Transition.objects.in_bulk(list(ids))
        return [_document(found[pk]) for pk in ids if pk in found]


def _document(row: Transition) -> Document:
    states = machine.current().states_by_id
    definition = commands.find(row.command)
    return {
        "id": row.pk,
        "slug": row.slug,
        "command": row.command,
        "code": definition.code if definition else None,
        "name": row.name,
        "content_type": row.content_type_id,
        "source_state": states[row.source_state_id].wire(),
        "target_state": states[row.target_state_id].wire() if row.target_state_id else None,
        "visibility": row.visibility,
        "configuration": mask(row.configuration, IS_SECRET),
        "is_active": row.is_active,
        "position": row.position,
        "created_date": timestamp(row.created_date),
        "modified_date": timestamp(row.modified_date),
        "warnings": [],
    }


def told(found: Iterable[MachineWarning], known: Sequence[MachineWarning] = ()) -> list[Document]:
    """Warnings, without those that were there before."""
    return [
        {
            "code": warning.code,
            "kind": warning.kind,
            "state": warning.state,
            "slug": warning.slug,
            "detail": warning.detail,
        }
        for warning in found
        if warning not in known
    ]


class TransitionListView(_Transitions, DocumentListView):
    """Installed transitions."""

    filterset_class = TransitionFilterSet
    sorts: ClassVar[dict[str, str]] = {"position": "position", "slug": "slug"}

    def post(self, request: Request) -> Response:
        """Install a row. Its move must be one that the command declares; `warnings` tell what is odd by it."""
        given = self.get_serializer(data=request.data)
        given.is_valid(raise_exception=True)
        known = lint()
        made = transition_rows.install(_with_name(given.validated_data))
        (document,) = self.documents([made])
        odd = told(lint(), known)
        headers = {"ETag": etags.etag_of(document)}
        return Response({**document, "warnings": odd}, status=HTTPStatus.CREATED, headers=headers)


def _with_name(values: Mapping[str, Any]) -> dict[str, Any]:
    """A row without a name of its own has its command's title."""
    definition = commands.find(values["command"])
    return {"name": dict(definition.title) if definition else {}, **values}


class TransitionView(_Transitions, DocumentDetailView):
    """One transition. `slug`, states and `command` are fixed once it has run."""

    def get(self, request: Request, id: int, **_kwargs: Any) -> Response:
        return etags.answer(self.document(request, id))

    def patch(self, request: Request, id: int) -> Response:
        """A secret that comes back as its mask keeps what is stored."""
        with transaction.atomic():
            row = transition_rows.locked(id)
            etags.check(request, self.document(request, id))
            given = self.get_serializer(row, data=request.data, partial=True)
            given.is_valid(raise_exception=True)
            known = lint()
            transition_rows.change(id, given.validated_data)
            odd = told(lint(), known)
        document = self.document(request, id)
        return Response({**document, "warnings": odd}, headers={"ETag": etags.etag_of(document)})

    def delete(self, request: Request, id: int) -> Response:
        """Switched off, not removed: the log keeps naming it."""
        with transaction.atomic():
            transition_rows.locked(id)
            etags.check(request, self.document(request, id))
            transition_rows.switch_off(id)
        return no_content()


class TransitionCheckSerializer(Shape):
    valid = serializers.BooleanField()
    errors = serializers.DictField()  # type: ignore[assignment]
    warnings = MachineWarningSerializer(many=True)


class _Undo(Exception):
    """Takes back what was only tried."""


class TransitionValidateView(_Transitions):
    """What a row would be refused for, and what would be odd with it, without saving it."""

    audited = False
    access = {"POST": "A"}

    @extend_schema(request=TransitionSerializer, responses={200: TransitionCheckSerializer})
    def post(self, request: Request) -> Response:
        """An empty object checks the machine as it stands."""
        errors: Mapping[str, Any] = {}
        found: list[Document] = []
        try:
            with transaction.atomic():
                if request.data != {}:
                    given = self.get_serializer(data=request.data)
                    given.is_valid(raise_exception=True)
                    transition_rows.install(_with_name(given.validated_data))
                found = told(lint())
                raise _Undo
        except _Undo:
            pass
        except ValidationError as refusal:
            detail = refusal.detail
            errors = detail if isinstance(detail, Mapping) else {"non_field_errors": detail}
        except PackhouseError as refusal:
            errors = refusal.errors
        return Response({"valid": not errors, "errors": errors, "warnings": found})


class InstalledSerializer(Shape):
    installed = serializers.IntegerField()


class InstallDefaultsView(ApiView):
    """Seed what is missing of the default machine; what is there stays as it is."""

    access = {"POST": "A"}

    @extend_schema(request=None, responses={200: InstalledSerializer})
    def post(self, _request: Request) -> Response:
        """`installed`: how many state and transition rows were made."""
        return Response({"installed": install_defaults()})


routes = [
    route("transitions/", TransitionListView),
    route("transitions/validate/", TransitionValidateView),
    route("transitions/install_defaults/", InstallDefaultsView),
    route("transitions/<id:id>/", TransitionView),
]
