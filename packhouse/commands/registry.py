"""Imports every command and aggregate, so that the engine knows them; the order is that of page 20's tables."""

from packhouse.commands.orders import aggregate as order_aggregate
from packhouse.commands.packages import (
    aggregate as package_aggregate,
)
from packhouse.commands.packages import (
    block_the_package,
    cancel_package,
    channel_based_complete_packaging,
    complete_packaging_with_shipment,
    complete_packaging_without_shipment,
    deallocate_package_reservations,
    detected_out_of_stock_item,
    detected_out_of_stock_item_advanced,
    manual_planning,
    package_packed_for_refund,
    package_refuse,
    package_state_transition,
    prepare_package,
    ready_for_pickup,
    replace_product,
    reschedule_package,
    unblock_the_package,
)
from packhouse.commands.shipments import (
    ship_the_package,
    ship_the_package_advanced,
    ship_the_package_basic,
    update_package_shipment_status,
)
from packhouse.commands.transfers import aggregate as transfer_aggregate

AGGREGATES = (order_aggregate, package_aggregate, transfer_aggregate)
COMMANDS = (
    complete_packaging_with_shipment,
    complete_packaging_without_shipment,
    channel_based_complete_packaging,
    deallocate_package_reservations,
    package_state_transition,
    prepare_package,
    package_refuse,
    detected_out_of_stock_item,
    detected_out_of_stock_item_advanced,
    replace_product,
    package_packed_for_refund,
    block_the_package,
    unblock_the_package,
    manual_planning,
    cancel_package,
    reschedule_package,
    ready_for_pickup,
    ship_the_package,
    ship_the_package_basic,
    ship_the_package_advanced,
    update_package_shipment_status,
)
