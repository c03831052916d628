"""`packhouse demo`, and what it shares with `packhouse run --demo`: a brand and its neighbours."""

import tempfile
from pathlib import Path

import click

from packhouse.cli.house import action, opened
from packhouse.cli.supervisor import NeverReady


@click.command
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    help="Keep everything in this folder (default: a temporary one, removed at the end).",
)
@click.option(
    "--packages",
    type=click.IntRange(1),
    default=60,
    show_default=True,
    help="So many are packed; the others keep waiting.",
)
def demo(*, data: Path | None, packages: int) -> None:
    """The main job, once, on a seeded brand: orders come in, are planned, packed, shipped, delivered.

    Starts a database, the web server, the worker, and sandboxes of the back office, a carrier, an invoice
    service and a webhook receiver, each a process of its own. Orders are copied from the back office; the
    stores pack them over the HTTP API; everybody concerned is told. At the end a table shows what happened,
    compared with what the neighbours saw; exit code 0 only when everything agrees. Takes about a minute.

    \b
    packhouse demo
    packhouse run --demo       the same brand, to play with
    """
    with tempfile.TemporaryDirectory(prefix="packhouse-demo-") as scratch:
        # Root's PostgreSQL runs as another account, which must be able to pass through.
        Path(scratch).chmod(0o755)
        with opened(data or Path(scratch)) as house:
            try:
                good = action("demo.main_job:run")(house, packages)
            except NeverReady as error:
                raise click.ClickException(str(error)) from error
    if not good:
        raise click.exceptions.Exit(1)
