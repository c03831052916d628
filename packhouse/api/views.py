"""The base of every view: key, rights, rate, sizes, idempotency, and errors of the right shape."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, ClassVar, cast

from django.db import transaction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import activate
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from packhouse.api import idempotency, permissions, throttling, trail
from packhouse.api.addresses import client_address
from packhouse.api.auth import actor_of
from packhouse.api.errors import Family
from packhouse.api.idempotency import Claim
from packhouse.api.permissions import Access
from packhouse.api.refusals import MethodNotAllowed, PayloadTooLarge
from packhouse.kernel import audit
from packhouse.kernel.accounts import Actor

MEGABYTE = 1024 * 1024
USUAL_BODY = 5 * MEGABYTE
LARGE_BODY = 20 * MEGABYTE

Handler = Callable[..., HttpResponseBase]


class ApiView(APIView):
    """A view of the API. Subclasses say who may call, and have `get`, `post` … like any view class.

    `access`, `scope`: see `packhouse.api.permissions`; `access` None is open to all, without a key.
    `error_family`: the shape of its errors. `rate`: its bucket (default: read or write by method).
    `body_limit`: bytes. `own_transaction`: it commits by itself, and gives what it does to
    `request.claim.keep` inside its transaction; what other views write is one transaction, so they must not
    call the network. `alias`: a second address of the same view.
    `audited`: what it writes goes into the audit trail; False for a POST that changes nothing.
    """

    access: ClassVar[Access | None] = "A"
    scope: ClassVar[str | None] = None
    error_family: ClassVar[Family] = Family.DEFAULT
    rate: ClassVar[throttling.Kind | None] = None
    body_limit: ClassVar[int] = USUAL_BODY
    own_transaction: ClassVar[bool] = False
    alias: bool = False
    audited: ClassVar[bool] = True

    standing: throttling.Standing | None = None
    meta: dict[str, Any]  # asked for often, and slow to reach through REST framework's request
    format_kwarg: Any = None  # addresses have no suffix

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """As REST framework's, with the idempotent part around the handler."""
        self.args, self.kwargs = args, kwargs
        self.meta = request.META
        self.request = call = self.initialize_request(request, *args, **kwargs)
        self.headers = self.default_response_headers
        try:
            self.initial(call, *args, **kwargs)
            response = self._answer(call, self._handler(call), *args, **kwargs)
        except Exception as error:  # noqa: BLE001 - the one place where every error becomes an answer
            response = self.handle_exception(error)
        self.response = self.finalize_response(call, cast(Response, response), *args, **kwargs)
        if self.standing:
            for name, value in self.standing.headers().items():
                self.response[name] = value
        return self.response

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse by size, key, rights, rate, format, in this order."""
        self._check_size()
        actor = self._actor(request)
        if actor is not None and "HTTP_ACCEPT_LANGUAGE" not in self.meta:
            activate("tr" if actor.language.startswith("tr") else "en")
        if self.access is not None and (actor is None or self._implements(request.method)):
            permissions.check(actor, str(request.method), self.access, self.scope)
        request.accepted_renderer, request.accepted_media_type = self.perform_content_negotiation(request)

    def _actor(self, request: Request) -> Actor | None:
        """Whose key it is. An open view looks at no key: a client may still send the one that has expired."""
        if self.access is None:
            self._check_rate(request, None)
            return None
        actor: Actor | None = None
        try:
            actor = cast("Actor | None", request.user)
        finally:
            self._check_rate(request, actor)
        return actor

    def _check_size(self) -> None:
        length = self.meta.get("CONTENT_LENGTH") or "0"
        if length.isdigit() and int(length) > self.body_limit:
            text = _("A body here may have %(size)s MB.") % {"size": self.body_limit // MEGABYTE}
            raise PayloadTooLarge(text)

    def _check_rate(self, request: Request, actor: Actor | None) -> None:
        kind = self.rate_kind(request)
        if kind == "free":
            return
        who = actor.key_id if actor else client_address(self.meta)
        self.standing, wait = throttling.take(kind, who)
        if wait:
            raise throttling.refuse(wait)

    def rate_kind(self, request: Request) -> throttling.Kind:
        """The bucket that this request is taken from."""
        return self.rate or ("read" if request.method in permissions.READING else "write")

    def _implements(self, method: str | None) -> bool:
        name = str(method).lower()
        return name in self.http_method_names and hasattr(self, name)

    def _handler(self, request: Request) -> Handler:
        if self._implements(request.method):
            handler: Handler = getattr(self, str(request.method).lower())
            return handler
        allowed = ", ".join(self.allowed_methods)
        text = _("%(method)s is not offered here; use %(allowed)s.") % {
            "method": request.method,
            "allowed": allowed,
        }
        raise MethodNotAllowed(text)

    def _answer(self, request: Request, handler: Handler, *args: Any, **kwargs: Any) -> HttpResponseBase:
        key = self.meta.get("HTTP_IDEMPOTENCY_KEY")
        if key is None or self.access is None or request.method not in idempotency.METHODS:
            return self._written(request, handler, *args, **kwargs)
        with idempotency.claimed(
            actor=actor_of(request),
            method=str(request.method),
            path=request.path,
            key=key,
            content=idempotency.content_of(request.data),
        ) as claim:
            if claim.answer is None:
                try:
                    return self._first(claim, request, handler, *args, **kwargs)
                except idempotency.AlreadyAnswered:
                    claim.look_again()
            return self._replayed(claim)

    def _first(
        self, claim: Claim, request: Request, handler: Handler, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        """Do it, and keep the answer together with what it did; a refusal is kept after its rollback."""
        try:
            if self.own_transaction:
                request.claim = claim  # type: ignore[attr-defined]
                response = self._noted(request, handler, *args, **kwargs)
            else:
                with transaction.atomic():
                    response = self._noted(request, handler, *args, **kwargs)
                    self._keep(claim, response)
        except idempotency.AlreadyAnswered:
            raise
        except Exception as error:  # noqa: BLE001 - becomes the answer, as in dispatch
            response = self.handle_exception(error)
            claim.kept = False
        if not claim.kept:
            self._keep(claim, response)
        return response

    def _written(self, request: Request, handler: Handler, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The handler; what it writes stands in one transaction with its row of the audit trail."""
        if self.access is None or self.own_transaction or request.method in permissions.READING:
            return self._noted(request, handler, *args, **kwargs)
        with transaction.atomic():
            return self._noted(request, handler, *args, **kwargs)

    def _noted(self, request: Request, handler: Handler, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.access is None or not self.audited or request.method in permissions.READING:
            return handler(request, *args, **kwargs)
        with audit.about(trail.entry_of(self, request)) as entry:
            return trail.finished(entry, handler(request, *args, **kwargs))

    def audited_body(self, request: Request) -> Any:
        """What the audit trail keeps of the body; secrets are cut out of it by their names."""
        return trail.body_of(request)

    @staticmethod
    def _keep(claim: Claim, response: HttpResponseBase) -> None:
        """A file is made again when it is asked for again; what has data is remembered."""
        if isinstance(response, Response):
            claim.keep(response.status_code, response.data)

    @staticmethod
    def _replayed(claim: Claim) -> Response:
        assert claim.answer is not None  # noqa: S101 - `look` found it, or raised
        return Response(claim.answer.body, status=claim.answer.status, headers={idempotency.REPLAYED: "true"})


def no_content() -> Response:
    """204."""
    return Response(status=HTTPStatus.NO_CONTENT)
