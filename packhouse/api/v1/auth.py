"""Login, logout, and who a key belongs to."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from packhouse.api import throttling
from packhouse.api.addresses import client_address
from packhouse.api.auth import actor_of
from packhouse.api.permissions import ANY_KEY
from packhouse.api.routes import route
from packhouse.api.serializers import StrictSerializer
from packhouse.api.views import ApiView, no_content
from packhouse.kernel import accounts
from packhouse.kernel.models import Role, User


class Credentials(StrictSerializer):
    username = serializers.CharField(max_length=150)
    password = serializers.CharField(max_length=4096, trim_whitespace=False)


class KeySerializer(StrictSerializer):
    key = serializers.CharField(read_only=True, help_text="40 hex digits, valid 30 days, shown only here")


class LoginView(ApiView):
    """A new key for a user name and a password."""

    access = None
    rate = "free"  # its own bucket, per name and address

    def get_serializer(self, *args: Any, **kwargs: Any) -> Credentials:
        return Credentials(*args, **kwargs)

    @extend_schema(request=Credentials, responses={200: KeySerializer})
    def post(self, request: Request) -> Response:
        given = self.get_serializer(data=request.data)
        given.is_valid(raise_exception=True)
        credentials = given.validated_data
        who = (credentials["username"], client_address(request.META))
        self.standing, wait = throttling.take("login", who)
        if wait:
            raise throttling.refuse(wait)
        return Response({"key": accounts.login(credentials["username"], credentials["password"])})


class LogoutView(ApiView):
    """Revokes the key it is called with."""

    access = ANY_KEY

    @extend_schema(request=None, responses={204: None})
    def post(self, request: Request) -> Response:
        accounts.logout(str(request.auth))
        return no_content()


class ActiveUserSerializer(serializers.ModelSerializer[User]):
    """`scopes` are those of the key; `locations` the ids of the only ones it sees, null: all."""

    role = serializers.ChoiceField(choices=Role.choices, read_only=True)
    scopes = serializers.SerializerMethodField()
    locations = serializers.SerializerMethodField()

    class Meta:
        model = User
        fields = ("pk", "username", "email", "first_name", "last_name", "role", "scopes", "locations")

    def get_scopes(self, _user: User) -> list[str]:
        actor: accounts.Actor = self.context["actor"]
        return sorted(actor.scopes)

    def get_locations(self, _user: User) -> list[int] | None:
        actor: accounts.Actor = self.context["actor"]
        return None if actor.location_ids is None else sorted(actor.location_ids)


class ActiveUserView(ApiView):
    """The user whose key it is."""

    access = ANY_KEY

    def get_serializer(self, *args: Any, **kwargs: Any) -> ActiveUserSerializer:
        return ActiveUserSerializer(*args, **kwargs)

    def get(self, request: Request) -> Response:
        user = User.objects.get(keys=actor_of(request).key_id)
        return Response(self.get_serializer(user, context={"actor": actor_of(request)}).data)


routes = [
    route("auth/login/", LoginView),
    route("auth/logout/", LogoutView),
    route("active_user/", ActiveUserView),
]
# The same below the base.
aliases = [
    route("auth/login/", LoginView, alias=True),
    route("auth/logout/", LogoutView, alias=True),
    route("active_user/", ActiveUserView, alias=True),
]
