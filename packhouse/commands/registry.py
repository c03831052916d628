"""Imports every command and aggregate, so that the engine knows them; the order is that of page 20's tables."""

from packhouse.commands.packages import (
    aggregate as package_aggregate,
)
from packhouse.commands.packages import (
    cancel_package,
    complete_packaging_with_shipment,
    complete_packaging_without_shipment,
    deallocate_package_reservations,
    package_state_transition,
)
from packhouse.commands.shipments import ship_the_package, update_package_shipment_status
from packhouse.commands.transfers import aggregate as transfer_aggregate

AGGREGATES = (package_aggregate, transfer_aggregate)
COMMANDS = (
    complete_packaging_with_shipment,
    complete_packaging_without_shipment,
    deallocate_package_reservations,
    package_state_transition,
    cancel_package,
    ship_the_package,
    update_package_shipment_status,
)
