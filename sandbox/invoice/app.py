"""The invoice service as an ASGI application."""

from __future__ import annotations

from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from sandbox.control import Control, ControlError, json_object
from sandbox.invoice.book import Invoice, InvoiceBook, answer_of
from sandbox.invoice.checks import problems_with
from sandbox.invoice.gate import Gate
from sandbox.json_text import parse_json
from sandbox.schema_check import Problem

ANSWERS = ("url", "document", "accepted", "reject", "empty", "unfit")
REPEATS = (200, 409)


class InvoiceSandbox:
    """`answer` is one of ANSWERS and may be changed by `PUT /_sandbox/mode/`; `app` is what to serve.

    A request is answered 201 the first time, 200 with the same body when its Idempotency-Key comes again, 202
    while it is only accepted, 400 naming each field that does not fit, 401 or 415 before that, 422 when told
    to reject.
    """

    def __init__(self, *, answer: str = "url", gate: Gate | None = None, control: bool = True) -> None:
        self.gate = gate or Gate()
        self.book = InvoiceBook()
        self._initial_mode = {"answer": answer, "repeat": 200}
        self.mode: dict[str, Any] = dict(self._initial_mode)
        routes = [
            Route("/invoices/", self._list),
            Route("/invoices/{request_id}/complete/", self._complete, methods=["POST"]),
            Route("/mode/", self._mode_call, methods=["GET", "PUT"]),
        ]
        self.control = Control(reset=self._reset, routes=routes, enabled=control)
        handlers: dict[Any, Any] = {HTTPException: _answer_http}
        service = Starlette(
            routes=[
                Route("/documents/{token}.pdf", self._document),
                Route("/{path:path}", self._ask, methods=["POST"]),
            ],
            exception_handlers=handlers,
        )
        self.app: ASGIApp = self.control.wrap(service)

    async def _ask(self, request: Request) -> Response:
        raw = await request.body()
        refusal = self.gate.refusal(request, raw)
        if refusal is not None:
            return _errors(
                401, [Problem("", "unauthorized", refusal)], {"WWW-Authenticate": self.gate.challenge}
            )
        if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
            return _errors(415, [Problem("Content-Type", "invalid", "must be application/json")])
        try:
            body = parse_json(raw)
        except ValueError as error:
            return _errors(400, [Problem("", "malformed", f"The body is not JSON: {error}")])
        known = self.book.by_request.get(request.headers.get("idempotency-key", ""))
        if known is not None:
            return self._answer_again(known)
        problems = [*_key_problems(request, body), *problems_with(body)]
        return _errors(400, problems) if problems else self._answer(body, request)

    def _answer(self, body: dict[str, Any], request: Request) -> Response:
        answer = self.mode["answer"]
        if answer == "reject":
            return _errors(
                422, [Problem("billing_address.tax_no", "rejected", "No taxpayer has this number.")]
            )
        invoice = self.book.make(body, request.url.path)
        if answer == "accepted":
            invoice.status = "accepted"
            return JSONResponse({"request_id": invoice.request_id}, 202)
        if answer == "empty":
            return JSONResponse({})
        if answer == "unfit":
            invoice.answer = {"invoice_number": None, "invoice_date": "soon"}
        else:
            self._fill_answer(invoice, _base_url(request))
        return JSONResponse(invoice.answer, 201)

    def _answer_again(self, invoice: Invoice) -> Response:
        invoice.repeats += 1
        if invoice.status == "accepted":
            return JSONResponse({"request_id": invoice.request_id}, 202)
        return JSONResponse(invoice.answer, self.mode["repeat"])

    def _fill_answer(self, invoice: Invoice, base_url: str) -> None:
        invoice.answer = answer_of(invoice, base_url, with_document=self.mode["answer"] == "document")

    async def _document(self, request: Request) -> Response:
        invoice = self.book.of_token(request.path_params["token"])
        if invoice is None:
            return _errors(404, [Problem("", "not_found", "No such document.")])
        return Response(invoice.pdf(), media_type="application/pdf")

    def _reset(self) -> None:
        self.book = InvoiceBook()
        self.mode = dict(self._initial_mode)

    # Control calls

    async def _list(self, _request: Request) -> Response:
        return JSONResponse([invoice.row() for invoice in self.book.by_request.values()])

    async def _complete(self, request: Request) -> Response:
        invoice = self.book.by_request.get(request.path_params["request_id"])
        if invoice is None:
            raise ControlError(
                "No invoice was asked for under this request id.", field="request_id", status=404
            )
        if invoice.status == "accepted":
            invoice.status = "made"
            self._fill_answer(invoice, _base_url(request))
        return JSONResponse(invoice.answer)

    async def _mode_call(self, request: Request) -> Response:
        if request.method == "PUT":
            wanted = await json_object(request)
            for key, value in wanted.items():
                allowed: tuple[Any, ...] = {"answer": ANSWERS, "repeat": REPEATS}.get(key, ())
                if value not in allowed:
                    choices = ", ".join(map(str, allowed))
                    raise ControlError(
                        f"must be one of {choices}" if allowed else "is not a known key", field=key
                    )
            self.mode.update(wanted)
        return JSONResponse(self.mode)


def _key_problems(request: Request, body: Any) -> list[Problem]:
    key = request.headers.get("idempotency-key")
    if not key:
        return [Problem("Idempotency-Key", "required", "is missing")]
    if isinstance(body, dict) and body.get("request_id", key) != key:
        return [Problem("Idempotency-Key", "invalid", "is not the request_id of the body")]
    return []


def _errors(status: int, problems: list[Problem], headers: dict[str, str] | None = None) -> Response:
    rows = [{"field": each.field, "code": each.code, "message": each.message} for each in problems]
    return JSONResponse({"errors": rows}, status, headers)


def _base_url(request: Request) -> str:
    return str(request.base_url).rstrip("/").removesuffix("/_sandbox")


async def _answer_http(_request: Request, error: HTTPException) -> Response:
    return _errors(error.status_code, [Problem("", "http", error.detail)])
