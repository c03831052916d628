"""HoldForCancellationCommand (page 20): the system alone runs it, while a person decides a cancellation."""

from packhouse.kernel.commands import command
from packhouse.kernel.engine import Run
from packhouse.kernel.params import NoParams
from packhouse.packages.in_hand import PackageInHand
from packhouse.packages.states import PackageStatus as State

HELD_FROM = (
    State.WAITING,
    State.WAITING_REMOTE_ACTION,
    State.PREPARING,
    State.WAITING_FOR_TRANSFER,
    State.READY_FOR_PACKAGING,
    State.WAITING_CARGO_LABEL,
    State.PACKED,
)


@command(
    name="HoldForCancellationCommand",
    on="package",
    title={"en": "Hold for cancellation", "tr": "İptal için beklet"},
    moves=[(source, State.CANCELLATION_WAITING) for source in HELD_FROM],
    system_only=True,
)
def hold_for_cancellation(package: PackageInHand, params: NoParams, run: Run) -> None:
    """The package waits for the decision; the state before is kept in the log, promises are not touched."""
