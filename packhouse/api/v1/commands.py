"""How commands are called over HTTP (page 20): one view for packages and transfers, and the bulk form."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, ClassVar

from rest_framework.request import Request
from rest_framework.response import Response

from packhouse.api.auth import actor_of
from packhouse.api.errors import Family
from packhouse.api.idempotency import Claim
from packhouse.api.json_text import JSONParser
from packhouse.api.routes import route
from packhouse.api.v1.shapes.command import command_schema
from packhouse.api.views import LARGE_BODY, ApiView, no_content
from packhouse.invoicing.ports import after_commit
from packhouse.kernel import audit, engine
from packhouse.kernel.engine import Call, Outcome
from packhouse.kernel.errors import IdMismatch, InvalidParameter
from packhouse.kernel.models import Scope

_OWN_KEYS = frozenset({"transition", "slug", "input_parameters"})
# Kept in the transition log, never given to a command (page 10).
_ATTRIBUTES = ("remote_user_pk", "remote_user_mail")


def read_call(kind: str, object_id: int, body: Any) -> Call:
    """The call that a body asks for. Parameters stand in `input_parameters`, at top level, or in both when equal.

    Raises InvalidParameter or IdMismatch, keyed by path.
    """
    if not isinstance(body, Mapping):
        raise InvalidParameter({"detail": ["Send a JSON object."]})
    inner = body.get("input_parameters")
    if inner is not None and not isinstance(inner, Mapping):
        raise InvalidParameter({"input_parameters": ["Send an object."]})
    parameters = dict(inner or {})
    for name, value in body.items():
        if name in _OWN_KEYS:
            continue
        if name in parameters and parameters[name] != value:
            raise InvalidParameter({name: ["This differs from the same key in input_parameters."]})
        parameters[name] = value
    given = parameters.pop(kind, None)
    if given is not None and str(given) != str(object_id):
        raise IdMismatch({kind: [f"The body names {given}, the address {object_id}."]})
    attributes = {name: str(parameters.pop(name)) for name in _ATTRIBUTES if name in parameters}
    return Call(
        object_id=object_id,
        transition=_transition(body.get("transition")),
        slug=_slug(body.get("slug")),
        input_parameters=parameters,
        attributes=attributes,
    )


def _transition(value: Any) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not (
        isinstance(value, int) or (isinstance(value, str) and value.isdecimal() and len(value) < 19)
    ):
        raise InvalidParameter({"transition": ["Send the id of a transition, an integer."]})
    return int(value)


def _slug(value: Any) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or not value:
        raise InvalidParameter({"slug": ["Send the slug of a transition, a string."]})
    return value


class CommandView(ApiView):
    """Run one command on one object: 204, or 200 with the body of a command that answers.

    The engine has its own transaction; the idempotent answer is kept inside it.
    """

    access = "AOSI"
    scope = Scope.COMMANDS
    error_family = Family.COMMAND
    body_limit = LARGE_BODY
    own_transaction = True
    parser_classes = [JSONParser]
    kind: ClassVar[str]

    @command_schema
    def post(self, request: Request, id: int) -> Response:
        """Run a transition, by `transition` or `slug`, with its `input_parameters`."""
        call = read_call(self.kind, id, request.data)
        claim: Claim | None = getattr(request, "claim", None)
        outcome = engine.execute(self.kind, call, actor_of(request), keep=_keeping(claim))
        after_commit(outcome.messages)
        if outcome.body is not None:
            return Response(outcome.body)
        return no_content()


def _keeping(claim: Claim | None) -> Any:
    """Inside the engine's transaction: the row of the audit trail, where no event carried it, and the answer."""

    def keep(outcome: Outcome) -> None:
        audit.write()
        if claim is not None:
            claim.keep(HTTPStatus.NO_CONTENT if outcome.body is None else HTTPStatus.OK, outcome.body)

    return keep


class PackageCommandView(CommandView):
    kind = "package"


class TransferCommandView(CommandView):
    kind = "transfer"


routes = [
    route("packages/<id:id>/command/", PackageCommandView),
    route("transfer_orders/<id:id>/command/", TransferCommandView),
]
