"""What an administrator would set up: where the neighbours are and what is asked of them."""

from django.db import transaction

from packhouse.catalog.configuration import IS_SECRET
from packhouse.catalog.models import CargoCompany
from packhouse.cli.demo.neighbours import CARRIER_LOGIN, OMNITRON_LOGIN, Neighbours
from packhouse.kernel import settings_store, version
from packhouse.kernel.accounts import Actor
from packhouse.kernel.models import Transition
from packhouse.kernel.secrets import seal
from packhouse.webhooks import hooks
from packhouse.webhooks.models import Hook
from packhouse.webhooks.registry import EVENT_TYPES

LOOPBACK = ["127.0.0.0/8", "::1/128", "localhost"]
HOOK_PATH = "/packhouse"


def reach_neighbours(neighbours: Neighbours, public_url: str) -> None:
    """The settings: the back office's address and login, and that webhooks may go to this machine."""
    username, password = OMNITRON_LOGIN
    settings_store.put(
        "OMNITRON_CLIENT_SETTINGS",
        {
            "auth": {"username": username, "password": password},
            "urls": {"oms_url": f"{public_url}/api/v1", "base_url": f"{neighbours.omnitron}/api/v1"},
        },
    )
    settings_store.put("WEBHOOKS", {"allowed_private_targets": LOOPBACK})


@transaction.atomic
def ask_for_invoices(neighbours: Neighbours) -> None:
    """Every installed row of complete packaging (with shipment) asks the invoice service."""
    call = {"auth": {"request_type": "anonymous"}, "remote_url": f"{neighbours.invoice}/invoices"}
    for row in Transition.objects.filter(command="CompletePackagingCommand"):
        row.configuration = {**row.configuration, "remote_invoice_call": call}
        row.save(update_fields=["configuration"])
    version.raise_version()


@transaction.atomic
def employ_carriers(neighbours: Neighbours) -> None:
    """Every cargo company works through the carrier sandbox."""
    username, password = CARRIER_LOGIN
    configuration = {
        "adaptor": "sandbox",
        "base_url": neighbours.carrier,
        "username": username,
        "password": password,
    }
    for company in CargoCompany.objects.all():
        company.configuration = seal({**company.configuration, **configuration}, IS_SECRET)
        company.save(update_fields=["configuration"])


def subscribe_receiver(neighbours: Neighbours, actor: Actor) -> None:
    """Hooks for every event type; hooks of an earlier start follow the receiver to where it is now."""
    target = f"{neighbours.receiver}{HOOK_PATH}"
    present = {hook.event_type: hook for hook in Hook.objects.filter(owner_id=actor.user_id)}
    values = {"target_url": target, "secret_key": neighbours.hook_secret, "is_active": True}
    for event_type in EVENT_TYPES:
        if event_type in present:
            hooks.change(present[event_type].pk, actor, values)
        else:
            hooks.subscribe(actor, {**values, "event_type": event_type})
