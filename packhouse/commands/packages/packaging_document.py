"""The packaging document of a package: there from PACKED on, until the invoice replaces it (page 80, 1.4)."""

import base64
import binascii
from decimal import Decimal

from packhouse.catalog.models import Channel, CustomerAddress
from packhouse.invoicing import services as invoicing
from packhouse.invoicing.models import InvoiceKind
from packhouse.invoicing.packaging_pdf import packaging_pdf
from packhouse.invoicing.packaging_sheet import PackagingLine, PackagingSheet
from packhouse.invoicing.pages import Paper
from packhouse.kernel.errors import NotFound
from packhouse.kernel.times import local_zone
from packhouse.packages.models import Package, PackageItem
from packhouse.shipments.models import Shipment

_CENT = Decimal("0.01")


def packaging_document(package_id: int, paper: Paper = "a4") -> bytes:
    """Drawn from the package as it stands now. Raises NotFound before it is packed."""
    return packaging_pdf(packaging_sheet(package_id), paper)


def packaging_sheet(package_id: int) -> PackagingSheet:
    """What stands on it. Raises NotFound before it is packed."""
    package = (
        Package.objects.select_related(
            "stock_location",
            "order__channel",
            *(
                f"order__{kind}_address__{level}"
                for kind in ("shipping", "billing")
                for level in ("country", "city", "township", "district")
            ),
        )
        .filter(pk=package_id, packed_date__isnull=False)
        .first()
    )
    if package is None or package.packed_date is None:
        raise NotFound("There is no packaging document before the package is packed.")
    order = package.order
    shipment = Shipment.objects.filter(package=package, is_current=True).first()
    invoice = invoicing.present_invoice(InvoiceKind.INVOICE, package_id=package.pk)
    items = PackageItem.objects.filter(package=package).select_related("order_item__product").order_by("id")
    return PackagingSheet(
        language="en" if order.language_code.lower().startswith("en") else "tr",
        brand=order.channel.name,
        logo=_logo(order.channel),
        order_number=order.number,
        package_number=package.number,
        packed=package.packed_date.astimezone(local_zone()),
        location=package.stock_location.name,
        shipping_address=_lines(order.shipping_address),
        billing_address=_lines(order.billing_address or order.shipping_address),
        lines=tuple(_line(item, priced=not order.has_gift_box) for item in items),
        currency=order.currency,
        gift_note=order.gift_box_note,
        is_gift=order.has_gift_box,
        collect=shipment.pay_on_delivery_amount if shipment else None,
        invoice_number=invoice.number if invoice else None,
    )


def _logo(channel: Channel) -> bytes | None:
    """`logo` of the channel's configuration: a picture in base64."""
    given = channel.configuration.get("logo")
    try:
        return base64.b64decode(given, validate=True) if isinstance(given, str) else None
    except (binascii.Error, ValueError):
        return None


def _lines(address: CustomerAddress | None) -> tuple[str, ...]:
    if address is None:
        return ()
    person = f"{address.first_name} {address.last_name}".strip()
    places = " / ".join(place.name for place in (address.district, address.township, address.city) if place)
    country = address.country.name if address.country else ""
    parts = (
        address.company_name,
        person,
        address.line,
        f"{address.postcode or ''} {places}".strip(),
        country,
        address.phone_number,
    )
    return tuple(part for part in parts if part)


def _line(item: PackageItem, *, priced: bool) -> PackagingLine:
    line, product = item.order_item, item.order_item.product
    share = (line.price - line.discount_amount) * item.quantity / line.quantity
    return PackagingLine(
        sku=product.sku,
        barcode=item.selected_barcode or product.barcode,
        name=product.name,
        quantity=item.quantity,
        unit=product.unit_type if product.unit_type != "quantity" else "",
        price=share.quantize(_CENT) if priced else None,
    )
