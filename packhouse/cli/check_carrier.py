"""`packhouse check-carrier`."""

import click

from packhouse.cli.house import action, without_database


@click.command
@click.argument("url")
@click.option("--username", default="carrier", show_default=True, help="For HTTP Basic.")
@click.option(
    "--password", default="carrier", show_default=True, envvar="CARRIER_PASSWORD", help="For HTTP Basic."
)
@click.option("--api-version", default="1.0", show_default=True, help="x-akinon-api-version.")
@click.option("--identifier", help="x-akinon-credentials-identifier, where there are several accounts.")
@click.option("--origin-id", help="A sender that is known there, where one is wanted.")
def check_carrier(
    *, url: str, username: str, password: str, api_version: str, identifier: str | None, origin_id: str | None
) -> None:
    """Check that a carrier's adaptor keeps the contract, one promise after the other.

    A shipment is registered, asked for, changed and deleted again. Exit code 1 when a promise is broken.

    \b
    packhouse-sandbox carrier --port 9200 &
    packhouse check-carrier http://127.0.0.1:9200
    """
    with without_database():
        broken = action("actions.carrier_check:run")(
            url=url,
            username=username,
            password=password,
            api_version=api_version,
            identifier=identifier,
            origin_id=origin_id,
        )
    if broken:
        raise click.ClickException(f"{broken} promises of the contract are broken.")
