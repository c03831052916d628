"""The body of `generate-shipment` (page 80, 2.1), from what is shipped."""

from decimal import ROUND_UP, Decimal
from typing import Any, Final, Protocol

from packhouse.catalog.models import City as CityRow
from packhouse.catalog.models import Country as CountryRow
from packhouse.catalog.models import Place
from packhouse.integrations.carriers.consignment import Consignment
from packhouse.integrations.carriers.contract import (
    AddressRequest,
    City,
    Country,
    Destination,
    ParcelSize,
    Payment,
    ShipmentRequest,
)
from packhouse.kernel.errors import PackhouseError
from packhouse.locations.models import StockLocation
from packhouse.packages.models import PackageItem
from packhouse.shipments.models import Parcel

CM3_PER_DESI: Final = Decimal(3000)
_TENTH = Decimal("0.1")


class IncompleteAddress(PackhouseError):
    """A parcel cannot be sent to, or from, where the address lacks something."""

    code = "incomplete_address"


class _AddressRow(Protocol):
    country: CountryRow | None
    city: CityRow | None
    township: Any
    district: Any
    line: str
    postcode: str | None


def shipment_request(parcel: Consignment, *, origin_id: str | None) -> ShipmentRequest:
    """What the carrier is asked to take. Raises IncompleteAddress."""
    configuration = parcel.account.configuration
    return ShipmentRequest(
        shipment_id=str(parcel.shipment.remote_id),
        order_number=parcel.order.number,
        locale=_locale(parcel.order.language_code),
        delivery_note=_note(parcel),
        type="PICK_UP_LOCATION" if parcel.is_for_pickup else "CUSTOMER",
        destination=destination(parcel),
        origin_id=origin_id,
        products=_products(parcel, configuration.product_keys),
        payment=_payment(parcel),
        parcels=[_size(box) for box in parcel.parcels] if configuration.send_parcels else None,
    )


def _locale(code: str) -> str:
    """`tr-tr` becomes `tr-TR`."""
    language, _, region = code.replace("_", "-").partition("-")
    return f"{language.lower()}-{region.upper()}" if region else language.lower() or "tr"


def _note(parcel: Consignment) -> str | None:
    if parcel.store is not None:
        return None
    return (parcel.address.notes if parcel.address else None) or parcel.order.notes


def destination(parcel: Consignment) -> Destination:
    """Where it goes: the order's address, or the location a transfer is for. Raises IncompleteAddress."""
    if parcel.store is not None:
        address = _address_of(parcel.store)
        name, surname, telephone = parcel.store.name, None, parcel.store.daytime_phone
        what = f"location {parcel.store.erp_code}"
    else:
        address = parcel.address
        if address is None:
            raise IncompleteAddress("The order has no shipping address.")
        customer = parcel.order.customer
        name, surname = address.first_name, address.last_name
        telephone = address.phone_number or (customer.phone_number if customer else None) or ""
        what = "shipping address"
        if not name:
            name, surname = address.last_name or address.company_name or "", None
    _refuse_gaps(what, name=name, city=address.city, country=address.country, line=address.line)
    return Destination(
        name=name,
        surname=surname or None,
        tel=telephone,
        country=Country(id=address.country.omnitron_id, code=address.country.code, name=address.country.name),
        city=City(id=address.city.omnitron_id, name=address.city.name),
        district=_name(address.district),
        township=_name(address.township),
        zipcode=address.postcode,
        address_line=address.line,
    )


def sender(location: StockLocation) -> AddressRequest:
    """A location as a carrier registers it. Raises IncompleteAddress."""
    address = _address_of(location)
    _refuse_gaps(
        f"address of location {location.erp_code}",
        city=address.city,
        country=address.country,
        line=address.line,
    )
    return AddressRequest(
        name=location.name,
        contact=address.title or None,
        tel=location.daytime_phone,
        country=address.country.code or address.country.name,
        city=address.city.name,
        township=_name(address.township),
        district=_name(address.district),
        zipcode=address.postcode,
        address_line=address.line,
    )


def _address_of(location: StockLocation) -> Any:
    if location.address is None:
        raise IncompleteAddress(f"Location {location.erp_code} has no address.")
    return location.address


def _refuse_gaps(what: str, **parts: object) -> None:
    missing = [name for name, value in parts.items() if not value]
    if missing:
        raise IncompleteAddress(f"The {what} has no {', no '.join(missing)}.")


def _name(place: Place | None) -> str | None:
    return place.name if place is not None else None


def _payment(parcel: Consignment) -> Payment | None:
    amount = parcel.shipment.pay_on_delivery_amount
    if not amount:
        return None
    return Payment(payment_id=parcel.order.number, amount=amount, currency=parcel.shipment.currency.upper())


def _size(box: Parcel) -> ParcelSize:
    return ParcelSize(
        sscc=box.sscc,
        weight=box.weight,
        width=box.width,
        height=box.height,
        length=box.length,
        deci=desi_of(box),
    )


def desi_of(box: Parcel) -> Decimal | None:
    """Volume weight: cubic centimetres through 3,000, up to a tenth; None where a side is not known."""
    if box.width is None or box.height is None or box.length is None:
        return None
    return (box.width * box.height * box.length / CM3_PER_DESI).quantize(_TENTH, ROUND_UP)


def _products(parcel: Consignment, keys: list[str] | dict[str, str]) -> list[dict[str, Any]] | None:
    """One map per package item; `keys` names what is told, as a mapping ours: theirs."""
    named = keys if isinstance(keys, dict) else {key: key for key in keys}
    if not named:
        return None
    return [{theirs: _attribute(item, ours) for ours, theirs in named.items()} for item in parcel.items]


def _attribute(item: PackageItem, name: str) -> Any:
    product = item.order_item.product
    known: dict[str, Any] = {
        "sku": product.sku,
        "name": product.name,
        "barcode": item.selected_barcode or product.barcode,
        "quantity": str(item.quantity.normalize() if item.quantity % 1 else int(item.quantity)),
        "weight": _text(item.unit_weight or product.unit_weight),
        "deci": _text(product.desi),
    }
    return known[name] if name in known else product.attributes.get(name)


def _text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"
