"""What mends exceptions of the back office, the carriers and the invoice service."""

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext_lazy as _

from packhouse.commands.shipments.ask_carrier import ask_for_status
from packhouse.commands.shipments.shipment_records import LABEL_MISSING
from packhouse.integrations.carriers.messages import FetchLabel
from packhouse.integrations.carriers.tracking import LOST
from packhouse.integrations.invoicing.document_fetching import DOCUMENT_MISSING
from packhouse.integrations.omnitron import (
    cancellations,
    catch_up,
    order_reads,
    sent_marks,
    status_reports,
    stock_releases,
    tokens,
)
from packhouse.integrations.omnitron.messages import FindOrder, MarkSent, ReadStore, ReleaseStock
from packhouse.invoicing.messages import FetchDocument
from packhouse.kernel import outbox
from packhouse.kernel.models import ExceptionEntry
from packhouse.kernel.remedies import Remedy, id_in, named_in
from packhouse.orders.messages import SyncOrderStatus
from packhouse.shipments.models import Shipment


def _fetch_label(entry: ExceptionEntry) -> None:
    shipment_id = named_in(entry, "shipment")
    Shipment.objects.filter(pk=shipment_id).update(label_tries=0)
    outbox.enqueue([FetchLabel(shipment_id=shipment_id)])


def _find_order(entry: ExceptionEntry) -> None:
    outbox.enqueue([FindOrder(number=entry.subject.partition("/")[2])])


REMEDIES: Final[Mapping[str, Remedy]] = {
    LABEL_MISSING: Remedy(try_again=_fetch_label),
    LOST: Remedy(
        _("Ask the carrier where the parcel is."),
        try_again=lambda entry: ask_for_status(named_in(entry, "shipment")),
        settles=True,
    ),
    DOCUMENT_MISSING: Remedy(
        try_again=lambda entry: outbox.enqueue([FetchDocument(invoice_id=named_in(entry, "invoice"))])
    ),
    tokens.BANNER: Remedy(
        _("Mend OMNITRON_CLIENT_SETTINGS: with other settings the connector logs in again by itself.")
    ),
    catch_up.KIND: Remedy(
        _("The back office cannot be looked through. It is tried on by itself; test the connection."),
        try_again=lambda _entry: catch_up.look_again(),
    ),
    order_reads.KIND: Remedy(try_again=lambda entry: order_reads.retry(id_in(entry))),
    "omnitron_order_gone": Remedy(
        _("The back office no longer knows the order: cancel it here, if it is not to be packed.")
    ),
    "omnitron_find_order": Remedy(try_again=_find_order),
    "omnitron_store": Remedy(try_again=lambda entry: outbox.enqueue([ReadStore(store_pk=id_in(entry))])),
    "omnitron_cancellation": Remedy(
        _("The order is read again, and with it what is to be cancelled."),
        try_again=lambda entry: order_reads.retry(id_in(entry)),
        settles=True,
    ),
    cancellations.KIND: Remedy(try_again=lambda entry: cancellations.retry_answer(id_in(entry))),
    "omnitron_cancellation_job": Remedy(try_again=lambda entry: cancellations.retry_answer(id_in(entry))),
    status_reports.KIND: Remedy(try_again=lambda entry: status_reports.retry(id_in(entry)), settles=True),
    "omnitron_status_job": Remedy(
        try_again=lambda entry: outbox.enqueue([SyncOrderStatus(order_id=id_in(entry))])
    ),
    sent_marks.KIND: Remedy(try_again=lambda entry: outbox.enqueue([MarkSent(order_pk=id_in(entry))])),
    stock_releases.KIND: Remedy(try_again=lambda entry: stock_releases.retry(id_in(entry)), settles=True),
    "omnitron_release_job": Remedy(
        try_again=lambda entry: outbox.enqueue([ReleaseStock(order_id=id_in(entry))])
    ),
}
