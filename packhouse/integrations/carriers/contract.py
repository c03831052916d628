"""The contract of an adaptor (page 80, 2.1): what is asked of a carrier, and what it answers.

Keys on the wire are the camel case of the fields. A plug-in (entry-point group `packhouse.carriers`) is a class
that derives from `CarrierAdaptor`.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal, Protocol

from pydantic import Base64Bytes, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel

from packhouse.integrations.carriers.account import Account
from packhouse.integrations.failures import Refused
from packhouse.integrations.http import Patience
from packhouse.kernel.times import parse_time


def _moment(given: Any) -> Any:
    """A time without an offset is in the installation's zone."""
    return parse_time(given) if isinstance(given, str) else given


Moment = Annotated[datetime, BeforeValidator(_moment)]
Number = Annotated[str, Field(max_length=256, coerce_numbers_to_str=True)]
FileFormat = Literal["pdf", "zpl", "png"]


class NotOffered(Refused):
    """The carrier has no such service."""


class _Asked(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, frozen=True)

    def wire(self) -> dict[str, Any]:
        """As JSON has it, without what has no value."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)


class _Answered(BaseModel):
    """Keys that we do not know are ignored."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, frozen=True)


class Country(_Asked):
    id: int | None
    code: str
    name: str | None


class City(_Asked):
    id: int | None
    name: str


class Destination(_Asked):
    """Where the parcels go; ids are those of the back office."""

    name: str
    surname: str | None
    tel: str
    country: Country
    city: City
    district: str | None
    township: str | None
    zipcode: str | None
    address_line: str


class Payment(_Asked):
    """What is collected at the door."""

    payment_id: str
    amount: Decimal
    currency: str


class ParcelSize(_Asked):
    """Weight in kg, sizes in cm."""

    sscc: str | None
    weight: Decimal | None
    width: Decimal | None
    height: Decimal | None
    length: Decimal | None
    deci: Decimal | None


class ShipmentRequest(_Asked):
    """The body of `generate-shipment`. `shipment_id` is the same on every retry."""

    shipment_id: str
    order_number: str
    locale: str
    delivery_note: str | None = None
    type: Literal["CUSTOMER", "PICK_UP_LOCATION"]
    destination: Destination
    origin_id: str | None = None
    products: list[dict[str, Any]] | None = None
    payment: Payment | None = None
    parcels: list[ParcelSize] | None = None


class AddressRequest(_Asked):
    """The body of `generate-address`: a sender to be registered."""

    name: str
    contact: str | None
    tel: str
    country: str
    city: str
    township: str | None
    district: str | None
    zipcode: str | None
    address_line: str


class ParcelNumbers(_Answered):
    sscc: str | None = None
    tracking_number: Number | None = None


class Label(_Answered):
    """`content` is base64 on the wire. `parcel`: 1 for the first one; None: for all."""

    parcel: int | None = None
    type: FileFormat
    content: Base64Bytes = Field(min_length=1)


class Registered(_Answered):
    """The answer of `generate-shipment`."""

    shipment_id: Number
    tracking_number: Number | None = None
    query_number: Number | None = None
    awb_number: Number | None = None
    tracking_url: str | None = None
    status: str | None = Field(default=None, max_length=64)
    parcels: list[ParcelNumbers] = Field(default_factory=list)
    labels: list[Label] = Field(default_factory=list)


class Tracked(Registered):
    """The answer of `query-shipment`."""

    status_date: Moment | None = None
    delivered_date: Moment | None = None
    delivered_to: str | None = None
    description: str | None = None
    desi: Decimal | None = None
    price: Decimal | None = None


class Step(_Answered):
    """One row of a shipment's history."""

    status: Annotated[str, Field(min_length=1, max_length=64)]
    date: Moment
    location: str | None = None
    description: str | None = None
    carrier_code: Number | None = None


class AppointmentDate(_Answered):
    date: date
    ranges: list[tuple[str, str]] = Field(default_factory=list)


class CarrierAddress(_Answered):
    """An address as the carrier keeps it."""

    model_config = ConfigDict(extra="allow")

    address_id: Number


class EasyReturn(_Answered):
    model_config = ConfigDict(extra="allow")

    easy_return_id: Number


class CarrierAdaptor(Protocol):
    """The services of one carrier account. What a carrier does not offer is left as it is here.

    Methods raise TemporaryFailure for what may go well later, Refused for an answer that a repetition will not
    change. They are never called inside a transaction. `is_integrated` false: nothing is ever called, labels
    are drawn here and the tracking number comes by command.
    """

    is_integrated: ClassVar[bool] = True

    def __init__(self, account: Account, patience: Patience) -> None: ...

    def generate_shipment(self, request: ShipmentRequest) -> Registered:
        """Register; asked again with the same id it gives the same answer."""
        raise NotOffered("This carrier registers no shipments.")

    def query_shipment(self, shipment_id: str) -> Tracked | None:
        """Where it stands; None when the carrier does not know it."""
        raise NotOffered("This carrier answers no queries.")

    def query_shipment_history(self, shipment_id: str) -> list[Step]:
        """Its steps, oldest first."""
        raise NotOffered("This carrier keeps no history.")

    def update_shipment(self, shipment_id: str, changes: dict[str, Any]) -> None:
        """Change `destination`, `deliveryNote`, `payment` or `parcels`; refused after the pick-up."""
        raise NotOffered("This carrier changes no shipments.")

    def delete_shipment(self, shipment_id: str) -> None:
        """Delete; one that it does not know counts as deleted."""
        raise NotOffered("This carrier deletes no shipments.")

    def query_shipment_label(self, shipment_id: str, file_format: FileFormat) -> list[Label]:
        """Its labels; none while they are not ready."""
        raise NotOffered("This carrier prints no labels.")

    def generate_easy_return(self, request: dict[str, Any]) -> EasyReturn:
        raise NotOffered("This carrier has no easy returns.")

    def query_easy_return(self, easy_return_id: str) -> EasyReturn | None:
        raise NotOffered("This carrier has no easy returns.")

    def delete_easy_return(self, easy_return_id: str) -> None:
        raise NotOffered("This carrier has no easy returns.")

    def search_appointment_dates(
        self, destination: Destination, origin_id: str | None, first: date, last: date
    ) -> list[AppointmentDate]:
        """Days and hours at which it would deliver."""
        raise NotOffered("This carrier makes no appointments.")

    def generate_address(self, request: AddressRequest) -> CarrierAddress:
        """Register a sender."""
        raise NotOffered("This carrier registers no senders.")

    def get_addresses(self, search: dict[str, Any]) -> list[CarrierAddress]:
        raise NotOffered("This carrier lists no addresses.")

    def get_address_detail(self, address_id: str) -> CarrierAddress | None:
        raise NotOffered("This carrier lists no addresses.")
