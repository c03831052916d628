"""What planning may know: plain, frozen values, so that a plan is a function of them and of nothing else.

Quantities are Decimals in the unit of the line. Locations and stock are shared by all snapshots of a batch:
build one `Locations` and one `StockTable`, and give each order its own `loads` when quotas have moved since.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from math import inf
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from packhouse.planning.geography import Address
from packhouse.planning.opening import WorkingHours

if TYPE_CHECKING:
    from packhouse.planning.scenario import Scenario
    from packhouse.planning.tariff import Tariff

NOTHING: Mapping[Any, Any] = MappingProxyType({})
NOWHERE = Address()


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """What scenarios may ask of an order. `item_count` and `line_count` None: counted from the lines."""

    id: int
    number: str
    address: Address = NOWHERE
    channel: int | None = None
    cargo_company: str | None = None
    """erp_code"""
    payment_option: str | None = None
    """slug"""
    payment_type: str | None = None
    customer_type: str | None = None
    amount: Decimal | None = None
    currency: str | None = None
    item_count: Decimal | None = None
    line_count: int | None = None
    delivery_type: str | None = None
    shipping_option_slug: str | None = None
    segment: str | None = None
    language_code: str | None = None
    date_placed: datetime | None = None
    """Aware of its time zone."""
    has_gift_box: bool | None = None
    pay_on_delivery_amount: Decimal | None = None
    extra_field: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Line:
    """The part of one order item that is to be planned now. Lines of one SKU share its stock.

    `unit_weight` (kg) and `desi` are those of one unit; None: not known.
    """

    order_item_id: int
    sku: str
    quantity: Decimal
    unit_type: str = "quantity"
    base_code: str | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    unit_weight: Decimal | None = None
    desi: Decimal | None = None

    @property
    def is_counted(self) -> bool:
        """True where only whole units can be given (everything but weights)."""
        return self.unit_type == "quantity"


@dataclass(frozen=True, slots=True)
class Location:
    """A stock location of page 40. `flags` are the names of its true boolean fields (HAS_FLAG)."""

    id: int
    erp_code: str
    type: str = "warehouse"
    address: Address = NOWHERE
    priority: int | None = 0
    is_active: bool = True
    is_fulfillment_center: bool = True
    flags: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    working_hours: WorkingHours | None = None
    max_quota: int | None = None
    quota: int = 0
    open_packages: int = 0
    acceptance_rate: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Load:
    """Packages a location holds: `quota` those that hold a unit of it, `open_packages` all open ones."""

    quota: int
    open_packages: int


class StockLevel(NamedTuple):
    """What a stock engine answered for one SKU at one location, and what may not be promised of it."""

    stock: Decimal
    reserved: Decimal = Decimal(0)
    safety: Decimal = Decimal(0)

    @property
    def available(self) -> Decimal:
        """May be negative: a feed can lower the stock under what is reserved."""
        return self.stock - self.reserved - self.safety


def _tie_break(location: Location) -> tuple[float, int]:
    return (inf if location.priority is None else location.priority, location.id)


class Locations(tuple[Location, ...]):
    """All locations of the installation, found by id and by erp_code. Build it once for a batch.

    `places`: location id -> its place by priority, then id, which is how all ties are broken.
    """

    by_id: Mapping[int, Location]
    by_code: Mapping[str, Location]
    places: Mapping[int, int]

    def __new__(cls, locations: Iterable[Location] = ()) -> Locations:
        made = super().__new__(cls, locations)
        made.by_id = {location.id: location for location in made}
        made.by_code = {location.erp_code: location for location in made}
        made.places = {location.id: place for place, location in enumerate(sorted(made, key=_tie_break))}
        return made


class StockTable(Mapping[tuple[int, str], StockLevel]):
    """Stock by (location id, sku), kept by SKU because planning starts from what an order asks for."""

    __slots__ = ("_by_sku",)

    def __init__(self, rows: Mapping[tuple[int, str], StockLevel] = NOTHING) -> None:
        by_sku: dict[str, dict[int, StockLevel]] = {}
        for (location_id, sku), level in rows.items():
            by_sku.setdefault(sku, {})[location_id] = level
        self._by_sku: Mapping[str, Mapping[int, StockLevel]] = by_sku

    @classmethod
    def from_skus(cls, by_sku: Mapping[str, Mapping[int, StockLevel]]) -> StockTable:
        """Takes ``{sku: {location id: level}}`` as it is, without a copy."""
        table = cls()
        table._by_sku = by_sku
        return table

    def replaced(self, by_sku: Mapping[str, Mapping[int, StockLevel]]) -> StockTable:
        """With all levels of these SKUs replaced."""
        return StockTable.from_skus({**self._by_sku, **by_sku})

    def of(self, sku: str) -> Mapping[int, StockLevel]:
        """Levels of one SKU by location id; empty where nobody has a row."""
        return self._by_sku.get(sku, NOTHING)

    def __getitem__(self, key: tuple[int, str]) -> StockLevel:
        location_id, sku = key
        return self._by_sku[sku][location_id]

    def __iter__(self) -> Iterator[tuple[int, str]]:
        return ((location_id, sku) for sku, levels in self._by_sku.items() for location_id in levels)

    def __len__(self) -> int:
        return sum(len(levels) for levels in self._by_sku.values())

    def __repr__(self) -> str:
        return f"StockTable({dict(self)!r})"


@dataclass(frozen=True, slots=True)
class ScenarioVersion:
    """One version of a scenario: `document` is the validated body with its name."""

    id: int
    version: int
    document: Scenario

    @property
    def name(self) -> str:
        return self.document.name


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything one plan may look at; one line per order item, else ``ValueError``.

    `scenarios` and `transfer_scenarios` hold the active ones in priority order. `unknown_stock` names the
    locations whose stock service is silent; their rows in `stock` are its last answer. `exclusions` means
    "never again to this location for this order", for one SKU or (None) for all. `loads` say by location id
    what is fresher than the numbers on the locations. `tariff`: what carriers charge, where a sort asks for it.
    `taken_at` is UTC; `timezone` is what the clocks on the walls of the locations show.
    """

    order: OrderFacts
    lines: tuple[Line, ...]
    scenarios: tuple[ScenarioVersion, ...]
    locations: Locations
    stock: StockTable
    taken_at: datetime
    attempt: int = 1
    transfer_scenarios: tuple[ScenarioVersion, ...] = ()
    unknown_stock: frozenset[int] = frozenset()
    exclusions: frozenset[tuple[int, str | None]] = frozenset()
    loads: Mapping[int, Load] = field(default_factory=dict)
    tariff: Tariff | None = None
    timezone: tzinfo = UTC

    def __post_init__(self) -> None:
        if len({line.order_item_id for line in self.lines}) < len(self.lines):
            raise ValueError("an order item stands in two lines of a snapshot")

    def load_of(self, location: Location) -> Load:
        """Its freshest quota and number of open packages."""
        return self.loads.get(location.id) or Load(location.quota, location.open_packages)
