"""What a new reading of an order changed, for those who plan, and the result of the copy."""

from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any


class Outcome(StrEnum):
    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    STALE = "stale"
    REFUSED = "refused"


@dataclass
class OrderChanges:
    """What really changed. Lists hold ids of order items.

    `kept_aside`: what came, and was not taken because it is packed already, by field.
    """

    address: bool = False
    cargo_company: bool = False
    added: list[int] = field(default_factory=list)
    quantity: list[int] = field(default_factory=list)
    product: list[int] = field(default_factory=list)
    status: list[int] = field(default_factory=list)
    withdrawn: list[int] = field(default_factory=list)
    kept_aside: dict[str, str] = field(default_factory=dict)

    @property
    def asks_for_new_plan(self) -> bool:
        """What was planned and is not packed yet is to be planned again (page 70, A5)."""
        return self.address or self.cargo_company or bool(self.added or self.quantity or self.product)

    @property
    def any(self) -> bool:
        return self.asks_for_new_plan or bool(self.status or self.withdrawn)

    def document(self) -> dict[str, Any]:
        """Only what changed, for messages and logs."""
        return {name: value for name, value in asdict(self).items() if value}


@dataclass(frozen=True)
class UpsertResult:
    """`order_id` is None where nothing was written because the document was refused before there was an order."""

    outcome: Outcome
    order_id: int | None
    changes: OrderChanges = field(default_factory=OrderChanges)
    warnings: tuple[dict[str, Any], ...] = ()
