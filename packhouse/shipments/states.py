"""The carrier's vocabulary (published) and where a registration stands (ours)."""

from enum import StrEnum


class ShipmentStatus(StrEnum):
    CREATED = "CREATED"
    DELETED = "DELETED"
    SHIPPING = "SHIPPING"
    ATTEMPTED_DELIVERY = "ATTEMPTED_DELIVERY"
    DELIVERED = "DELIVERED"
    DELIVERY_FAILED = "DELIVERY_FAILED"
    READY_FOR_PICKUP = "READY_FOR_PICKUP"


class Registration(StrEnum):
    """Where the carrier's knowledge of a shipment stands."""

    PENDING = "pending"
    REGISTERED = "registered"
    FAILED = "failed"
    DELETED = "deleted"
