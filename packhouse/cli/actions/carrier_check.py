"""Checking a carrier's adaptor from the command line."""

import click

from packhouse.integrations.carriers.conformance import Account, check

MARKS = {True: "✓", False: "✗", None: "-"}


def run(
    *, url: str, username: str, password: str, api_version: str, identifier: str | None, origin_id: str | None
) -> int:
    """Print a line for each promise; how many are broken."""
    broken = 0
    for verdict in check(Account(url, username, password, api_version, identifier, origin_id)):
        text = f": {verdict.text}" if verdict.text else ""
        click.echo(f"{MARKS[verdict.fits]} {verdict.what}{text}")
        broken += verdict.fits is False
    return broken
