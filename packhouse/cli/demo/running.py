"""Bringing the whole demo up: neighbours, our own processes, the brand."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from packhouse.cli.actions import services
from packhouse.cli.actions.services import Serving
from packhouse.cli.demo import brand, people
from packhouse.cli.demo.description import description
from packhouse.cli.demo.neighbours import Neighbours, start
from packhouse.cli.demo.waiting import NotAtRest
from packhouse.cli.house import House
from packhouse.cli.supervisor import Supervisor


@dataclass(frozen=True)
class Running:
    """A demo that is up, its orders planned. `described` is what the file of `--describe` holds."""

    neighbours: Neighbours
    described: dict[str, Any]

    def token(self, role: str) -> str:
        """The key of `admin`, `integration` or `store`."""
        return str(self.described["tokens"][role])


def bring_up(
    supervisor: Supervisor,
    house: House,
    place: Serving,
    *,
    logs: Path | None,
    carrier_script: str | None = None,
) -> Running:
    """Start everything and prepare the brand. Raises NeverReady, click.ClickException."""
    people.refuse_foreign_data()
    neighbours = start(supervisor, house.data / "demo", logs=logs, carrier_script=carrier_script)
    services.start(supervisor, house, place, logs=logs)
    hired = brand.set_up(neighbours, place.url)
    try:
        brand.take_orders(supervisor.look_after)
    except NotAtRest as error:
        raise click.ClickException(
            f"The orders were not planned. {error} Logs: {logs or 'above'}."
        ) from error
    described = description(
        base_url=place.url,
        database_url=house.database_url,
        people=hired,
        store_token=people.open_store(),
        neighbours=neighbours,
    )
    return Running(neighbours, described)
