"""Packages that wait for their label are packed when it has come (pages 20 and 80)."""

import logging

from packhouse.kernel import engine, machine
from packhouse.kernel.accounts import SYSTEM
from packhouse.kernel.engine import Call
from packhouse.kernel.errors import PackhouseError
from packhouse.packages.states import PackageStatus
from packhouse.shipments.models import Shipment

logger = logging.getLogger(__name__)

_COMMAND = "UpdateShipmentLabelOfThePackageCommand"
_WAITING = PackageStatus.WAITING_CARGO_LABEL.value


def pack_what_waits(shipment_id: int | None = None) -> int:
    """Run the command that is installed for WAITING_CARGO_LABEL where the label is there; how many packages moved.

    `shipment_id` None: every package that waits. Of several workers one moves a package, the others pass it over.
    """
    rows = [row for row in machine.current().from_state("package", _WAITING) if row.command == _COMMAND]
    if not rows:
        return 0  # this installation packs by hand what has its label
    due = Shipment.objects.filter(is_current=True, labels__is_current=True, package__state=_WAITING)
    if shipment_id is not None:
        due = due.filter(pk=shipment_id)
    ids = sorted(set(due.values_list("package_id", flat=True)))
    return sum(_pack(package_id, rows[0].id) for package_id in ids)


def _pack(package_id: int, transition: int) -> int:
    call = Call(package_id, transition=transition, input_parameters={"package_items": []})
    try:
        engine.execute("package", call, SYSTEM)
    except PackhouseError as refusal:
        logger.info("package %s still waits for its label: %s", package_id, refusal)
        return 0
    return 1
