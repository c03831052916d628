"""`packhouse run`."""

from pathlib import Path

import click

from packhouse.cli.house import action, opened
from packhouse.cli.options import data_option, host_option, port_option, processes_option
from packhouse.cli.supervisor import NeverReady


@click.command
@data_option
@host_option
@port_option
@processes_option
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="Worker processes.")
@click.option("--demo", is_flag=True, help="With a seeded brand and sandboxes of its neighbours.")
@click.option(
    "--describe",
    type=click.Path(dir_okay=False, path_type=Path),
    help="With --demo: write addresses, keys and logins to this file (JSON) once everything is ready.",
)
@click.option("--log-to-terminal", is_flag=True, help="Logs to the terminal instead of files under DATA/log.")
def run(
    *,
    data: Path,
    host: str,
    port: int,
    processes: int | None,
    workers: int,
    demo: bool,
    describe: Path | None,
    log_to_terminal: bool,
) -> None:
    """Web and worker together, until Ctrl-C or SIGTERM.

    Brings the database up to date, starts both as processes of their own, starts again what dies. At the end
    the web server takes no more requests and finishes those it has, the worker finishes the jobs at hand, and
    the database is left in peace; nothing is lost, also not by kill -9.

    With --demo a brand with 12 stores, 300 products and 200 orders is copied from an Omnitron sandbox and
    planned; a carrier, an invoice service and a webhook receiver run beside it. Nobody packs: that is for you.

    \b
    packhouse run --demo --describe demo.json
    curl -H "Authorization: Token $(jq -r .tokens.admin demo.json)" localhost:8000/api/v1/oms/packages/short/
    """
    if describe and not demo:
        raise click.UsageError("--describe tells of the demo; use it with --demo.")
    with opened(data) as house:
        try:
            action("actions.run:run")(
                house,
                host=host,
                port=port,
                processes=processes,
                workers=workers,
                demo=demo,
                describe=describe,
                log_to_terminal=log_to_terminal,
            )
        except NeverReady as error:
            raise click.ClickException(str(error)) from error
