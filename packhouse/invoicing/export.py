"""Received invoices and despatch notes as XML, for the brand's e-invoice tool (page 80, 1.4 and 3)."""

import uuid
from functools import cache
from importlib.metadata import entry_points
from typing import Any, Final

from packhouse.invoicing import services
from packhouse.invoicing.einvoice import GROUP, EInvoice, EInvoiceBuilder, buyer_of, scenario_of
from packhouse.invoicing.models import Invoice, InvoiceKind, InvoiceState
from packhouse.invoicing.ubl import despatch, en16931, ubl_tr
from packhouse.kernel import clock, settings_store
from packhouse.kernel.errors import InvalidParameter, NotConfigured, NotFound
from packhouse.kernel.times import local_zone

DEFAULT_PROFILE: Final = "en16931"
_ETTN: Final = uuid.UUID("9d0f0b5e-2f0a-4a53-8a1e-6f0d6c2f7b11")


def invoice_xml(package_id: int, profile: str = DEFAULT_PROFILE) -> bytes:
    """The package's invoice by a profile that `EINVOICE_EXPORT` names.

    Raises NotConfigured, InvalidParameter for another profile, NotFound while there is no invoice that was asked for.
    """
    configured = settings_store.get("EINVOICE_EXPORT")
    if configured is None:
        raise NotConfigured("EINVOICE_EXPORT says neither who sells nor which profiles are wanted.")
    if profile not in configured["profiles"]:
        offered = ", ".join(configured["profiles"])
        raise InvalidParameter(
            {"profile": [f"There is no profile {profile}; EINVOICE_EXPORT has: {offered}."]}
        )
    invoice = services.present_invoice(InvoiceKind.INVOICE, package_id=package_id)
    if invoice is None or invoice.state != InvoiceState.RECEIVED or invoice.request is None:
        raise NotFound("No invoice that was asked for has been received.")
    if profile == DEFAULT_PROFILE:
        return en16931.build(_einvoice(invoice, configured))
    return builder_named(profile).build(_einvoice(invoice, configured))


@cache
def builder_named(profile: str) -> EInvoiceBuilder:
    """A plug-in, which goes before the reference builder of its name. Raises NotConfigured."""
    for entry in entry_points(group=GROUP, name=profile):
        found: EInvoiceBuilder = entry.load()
        return found
    if profile == "ubl-tr":
        return ubl_tr
    raise NotConfigured(f"No plug-in of the group {GROUP} is named {profile}.")


def despatch_xml(**owner: int) -> bytes:
    """The despatch note of `package_id` or `transfer_order_id`, under its number once it has one.

    Raises NotFound while none was asked for.
    """
    note = services.present_invoice(InvoiceKind.DESPATCH, **owner)
    if note is None or note.request is None:
        raise NotFound("No despatch note was asked for.")
    issued = (note.date or clock.now()).astimezone(local_zone())
    return despatch.build(note.request, number=note.number or str(note.request_id), issued=issued)


def _einvoice(invoice: Invoice, configured: dict[str, Any]) -> EInvoice:
    request = dict(invoice.request or {})
    billing = request["billing_address"]
    number, scheme = buyer_of(billing)
    return EInvoice(
        request=request,
        number=str(invoice.number),
        issued=(invoice.date or clock.now()).astimezone(local_zone()),
        seller=configured["seller"],
        ettn=invoice.ettn or str(uuid.uuid5(_ETTN, str(invoice.request_id))),
        scenario=scenario_of(billing, configured["scenario"]),
        buyer_id=number,
        buyer_scheme=scheme,
    )
