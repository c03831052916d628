"""The body of a request to the invoice service (page 80, 1.1). Money and quantities are text."""

from collections.abc import Sequence
from decimal import Decimal

from django.conf import settings

from packhouse.catalog.models import Customer
from packhouse.commands.invoicing.invoice_records import GIVEN_UP
from packhouse.integrations.invoicing.addresses import Row, address_row, location_row
from packhouse.integrations.invoicing.journey import journey
from packhouse.integrations.invoicing.lines import HUNDRED, ZERO, Money, carries_order_amounts, line_money
from packhouse.integrations.shares import cents
from packhouse.invoicing.models import Invoice, InvoiceKind, InvoiceState
from packhouse.kernel.wire import optional_timestamp, timestamp
from packhouse.orders.models import Order
from packhouse.packages.models import Package, PackageItem
from packhouse.shipments.models import Shipment
from packhouse.transfers.models import TransferItem


def request_body(invoice: Invoice) -> Row:
    """What is asked for an invoice row that has its `request_id`; number and address are those it has.

    To be called under the lock of its package or transfer, so that two packages of an order do not both take
    the same cent.
    """
    package = _package(invoice)
    own = _of_the_received(invoice)
    received = own.request if own is not None else None
    items = received["items"] if received else _items(invoice, package)
    amounts = received["amounts"] if received else _amounts(package, items)
    given = own if own is not None else invoice
    shipment = _present_shipment(invoice)
    return {
        "request_id": invoice.request_id,
        "kind": invoice.kind,
        "test": settings.TEST_INSTALLATION,
        "command": invoice.command or None,
        "package": _package_row(package),
        "order": _order_row(package.order),
        "customer": _customer_row(package.order.customer),
        "shipping_address": address_row(package.order.shipping_address),
        "billing_address": address_row(package.order.billing_address or package.order.shipping_address),
        "items": items,
        "amounts": amounts,
        "shipment": _shipment_row(shipment, items),
        "invoice_number": given.number,
        "e_archive_url": given.e_archive_url,
        **journey(invoice, package, shipment),
    }


def _package(invoice: Invoice) -> Package:
    transfer = invoice.transfer_order
    return Package.objects.select_related(
        "stock_location",
        "order__channel",
        "order__customer",
        *(
            f"order__{kind}_address__{level}"
            for kind in ("shipping", "billing")
            for level in ("country", "city", "township", "district")
        ),
    ).get(pk=transfer.package_id if transfer else int(invoice.package_id or 0))


def _of_the_received(invoice: Invoice) -> Invoice | None:
    """The invoice that a notification or a cancellation is about."""
    if invoice.kind not in (InvoiceKind.NOTIFICATION, InvoiceKind.CANCELLATION):
        return None
    return Invoice.objects.filter(
        package=invoice.package, kind=InvoiceKind.INVOICE, state=InvoiceState.RECEIVED
    ).first()


def _package_row(package: Package) -> Row:
    ids = list(
        Package.objects.filter(order_id=package.order_id)
        .exclude(state__in=GIVEN_UP)
        .order_by("id")
        .values_list("id", flat=True)
    )
    return {
        "id": package.pk,
        "number": package.number,
        "state": package.state,
        "packed_date": optional_timestamp(package.packed_date),
        "package_count": max(len(ids), 1),
        "package_index": ids.index(package.pk) + 1 if package.pk in ids else 1,
        "stock_location": location_row(package.stock_location),
    }


def _order_row(order: Order) -> Row:
    return {
        "id": order.pk,
        "omnitron_id": order.omnitron_id,
        "number": order.number,
        "channel": {"id": order.channel_id, "name": order.channel.name},
        "date_placed": timestamp(order.date_placed),
        "currency": order.currency.upper(),
        "payment_type": order.payment_type or None,
        "installment_count": order.installment_count,
        "delivery_type": order.delivery_type or None,
        "notes": order.notes,
        "extra_field": order.extra_field,
    }


def _customer_row(customer: Customer | None) -> Row | None:
    if customer is None:
        return None
    return {
        "id": customer.pk,
        "omnitron_id": customer.omnitron_id,
        "erp_code": customer.erp_code,
        "email": customer.email or None,
        "first_name": customer.first_name,
        "last_name": customer.last_name,
        "phone_number": customer.phone_number,
    }


def _items(invoice: Invoice, package: Package) -> list[Row]:
    wanted = PackageItem.objects.filter(package=package)
    if invoice.transfer_order_id is not None:
        moved = TransferItem.objects.filter(transfer_order_id=invoice.transfer_order_id)
        wanted = wanted.filter(pk__in=moved.values("package_item_id"))
    items = list(wanted.select_related("order_item__product").order_by("id"))
    money = line_money(package, items)
    return [_item_row(item, money[item.pk]) for item in items]


def _item_row(item: PackageItem, money: Money) -> Row:
    line, product = item.order_item, item.order_item.product
    return {
        "package_item": item.pk,
        "order_item": line.pk,
        "omnitron_id": line.omnitron_id,
        "external_code": line.external_id,
        "sku": product.sku,
        "barcode": item.selected_barcode or product.barcode or None,
        "name": product.name,
        "quantity": f"{item.quantity:.3f}",
        "unit_type": product.unit_type,
        "unit_price": _text(cents(money.price / item.quantity)),
        "price": _text(money.price),
        "discount_amount": _text(money.discount),
        "gross_amount": _text(money.gross),
        "tax_rate": _text(line.tax_rate),
        "tax_amount": _text(money.tax),
        "net_amount": _text(money.net),
        "attributes": line.attributes,
    }


def _amounts(package: Package, items: Sequence[Row]) -> Row:
    order = package.order
    carries = carries_order_amounts(package)
    shipping = order.shipping_amount if carries else ZERO
    interest = order.installment_interest_amount if carries else ZERO
    rate = order.shipping_tax_rate or ZERO
    gross = _sum(items, "gross_amount")
    shipping_tax = cents(shipping * rate / (HUNDRED + rate))
    collected = (
        Shipment.objects.filter(package=package, is_current=True)
        .values_list("pay_on_delivery_amount", flat=True)
        .first()
    )
    return {
        "items_gross": _text(gross),
        "items_net": _text(_sum(items, "net_amount")),
        "shipping": _text(shipping),
        "shipping_tax_rate": _text(rate),
        "installment_interest": _text(interest),
        "gift_box": _text(ZERO),
        "total": _text(gross + shipping + interest),
        "tax_total": _text(_sum(items, "tax_amount") + shipping_tax),
        "pay_on_delivery": None if collected is None else _text(collected),
    }


def _sum(items: Sequence[Row], key: str) -> Decimal:
    return sum((Decimal(item[key]) for item in items), ZERO)


def _text(amount: Decimal) -> str:
    return f"{amount:.2f}"


def _present_shipment(invoice: Invoice) -> Shipment | None:
    wanted = Shipment.objects.select_related("cargo_company").filter(is_current=True)
    if invoice.transfer_order_id is not None:
        return wanted.filter(transfer_order_id=invoice.transfer_order_id).first()
    return wanted.filter(package=invoice.package).first()


def _shipment_row(shipment: Shipment | None, items: Sequence[Row]) -> Row | None:
    if shipment is None:
        return None
    wanted = PackageItem.objects.filter(pk__in=[item["package_item"] for item in items])
    desi = [
        (each.order_item.product.desi or Decimal(0)) * each.quantity
        for each in wanted.select_related("order_item__product")
    ]
    company = shipment.cargo_company
    return {
        "cargo_company": company.erp_code if company is not None else None,
        "tracking_number": shipment.tracking_number,
        "desi": f"{sum(desi, Decimal(0)):.1f}",
    }
