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
    hold_for_cancellation,
    manual_planning,
    mark_stale_waiting,
    package_packed_for_refund,
    package_refuse,
    package_state_transition,
    prepare_package,
    ready_for_pickup,
    release_from_cancellation,
    replace_product,
    reschedule_package,
    return_to_stock,
    self_service_package_delivery,
    unblock_the_package,
    update_invoice_of_the_package,
)
from packhouse.commands.packages import (
    together as packages_together,
)
from packhouse.commands.shipments import (
    ship_the_package,
    ship_the_package_advanced,
    ship_the_package_basic,
    update_package_shipment_status,
    update_shipment_info_of_the_package,
    update_shipment_label_of_the_package,
)
from packhouse.commands.transfers import (
    aggregate as transfer_aggregate,
)
from packhouse.commands.transfers import (
    cancel_transfer,
    transfer_delivered,
    transfer_dispatch,
    transfer_order_advanced,
    transfer_out_of_stock,
    transfer_product_not_found,
    transfer_ready_for_dispatch,
)
from packhouse.kernel.commands import Command, registered

AGGREGATES = (order_aggregate, package_aggregate, packages_together, transfer_aggregate)
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
    update_invoice_of_the_package,
    manual_planning,
    cancel_package,
    return_to_stock,
    reschedule_package,
    ready_for_pickup,
    self_service_package_delivery,
    ship_the_package,
    ship_the_package_basic,
    ship_the_package_advanced,
    update_package_shipment_status,
    update_shipment_info_of_the_package,
    update_shipment_label_of_the_package,
    transfer_ready_for_dispatch,
    transfer_order_advanced,
    transfer_dispatch,
    transfer_delivered,
    transfer_product_not_found,
    transfer_out_of_stock,
    hold_for_cancellation,
    release_from_cancellation,
    mark_stale_waiting,
    cancel_transfer,
)


def in_order(kind: str | None = None) -> list[Command]:
    """All commands in the order of page 20's tables; of one kind of object when named."""
    by_module = {definition.body.__module__: definition for definition in registered()}
    found = [by_module[module.__name__] for module in COMMANDS]
    return [definition for definition in found if kind in (None, definition.on)]
