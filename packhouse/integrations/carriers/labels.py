"""Labels drawn here: what stands on them, and both kinds of file (page 80, 2.5)."""

from packhouse.commands.shipments.shipment_records import GivenLabel
from packhouse.integrations.carriers.consignment import Consignment
from packhouse.integrations.carriers.label_pdf import label_pdf
from packhouse.integrations.carriers.label_sheet import LabelSheet, Party
from packhouse.integrations.carriers.label_zpl import label_zpl
from packhouse.integrations.carriers.shipment_request import destination
from packhouse.kernel.errors import PackhouseError
from packhouse.locations.models import StockLocation


def drawn(parcel: Consignment) -> list[GivenLabel]:
    """One PDF and one ZPL file with a label for each parcel."""
    sheets = label_sheets(parcel)
    return [
        GivenLabel(file_format="pdf", content=label_pdf(sheets)),
        GivenLabel(file_format="zpl", content=label_zpl(sheets)),
    ]


def label_sheets(parcel: Consignment) -> list[LabelSheet]:
    """What stands on the labels, one per parcel."""
    shipment, boxes = parcel.shipment, parcel.parcels
    amount = shipment.pay_on_delivery_amount
    return [
        LabelSheet(
            sender=_sender(parcel.source),
            receiver=_receiver(parcel),
            carrier=parcel.account.company if shipment.cargo_company else "",
            order_number=parcel.order.number,
            tracking_number=box.tracking_number or shipment.tracking_number,
            barcode=box.sscc or box.barcode,
            is_sscc=box.sscc is not None,
            position=position,
            count=len(boxes),
            collect=f"{amount:.2f} {_currency(shipment.currency)}" if amount else None,
            is_gift=parcel.order.has_gift_box,
        )
        for position, box in enumerate(boxes, start=1)
    ]


def _currency(code: str) -> str:
    """The fonts have no lira sign."""
    return "TL" if code.lower() == "try" else code.upper()


def _sender(location: StockLocation) -> Party:
    address = location.address
    if address is None:
        return Party(location.name, "", ())
    return Party(
        location.name,
        location.daytime_phone,
        _lines(address.line, address.district, address.township, address.city),
    )


def _receiver(parcel: Consignment) -> Party:
    """An address that no carrier would take still gets what is there: it is the person who decides."""
    try:
        to = destination(parcel)
    except PackhouseError:
        address = parcel.address
        name = f"{address.first_name} {address.last_name}".strip() if address else ""
        return Party(name, address.phone_number if address else "", (address.line,) if address else ())
    name = " ".join(filter(None, (to.name, to.surname)))
    places = " / ".join(filter(None, (to.district, to.township, to.city.name)))
    return Party(name, to.tel, tuple(filter(None, (to.address_line, f"{to.zipcode or ''} {places}".strip()))))


def _lines(line: str, *places: object) -> tuple[str, ...]:
    return tuple(filter(None, (line, " / ".join(str(place) for place in places if place))))
