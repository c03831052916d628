"""`packhouse run`: the database first, then the processes, then (with the demo) the brand."""

from pathlib import Path

from packhouse.cli.actions import migrations, services
from packhouse.cli.actions.services import Serving
from packhouse.cli.demo.description import write
from packhouse.cli.demo.running import bring_up
from packhouse.cli.house import House
from packhouse.cli.progress import say
from packhouse.cli.supervisor import Ending, Supervisor, ended_by_signals
from packhouse.commands.installation import install_defaults


def run(
    house: House,
    *,
    host: str,
    port: int,
    processes: int | None,
    workers: int,
    demo: bool,
    describe: Path | None,
    log_to_terminal: bool,
) -> None:
    """Run until SIGTERM or SIGINT. Raises click.ClickException or NeverReady when something does not start."""
    place = services.serving(host, port, processes, workers)
    logs = None if log_to_terminal else house.data / "log"
    try:
        with ended_by_signals(), Supervisor(say) as supervisor:
            prepare()
            if demo:
                _start_demo(supervisor, house, place, logs, describe)
            else:
                services.start(supervisor, house, place, logs=logs)
            say(f"Packhouse answers at {place.url}; the API's pages: {place.url}/api/v1/oms/docs/")
            say(f"Logs: {logs or 'here'}. Ctrl-C ends everything.")
            supervisor.watch()
    except Ending:
        say("Everything has ended.")


def prepare() -> None:
    """Migrations and the default machine, where they are missing."""
    migrations.migrate()
    install_defaults()


def _start_demo(
    supervisor: Supervisor, house: House, place: Serving, logs: Path | None, describe: Path | None
) -> None:
    running = bring_up(supervisor, house, place, logs=logs)
    if describe:
        write(describe, running.described)
        say(f"Addresses, keys and logins: {describe}")
    else:
        login = running.described["logins"]["console"]
        say(f"A key of the administrator: {running.described['tokens']['admin']}")
        say(f"Login: {login['username']} / {login['password']}")
    for name, url in running.neighbours.urls().items():
        say(f"The {name} sandbox: {url}/_sandbox/")
