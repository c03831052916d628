"""`packhouse web`."""

from pathlib import Path

import click

from packhouse.cli.house import action, ready
from packhouse.cli.options import data_option, host_option, port_option, processes_option


@click.command
@data_option
@host_option
@port_option
@processes_option
@click.option(
    "--threads",
    type=click.IntRange(1, 256),
    default=8,
    show_default=True,
    envvar="PACKHOUSE_WEB_THREADS",
    help="Requests a process answers at once; each has a database connection (also: PACKHOUSE_WEB_THREADS).",
)
def web(*, data: Path, host: str, port: int, processes: int | None, threads: int) -> None:
    """The web server: the HTTP API under /api/v1/oms/, its pages under /api/v1/oms/docs/.

    Serves until SIGTERM or Ctrl-C; then takes no more requests, finishes those it has, and ends. The database
    must have every migration (`packhouse setup migrate`). Background work is done by `packhouse worker`.

    \b
    DATABASE_URL=postgresql://packhouse@db/packhouse packhouse web --host 0.0.0.0
    """
    with ready(data, serves=True):
        action("actions.web:serve")(host=host, port=port, processes=processes, threads=threads)
