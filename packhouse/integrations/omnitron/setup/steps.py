"""The steps, in the order in which they are run."""

from collections.abc import Mapping
from types import ModuleType

from packhouse.integrations.omnitron.setup import (
    addresses,
    cancellation_reasons,
    cargo_companies,
    channels,
    connection,
    orders,
    sender_addresses,
    stock_locations,
    transitions,
    webhooks,
)

# Each module has `is_required() -> bool`, which asks our database, and `execute(progress)`, which may be repeated.
STEPS: Mapping[str, ModuleType] = {
    "connection": connection,
    "channels": channels,
    "addresses": addresses,
    "stock_locations": stock_locations,
    "cargo_companies": cargo_companies,
    "cancellation_reasons": cancellation_reasons,
    "sender_addresses": sender_addresses,
    "transitions": transitions,
    "webhooks": webhooks,
    "orders": orders,
}
