"""Every message that asks for something outside finds its job."""

import pytest
from procrastinate.contrib.django import app

from packhouse.integrations.carriers.messages import FetchLabel, TrackShipment
from packhouse.invoicing.messages import FetchDocument, RequestInvoice
from packhouse.kernel.outbox import Message
from packhouse.shipments.messages import RegisterShipment


@pytest.mark.parametrize(
    "message", [RegisterShipment, FetchLabel, TrackShipment, RequestInvoice, FetchDocument]
)
def test_a_message_has_a_job_in_its_queue(message: type[Message]) -> None:
    assert app.tasks[message.task].queue == message.queue
