"""Every event type a hook may subscribe to (page 60, "Event types"), and the family its payload is of."""

from packhouse.packages.states import PackageStatus

PACKAGE, SHIPMENT, TRANSFER, STOCK_LOCATION, ORDER = (
    "package",
    "shipment",
    "transfer",
    "stock_location",
    "order",
)

_FAMILIES: dict[str, tuple[str, ...]] = {
    PACKAGE: (
        "package.created",
        "package.status.transitioned",
        *(f"package.status.{state.name.lower()}" for state in PackageStatus),
        "package.status.ready_for_customer",
        "package.refused",
        "package.invoice.received",
        "package.invoice.failed",
        "package.updated",
        "package.shipment.awb_number",
    ),
    SHIPMENT: ("shipment.created", "shipment.status.updated", "shipment.cancelled"),
    TRANSFER: (
        "transfer.status.created",
        "transfer.status.transitioned",
        "transfer.status.ready_to_shipment",
        "transfer.status.in_transit",
        "transfer.status.transferred",
        "transfer.status.cancelled",
        "transfer.status.out_of_stock",
    ),
    STOCK_LOCATION: ("stock_location.created", "stock_location.updated"),
    ORDER: (
        "order.fulfillment.multiple_packages",
        "order.planned",
        "order.pending",
        "order.completed",
    ),
}

FAMILY_OF: dict[str, str] = {type_: family for family, types in _FAMILIES.items() for type_ in types}
EVENT_TYPES: tuple[str, ...] = tuple(FAMILY_OF)


def canonical(given: str) -> str:
    """The type as it is stored: a first dash in place of the dot (`package-created`) is taken for the dot."""
    if given in FAMILY_OF:
        return given
    dotted = given.replace("-", ".", 1)
    return dotted if dotted in FAMILY_OF else given
