"""UpdateShipmentLabelOfThePackageCommand, UPDATE_SHIPMENT_LABEL (page 20)."""

from collections.abc import Sequence
from dataclasses import dataclass

from packhouse.commands.packages.effects import ask_invoice_and_bill
from packhouse.commands.shipments.by_hand import current_shipment
from packhouse.commands.shipments.shipment_records import keep_labels
from packhouse.invoicing.messages import RequestInvoice
from packhouse.kernel.accounts import Actor
from packhouse.kernel.commands import command
from packhouse.kernel.engine import Run
from packhouse.kernel.errors import CarrierRefused, ForeignItem, TransitionRefused
from packhouse.kernel.params import Id, Params
from packhouse.orders.messages import SyncOrderStatus
from packhouse.packages.in_hand import PackageInHand
from packhouse.packages.states import PackageStatus as State
from packhouse.shipments import ports
from packhouse.shipments.models import Shipment
from packhouse.shipments.ports import GivenLabel

MOVES = (
    (State.PREPARING, None),
    (State.WAITING_CARGO_LABEL, State.PACKED),
    (State.PACKED, None),
    (State.SHIPPED, None),
)


class LabelParams(Params):
    """Whose label."""

    package_items: list[Id]
    """Ids; may be empty, as the label is that of the whole shipment."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """Labels, and the shipment that they are of."""

    shipment_id: Id
    labels: Sequence[GivenLabel]


def fetch_labels(package_id: int, params: LabelParams, actor: Actor) -> Fetched:  # noqa: ARG001
    """Before the lock: the labels as the carrier makes them now. Raises CarrierRefused when none comes.

    The system, by which a package that waited goes on, asks for none that is there already.
    """
    shipment = current_shipment(package_id=package_id)
    if shipment is None:
        raise TransitionRefused({"transition": ["The package has no shipment, so there is no label."]})
    if actor.role == "system" and _has_come(shipment):
        return Fetched(shipment.pk, ())
    return Fetched(shipment.pk, ports.carrier().labels(shipment.pk))


def _has_come(shipment: Shipment) -> bool:
    """The package waits for nothing but this label, and it is kept."""
    waits = shipment.package is not None and shipment.package.state == State.WAITING_CARGO_LABEL.value
    return waits and shipment.labels.filter(is_current=True).exists()


def items_are_own(package: PackageInHand, params: LabelParams) -> None:
    """Each item is of this package."""
    for index, item_id in enumerate(params.package_items):
        if package.item(item_id) is None:
            raise ForeignItem(
                {
                    f"input_parameters.package_items.{index}": [
                        f"Package item {item_id} is not in this package."
                    ]
                }
            )


@command(
    name="UpdateShipmentLabelOfThePackageCommand",
    code="UPDATE_SHIPMENT_LABEL",
    on="package",
    title={"en": "Renew label", "tr": "Etiketi yenile"},
    moves=MOVES,
    params=LabelParams,
    prepare=fetch_labels,
    requires=[items_are_own],
    sends=[RequestInvoice, SyncOrderStatus],
    events=["package.updated"],
)
def update_shipment_label_of_the_package(package: PackageInHand, params: LabelParams, run: Run) -> None:  # noqa: ARG001
    """The label is created or renewed at the carrier before the lock is taken; refused when none comes. From
    WAITING_CARGO_LABEL the package becomes PACKED: order items become Preparing (450); invoice, bill and Omnitron as
    configured. The system does so by itself when the label that a package waits for has come."""
    shipment = current_shipment(package_id=package.id)
    fetched: Fetched = run.prepared
    if shipment is None or shipment.pk != fetched.shipment_id:
        raise CarrierRefused("The shipment has changed while the carrier was asked; try again.")
    if fetched.labels:
        keep_labels(shipment, fetched.labels)
    if run.target is State.PACKED:
        ask_invoice_and_bill(package, run)
    else:
        run.event("package.updated", "package", package.id)
