"""The demo's brand: set up from its back office, its shelves filled, its orders copied and planned."""

from collections.abc import Callable

from packhouse.cli.actions import setup
from packhouse.cli.demo import configuration, people, scenarios, stock
from packhouse.cli.demo.back_office import BackOffice
from packhouse.cli.demo.neighbours import Neighbours
from packhouse.cli.demo.people import People
from packhouse.cli.demo.waiting import until_at_rest
from packhouse.cli.progress import bar
from packhouse.kernel.accounts import actor_for_key

PLANNED_WITHIN = 180.0
ORDERS = "orders"
LONG_AGO = "2000-01-01T00:00:00Z"


def set_up(neighbours: Neighbours, public_url: str) -> People:
    """Everything but the orders. Can be run again; what is there already stays."""
    configuration.reach_neighbours(neighbours, public_url)
    hired = people.hire()
    # Before anything is copied, so that the receiver hears of everything.
    configuration.subscribe_receiver(neighbours, actor_for_key(hired.tokens["integration"]))
    setup.run_steps(step for step in setup.names() if step != ORDERS)
    with bar("Filling the shelves"), BackOffice(neighbours.omnitron) as office:
        stock.fill_shelves(office.skus())
    scenarios.install()
    configuration.employ_carriers(neighbours)
    configuration.ask_for_invoices(neighbours)
    return hired


def take_orders(look_after: Callable[[], None]) -> None:
    """Copy the orders and wait until they are planned and told of. Raises NotAtRest."""
    setup.run_step(ORDERS, date_from=LONG_AGO)  # all of them, also those that are over
    setup.run_step(ORDERS)
    with bar("Planning the orders") as progress:
        until_at_rest(look_after, progress, seconds=PLANNED_WITHIN)
