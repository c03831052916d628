"""Invoices for e-invoice tools: what a builder is given, and the builders of other countries (page 80, 1.4)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, Protocol

from stdnum.tr import tckimlik, vkn

GROUP: Final = "packhouse.einvoice"
Scenario = Literal["TEMELFATURA", "TICARIFATURA", "EARSIVFATURA"]


@dataclass(frozen=True)
class EInvoice:
    """An invoice that was received, as its tool needs it.

    `request` is the body that was sent to the invoice service, `seller` the brand (`EINVOICE_EXPORT.seller`).
    `buyer_id` is a company's VKN or a person's TCKN (`buyer_scheme`), only where its check digits are right.
    """

    request: Mapping[str, Any]
    number: str
    issued: datetime
    seller: Mapping[str, Any]
    ettn: str
    scenario: Scenario
    buyer_id: str | None
    buyer_scheme: Literal["VKN", "TCKN"] | None


class EInvoiceBuilder(Protocol):
    """A plug-in of the entry-point group `packhouse.einvoice`: a module or an object with these functions."""

    def build(self, invoice: EInvoice, /) -> bytes:
        """The document, XML."""

    def validate(self, content: bytes, /) -> list[str]:
        """What is wrong with it; nothing: an empty list."""

    def submit(self, content: bytes, /) -> Mapping[str, Any]:
        """Hand it to an integrator; what that answered. Never called inside a transaction."""


def scenario_of(billing_address: Mapping[str, Any], wanted: Scenario = "TEMELFATURA") -> Scenario:
    """Registered e-invoice taxpayers get the basic scenario or, as the brand wants it, the commercial one."""
    return wanted if billing_address.get("e_bill_taxpayer") else "EARSIVFATURA"


def buyer_of(
    billing_address: Mapping[str, Any],
) -> tuple[str, Literal["VKN", "TCKN"]] | tuple[None, None]:
    """The buyer's number and its kind, where the check digits are right."""
    tax_no = str(billing_address.get("tax_no") or "").strip()
    identity = str(billing_address.get("identity_number") or "").strip()
    if vkn.is_valid(tax_no):
        return vkn.compact(tax_no), "VKN"
    for number in (identity, tax_no):
        if tckimlik.is_valid(number):
            return tckimlik.compact(number), "TCKN"
    return None, None
