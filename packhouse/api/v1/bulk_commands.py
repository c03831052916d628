"""Bulk commands (page 50): up to 1,000 bodies, each run in a transaction of its own, one result per line."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from packhouse.api import idempotency
from packhouse.api.auth import actor_of
from packhouse.api.errors import Family, body_of, refusal_of
from packhouse.api.idempotency import AlreadyAnswered, Answer, Claim
from packhouse.api.json_text import JSONParser
from packhouse.api.v1.commands import read_call
from packhouse.api.v1.shapes.command import bulk_schema
from packhouse.api.views import LARGE_BODY, ApiView
from packhouse.kernel import engine
from packhouse.kernel.accounts import Actor
from packhouse.kernel.engine import Outcome
from packhouse.kernel.errors import InvalidParameter, MissingParameter
from packhouse.kernel.models import Scope

MOST_LINES = 1000
LONGEST_ID = 18


class BulkCommandView(ApiView):
    """A bad line stops nothing: 200 with one result per line, in order. An unreadable list is 400."""

    access = "AOSI"
    scope = Scope.COMMANDS
    error_family = Family.COMMAND
    rate = "bulk"
    body_limit = LARGE_BODY
    own_transaction = True
    parser_classes = [JSONParser]
    kind: ClassVar[str]

    @bulk_schema
    def post(self, request: Request) -> Response:
        """Run each command body of a list; each may carry an `idempotency_key`."""
        lines = request.data
        if not isinstance(lines, list) or not 0 < len(lines) <= MOST_LINES:
            text = _("Send a JSON list of 1 to %(count)s command bodies.") % {"count": MOST_LINES}
            raise InvalidParameter(text)
        base = f"{request.path.rstrip('/').rpartition('/')[0]}/"
        actor = actor_of(request)
        return Response([self._line(index, line, actor, base) for index, line in enumerate(lines)])

    def _line(self, index: int, line: Any, actor: Actor, base: str) -> dict[str, Any]:
        result: dict[str, Any] = {"index": index, self.kind: _named(line, self.kind)}
        try:
            answer = self._run(line, actor, base)
        except Exception as failure:  # noqa: BLE001 - becomes this line's result; the others go on
            answer = _refused(failure)
        if answer.status < HTTPStatus.BAD_REQUEST:
            return {**result, "status_code": answer.status, "error": None, "code": None, "data": answer.body}
        refusal = answer.body
        return {
            **result,
            "status_code": answer.status,
            "error": refusal["error"],
            "code": refusal["code"],
            "data": None,
        }

    def _run(self, line: Any, actor: Actor, base: str) -> Answer:
        """Do one line, or give the answer that its key was given before."""
        if not isinstance(line, Mapping):
            raise InvalidParameter(_("Send a JSON object."))
        body = {name: value for name, value in line.items() if name != "idempotency_key"}
        object_id = _id_of(body, self.kind)
        key = line.get("idempotency_key")
        if key is None:
            return self._execute(object_id, body, actor, None)
        if not isinstance(key, str):
            raise InvalidParameter({"idempotency_key": [_("Send 1 to 255 printable characters.")]})
        path = f"{base}{object_id}/command/"
        with idempotency.claimed(actor=actor, method="POST", path=path, key=key, content=body) as claim:
            return claim.answer or self._remembered(claim, object_id, body, actor)

    def _remembered(self, claim: Claim, object_id: int, body: Any, actor: Actor) -> Answer:
        try:
            return self._execute(object_id, body, actor, claim)
        except AlreadyAnswered:
            claim.look_again()
            if claim.answer is None:
                raise
            return claim.answer
        except Exception as failure:  # noqa: BLE001 - the refusal is the answer that is remembered
            refused = _refused(failure)
            claim.keep_if_first(refused.status, refused.body)
            return refused

    def _execute(self, object_id: int, body: Any, actor: Actor, claim: Claim | None) -> Answer:
        def keep(outcome: Outcome) -> None:
            if claim is not None:
                answer = _answer(outcome)
                claim.keep(answer.status, answer.body)

        outcome = engine.execute(self.kind, read_call(self.kind, object_id, body), actor, keep=keep)
        return _answer(outcome)


def _answer(outcome: Outcome) -> Answer:
    return Answer(HTTPStatus.NO_CONTENT if outcome.body is None else HTTPStatus.OK, outcome.body)


def _refused(failure: Exception) -> Answer:
    refusal = refusal_of(failure)
    return Answer(refusal.status, {**body_of(refusal, Family.COMMAND), "status_code": refusal.status})


def _named(line: Any, kind: str) -> int | None:
    """The id a line names, for its result; None where it names none."""
    try:
        return _id_of(line, kind) if isinstance(line, Mapping) else None
    except (InvalidParameter, MissingParameter):
        return None


def _id_of(body: Mapping[str, Any], kind: str) -> int:
    inner = body.get("input_parameters")
    given = body.get(kind, inner.get(kind) if isinstance(inner, Mapping) else None)
    if given is None:
        raise MissingParameter({kind: [_("Name the object by its id.")]})
    text = str(given)
    if isinstance(given, bool) or not (text.isascii() and text.isdigit() and len(text) <= LONGEST_ID):
        raise InvalidParameter({kind: [_("Send an id, a whole number.")]})
    return int(text)


class PackageCommandsView(BulkCommandView):
    """Commands on many packages."""

    kind = "package"


class TransferCommandsView(BulkCommandView):
    """Commands on many transfer orders."""

    kind = "transfer"
