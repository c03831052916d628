"""Small writes on invoices, named as effects."""

from collections.abc import Mapping
from typing import Any

from packhouse.invoicing.models import Invoice, InvoiceKind, InvoiceState
from packhouse.kernel import clock


def ask(
    package_id: int | None,
    kind: InvoiceKind,
    *,
    configuration: Mapping[str, Any],
    command: str,
    transfer_order_id: int | None = None,
) -> int | None:
    """Open the row of a document to be asked for, of a package or of a transfer; its id, or None when one is there
    or awaited already.

    A failed one is asked for again under its old `request_id`.
    """
    owner = {"package_id": package_id} if package_id is not None else {"transfer_order_id": transfer_order_id}
    present = present_invoice(kind, **owner)
    if present is not None:
        if present.state not in (InvoiceState.NONE, InvoiceState.FAILED):
            return None
        present.state = InvoiceState.PENDING
        present.configuration = dict(configuration)
        present.next_try_date = None
        present.save(update_fields=["state", "configuration", "next_try_date"])
        return present.pk
    count = Invoice.objects.filter(**owner).count()
    name = f"inv-{package_id}" if package_id is not None else f"inv-t{transfer_order_id}"
    invoice = Invoice.objects.create(
        kind=kind,
        configuration=dict(configuration),
        command=command,
        request_id=f"{name}-{count + 1}",
        created_date=clock.now(),
        **owner,
    )
    return invoice.pk


def present_invoice(kind: InvoiceKind, **owner: int | None) -> Invoice | None:
    """The one that counts now, whatever has become of it; `package_id` or `transfer_order_id`."""
    return Invoice.objects.filter(kind=kind, **owner).exclude(state=InvoiceState.REPLACED).first()


def has_despatch_note(**owner: int | None) -> bool:
    """Whether the goods may leave where the law wants a note: one is there, asked for or entered by hand."""
    return Invoice.objects.filter(
        kind=InvoiceKind.DESPATCH, state=InvoiceState.RECEIVED, number__isnull=False, **owner
    ).exists()
