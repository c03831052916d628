"""PackageRefuseCommand (page 20): a location does not pack what it was given."""

from pydantic import Field

from packhouse.catalog.models import PackageDenialReason
from packhouse.commands.packages.effects import give_up_units
from packhouse.commands.packages.parts import is_everything, take_apart
from packhouse.kernel.commands import command
from packhouse.kernel.engine import STAY, Run
from packhouse.kernel.errors import ForeignItem, InvalidParameter
from packhouse.kernel.params import Id, Params
from packhouse.orders.messages import ReschedulePackage
from packhouse.packages import services
from packhouse.packages.in_hand import PackageInHand
from packhouse.packages.models import PackageItem
from packhouse.packages.states import PackageStatus as State

PATH = "input_parameters.package_items"


class RefuseParams(Params):
    """Why, and what."""

    denial_reason: Id
    """Id of an active denial reason."""

    package_items: list[Id] = Field(default_factory=list)
    """Ids of those refused; left out: all."""


def reason_is_active(package: PackageInHand, params: RefuseParams) -> None:  # noqa: ARG001
    """The reason is there and in use."""
    if not PackageDenialReason.objects.filter(pk=params.denial_reason, is_active=True).exists():
        raise InvalidParameter(
            {"input_parameters.denial_reason": [f"There is no active denial reason {params.denial_reason}."]}
        )


def items_are_own(package: PackageInHand, params: RefuseParams) -> None:
    """Each item is of this package."""
    for index, item_id in enumerate(params.package_items):
        if package.item(item_id) is None:
            raise ForeignItem({f"{PATH}.{index}": [f"Package item {item_id} is not in this package."]})


@command(
    name="PackageRefuseCommand",
    on="package",
    title={"en": "Refuse", "tr": "Reddet"},
    moves=[
        (source, State.NEEDS_RESCHEDULING)
        for source in (State.WAITING, State.WAITING_REMOTE_ACTION, State.PREPARING)
    ],
    params=RefuseParams,
    requires=[reason_is_active, items_are_own],
    sends=[ReschedulePackage],
    events=["package.refused", "package.created"],
)
def package_refuse(package: PackageInHand, params: RefuseParams, run: Run) -> object:
    """Reservations are deleted, units already taken are put back; `denial_reason` is kept on the items;
    `package.refused`; then planned again with the commit, never to this location for this order. With
    `package_items` only those are refused, in a package of their own, and the rest stays."""
    refused = {item.id: item.quantity for item in package.items if item.id in params.package_items}
    if not refused or is_everything(package, refused):
        _refuse(package, params, run, skus=None)
        return None
    part = take_apart(package, refused, run)
    run.move("package", part, State.NEEDS_RESCHEDULING)
    _refuse(part, params, run, skus=sorted({item.sku for item in part.items}))
    return STAY


def _refuse(package: PackageInHand, params: RefuseParams, run: Run, skus: list[str] | None) -> None:
    """`skus`: those that must not come back here; None: nothing of the order."""
    give_up_units(package)
    PackageItem.objects.filter(package_id=package.id).update(denial_reason_id=params.denial_reason)
    services.exclude_location(package.order_id, package.stock_location_id, "refused", skus)
    run.event("package.refused", "package", package.id)
    run.send(ReschedulePackage(package_id=package.id))
