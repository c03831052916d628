"""MarkStaleWaitingCommand (page 20): the system alone runs it, nightly."""

from packhouse.commands.inventory.lacking import plan_what_lacked
from packhouse.commands.packages.effects import give_up_units
from packhouse.kernel.commands import command
from packhouse.kernel.engine import Run
from packhouse.kernel.params import NoParams
from packhouse.packages.in_hand import PackageInHand
from packhouse.packages.states import PackageStatus as State


@command(
    name="MarkStaleWaitingCommand",
    on="package",
    title={"en": "Mark as stale", "tr": "Uzun süredir bekliyor olarak işaretle"},
    moves=[(State.WAITING, State.STALE_WAITING)],
    system_only=True,
)
def mark_stale_waiting(package: PackageInHand, params: NoParams, run: Run) -> None:  # noqa: ARG001
    """Nobody packed it for `MARK_STALE_WAITING_PACKAGES_DAY` days: its reservations are deleted, so that others may
    have the stock."""
    give_up_units(package)
    plan_what_lacked({item.sku for item in package.items})
