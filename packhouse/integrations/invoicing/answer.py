"""What the invoice service answers (page 80, 1.2): what fits, and why something does not."""

import base64
import binascii
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, HttpUrl, ValidationError

from packhouse.commands.invoicing.invoice_records import GivenDocument
from packhouse.invoicing.documents import LARGEST, MEGABYTES, type_of
from packhouse.invoicing.models import Invoice, InvoiceKind
from packhouse.kernel import clock
from packhouse.kernel.times import parse_time

AHEAD: Final = timedelta(days=1)
SHOWN: Final = 1000
MAY_BE_EMPTY: Final = frozenset({InvoiceKind.NOTIFICATION.value, InvoiceKind.CANCELLATION.value})


class Unfit(Exception):
    """The answer does not say what it must; the text says what is wrong with it."""


def _moment(given: Any) -> Any:
    return parse_time(given) if isinstance(given, str) else given


class _Body(BaseModel):
    """The keys of an answer; a despatch note's number and date have names of their own."""

    model_config = ConfigDict(extra="ignore", strict=True)

    number: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    date: Annotated[datetime, BeforeValidator(_moment)] | None = None
    e_archive_url: Annotated[str, Field(max_length=2000)] | None = None
    document: Annotated[str, Field(min_length=1)] | None = None
    document_type: Literal["pdf", "png", "xml", "html", "url"] | None = None
    ettn: Annotated[str, Field(max_length=64)] | None = None


def read_answer(invoice: Invoice, content: bytes) -> GivenDocument:
    """The document that a 200 or 201 (or a 409 of the same shape) gives. Raises Unfit.

    A number that we allotted stands, whatever the answer calls it; so does an address that we serve.
    """
    raw = _json(content)
    if raw.get("error") or raw.get("errors"):
        raise Unfit(f"The answer holds an error: {shown(content)}")
    if invoice.kind in MAY_BE_EMPTY:
        return GivenDocument(raw=kept(raw))
    body = _body(invoice, raw)
    if body.date is not None and body.date > clock.now() + AHEAD:
        raise Unfit(f"invoice_date {body.date.isoformat()} lies in the future.")
    given_number = invoice.number is not None and bool(invoice.configuration.get("generate_invoice_number"))
    if body.number is None and not given_number:
        raise Unfit(f"The answer has no {_names(invoice)['number']}.")
    if body.date is None and not given_number:
        raise Unfit(f"The answer has no {_names(invoice)['date']}.")
    url, document, document_type = _document(body)
    if url is None and document is None and invoice.public_key is None:
        raise Unfit("The answer has neither e_archive_url nor document.")
    return GivenDocument(
        number=invoice.number if given_number else body.number,
        date=body.date or clock.now(),
        e_archive_url=invoice.e_archive_url if invoice.public_key else url,
        content=document,
        document_type=document_type,
        ettn=body.ettn,
        source_url=url if document is None else None,
        raw=kept(raw),
    )


def _names(invoice: Invoice) -> dict[str, str]:
    kind = "despatch" if invoice.kind == InvoiceKind.DESPATCH else "invoice"
    return {"number": f"{kind}_number", "date": f"{kind}_date"}


def _json(content: bytes) -> dict[str, Any]:
    if not content.strip():
        return {}
    try:
        raw = json.loads(content)
    except (ValueError, RecursionError):
        raise Unfit(f"The answer is not JSON: {shown(content)}") from None
    if not isinstance(raw, dict):
        raise Unfit("The answer is not a JSON object.")
    return raw


def _body(invoice: Invoice, raw: Mapping[str, Any]) -> _Body:
    names = _names(invoice)
    keyed = {ours: raw.get(theirs) for ours, theirs in names.items()}
    try:
        return _Body.model_validate({**raw, **keyed})
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        path = ".".join(str(part) for part in first["loc"][:1])
        raise Unfit(f"{names.get(path, path)}: {first['msg']}") from None


def _document(body: _Body) -> tuple[str | None, bytes | None, str | None]:
    """Address, content and type of what came."""
    url = body.e_archive_url
    if body.document is None:
        return _checked_url(url), None, "url" if url else None
    if body.document_type == "url":
        return _checked_url(url or body.document), None, "url"
    content = _decoded(body.document)
    found = type_of(content)
    if found is None:
        raise Unfit("document: it is neither PDF, PNG, XML nor HTML.")
    if body.document_type is not None and body.document_type != found:
        raise Unfit(f"document: it says {body.document_type} and is {found}.")
    return _checked_url(url), content, found.value


def _checked_url(url: str | None) -> str | None:
    if url is None:
        return None
    try:
        HttpUrl(url)
    except ValidationError:
        raise Unfit("e_archive_url: this is no http(s) address.") from None
    return url


def _decoded(text: str) -> bytes:
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Unfit("document: it is not base64.") from None
    if len(content) > LARGEST:
        raise Unfit(f"document: it is larger than {MEGABYTES} MB.")
    return content


def shown(content: bytes) -> str:
    """A refusal's text as a person should read it: its errors by field, else as it came."""
    text = content.decode("utf-8", "replace").replace("\x00", "")
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        return text[:SHOWN]
    errors = body.get("errors") if isinstance(body, dict) else None
    if not isinstance(errors, list):
        return text[:SHOWN]
    return " ".join(_error(each) for each in errors)[:SHOWN]


def _error(error: Any) -> str:
    if not isinstance(error, dict):
        return str(error)
    field = f"{error['field']}: " if error.get("field") else ""
    return f"{field}{error.get('message') or error.get('code') or 'refused'}"


def kept(raw: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept of an answer beside the document."""
    return {key: value for key, value in raw.items() if key != "document"}
