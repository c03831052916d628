"""PackageStateTransitionCommand, PKG_STATE_TRANSITION (page 20)."""

from decimal import Decimal
from itertools import permutations

from pydantic import Field

from packhouse.kernel.commands import command
from packhouse.kernel.engine import Run
from packhouse.kernel.errors import ForeignItem, InvalidParameter, WrongBarcode
from packhouse.kernel.params import Id, Params
from packhouse.packages import services
from packhouse.packages.in_hand import PackageInHand
from packhouse.packages.models import PackageItem
from packhouse.packages.states import PackageStatus as State

AMONG = (State.WAITING, State.WAITING_REMOTE_ACTION, State.PREPARING, State.READY_FOR_PACKAGING)
PATH = "input_parameters.package_items"


class PickedItem(Params):
    """What was picked for a package item."""

    id: Id
    """Id of the package item."""

    barcode: str | None = Field(default=None, min_length=1, max_length=128)
    """One of the product's."""

    serial_no: str | None = Field(default=None, max_length=128)
    """Of the unit that was picked."""

    unit_weight: Decimal | None = Field(default=None, ge=0, max_digits=12, decimal_places=3)
    """In kg."""


class PickingParams(Params):
    package_items: list[PickedItem] = Field(default_factory=list)
    """What was picked."""


def picked_items_fit(package: PackageInHand, params: PickingParams) -> None:
    """Each item is of this package, named once, and a barcode is one of its product's."""
    seen: set[int] = set()
    for index, picked in enumerate(params.package_items):
        item = package.item(picked.id)
        if item is None:
            raise ForeignItem({f"{PATH}.{index}.id": [f"Package item {picked.id} is not in this package."]})
        if picked.id in seen:
            raise InvalidParameter({f"{PATH}.{index}.id": [f"Package item {picked.id} is named twice."]})
        seen.add(picked.id)
        if picked.barcode is not None and picked.barcode not in item.barcodes:
            raise WrongBarcode(
                {f"{PATH}.{index}.barcode": [f"{picked.barcode} is no barcode of {item.sku}."]}
            )


@command(
    name="PackageStateTransitionCommand",
    code="PKG_STATE_TRANSITION",
    on="package",
    title={"en": "Change state", "tr": "Durumu değiştir"},
    moves=list(permutations(AMONG, 2)),
    params=PickingParams,
    requires=[picked_items_fit],
)
def package_state_transition(package: PackageInHand, params: PickingParams, run: Run) -> None:  # noqa: ARG001
    """Items follow; barcodes, serial numbers and weights that were given are kept on the items."""
    services.keep_barcodes({picked.id: picked.barcode for picked in params.package_items if picked.barcode})
    for picked in params.package_items:
        facts = {"serial_no": picked.serial_no, "unit_weight": picked.unit_weight}
        given = {name: value for name, value in facts.items() if value is not None}
        if given:
            PackageItem.objects.filter(pk=picked.id).update(**given)
