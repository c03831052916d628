"""Which part of the house serves which port. Whoever asks knows the port only."""

from packhouse.commands import remedies as of_commands
from packhouse.integrations import remedies as of_integrations
from packhouse.integrations.carriers import amount_at_the_door, pay_on_delivery
from packhouse.integrations.carriers.gateway import Carriers
from packhouse.integrations.geocoding import google
from packhouse.integrations.handover import sender
from packhouse.integrations.invoicing import inline
from packhouse.integrations.stock.engines import Engines
from packhouse.inventory import ports as inventory
from packhouse.invoicing import ports as invoicing
from packhouse.kernel import outbox, remedies
from packhouse.locations import ports as locations
from packhouse.packages import ports as packages
from packhouse.shipments import ports as shipments
from packhouse.webhooks import remedies as of_webhooks
from packhouse.webhooks.fanout import FAN_OUT


def wire() -> None:
    """Tell every port who serves it; done twice it does nothing more."""
    outbox.on_events(FAN_OUT)
    for each in (of_commands, of_integrations, of_webhooks):
        remedies.know(each.REMEDIES)
    shipments.wire(Carriers())
    inventory.wire(Engines())
    locations.wire(google.find)
    invoicing.wire(inline.wait_for)
    packages.wire(sender.send_code)
    pay_on_delivery.wire(amount_at_the_door.amount_of)
