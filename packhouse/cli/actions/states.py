"""The machine on the command line."""

import click

from packhouse.commands.machine_graph.formats import drawn
from packhouse.commands.machine_graph.graph import OBJECTS, installed, of_defaults
from packhouse.commands.transition_lint import lint as lint_machine
from packhouse.kernel import machine


def draw(chosen: str, kind: str | None, *, defaults: bool) -> None:
    """Print the graphs in this form; those of the default machine where `defaults`.

    Raises click.ClickException before one is installed.
    """
    if not defaults and not machine.current().transitions:
        raise click.ClickException(
            "No machine is installed yet. Install it with `packhouse setup transitions`, or draw the default one"
            " with --defaults."
        )
    graph = of_defaults if defaults else installed
    click.echo(drawn([graph(each) for each in OBJECTS if kind in (None, each)], chosen), nl=False)


def lint() -> int:
    """Print a line for each warning; how many there are."""
    found = lint_machine()
    for warning in found:
        click.echo(f"{warning.kind} {warning.code}: {warning.detail}")
    if not found:
        click.echo("Nothing is odd about the machine.")
    return len(found)
