"""Imports every command and aggregate, so that the engine knows them; the order is that of page 20's tables."""

from packhouse.commands.orders import aggregate as order_aggregate
from packhouse.commands.packages import (
    aggregate as package_aggregate,
)
from packhouse.commands.packages import (
    cancel_package,
    complete_packaging_with_shipment,
    complete_packaging_without_shipment,
    deallocate_package_reservations,
    package_state_transition,
    reschedule_package,
)
from packhouse.commands.shipments import ship_the_package, update_package_shipment_status
from packhouse.commands.transfers import aggregate as transfer_aggregate

AGGREGATES = (order_aggregate, package_aggregate, transfer_aggregate)
COMMANDS = (
    complete_packaging_with_shipment,
    complete_packaging_without_shipment,
    deallocate_package_reservations,
    package_state_transition,
    cancel_package,
    reschedule_package,
    ship_the_package,
    update_package_shipment_status,
)
