"""Codes against which packages are handed over to customers (page 80, 4)."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from packhouse.api.auth import actor_of
from packhouse.api.routes import route
from packhouse.api.serializers import TimeField
from packhouse.api.v1 import visibility
from packhouse.api.v1.shapes.shape import Shape
from packhouse.api.views import ApiView
from packhouse.commands.packages.send_code import send_code
from packhouse.kernel.models import Scope
from packhouse.kernel.wire import timestamp


class SentCodeSerializer(Shape):
    """The code itself is told to nobody but the customer."""

    channel = serializers.CharField(help_text="by what it went: service, email, or a plug-in's name")
    expires_date = TimeField()
    resend_date = TimeField(help_text="from then on another may be asked for")


class OtpView(ApiView):
    """Send the customer a code, or another one; five a day, a minute apart."""

    access = {"POST": "AOSI"}
    scope = Scope.COMMANDS
    # The service that sends it is called, so there must be no transaction around it.
    own_transaction = True

    @extend_schema(request=None, responses={200: SentCodeSerializer})
    def post(self, request: Request, id: int) -> Response:
        """Refused (`transition_error`) unless the package waits for its customer and needs a code."""
        visibility.check_package(actor_of(request), id)
        sent = send_code(id)
        return Response(
            {
                "channel": sent.channel,
                "expires_date": timestamp(sent.expires_date),
                "resend_date": timestamp(sent.resend_date),
            }
        )


routes = [route("packages/<id:id>/otp/", OtpView)]
