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
from packhouse.packages.states import PackageStatus

DONE_WITHIN = 120.0
HOST = "127.0.0.1"
# Some stay where they are, so that every state has its packages: one in ten packed, one in five on its way.
STAYS_PACKED, STAYS_ON_ITS_WAY, THE_LONG_WAY = 10, 5, 4


def run(house: House) -> bool:
    """Do it and print the table; True when every check holds. Raises click.ClickException, NeverReady."""
    place = services.listening(HOST, 0, None)
    logs = house.data / "log"
    try:
        with ended_by_signals(), Supervisor(lambda text: click.echo(text, err=True)) as supervisor:
            prepare()
            running = bring_up(supervisor, house, place, logs=logs, carrier_script="none")
            with Crew(place.url, running.token) as crew:
                _work_through(crew, running.neighbours, supervisor)
            return proof.show(proof.collect(running))
    except (Refused, NotAtRest, httpx.HTTPError) as error:
        raise click.ClickException(f"{error}\nLogs: {logs} (keep them with --data)") from error
    except Ending:
        raise click.ClickException("Ended before it was done.") from None


def _work_through(crew: Crew, neighbours: Neighbours, supervisor: Supervisor) -> None:
    waiting = list(crew.packages(PackageStatus.WAITING.value))
    slow = waiting[::THE_LONG_WAY]
    crew.all_do("Packing (prepared first)", crew.prepare_and_pack, slow)
    crew.all_do("Packing", crew.pack, [package for package in waiting if package not in slow])
    _rest(supervisor, "Invoices, labels, webhooks")
    packed = list(crew.packages(PackageStatus.PACKED.value))
    crew.all_do("Handing over to the carrier", crew.hand_over, _without_every(STAYS_PACKED, packed))
    shipped = list(crew.packages(PackageStatus.SHIPPED.value))
    _deliver(crew, neighbours, _without_every(STAYS_ON_ITS_WAY, shipped))
    _rest(supervisor, "Telling everybody")


def _deliver(crew: Crew, neighbours: Neighbours, packages: Sequence[Package]) -> None:
    """The carrier delivers and is asked where they are; what is fetched at a store is handed over there."""
    by_carrier = [package for package in packages if package["shipment"]["registration"] == "registered"]
    with httpx.Client(base_url=neighbours.carrier, timeout=30, trust_env=False) as carrier:
        for package in by_carrier:
            number = package["shipment"]["number"]
            answer = carrier.post(f"/_sandbox/shipments/{number}/advance/", json={"status": "delivered"})
            answer.raise_for_status()
    crew.all_do("Delivering", crew.ask_carrier, by_carrier)
    others = [package for package in packages if package not in by_carrier]
    crew.all_do("Handing over at the store", crew.hand_to_customer, others)


def _rest(supervisor: Supervisor, text: str) -> None:
    with bar(text) as progress:
        until_at_rest(supervisor.look_after, progress, seconds=DONE_WITHIN)


def _without_every(nth: int, packages: Sequence[Package]) -> list[Package]:
    return [package for number, package in enumerate(packages, start=1) if number % nth]
