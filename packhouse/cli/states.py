"""`packhouse states`."""

from pathlib import Path

import click

from packhouse.cli.house import action, ready, without_database
from packhouse.cli.options import data_option

FORMATS = ("mermaid", "dot", "svg", "json")


@click.command
@data_option
@click.option(
    "--format", "chosen", type=click.Choice(FORMATS), default="mermaid", help="Form (default: mermaid)."
)
@click.option(
    "--object", "kind", type=click.Choice(["package", "transfer"]), help="One kind of object alone."
)
@click.option(
    "--defaults", is_flag=True, help="The default machine, whatever is installed; needs no database."
)
@click.option(
    "--lint", is_flag=True, help="Print what is odd about the installed machine; exit code 1 if anything is."
)
def states(*, data: Path, chosen: str, kind: str | None, defaults: bool, lint: bool) -> None:
    """Draw the states of packages and transfers, and the transitions installed between them.

    The drawing goes to standard output; names are the installation's own.

    \b
    packhouse states --format svg > states.svg
    packhouse states --object transfer --format dot | dot -Tpdf > transfers.pdf
    packhouse states --lint
    """
    if lint and defaults:
        raise click.UsageError("--lint looks at what is installed; leave --defaults out.")
    with without_database() if defaults else ready(data):
        if lint:
            odd = action("actions.states:lint")()
        else:
            odd = 0
            action("actions.states:draw")(chosen, kind, defaults=defaults)
    if odd:
        raise click.exceptions.Exit(1)
