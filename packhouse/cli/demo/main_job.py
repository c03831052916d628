"""`packhouse demo`: the main job from the order that comes in to the parcel that is delivered, then the proof."""

from collections.abc import Sequence

import click
import httpx

from packhouse.cli.actions import services
from packhouse.cli.actions.run import prepare
from packhouse.cli.demo import proof
from packhouse.cli.demo.crew import Crew, Package, Refused
from packhouse.cli.demo.neighbours import Neighbours
from packhouse.cli.demo.running import bring_up
from packhouse.cli.demo.waiting import NotAtRest, until_at_rest
from packhouse.cli.house import House
from packhouse.cli.progress import bar
from packhouse.cli.supervisor import Ending, Supervisor, ended_by_signals
from packhouse.integrations.carriers.tracking import queue_due
from packhouse.packages.states import PackageStatus

DONE_WITHIN = 120.0
HOST = "127.0.0.1"
# Some stay where they are, so that every state has its packages: one in ten packed, one in five on its way.
STAYS_PACKED, STAYS_ON_ITS_WAY, THE_LONG_WAY = 10, 5, 4


def run(house: House, packages: int) -> bool:
    """Do it with so many packages and print the table; True when every check holds.

    Raises click.ClickException, NeverReady.
    """
    place = services.serving(HOST, 0)
    logs = house.data / "log"
    try:
        with ended_by_signals(), Supervisor(lambda text: click.echo(text, err=True)) as supervisor:
            prepare()
            running = bring_up(supervisor, house, place, logs=logs, carrier_script="none")
            with (
                Crew(place.url, running.token("integration")) as stores,
                Crew(place.url, running.token("admin")) as office,
            ):
                packed = _pack(stores, packages)
                _rest(supervisor, "Invoices, labels, webhooks")
                _send(stores, office, running.neighbours)
                _rest(supervisor, "Telling everybody")
            return proof.show(proof.collect(running, packed=packed))
    except (Refused, NotAtRest, httpx.HTTPError) as error:
        raise click.ClickException(f"{error}\nLogs: {logs} (keep them with --data)") from error
    except Ending:
        raise click.ClickException("Ended before it was done.") from None


def _pack(stores: Crew, packages: int) -> int:
    """The stores pack so many of the packages that wait; how many there were to pack."""
    asked = list(stores.packages(PackageStatus.WAITING_REMOTE_ACTION.value))
    stores.all_do("The marketplace agrees", stores.agree, asked)
    waiting = list(stores.packages(PackageStatus.WAITING.value))[:packages]
    slow = waiting[::THE_LONG_WAY]
    stores.all_do("Packing (prepared first)", stores.prepare_and_pack, slow)
    stores.all_do("Packing", stores.pack, [package for package in waiting if package not in slow])
    return len(waiting)


def _send(stores: Crew, office: Crew, neighbours: Neighbours) -> None:
    packed = list(stores.packages(PackageStatus.PACKED.value))
    stores.all_do("Handing over to the carrier", stores.hand_over, _without_every(STAYS_PACKED, packed))
    shipped = _without_every(STAYS_ON_ITS_WAY, list(stores.packages(PackageStatus.SHIPPED.value)))
    _carry(office, neighbours, [package for package in shipped if package["shipment"]["is_integrated"]])
    fetched = [package for package in shipped if not package["shipment"]["is_integrated"]]
    stores.all_do("Handing over at the store", stores.hand_to_customer, fetched)


def _carry(office: Crew, neighbours: Neighbours, packages: Sequence[Package]) -> None:
    """The carrier delivers, and is asked where the parcels are."""
    with httpx.Client(base_url=neighbours.carrier, timeout=30, trust_env=False) as carrier:
        for package in packages:
            number = package["shipment"]["number"]
            answer = carrier.post(f"/_sandbox/shipments/{number}/advance/", json={"status": "DELIVERED"})
            answer.raise_for_status()
    office.all_do("Delivering", office.ask_carrier, packages)
    queue_due()  # what the clock does every minute


def _rest(supervisor: Supervisor, text: str) -> None:
    with bar(text) as progress:
        until_at_rest(supervisor.look_after, progress, seconds=DONE_WITHIN)


def _without_every(nth: int, packages: Sequence[Package]) -> list[Package]:
    return [package for number, package in enumerate(packages, start=1) if number % nth]
