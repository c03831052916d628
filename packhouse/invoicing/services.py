"""Small writes on invoices, named as effects."""

from collections.abc import Mapping
from typing import Any

from packhouse.invoicing.models import Invoice, InvoiceKind, InvoiceState
from packhouse.kernel import clock


def ask(package_id: int, kind: InvoiceKind, *, configuration: Mapping[str, Any], command: str) -> int | None:
    """Open the row of a document to be asked for; its id, or None when one is there or awaited already.

    A failed one is asked for again under its old `request_id`.
    """
    present = (
        Invoice.objects.filter(package_id=package_id, kind=kind).exclude(state=InvoiceState.REPLACED).first()
    )
    if present is not None:
        if present.state not in (InvoiceState.NONE, InvoiceState.FAILED):
            return None
        present.state = InvoiceState.PENDING
        present.configuration = dict(configuration)
        present.next_try_date = None
        present.save(update_fields=["state", "configuration", "next_try_date"])
        return present.pk
    count = Invoice.objects.filter(package_id=package_id).count()
    invoice = Invoice.objects.create(
        package_id=package_id,
        kind=kind,
        configuration=dict(configuration),
        command=command,
        request_id=f"inv-{package_id}-{count + 1}",
        created_date=clock.now(),
    )
    return invoice.pk
