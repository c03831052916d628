"""CancelPackageCommand (page 20): whole or in part, also run by cancellation plans."""

from decimal import Decimal

from django.db.models import F, Subquery
from pydantic import Field

from packhouse.commands.inventory.lacking import plan_what_lacked
from packhouse.commands.packages.effects import (
    cancel_invoice,
    close_shipment,
    give_up_units,
    open_shipment,
)
from packhouse.commands.transfers.of_package import cancel_transfers, has_open_transfers
from packhouse.inventory.services import split_promise
from packhouse.invoicing.messages import RequestInvoice
from packhouse.kernel.accounts import Actor
from packhouse.kernel.commands import command
from packhouse.kernel.engine import Run
from packhouse.kernel.errors import (
    CarrierRefused,
    ForeignItem,
    InvalidParameter,
    MissingParameter,
    PermissionDenied,
)
from packhouse.kernel.models import Role
from packhouse.kernel.params import Id, Params
from packhouse.orders.messages import PlanOrder, SyncOrderStatus
from packhouse.orders.models import OrderItem
from packhouse.packages import in_hand, services
from packhouse.packages.in_hand import PackageInHand
from packhouse.packages.models import Package
from packhouse.packages.states import BEFORE_SHIPPED
from packhouse.packages.states import PackageStatus as State
from packhouse.shipments import ports
from packhouse.shipments.models import Shipment
from packhouse.shipments.states import Registration

PATH = "input_parameters.package_items"


class CancelledItem(Params):
    """Units of one package item."""

    id: Id
    """Id of the package item."""

    quantity: Decimal | None = Field(default=None, gt=0, max_digits=12, decimal_places=3)
    """Left out: all of it."""


class CancelParams(Params):
    """What, and whether it is planned again."""

    package_items: list[CancelledItem] = Field(default_factory=list)
    """What is cancelled; left out: everything."""

    replan: bool = False
    """Keep the customer's units and plan them again, never to this location."""

    force: bool = False
    """Go on although the carrier does not delete its shipment; by an admin, with `reason`."""

    reason: str | None = Field(default=None, min_length=1, max_length=1000)
    """Kept in the log."""


def delete_at_carrier(package_id: int, params: CancelParams, actor: Actor) -> int | None:
    """Before the lock: a registered shipment is deleted at the carrier; its id, None when there is none."""
    if params.force and actor.role not in (Role.ADMIN, "system"):
        raise PermissionDenied(
            {"input_parameters.force": ["Only an admin may cancel although the carrier is silent."]}
        )
    if params.force and params.reason is None:
        raise MissingParameter({"input_parameters.reason": ["Say why the carrier is not waited for."]})
    shipment = _registered_shipment(package_id)
    if shipment is None:
        return None
    try:
        ports.carrier().delete(shipment.pk)
    except CarrierRefused:
        if not params.force:
            raise
    return shipment.pk


def _registered_shipment(package_id: int) -> Shipment | None:
    return Shipment.objects.filter(
        package_id=package_id, is_current=True, is_integrated=True, registration=Registration.REGISTERED
    ).first()


def items_are_own(package: PackageInHand, params: CancelParams) -> None:
    """Each item is of this package, once, with no more than its quantity."""
    seen: set[int] = set()
    for index, cancelled in enumerate(params.package_items):
        item = package.item(cancelled.id)
        if item is None:
            raise ForeignItem(
                {f"{PATH}.{index}.id": [f"Package item {cancelled.id} is not in this package."]}
            )
        if cancelled.id in seen:
            raise InvalidParameter({f"{PATH}.{index}.id": [f"Package item {cancelled.id} is named twice."]})
        seen.add(cancelled.id)
        if cancelled.quantity is None:
            continue
        if cancelled.quantity > item.quantity:
            raise InvalidParameter(
                {f"{PATH}.{index}.quantity": [f"There are only {item.quantity:f} in the package."]}
            )
        if item.unit_type == "quantity" and cancelled.quantity % 1:
            raise InvalidParameter({f"{PATH}.{index}.quantity": ["This product is counted in whole units."]})


def nothing_on_the_road_in_part(package: PackageInHand, params: CancelParams) -> None:
    """While items travel to the package it is cancelled whole: what is cut could be on either side."""
    if _remainder(package, params) and has_open_transfers(package.id):
        raise InvalidParameter(
            {PATH: ["Items of this package are being transferred; cancel all of it, or wait."]}
        )


@command(
    name="CancelPackageCommand",
    on="package",
    title={"en": "Cancel", "tr": "İptal et"},
    moves=[(source, State.CANCELLED) for source in BEFORE_SHIPPED],
    params=CancelParams,
    requires=[items_are_own, nothing_on_the_road_in_part],
    prepare=delete_at_carrier,
    sends=[SyncOrderStatus, PlanOrder, RequestInvoice],
    events=["shipment.cancelled", "package.created"],
)
def cancel_package(package: PackageInHand, params: CancelParams, run: Run) -> None:
    """A registered shipment is deleted at the carrier first (it refuses or is silent: 400 `carrier_refused`).
    Reservations are deleted, units already taken are put back, transfers are cancelled; the units count in the
    order item's `cancelled_quantity`, nothing left of it: 100; Omnitron learns it. In part: what remains moves to
    a new package in the same state, with its reservations and, where there was one, a new shipment. With
    `replan` the customer's units are kept and planned again, never to this location."""
    _check_carrier_again(package, run)
    had_shipment = close_shipment(package, run)
    remainder = _remainder(package, params)
    if remainder:
        _keep_the_rest(package, remainder, run, with_shipment=had_shipment)
    give_up_units(package)
    if package.state is not State.OUT_OF_STOCK:  # which has no units
        plan_what_lacked({item.sku for item in package.items})
    cancel_transfers(package, run)
    cancel_invoice(package, run)
    if params.reason:
        run.attributes["cancel.reason"] = params.reason
    run.settle_orders.add(package.order_id)
    if params.replan:
        skus = sorted({item.sku for item in package.items}) if remainder else None
        services.exclude_location(package.order_id, package.stock_location_id, "cancelled with replan", skus)
        run.send(PlanOrder(order_id=package.order_id))
        return
    for item in package.items:
        OrderItem.objects.filter(pk=item.order_item_id).update(
            cancelled_quantity=F("cancelled_quantity") + item.quantity
        )


def _check_carrier_again(package: PackageInHand, run: Run) -> None:
    """Under the lock: no shipment was registered since the carrier was asked."""
    shipment = _registered_shipment(package.id)
    if shipment is not None and shipment.pk != run.prepared:
        raise CarrierRefused("The shipment was registered with the carrier a moment ago; try again.")


def _remainder(package: PackageInHand, params: CancelParams) -> dict[int, Decimal]:
    """What of each package item is not cancelled; empty when nothing remains."""
    if not params.package_items:
        return {}
    cancelled = {given.id: given.quantity for given in params.package_items}
    rest = {
        item.id: item.quantity - _cancelled_of(item.id, item.quantity, cancelled) for item in package.items
    }
    return {item_id: quantity for item_id, quantity in rest.items() if quantity > 0}


def _cancelled_of(item_id: int, whole: Decimal, cancelled: dict[int, Decimal | None]) -> Decimal:
    if item_id not in cancelled:
        return Decimal(0)
    quantity = cancelled[item_id]
    return whole if quantity is None else quantity


def _keep_the_rest(
    package: PackageInHand, remainder: dict[int, Decimal], run: Run, *, with_shipment: bool
) -> None:
    successor, cuts = services.split_off(package, remainder)
    for cut in cuts:
        split_promise(cut.from_item, cut.to_item, cut.untaken)
    services.hand_over_quota(package, successor)
    packed = Package.objects.filter(pk=package.id).values("packed_date")
    Package.objects.filter(pk=successor.pk).update(packed_date=Subquery(packed))
    run.created("package", successor.pk, successor.state, event="package.created")
    if with_shipment:
        open_shipment(in_hand.load(successor.pk), run)
