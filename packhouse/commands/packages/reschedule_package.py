"""ReschedulePackageCommand (page 20): the console's *Reschedule*; also run by the system."""

from packhouse.commands.packages.effects import give_up_units
from packhouse.commands.planning.leave_out_of_stock import decide, leave
from packhouse.commands.transfers.of_package import cancel_transfers
from packhouse.kernel.commands import command
from packhouse.kernel.engine import STAY, Run
from packhouse.kernel.params import NoParams
from packhouse.orders.messages import PlanOrder
from packhouse.packages.in_hand import PackageInHand
from packhouse.packages.states import PackageStatus as State

BY_ANYBODY = (State.NEEDS_RESCHEDULING, State.OUT_OF_STOCK, State.STALE_WAITING)
BY_THE_SYSTEM = (
    State.WAITING,
    State.WAITING_REMOTE_ACTION,
    State.PREPARING,
    State.WAITING_FOR_TRANSFER,
    State.READY_FOR_PACKAGING,
)


@command(
    name="ReschedulePackageCommand",
    on="package",
    title={"en": "Reschedule", "tr": "Yeniden planla"},
    prepare=decide,
    moves=[(source, State.CANCELLED) for source in (*BY_ANYBODY, *BY_THE_SYSTEM)],
    system_sources=BY_THE_SYSTEM,
    sends=[PlanOrder],
)
def reschedule_package(package: PackageInHand, params: NoParams, run: Run) -> object:  # noqa: ARG001
    """Reservations and transfers as in a cancel; its items are planned again, with the commit, into new packages
    that name it as `previous_package`. What can be placed leaves an OUT_OF_STOCK package; what fits nowhere
    stays in it, and it keeps its state until nothing is left."""
    if package.state is State.OUT_OF_STOCK:
        return None if leave(package, run) else STAY
    give_up_units(package)
    cancel_transfers(package, run)
    run.send(PlanOrder(order_id=package.order_id, previous_package_id=package.id))
    return None
