"""BlockThePackageCommand (page 20)."""

from pydantic import Field

from packhouse.kernel.commands import command
from packhouse.kernel.engine import Run
from packhouse.kernel.params import Params
from packhouse.packages.in_hand import PackageInHand
from packhouse.packages.states import PackageStatus as State

BLOCKED_FROM = (State.WAITING, State.WAITING_REMOTE_ACTION, State.PREPARING, State.READY_FOR_PACKAGING)


class BlockParams(Params):
    """Who asks, and why."""

    user: str | None = Field(default=None, max_length=255)
    """Who asks, in the caller's words."""

    token: str | None = Field(default=None, max_length=1000)
    """Accepted, and not kept."""

    reason: str | None = Field(default=None, max_length=1000)
    """Kept in the log."""


@command(
    name="BlockThePackageCommand",
    on="package",
    title={"en": "Block", "tr": "Bloke et"},
    moves=[(source, State.BLOCKED) for source in BLOCKED_FROM],
    params=BlockParams,
)
def block_the_package(package: PackageInHand, params: BlockParams, run: Run) -> None:  # noqa: ARG001
    """The state before is kept in the log, with `user` and `reason`; reservations are not touched."""
    for name in ("user", "reason"):
        if (value := getattr(params, name)) is not None:
            run.attributes[f"block.{name}"] = value
