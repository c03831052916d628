"""`packhouse worker`."""

from pathlib import Path

import click

from packhouse.cli.house import action, ready
from packhouse.cli.options import data_option


@click.command
@data_option
@click.option(
    "--scale",
    type=click.FloatRange(0.1, 50),
    default=1.0,
    show_default=True,
    help="Jobs done at once, as a multiple of the usual number of every queue.",
)
def worker(*, data: Path, scale: float) -> None:
    """The background worker: planning, orders in and statuses out, carriers, invoices, webhooks, timers.

    Every kind of work has workers of its own, so that a slow neighbour holds up nobody else. Start as many of
    these processes as you like, on any machine; each job is done by one of them. On SIGTERM no job is begun
    any more, those at hand are finished; what a killed worker left behind is taken up by another.
    """
    with ready(data, serves=True):
        action("actions.worker:work")(scale=scale)
