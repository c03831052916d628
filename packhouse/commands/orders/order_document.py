"""One order as it is told to us, whoever tells it: Omnitron's rows, flat or nested (page 70, A6), or an import (C).

Related things stand as parts: by id (`{"pk": 5}`), by a word (`key`), or whole. Unknown keys are kept (`rest`).
"""

from collections.abc import Mapping as AbstractMapping
from decimal import Decimal
from typing import Any, ClassVar, TypeVar

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError, model_validator

from packhouse.commands.orders.document_types import (
    Coordinate,
    Flag,
    Identity,
    LongText,
    Mapping,
    Moment,
    Money,
    Quantity,
    Reading,
    Status,
    Text8,
    Text16,
    Text32,
    Text64,
    Text128,
    Text254,
    Text255,
    Text512,
    Whole,
    storable,
)
from packhouse.kernel.errors import InvalidParameter

MOST_ITEMS = 5000
PartT = TypeVar("PartT", bound="Part")


class Part(BaseModel):
    """Something with the id it has at the sender."""

    model_config = ConfigDict(extra="allow", frozen=True)
    ours: ClassVar[frozenset[str]] = frozenset({"pk", "id", "created_date"})

    pk: Identity = Field(default=None, validation_alias=AliasChoices("pk", "id"))
    modified_date: Moment = None

    @property
    def rest(self) -> dict[str, Any]:
        """What was sent and no field here holds."""
        return {key: value for key, value in (self.model_extra or {}).items() if key not in self.ours}


class Reference(Part):
    """May also be sent as a bare id, or as a word (`key`) by which it is looked up."""

    key: Text255 = None

    @model_validator(mode="before")
    @classmethod
    def _bare(cls, given: Any) -> Any:
        if isinstance(given, bool) or not isinstance(given, int | str):
            return given
        word = str(given).strip()
        return {"key": word, "pk": int(word)} if word.isascii() and word.isdigit() else {"key": word}

    @property
    def is_bare(self) -> bool:
        """Only an id or a word came, nothing to copy."""
        return not (self.model_fields_set - {"pk", "key"})


class ChannelPart(Reference):
    name: Text255 = None
    slug: Text255 = None
    channel_type: Text64 = None
    catalog: Any = None
    conf: Mapping = None
    currency: Text8 = None
    is_active: Flag = None


class PlacePart(Reference):
    """A country, city, township or district; above it, by id or whole, what it lies in."""

    name: Text255 = None
    code: Text8 = None
    is_active: Flag = None
    longitude: Coordinate = None
    latitude: Coordinate = None
    country: "PlacePart | None" = None
    city: "PlacePart | None" = None
    township: "PlacePart | None" = None


class CustomerPart(Reference):
    email: Text254 = None
    first_name: Text255 = None
    last_name: Text255 = None
    phone_number: Text64 = None
    erp_code: Text64 = None
    user_type: Text64 = None
    attributes: Mapping = None
    channel: Any = None


class AddressPart(Reference):
    address_type: Text32 = None
    title: Text255 = None
    first_name: Text255 = None
    last_name: Text255 = None
    email: Text254 = None
    phone_number: Text64 = None
    country: PlacePart | None = None
    city: PlacePart | None = None
    township: PlacePart | None = None
    district: PlacePart | None = None
    line: LongText = None
    postcode: Text32 = None
    notes: LongText = None
    longitude: Coordinate = None
    latitude: Coordinate = None
    company_name: Text255 = None
    tax_office: Text255 = None
    tax_no: Text64 = None
    e_bill_taxpayer: Flag = None
    identity_number: Text64 = None
    retail_store: Text64 = None
    remote_id: Text128 = None
    hash_data: Text128 = None
    extra_field: Mapping = None
    is_active: Flag = None

    @model_validator(mode="before")
    @classmethod
    def _store_by_id(cls, given: Any) -> Any:
        store = given.get("retail_store") if isinstance(given, dict) else None
        return (
            {**given, "retail_store": store.get("pk", store.get("id"))} if isinstance(store, dict) else given
        )


class ProductPart(Reference):
    sku: Text128 = None
    base_code: Text128 = None
    name: Text512 = None
    barcode: Text128 = None
    unit_type: Text16 = None
    attributes: Mapping = None
    attributes_kwargs: Mapping = None
    extra_attributes: Mapping = None
    is_active: Flag = None
    productimage_set: list[dict[str, Any]] | None = None


class CargoPart(Reference):
    name: Text255 = None
    erp_code: Text128 = None
    shipping_company: Text128 = None
    is_active: Flag = None


class PaymentPart(Reference):
    name: Text255 = None
    slug: Text128 = None
    payment_type: Text64 = None


class Range(BaseModel):
    start: Moment = None
    end: Moment = None


class ItemPart(Part):
    """One order line. `product` is a part, or the line itself names it by `sku`."""

    order: Any = None
    parent: Identity = None
    product: ProductPart | None = None
    sku: Text128 = None
    barcode: Text128 = None
    product_name: Text512 = None
    unit_type: Text16 = None
    external_id: Text128 = None
    status: Status = None
    cancel_status: Text32 = None
    quantity: Quantity = None
    price: Money = None
    price_currency: Text8 = None
    retail_price: Money = None
    tax_rate: Money = None
    tax_amount: Money = None
    net_amount: Money = None
    without_net_amount: Money = None
    discount_amount: Money = None
    installment_interest_amount: Money = None
    price_list: Whole = None
    stock_list: Whole = None
    attributes: Mapping = None
    attributes_kwargs: Mapping = None
    extra_field: Mapping = None
    image: LongText = None
    tracking_number: Text255 = None
    estimated_delivery_date: Moment = None
    delivered_date: Moment = None


class OrderPart(Part):
    """The order with its lines. Names are those of A6; `items` is the import's word for `orderitem_set`."""

    number: Text64 = None
    channel: ChannelPart | None = None
    customer: CustomerPart | None = None
    shipping_address: AddressPart | None = None
    billing_address: AddressPart | None = None
    cargo_company: CargoPart | None = None
    payment_option: PaymentPart | None = None
    payment_option_slug: Text128 = None
    payment_type: Text64 = None
    status: Status = None
    date_placed: Moment = None
    currency: Text8 = None
    amount: Money = None
    discount_amount: Money = None
    shipping_amount: Money = None
    net_shipping_amount: Money = None
    shipping_tax_rate: Money = None
    shipping_interest_amount: Money = None
    refund_amount: Money = None
    installment: Whole = None
    installment_count: Whole = None
    installment_interest_amount: Money = None
    pay_on_delivery_amount: Money = None
    delivery_type: Text32 = None
    delivery_range: Range | None = None
    shipping_option_slug: Text128 = None
    tracking_number: Text255 = None
    carrier_shipping_code: Text255 = None
    defined_tracking_url: LongText = None
    invoice_number: Text128 = None
    invoice_date: Moment = None
    e_archive_url: LongText = None
    is_send: Flag = None
    cancellation_info: Any = None
    notes: LongText = Field(default=None, validation_alias=AliasChoices("notes", "order_notes"))
    has_gift_box: Flag = None
    gift_box_note: LongText = None
    client_type: Text32 = None
    language_code: Text16 = None
    segment: Text128 = None
    external_status: Text128 = None
    remote_addr: Text64 = None
    retail_store: Text64 = None
    extra_field: Mapping = None
    items: list[ItemPart] = Field(
        default_factory=list, validation_alias=AliasChoices("items", "orderitem_set"), max_length=MOST_ITEMS
    )

    @model_validator(mode="before")
    @classmethod
    def _client_form(cls, given: Any) -> Any:
        """`{"order": {…}, "order_item": […]}`, as sales channels write it."""
        if isinstance(given, dict) and isinstance(given.get("order"), dict):
            lines = given.get("order_item", given.get("items", given["order"].get("items", [])))
            return {**given["order"], "items": lines}
        return given

    @property
    def gross(self) -> Decimal:
        """What the items and the shipping come to: price less discount, tax included."""
        nothing = Decimal(0)
        lines = ((item.price or nothing) - (item.discount_amount or nothing) for item in self.items)
        return sum(lines, self.shipping_amount or nothing)


def parse_order(given: Any, reading: Reading) -> OrderPart:
    """An order document read. Raises InvalidParameter keyed by path (`items.0.price`)."""
    if not isinstance(given, AbstractMapping):
        raise InvalidParameter({"detail": ["An order is an object."]})
    return read_part(OrderPart, given, reading)


def read_part(model: type[PartT], given: Any, reading: Reading) -> PartT:
    """Any part on its own. Raises InvalidParameter keyed by path."""
    try:
        return model.model_validate(storable(given), context=reading)
    except ValidationError as error:
        texts: dict[str, list[str]] = {}
        for detail in error.errors(include_url=False, include_context=False, include_input=False):
            path = ".".join(str(part) for part in detail["loc"]) or "detail"
            texts.setdefault(path, []).append(detail["msg"].removeprefix("Value error, "))
        raise InvalidParameter(texts) from None
