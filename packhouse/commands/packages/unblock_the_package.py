"""UnblockThePackageCommand, UNBLOCK_THE_PACKAGE (page 20)."""

from packhouse.commands.packages.block_the_package import BLOCKED_FROM
from packhouse.kernel.commands import command
from packhouse.kernel.engine import Run
from packhouse.kernel.errors import TransitionRefused
from packhouse.kernel.params import NoParams
from packhouse.packages.in_hand import PackageInHand
from packhouse.packages.selectors import former_state
from packhouse.packages.states import PackageStatus as State


@command(
    name="UnblockThePackageCommand",
    code="UNBLOCK_THE_PACKAGE",
    on="package",
    title={"en": "Unblock", "tr": "Blokeyi kaldır"},
    moves=[(State.BLOCKED, None)],
    leads_back=True,
)
def unblock_the_package(package: PackageInHand, params: NoParams, run: Run) -> State:  # noqa: ARG001
    """The package goes back to the state before, read from the log; refused if that is none of those from which a
    package is blocked."""
    before = former_state(package.id)
    if before not in BLOCKED_FROM:
        known = before.name if before else "not known"
        choices = ", ".join(state.name for state in BLOCKED_FROM)
        raise TransitionRefused(
            {"transition": [f"The state before is {known}; it must be one of: {choices}."]}
        )
    return before
