"""`packhouse token`."""

from pathlib import Path

import click

from packhouse.cli.house import action, ready
from packhouse.cli.options import data_option


@click.command
@data_option
@click.argument("username")
@click.option(
    "--role",
    type=click.Choice(["admin", "operator", "store", "integration"]),
    help="Role of a user that does not exist yet; one that exists keeps its own.",
)
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    help="What the key may do (several times); 'all' for everything. Default: what its user may.",
)
@click.option("--location", "locations", multiple=True, help="erp_code of a location the key is bound to.")
@click.option("--name", default="command line", show_default=True, help="What the key is called in lists.")
@click.option("--days", type=click.IntRange(1), help="How long it is valid (default: until it is revoked).")
def token(
    *,
    data: Path,
    username: str,
    role: str | None,
    scopes: tuple[str, ...],
    locations: tuple[str, ...],
    name: str,
    days: int | None,
) -> None:
    """Make a key for the HTTP API and print it; it is shown this once and kept as a hash.

    A user that does not exist yet is made, without a password. Scopes of an integration: read, commands,
    locations, stock, orders, hooks, setup, hooks_in. A store user is bound to the locations named.

    \b
    packhouse token ada --role admin
    packhouse token erp --role integration --scope all
    packhouse token kiosk --role store --location S01
    """
    with ready(data):
        make = action("actions.tokens:make")
        click.echo(make(username, role=role, scopes=scopes, locations=locations, name=name, days=days))
