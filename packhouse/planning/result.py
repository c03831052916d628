"""What planning decided, and the facts that explain it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from packhouse.planning.snapshot import Line, Load, Location, ScenarioVersion, Snapshot, StockLevel

WAITING = "WAITING"
WAITING_FOR_TRANSFER = "WAITING_FOR_TRANSFER"
OUT_OF_STOCK = "OUT_OF_STOCK"

Share = tuple[int, Decimal]
"""(order item id, quantity)"""


@dataclass(frozen=True, slots=True)
class PlannedTransfer:
    """What one source sends to the location of a package; it is reserved at the source."""

    source_id: int
    lines: tuple[Share, ...]
    rule_position: int
    rule_name: str


@dataclass(frozen=True, slots=True)
class PlannedPackage:
    """One package to be made. `lines` hold everything in it, also what comes by `transfers`.

    `rule_*` name the rule that made it; None for OUT_OF_STOCK packages and those planned by hand.
    """

    location_id: int
    state: str
    lines: tuple[Share, ...]
    rule_position: int | None = None
    rule_name: str | None = None
    transfers: tuple[PlannedTransfer, ...] = ()

    def reserved(self) -> tuple[tuple[int, Share], ...]:
        """(location id, share) of all that is to be reserved for it; nothing for an OUT_OF_STOCK package."""
        if self.state == OUT_OF_STOCK:
            return ()
        coming = [(transfer.source_id, share) for transfer in self.transfers for share in transfer.lines]
        by_transfer: dict[int, Decimal] = {}
        for _, (item, quantity) in coming:
            by_transfer[item] = by_transfer.get(item, Decimal(0)) + quantity
        own = [(item, quantity - by_transfer.get(item, Decimal(0))) for item, quantity in self.lines]
        return (*((self.location_id, share) for share in own if share[1] > 0), *coming)


@dataclass(frozen=True, slots=True)
class NotPlaced:
    """What no rule could place. `reason` is one of `reasons.Reason`."""

    order_item_id: int
    quantity: Decimal
    reason: str


@dataclass(frozen=True, slots=True)
class Bound:
    """Of `fewest_packages`: locations found, the fewest there can be, and whether the two are proven equal."""

    lower: int
    found: int
    proven: bool


@dataclass(frozen=True, slots=True)
class RuleFacts:
    """How one rule went. Candidates are the locations with stock of the order's SKUs, or a silent service.

    `why_not` is None when the rule placed something. `ranked` are the candidates that were in, best first,
    `values` their values in the order of the rule's sort keys, `excluded` the others with the code of the
    condition that shut them out.
    """

    position: int
    name: str
    why_not: str | None
    skus: tuple[str, ...] = ()
    keys: tuple[tuple[str, str], ...] = ()
    product_condition: str = "available_products"
    strategy: str = "ordered"
    max_packages: int | None = None
    ranked: tuple[int, ...] = ()
    values: tuple[tuple[object, ...], ...] = ()
    excluded: tuple[tuple[int, str], ...] = ()
    given: tuple[tuple[int, tuple[Share, ...]], ...] = ()
    bound: Bound | None = None
    transfer: TransferFacts | None = None


@dataclass(frozen=True, slots=True)
class TransferFacts:
    """How a transferable rule looked for sources. `scenario` None: no transfer scenario matched.

    `distances` (km by location id) are those from the package's location, where they were looked at.
    """

    location_id: int
    scenario: ScenarioVersion | None
    rules: tuple[RuleFacts, ...] = ()
    distances: Mapping[int, float | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Explanation:
    """The facts behind a plan: numbers as they were when it was made.

    `refusals` are the scenarios that did not match, with the condition that failed. `levels` hold the stock
    by SKU and location id, `loads` and `distances` (km) cover the `candidates`.
    """

    snapshot: Snapshot
    refusals: tuple[tuple[ScenarioVersion, str], ...] = ()
    rules: tuple[RuleFacts, ...] = ()
    candidates: tuple[Location, ...] = ()
    levels: Mapping[str, Mapping[int, StockLevel]] = field(default_factory=dict)
    loads: Mapping[int, Load] = field(default_factory=dict)
    distances: Mapping[int, float | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """The decision for one snapshot.

    `reason` None: the plan can be applied. Else the order stays pending: `no_scenario`, `stock_unavailable`
    or `default_location_missing`; there are no packages then. Everything to be planned is either in a
    package that is not OUT_OF_STOCK or in `not_placed`; what is in `not_placed` of an applicable plan is
    also in its OUT_OF_STOCK package.
    """

    scenario: ScenarioVersion | None
    packages: tuple[PlannedPackage, ...]
    not_placed: tuple[NotPlaced, ...]
    reason: str | None
    explanation: Explanation


def lines_by_item(snapshot: Snapshot) -> dict[int, Line]:
    """The lines of a snapshot by order item id."""
    return {line.order_item_id: line for line in snapshot.lines}
