"""One call to the invoice service: address, login, signature, time-outs (page 80, 1.1)."""

import hashlib
import hmac
import json
from typing import Final

from pydantic import ValidationError

from packhouse.catalog.configuration import IS_SECRET
from packhouse.integrations.http import Answer, Call, Patience, login_headers, send
from packhouse.invoicing.documents import LARGEST
from packhouse.invoicing.models import Invoice
from packhouse.kernel import settings_store
from packhouse.kernel.configuration import RemoteCall
from packhouse.kernel.errors import NotConfigured
from packhouse.kernel.secrets import unseal

# A document in base64, and room for the rest.
LARGEST_ANSWER: Final = LARGEST * 4 // 3 + 1024 * 1024


def remote_call(invoice: Invoice) -> RemoteCall:
    """The service's configuration with its secrets in the clear. Raises NotConfigured."""
    try:
        return RemoteCall.model_validate(unseal(invoice.configuration, IS_SECRET))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise NotConfigured(
            f"The configuration of the invoice service cannot be read: {where}: {first['msg']}"
        ) from None


def system_of(service: RemoteCall) -> str:
    """Whom the circuit and the log go by: one per `remote_url`."""
    return f"invoice/{hashlib.sha256(str(service.remote_url).encode()).hexdigest()[:12]}"


def longest(service: RemoteCall) -> float:
    """Seconds that one call may take at most."""
    return service.timeouts.connect + 2 * service.timeouts.read


def ask(invoice: Invoice, service: RemoteCall, patience: Patience) -> Answer:
    """Send the stored request; the same bytes and key on every try. Raises OutsideFailure."""
    body = json.dumps(invoice.request, sort_keys=True).encode()
    call = Call(
        system_of(service),
        invoice.kind,
        "POST",
        str(service.remote_url),
        content=body,
        headers={
            "Content-Type": "application/json",
            "Idempotency-Key": str(invoice.request_id),
            **login_headers(service.auth),
            **_signature(body),
        },
        connect=service.timeouts.connect,
        read=service.timeouts.read,
        largest=LARGEST_ANSWER,
    )
    return send(call, patience)


def _signature(body: bytes) -> dict[str, str]:
    secret = settings_store.get("OMS_INVOICE_SIGNING_SECRET")
    if not secret:
        return {}
    digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return {"X-Whisperer-Signature": f"sha256={digest}"}
