"""Options that several commands have in common."""

from pathlib import Path

import click

data_option = click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(".data"),
    show_default=True,
    envvar="PACKHOUSE_DATA",
    help="Folder of the embedded database, of logs and of generated keys (also: PACKHOUSE_DATA).",
)
host_option = click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
port_option = click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="Port to listen on; 0 takes a free one.",
)
processes_option = click.option(
    "--processes",
    type=click.IntRange(1, 64),
    help="Web server processes (default: one per CPU core, at least 2).",
)
