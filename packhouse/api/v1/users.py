"""Users and their keys."""

from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import Any, ClassVar

from django.contrib.auth.validators import UnicodeUsernameValidator
from django.http import HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.validators import UniqueValidator

from packhouse.api import etags
from packhouse.api.auth import actor_of
from packhouse.api.editing import EditableView
from packhouse.api.filters import FlagFilter, NumberFilter, StrictFilterSet, TextFilter, TimeFilter
from packhouse.api.json_text import JSONParser, dumps
from packhouse.api.lists import Document, DocumentListView, DocumentView
from packhouse.api.middleware import LANGUAGES
from packhouse.api.routes import route
from packhouse.api.serializers import StrictSerializer, TimeField
from packhouse.api.v1.location_fields import ChannelsField, LocationsField
from packhouse.api.views import ApiView, no_content
from packhouse.commands.accounts.edit_user import change_user, create_user, revoke_keys, switch_off
from packhouse.kernel.accounts import issue_key
from packhouse.kernel.errors import InvalidParameter, NotFound
from packhouse.kernel.models import ApiKey, Role, Scope, User
from packhouse.kernel.wire import optional_timestamp, timestamp
from packhouse.locations.models import LocationUser


def _names(**kwargs: Any) -> serializers.ListField:
    return serializers.ListField(child=serializers.ChoiceField(choices=Scope.choices), **kwargs)


class UserSerializer(StrictSerializer):
    """`scopes` count for integrations, `locations` (ids) for store users; `password` is never shown."""

    id = serializers.IntegerField(read_only=True)
    username = serializers.CharField(
        max_length=150,
        validators=[UnicodeUsernameValidator(), UniqueValidator(User.objects.all(), lookup="iexact")],
    )
    password = serializers.CharField(write_only=True, required=False, max_length=4096, trim_whitespace=False)
    email = serializers.EmailField(required=False, allow_blank=True, max_length=254)
    first_name = serializers.CharField(required=False, allow_blank=True, max_length=150)
    last_name = serializers.CharField(required=False, allow_blank=True, max_length=150)
    role = serializers.ChoiceField(choices=Role.choices)
    scopes = _names(required=False)
    locations = LocationsField(required=False)
    language = serializers.ChoiceField(required=False, choices=LANGUAGES)
    is_active = serializers.BooleanField(required=False)
    last_login = TimeField(read_only=True, allow_null=True)
    created_date = TimeField(read_only=True)


class UserFilterSet(StrictFilterSet):
    created_date__gt = TimeFilter("date_joined", "gt")
    created_date__gte = TimeFilter("date_joined", "gte")
    created_date__lt = TimeFilter("date_joined", "lt")
    created_date__lte = TimeFilter("date_joined", "lte")
    modified_date__gt = modified_date__gte = modified_date__lt = modified_date__lte = None
    username = TextFilter("username", "icontains")
    email = TextFilter("email", "iexact")
    role = TextFilter("role")
    is_active = FlagFilter("is_active")
    location = NumberFilter(method="filter_location", help_text="works there")

    def filter_location(self, rows: Any, _name: str, value: int) -> Any:
        return rows.filter(pk__in=LocationUser.objects.filter(location=value).values("user"))


class _Users(DocumentView):
    rows = User.objects.all()
    serializer_class = UserSerializer
    access = "A"
    parser_classes = [JSONParser]

    def documents(self, ids: Sequence[int]) -> Iterable[Document]:
        """Two statements."""
        found = User.objects.in_bulk(list(ids))
        locations: dict[int, list[int]] = {pk: [] for pk in found}
        bound = LocationUser.objects.filter(user__in=list(found)).order_by("location")
        for user_id, location_id in bound.values_list("user_id", "location_id"):
            locations[user_id].append(location_id)
        return [_document(found[pk], locations[pk]) for pk in ids if pk in found]


def _document(row: User, locations: list[int]) -> Document:
    return {
        "id": row.pk,
        "username": row.username,
        "email": row.email,
        "first_name": row.first_name,
        "last_name": row.last_name,
        "role": row.role,
        "scopes": row.scopes,
        "locations": locations,
        "language": row.language,
        "is_active": row.is_active,
        "last_login": optional_timestamp(row.last_login),
        "created_date": timestamp(row.date_joined),
    }


class UserListView(_Users, DocumentListView):
    """Everybody who may call or log in."""

    filterset_class = UserFilterSet
    sorts: ClassVar[dict[str, str]] = {"username": "username", "created_date": "date_joined"}

    def post(self, request: Request) -> Response:
        """A new user; without a `password` it can only call, with keys made for it."""
        given = self.get_serializer(data=request.data)
        given.is_valid(raise_exception=True)
        (document,) = self.documents([create_user(given.validated_data).pk])
        return etags.answer(document, HTTPStatus.CREATED)


class UserView(_Users, EditableView):
    """One user."""

    def save(self, serializer: Any) -> None:
        change_user(serializer.instance.pk, serializer.validated_data)

    def delete(self, request: Request, id: int) -> Response:
        """Switched off, not removed: the logs name it. Its keys are revoked."""
        self.check_visible(id)
        if id == actor_of(request).user_id:
            raise InvalidParameter(_("You cannot switch yourself off."))
        switch_off(id)
        return no_content()


class ApiKeySerializer(StrictSerializer):
    """Null for `scopes`, `locations` or `channels`: the key is not narrowed. `days` from now it expires."""

    id = serializers.IntegerField(read_only=True)
    user = serializers.IntegerField(read_only=True)
    name = serializers.CharField(max_length=64)
    scopes = _names(required=False, allow_null=True)
    locations = LocationsField(required=False, allow_null=True)
    channels = ChannelsField(required=False, allow_null=True)
    days = serializers.IntegerField(
        write_only=True, required=False, allow_null=True, min_value=1, max_value=36_500
    )
    expires_date = TimeField(read_only=True, allow_null=True)
    revoked_date = TimeField(read_only=True, allow_null=True)
    last_used_date = TimeField(read_only=True, allow_null=True)
    created_date = TimeField(read_only=True)
    modified_date = TimeField(read_only=True)


class NewKeySerializer(ApiKeySerializer):
    key = serializers.CharField(read_only=True, help_text="40 hex digits, shown only here")


class ApiKeyFilterSet(StrictFilterSet):
    name = TextFilter("name", "icontains")
    is_revoked = FlagFilter("revoked_date", "isnull", exclude=True)


class _Keys(DocumentView):
    rows = ApiKey.objects.all()
    serializer_class = ApiKeySerializer
    access = "A"
    parser_classes = [JSONParser]

    def visible(self, rows: Any) -> Any:
        return rows.filter(user=self.kwargs["id"])

    def documents(self, ids: Sequence[int]) -> Iterable[Document]:
        found = ApiKey.objects.in_bulk(list(ids))
        return [_key_document(found[pk]) for pk in ids if pk in found]


def _key_document(row: ApiKey) -> Document:
    return {
        "id": row.pk,
        "user": row.user_id,
        "name": row.name,
        "scopes": row.scopes,
        "locations": row.location_ids,
        "channels": row.channel_ids,
        "expires_date": optional_timestamp(row.expires_date),
        "revoked_date": optional_timestamp(row.revoked_date),
        "last_used_date": optional_timestamp(row.last_used_date),
        "created_date": timestamp(row.created_date),
        "modified_date": timestamp(row.modified_date),
    }


class UserKeysView(_Keys, DocumentListView):
    """The keys of a user; the keys themselves are kept as hashes and cannot be shown again."""

    filterset_class = ApiKeyFilterSet

    def get(self, request: Request, **kwargs: Any) -> Any:
        _user(kwargs["id"])
        return super().get(request)

    @extend_schema(responses={201: NewKeySerializer})
    def post(self, request: Request, id: int) -> HttpResponse:
        """A new key, shown this once, and for that reason not remembered for an `Idempotency-Key`."""
        user = _user(id)
        given = self.get_serializer(data=request.data)
        given.is_valid(raise_exception=True)
        values = given.validated_data
        scopes = values.get("scopes")
        if user.role == Role.INTEGRATION and scopes is not None and set(scopes) - set(user.scopes):
            raise ValidationError({"scopes": [_("The user itself does not have all of these.")]})
        key = issue_key(
            user,
            name=values["name"],
            scopes=scopes,
            location_ids=values.get("locations"),
            channel_ids=values.get("channels"),
            days=values.get("days"),
        )
        document = _key_document(ApiKey.objects.filter(user=user).order_by("-id")[0])
        return HttpResponse(dumps({**document, "key": key}), status=201, content_type="application/json")

    @extend_schema(operation_id="users_keys_revoke_all", responses={204: None})
    def delete(self, _request: Request, id: int) -> Response:
        """Revoke all keys of the user."""
        revoke_keys(_user(id).pk)
        return no_content()


class UserKeyView(_Keys, ApiView):
    """One key of a user."""

    def get(self, request: Request, id: int, key: int) -> Response:
        (document,) = self.documents([self._known(id, key)])
        return Response(document)

    @extend_schema(responses={204: None})
    def delete(self, _request: Request, id: int, key: int) -> Response:
        """Revoke it; the row stays."""
        revoke_keys(id, [self._known(id, key)])
        return no_content()

    def _known(self, user_id: int, key_id: int) -> int:
        if not ApiKey.objects.filter(pk=key_id, user=user_id).exists():
            raise NotFound(_("There is no such key of this user."))
        return key_id


def _user(id: int) -> User:
    found = User.objects.filter(pk=id).first()
    if found is None:
        raise NotFound(_("There is no user %(id)s.") % {"id": id})
    return found


routes = [
    route("users/", UserListView),
    route("users/<id:id>/", UserView),
    route("users/<id:id>/keys/", UserKeysView),
    route("users/<id:id>/keys/<id:key>/", UserKeyView),
]
