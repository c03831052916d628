"""What an order points at, found or made; the two sources of orders name it differently."""

from collections.abc import Sequence
from typing import Protocol

from packhouse.catalog.models import CargoCompany, Channel, Customer, PaymentOption, Product
from packhouse.commands.orders.order_document import (
    AddressPart,
    CargoPart,
    ChannelPart,
    CustomerPart,
    ItemPart,
    OrderPart,
)
from packhouse.commands.orders.places import Places
from packhouse.locations.models import StockLocation


class References(Protocol):
    """Resolves the parts of one order inside the transaction that writes it.

    Every method raises InvalidParameter, keyed by the field of the order, for what cannot be found or made.
    """

    connection: int
    is_import: bool

    def channel(self, part: ChannelPart | None) -> Channel:
        """The order's channel; one that is not installed is fine, its orders wait."""

    def customer(self, part: CustomerPart | None, channel: Channel) -> Customer | None:
        """The buyer; None when nothing tells who it is."""

    def places(self, addresses: Sequence[tuple[str, AddressPart]]) -> list[Places]:
        """The places of addresses, each given with its field's name."""

    def products(self, items: Sequence[ItemPart]) -> list[Product]:
        """The product of each line."""

    def cargo_company(self, part: CargoPart | None) -> CargoCompany | None:
        """The carrier the order asks for."""

    def payment_option(self, order: OrderPart) -> PaymentOption | None:
        """How it is paid."""

    def retail_store(self, order: OrderPart) -> StockLocation | None:
        """Where a click & collect order is fetched."""
