"""Jobs of carriers. Tasks are named in messages; see `kernel/outbox.py`."""

from procrastinate.contrib.django import app

from packhouse.commands.shipments.label_waiting import pack_what_waits
from packhouse.integrations.carriers import label_fetching, registration, tracking
from packhouse.integrations.patience import Patient


@app.task(name="carriers.register_shipment", queue="carriers", retry=Patient())
def register_shipment(shipment_id: int) -> None:
    """Register a shipment with its carrier."""
    registration.register(shipment_id)


@app.task(name="carriers.fetch_label", queue="carriers", retry=Patient())
def fetch_label(shipment_id: int) -> None:
    """Fetch the label of a registered shipment."""
    label_fetching.fetch_label(shipment_id)


@app.task(name="carriers.track_shipment", queue="carriers")
def track_shipment(shipment_id: int) -> None:
    """Ask a carrier where a shipment is."""
    tracking.track(shipment_id)


@app.periodic(cron="* * * * *")
@app.task(name="carriers.queue_due", queue="house", queueing_lock="carriers.queue_due")
def queue_due(timestamp: int) -> None:  # noqa: ARG001 - given by the periodic deferrer
    """Shipments whose time has come are asked for, and what waited for a label that has come is packed."""
    tracking.queue_due()
    pack_what_waits()


@app.task(name="carriers.renew_labels", queue="carriers", retry=Patient())
def renew_labels(shipment_id: int) -> None:
    """Make the labels of a shipment anew whose data has changed."""
    label_fetching.renew_labels(shipment_id)
