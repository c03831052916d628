"""Setup steps: the database first, then those of the back office's connector."""

from collections.abc import Iterable, Sequence

import click
from rich.console import Console
from rich.table import Table

from packhouse.cli.actions import migrations
from packhouse.cli.actions.refusals import explained
from packhouse.cli.progress import bar
from packhouse.integrations.omnitron.setup import runs

MIGRATE = "migrate"


def names() -> list[str]:
    """The steps after `migrate`, in order."""
    return list(runs.NAMES)


def run(steps: Sequence[str], *, everything: bool, only_list: bool) -> None:
    """Run the steps named, in the order of the setup. Raises click.ClickException; what was done stays done."""
    for step in steps:
        if step not in (MIGRATE, *names()):
            raise click.UsageError(f"There is no step {step}. Steps: {', '.join([MIGRATE, *names()])}.")
    migrations.migrate()
    if only_list:
        show()
    run_steps(step for step in names() if everything or step in steps)


def run_steps(steps: Iterable[str]) -> None:
    """Run steps one after the other, each with its bar."""
    for step in steps:
        run_step(step)


def run_step(step: str, **options: str) -> None:
    """Run one step; `options` are its own (dates of the orders to copy)."""
    with bar(f"Setting up {step}") as progress, explained():
        runs.run(step, progress=progress.set, **options)


def show() -> None:
    """A table of the steps."""
    table = Table("step", "still to be done", "last run", "done", "error", box=None)
    for step in names():
        status = runs.status_of(step)
        required = "yes" if runs.is_required(step) else "no"
        table.add_row(step, required, status.result, f"{status.done}/{status.total}", status.error or "")
    Console().print(table)
