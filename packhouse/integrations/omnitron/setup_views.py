"""Addresses of the setup (pages 50 and 70, A8): an admin, or a key with the scope `setup`."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from packhouse.integrations.omnitron.models import SetupRun
from packhouse.integrations.omnitron.setup import runs
from packhouse.kernel.accounts import Actor
from packhouse.kernel.errors import NotAuthenticated, PermissionDenied
from packhouse.kernel.models import Scope


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
    """Base: checks the right."""

    def check_permissions(self, request: Request) -> None:
        """Raises NotAuthenticated, PermissionDenied."""
        actor: Any = request.user
        if not isinstance(actor, Actor):
            raise NotAuthenticated("Send a key: Authorization: Token <key>.")
        if not actor.may(Scope.SETUP):
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
