"""The back office can be reached, knows us, and shows us its orders."""

from packhouse.integrations.omnitron import conf
from packhouse.integrations.omnitron.client import Omnitron
from packhouse.integrations.omnitron.models import EndpointMemory
from packhouse.integrations.omnitron.setup.progress import Progress


def is_required() -> bool:
    """Nothing there has answered us yet."""
    return not (conf.is_configured() and EndpointMemory.objects.filter(endpoint="orders").exists())


def execute(progress: Progress) -> None:
    """Log in, ask who we are there, read one page of orders; the first that fails is the error."""
    client = Omnitron()
    progress.expect(2)
    client.listing("active_user")
    progress.did()
    client.listing("orders", {"limit": 1})
    progress.did()
