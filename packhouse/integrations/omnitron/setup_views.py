"""Addresses of the setup (pages 50 and 70, A8), and of what is read from the back office when somebody asks."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from packhouse.integrations.omnitron import conf, connection_check, order_reads
from packhouse.integrations.omnitron.models import SetupRun
from packhouse.integrations.omnitron.setup import runs, webhooks
from packhouse.kernel.accounts import Actor
from packhouse.kernel.errors import InvalidParameter, NotAuthenticated, NotFound, PermissionDenied
from packhouse.kernel.models import Role, Scope
from packhouse.orders.models import Order


class RequiredSerializer(serializers.Serializer[Any]):
    is_required = serializers.BooleanField()


class ProgressSerializer(serializers.Serializer[Any]):
    result = serializers.ChoiceField(choices=SetupRun.State.choices)
    done = serializers.IntegerField()
    total = serializers.IntegerField()
    error = serializers.CharField(allow_null=True)


class StepSerializer(ProgressSerializer):
    step = serializers.CharField()
    is_required = serializers.BooleanField()
    started_date = serializers.DateTimeField(allow_null=True)
    ended_date = serializers.DateTimeField(allow_null=True)


class SetupView(APIView):
    """Base: an admin, or a key with the scope `setup`."""

    def check_permissions(self, request: Request) -> None:
        """Raises NotAuthenticated, PermissionDenied."""
        if not _actor(request).may(Scope.SETUP):
            raise PermissionDenied("Your role or your key has no right to do this.")


class SetupSteps(SetupView):
    """All steps with their last run."""

    @extend_schema(responses=StepSerializer(many=True))
    def get(self, request: Request) -> Response:
        """All steps with their last run, in the order in which they are to be run."""
        return Response([runs.status_of(step).document() for step in runs.NAMES])


class SetupIsRequired(SetupView):
    """Whether a step is still to be run."""

    @extend_schema(responses=RequiredSerializer)
    def get(self, request: Request, step: str) -> Response:
        """Whether the step was never done, or something that it makes is missing."""
        return Response({"is_required": runs.is_required(step)})


class SetupExecute(SetupView):
    """Starts a step."""

    @extend_schema(request=None, responses={204: None})
    def post(self, request: Request, step: str) -> Response:
        """Run the step in the background; while it runs a second call starts nothing."""
        runs.start(step)
        return Response(status=204)


class SetupStatus(SetupView):
    """How far a step has come."""

    @extend_schema(responses=ProgressSerializer)
    def get(self, request: Request, step: str) -> Response:
        """How far the step has come; READY again an hour after its end."""
        return Response(runs.status_of(step).progress())

    @extend_schema(request=None, responses=ProgressSerializer)
    def post(self, request: Request, step: str) -> Response:
        """The same, for callers that POST."""
        return self.get(request, step)


class CheckSerializer(serializers.Serializer[Any]):
    name = serializers.ChoiceField(choices=["login", "active_user", "orders", "webhook"])
    ok = serializers.BooleanField()
    error = serializers.CharField(allow_null=True)


class TestConnection(SetupView):
    """Whether the connection works, both ways."""

    __test__ = False

    @extend_schema(request=None, responses=CheckSerializer(many=True))
    def post(self, request: Request) -> Response:
        """Log in, ask who we are there, read a page of orders, send ourselves a signed webhook; which of it fails."""
        return Response([each.document() for each in connection_check.check()])


class UninstalledSerializer(serializers.Serializer[Any]):
    switched_off = serializers.IntegerField()


class UninstallWebhooks(SetupView):
    """Ends what the step `webhooks` began."""

    @extend_schema(request=None, responses=UninstalledSerializer)
    def post(self, request: Request) -> Response:
        """Switch our webhooks off at the back office; the step `webhooks` switches them on again."""
        return Response({"switched_off": webhooks.uninstall()})


class PullCancellationReasons(APIView):
    """Reads the cancellation reasons of the back office, now."""

    def handle_exception(self, exc: Exception) -> Response:
        """A missing key is answered without a body, as published."""
        if isinstance(exc, NotAuthenticated):
            return Response(status=401, headers={"WWW-Authenticate": "Token"})
        return super().handle_exception(exc)

    def check_permissions(self, request: Request) -> None:
        """Admins only."""
        if _actor(request).role != Role.ADMIN:
            raise PermissionDenied("Only an admin may do this.")

    @extend_schema(responses={200: None})
    def get(self, request: Request) -> Response:
        """Read them now; 200 without a body."""
        runs.run("cancellation_reasons")
        return Response(status=200)

    @extend_schema(request=None, responses={200: None})
    def post(self, request: Request) -> Response:
        """The same, for callers that POST."""
        return self.get(request)


class SyncOrder(APIView):
    """Reads one order again."""

    def check_permissions(self, request: Request) -> None:
        """Admins and operators."""
        if _actor(request).role not in (Role.ADMIN, Role.OPERATOR):
            raise PermissionDenied("Your role has no right to do this.")

    @extend_schema(request=None, responses={202: None})
    def post(self, request: Request, order_id: int) -> Response:
        """Have the order read again from the back office: 202."""
        order = Order.objects.filter(pk=order_id).first()
        if order is None:
            raise NotFound(f"There is no order {order_id}.")
        if order.omnitron_id is None:
            raise InvalidParameter("This order was imported; the back office does not know it.")
        conf.settings()
        order_reads.retry(order.omnitron_id)
        return Response(status=202)


def _actor(request: Request) -> Actor:
    actor: Any = request.user
    if not isinstance(actor, Actor):
        raise NotAuthenticated("Send a key: Authorization: Token <key>.")
    return actor
