"""Bulk commands (page 50): up to 1,000 bodies, one result per line, in order.

A line is done or refused by itself. Lines whose commands touch nothing but their own objects share a
transaction, some at a time, which is what makes the bulk cheap; where one of them fails in a way that
would undo the others, each is run in a transaction of its own.
"""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
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
from packhouse.kernel.engine import Call, Outcome
from packhouse.kernel.errors import InvalidParameter, MissingParameter, PackhouseError
from packhouse.kernel.models import Scope
from packhouse.kernel.together import NotTogether, execute_together, groups

MOST_LINES = 1000
# Lines that share a transaction: the more, the cheaper each, and the longer their orders are locked (some 50 ms).
TOGETHER = 50
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
        bodies = request.data
        if not isinstance(bodies, list) or not 0 < len(bodies) <= MOST_LINES:
            text = _("Send a JSON list of 1 to %(count)s command bodies.") % {"count": MOST_LINES}
            raise InvalidParameter(text)
        actor = actor_of(request)
        lines = [_Line(self.kind, body) for body in bodies]
        readable = [line for line in lines if line.call is not None]
        calls = [line.call for line in readable if line.call is not None]
        for indexes in groups(self.kind, calls, TOGETHER):
            self._run([readable[index] for index in indexes], actor, request)
        return Response([_result(index, self.kind, line) for index, line in enumerate(lines)])

    def _run(self, lines: Sequence["_Line"], actor: Actor, request: Request) -> None:
        """Together where that can be, else one by one; lines whose key was answered before are not run."""
        base = f"{request.path.rstrip('/').rpartition('/')[0]}/"
        with ExitStack() as claims:
            for line in lines:
                line.claim_key(claims, actor, base)
            lines = [line for line in lines if line.answer is None]
            if len(lines) > 1 and self._together(lines, actor):
                return
            for line in lines:
                self._alone(line, actor)

    def _together(self, lines: Sequence["_Line"], actor: Actor) -> bool:
        """Whether it was done; if not, nothing of it has happened."""

        def keep(position: int, outcome: Outcome) -> None:
            lines[position].keep(outcome)

        try:
            done = execute_together(self.kind, [line.given_call for line in lines], actor, keep=keep)
        except NotTogether:
            return False
        for line, what in zip(lines, done, strict=True):
            line.answer = line.remembered(what) if isinstance(what, PackhouseError) else _answer(what)
        return True

    def _alone(self, line: "_Line", actor: Actor) -> None:
        try:
            line.answer = _answer(engine.execute(self.kind, line.given_call, actor, keep=line.keep))
        except AlreadyAnswered:
            line.answer = line.look_again()
        except Exception as failure:  # noqa: BLE001 - becomes this line's result; the others go on
            line.answer = line.remembered(failure)


class _Line:
    """One command body: what it asks for, and in the end its answer."""

    def __init__(self, kind: str, body: Any) -> None:
        self.named = _named(body, kind)
        self.call: Call | None = None
        self.answer: Answer | None = None
        self._claim: Claim | None = None
        self._body: dict[str, Any] = {}
        self._key: Any = None
        try:
            self._read(kind, body)
        except PackhouseError as refusal:
            self.answer = _refused(refusal)

    def _read(self, kind: str, body: Any) -> None:
        if not isinstance(body, Mapping):
            raise InvalidParameter(_("Send a JSON object."))
        self._body = {name: value for name, value in body.items() if name != "idempotency_key"}
        self._key = body.get("idempotency_key")
        if self._key is not None and not isinstance(self._key, str):
            raise InvalidParameter({"idempotency_key": [_("Send 1 to 255 printable characters.")]})
        self.call = read_call(kind, _id_of(self._body, kind), self._body)

    @property
    def given_call(self) -> Call:
        """For lines that could be read."""
        assert self.call is not None  # noqa: S101 - others have their answer already
        return self.call

    def claim_key(self, claims: ExitStack, actor: Actor, base: str) -> None:
        """Look what was answered under its key; the key stays claimed until `claims` ends."""
        if self._key is None:
            return
        path = f"{base}{self.given_call.object_id}/command/"
        try:
            self._claim = claims.enter_context(
                idempotency.claimed(actor=actor, method="POST", path=path, key=self._key, content=self._body)
            )
            self.answer = self._claim.answer
        except PackhouseError as refusal:
            self.answer = _refused(refusal)

    def keep(self, outcome: Outcome) -> None:
        """Remember the answer, in the transaction of what was done."""
        if self._claim is not None:
            answer = _answer(outcome)
            self._claim.keep(answer.status, answer.body)

    def remembered(self, failure: Exception) -> Answer:
        """The refusal is the answer that is remembered."""
        answer = _refused(failure)
        if self._claim is not None:
            self._claim.keep_if_first(answer.status, answer.body)
        return answer

    def look_again(self) -> Answer:
        """Another request has kept its answer under this key first: that is the answer."""
        assert self._claim is not None  # noqa: S101 - only a claim says so
        try:
            self._claim.look_again()
        except PackhouseError as refusal:
            return _refused(refusal)
        return self._claim.answer or _refused(AlreadyAnswered())


def _result(index: int, kind: str, line: _Line) -> dict[str, Any]:
    answer = line.answer
    assert answer is not None  # noqa: S101 - every line was run or refused
    done = answer.status < HTTPStatus.BAD_REQUEST
    return {
        "index": index,
        kind: line.named,
        "status_code": answer.status,
        "error": None if done else answer.body["error"],
        "code": None if done else answer.body["code"],
        "data": answer.body if done else None,
    }


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
