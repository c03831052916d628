"""DeAllocatePackageReservationsCommand, PKG_DEALLOCATE_RESERVATIONS (page 20)."""

from packhouse.commands.packages.effects import take_units
from packhouse.kernel.commands import command
from packhouse.kernel.engine import Run
from packhouse.kernel.params import NoParams
from packhouse.packages.in_hand import PackageInHand
from packhouse.packages.states import PackageStatus as State


@command(
    name="DeAllocatePackageReservationsCommand",
    code="PKG_DEALLOCATE_RESERVATIONS",
    on="package",
    title={"en": "Deallocate reservations", "tr": "Rezervasyonları kaldır"},
    moves=[(State.WAITING, State.PREPARING)],
)
def deallocate_package_reservations(package: PackageInHand, params: NoParams, run: Run) -> None:  # noqa: ARG001
    """The package's reservations are deleted and its units leave the location's shelf count with them."""
    take_units(package)
