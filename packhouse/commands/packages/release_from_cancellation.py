"""ReleaseFromCancellationCommand (page 20): the system alone runs it, when a cancellation was refused."""

from packhouse.commands.packages.hold_for_cancellation import HELD_FROM
from packhouse.commands.transfers.of_package import has_open_transfers
from packhouse.kernel.commands import command
from packhouse.kernel.engine import Run
from packhouse.kernel.errors import TransitionRefused
from packhouse.kernel.params import NoParams
from packhouse.packages.in_hand import PackageInHand
from packhouse.packages.selectors import former_state
from packhouse.packages.states import PackageStatus as State


@command(
    name="ReleaseFromCancellationCommand",
    on="package",
    title={"en": "Release from cancellation", "tr": "İptal beklemesinden çıkar"},
    moves=[(State.CANCELLATION_WAITING, None)],
    leads_back=True,
    system_only=True,
)
def release_from_cancellation(package: PackageInHand, params: NoParams, run: Run) -> State:  # noqa: ARG001
    """The package goes back to the state before, read from the log; WAITING_FOR_TRANSFER with every transfer in:
    WAITING."""
    before = former_state(package.id)
    if before not in HELD_FROM:
        known = before.name if before else "not known"
        raise TransitionRefused({"transition": [f"The state before is {known}; nothing can go back there."]})
    if before is State.WAITING_FOR_TRANSFER and not has_open_transfers(package.id):
        return State.WAITING
    return before
