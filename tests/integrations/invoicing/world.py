"""Packages that were packed by a transition that asks for an invoice."""

from typing import Any

from packhouse.integrations.invoicing.course import request_invoice
from packhouse.integrations.patience import TryLater
from packhouse.invoicing.models import Invoice, InvoiceKind
from packhouse.kernel import engine, machine, settings_store
from packhouse.kernel.accounts import SYSTEM
from packhouse.kernel.engine import Call
from packhouse.kernel.models import ExceptionEntry, Transition
from packhouse.kernel.version import raise_version
from packhouse.packages.models import Package


def configure(
    configuration: dict[str, Any], command: str = "CompletePackagingWithoutShipmentCommand"
) -> None:
    """Put `remote_invoice_call` on the transitions of a command."""
    for transition in Transition.objects.filter(command=command):
        transition.configuration = {**transition.configuration, "remote_invoice_call": configuration}
        transition.save()
    raise_version()
    machine.reload()


def pack(package: Package) -> engine.Outcome:
    return engine.execute("package", Call(package.pk, slug="CompletePackagingWithoutShipmentCommand"), SYSTEM)


def invoice_of(package: Package, kind: InvoiceKind = InvoiceKind.INVOICE) -> Invoice:
    return Invoice.objects.exclude(state="replaced").get(package=package, kind=kind)


def asked(package: Package) -> Invoice:
    """A worker's turn."""
    request_invoice(invoice_of(package).pk)
    return invoice_of(package)


def seconds_until_next_try(package: Package) -> float:
    """A worker's turn that has to be repeated; after how long."""
    try:
        request_invoice(invoice_of(package).pk)
    except TryLater as later:
        return later.seconds
    raise AssertionError("nothing waits")


def exceptions_of(package: Package) -> dict[str, str]:
    """The open rows of the exceptions list about a package."""
    rows = ExceptionEntry.objects.filter(subject=f"package/{package.pk}", resolved_date__isnull=True)
    return dict(rows.values_list("kind", "message"))


def setting(key: str, value: object) -> None:
    """Change a setting and see it at once, without a commit."""
    settings_store.put(key, value)
    settings_store.forget()
