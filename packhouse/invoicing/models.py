"""What was asked of the customer's invoice service and what it answered; documents kept as copies."""

import uuid
from typing import ClassVar

from django.db import models

from packhouse.kernel import clock
from packhouse.kernel.models import Dated
from packhouse.packages.models import Package
from packhouse.transfers.models import TransferOrder


class InvoiceKind(models.TextChoices):
    INVOICE = "invoice"
    BILL = "bill"
    DESPATCH = "despatch"
    NOTIFICATION = "invoice_notification"
    CANCELLATION = "invoice_cancellation"


class InvoiceState(models.TextChoices):
    NONE = "none"
    PENDING = "pending"
    AWAITED = "awaited"
    RECEIVED = "received"
    FAILED = "failed"
    REPLACED = "replaced"


class DocumentType(models.TextChoices):
    PDF = "pdf"
    PNG = "png"
    XML = "xml"
    HTML = "html"
    URL = "url"


class Invoice(Dated):
    """One document asked for, per (package or transfer, kind); a replaced one stays beside its successor.

    `request` is the body as sent, the same on every retry; `configuration` is the transition's
    (`remote_invoice_call` …) with its secrets encrypted. `claimed_until`: somebody is calling now.
    """

    package = models.ForeignKey(Package, on_delete=models.PROTECT, null=True, related_name="+")
    transfer_order = models.ForeignKey(TransferOrder, on_delete=models.PROTECT, null=True, related_name="+")
    kind = models.CharField(max_length=24, choices=InvoiceKind.choices, default=InvoiceKind.INVOICE)
    state = models.CharField(max_length=16, choices=InvoiceState.choices, default=InvoiceState.PENDING)
    request_id = models.CharField(max_length=64, null=True, unique=True)
    command = models.CharField(max_length=64, blank=True)
    configuration = models.JSONField(default=dict)
    request = models.JSONField(null=True)
    number = models.CharField(max_length=64, null=True, db_index=True)
    date = models.DateTimeField(null=True)
    ettn = models.CharField(max_length=64, null=True)
    e_archive_url = models.TextField(null=True)
    document_type = models.CharField(max_length=8, choices=DocumentType.choices, null=True)
    public_key = models.CharField(max_length=32, null=True, unique=True)
    tries = models.PositiveIntegerField(default=0)
    first_try_date = models.DateTimeField(null=True)
    next_try_date = models.DateTimeField(null=True)
    claimed_until = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True)
    answer = models.JSONField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["package", "kind"],
                condition=~models.Q(state="replaced") & models.Q(package__isnull=False),
                name="invoicing_invoice_package_kind",
            ),
            models.UniqueConstraint(
                fields=["transfer_order", "kind"],
                condition=~models.Q(state="replaced") & models.Q(transfer_order__isnull=False),
                name="invoicing_invoice_transfer_kind",
            ),
        ]


class Document(Dated):
    """A kept copy of a document: the invoice as received, a packaging document, a despatch note."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True)
    package = models.ForeignKey(Package, on_delete=models.PROTECT, null=True, related_name="+")
    transfer_order = models.ForeignKey(TransferOrder, on_delete=models.PROTECT, null=True, related_name="+")
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, null=True, related_name="documents")
    kind = models.CharField(max_length=24)
    number = models.CharField(max_length=64, null=True)
    date = models.DateTimeField(null=True)
    document_type = models.CharField(max_length=8, choices=DocumentType.choices)
    content = models.BinaryField(null=True)
    url = models.TextField(null=True)
    keep_until = models.DateTimeField(null=True)
    is_current = models.BooleanField(default=True)


class InvoiceSeries(models.Model):
    """Numbers we allot ourselves (`generate_invoice_number`): one locked row per (prefix, year), no gaps."""

    prefix = models.CharField(max_length=16)
    year = models.PositiveIntegerField()
    last_number = models.BigIntegerField(default=0)
    modified_date = models.DateTimeField(default=clock.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["prefix", "year"], name="invoicing_series_once")
        ]
