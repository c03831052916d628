"""A customer is forgotten: names, addresses and contacts are blanked wherever they are kept (page 50).

Numbers, amounts and places down to the township stay, so that what was sold and shipped still adds up. Invoices
and other documents stay as long as the law wants them (`DOCUMENT_RETENTION_DAYS`).
"""

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from packhouse.catalog.models import Customer, CustomerAddress
from packhouse.invoicing.models import Invoice
from packhouse.kernel import clock, settings_store
from packhouse.kernel.errors import NotFound, TransitionRefused
from packhouse.kernel.models import Event, Payload
from packhouse.orders.models import Order
from packhouse.orders.states import OrderStatus
from packhouse.packages.models import Package
from packhouse.shipments.models import ShippingLabel
from packhouse.transfers.models import TransferOrder

BATCH: Final = 500
NAMES_SHOWN: Final = 5
OVER: Final = tuple(
    state.value
    for state in (OrderStatus.CANCELED, OrderStatus.INACTIVE, OrderStatus.DELIVERED, OrderStatus.REFUNDED)
)
# Where a document speaks of the customer, and what of it is personal.
PEOPLE: Final = frozenset({"customer", "shipping_address", "billing_address", "destination_address"})
PERSONAL: Final = frozenset(
    {
        *("first_name", "last_name", "email", "phone_number", "title", "line", "postcode", "notes"),
        *("company_name", "tax_office", "tax_no", "identity_number", "longitude", "latitude"),
        *("extra_field", "attributes", "remote_id", "erp_code"),
    }
)
WORDS: Final = frozenset({"order_notes", "notes", "gift_box_note", "remote_addr"})


@transaction.atomic
def anonymise_customer(customer_id: int) -> None:
    """Blank the customer, its addresses, what its orders say of it, stored messages, requests and labels.

    Repeatable. Raises NotFound; TransitionRefused while an order of it is still to be delivered.
    """
    orders = list(Order.objects.select_for_update().filter(customer=customer_id).order_by("pk"))
    customer = Customer.objects.select_for_update().filter(pk=customer_id).first()
    if customer is None:
        raise NotFound(_("There is no customer %(id)s.") % {"id": customer_id})
    waiting = [order.number for order in orders if order.state not in OVER]
    if waiting:
        numbers = ", ".join(waiting[:NAMES_SHOWN])
        raise TransitionRefused({"orders": [_("Still to be delivered: %(numbers)s.") % {"numbers": numbers}]})
    _blank_customer(customer)
    _blank_addresses(customer, orders)
    ids = [order.pk for order in orders]
    Order.objects.filter(pk__in=ids).update(
        notes=None, gift_box_note=None, remote_addr=None, extra_field={}, remote_data={}
    )
    packages = list(Package.objects.filter(order__in=ids).values_list("pk", flat=True))
    transfers = list(TransferOrder.objects.filter(package__in=packages).values_list("pk", flat=True))
    _blank_messages(
        [
            *(f"order/{pk}" for pk in ids),
            *(f"package/{pk}" for pk in packages),
            *(f"transfer_order/{pk}" for pk in transfers),
        ]
    )
    _blank_requests(packages)
    ShippingLabel.objects.filter(shipment__package__in=packages).delete()


def _blank_customer(customer: Customer) -> None:
    customer.email = customer.first_name = customer.last_name = ""
    customer.phone_number = customer.erp_code = None
    customer.attributes, customer.remote_data = {}, {}
    customer.anonymised_date = customer.anonymised_date or clock.now()
    customer.save()


def _blank_addresses(customer: Customer, orders: Sequence[Order]) -> None:
    used = [pk for order in orders for pk in (order.shipping_address_id, order.billing_address_id) if pk]
    rows = CustomerAddress.objects.filter(customer=customer) | CustomerAddress.objects.filter(pk__in=used)
    rows.update(
        title="",
        first_name="",
        last_name="",
        email="",
        phone_number="",
        line="",
        district=None,
        postcode=None,
        notes=None,
        longitude=None,
        latitude=None,
        company_name=None,
        tax_office=None,
        tax_no=None,
        identity_number=None,
        remote_id=None,
        hash_data="",
        extra_field={},
        modified_date=clock.now(),
    )


def _blank_messages(subjects: Sequence[str]) -> None:
    ids = Event.objects.filter(subject__in=subjects).values("payload")
    for payload in Payload.objects.filter(pk__in=ids).iterator(chunk_size=BATCH):
        payload.body = json.dumps(blanked(json.loads(payload.body)))
        payload.is_blanked = True
        payload.save(update_fields=["body", "is_blanked"])


def _blank_requests(packages: Sequence[int]) -> None:
    for invoice in Invoice.objects.filter(package__in=packages, request__isnull=False):
        invoice.request = blanked(invoice.request)
        invoice.save(update_fields=["request"])


def blanked(document: Any, *, inside: bool = False) -> Any:
    """A copy of a document without what it says of people. `inside`: it is about a person."""
    if isinstance(document, list):
        return [blanked(item, inside=inside) for item in document]
    if not isinstance(document, Mapping):
        return document
    return {key: _blanked_value(key, value, inside=inside) for key, value in document.items()}


def _blanked_value(key: str, value: Any, *, inside: bool) -> Any:
    if key in WORDS or (inside and key in PERSONAL):
        return _nothing(value)
    return blanked(value, inside=inside or key in PEOPLE)


def _nothing(value: Any) -> Any:
    """Of the same type, so that whoever reads the document still can."""
    if isinstance(value, str):
        return ""
    return {} if isinstance(value, Mapping) else None


def anonymise_old() -> int:
    """Those whose last order is older than `RETENTION.customer_data_days`; how many. For the clock."""
    days = settings_store.get("RETENTION")["customer_data_days"]
    if days is None:
        return 0
    before = clock.now() - timedelta(days=days)
    open_orders = Order.objects.exclude(state__in=OVER).filter(customer__isnull=False).values("customer")
    last = (
        Order.objects.filter(customer__anonymised_date__isnull=True, customer__isnull=False)
        .exclude(customer__in=open_orders)
        .order_by()
        .values("customer")
        .annotate(last=Max("date_placed"))
        .filter(last__lt=before)
    )
    ids = sorted(last.values_list("customer", flat=True)[:BATCH])
    for customer_id in ids:
        anonymise_customer(customer_id)
    return len(ids)
