"""What a measurement needs of the product: tables, machine, a key, a web server, and a command's statements."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import gettempdir

from django.core.management import call_command
from django.test import Client

from bench.statements import Script, write_down, write_script
from packhouse.commands.installation import install_defaults
from packhouse.kernel.accounts import actor_for_key, issue_key
from packhouse.kernel.models import Role, Scope, User

ROOT = Path(__file__).resolve().parent.parent


def install() -> str:
    """Migrate, install the machine; a key that may run commands."""
    call_command("migrate", verbosity=0)
    install_defaults()
    user = User.objects.create_user(username="bench", role=Role.INTEGRATION, scopes=list(Scope.values))
    return issue_key(user, name="bench")


@contextmanager
def web() -> Iterator[int]:
    """The web server as `packhouse web` runs it; its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = Path(sys.executable).with_name("packhouse")
    server = subprocess.Popen([str(program), "web", "--port", str(port)], cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        _wait_for(port, server)
        yield port
    finally:
        server.terminate()
        server.wait(timeout=30)


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        if server.poll() is not None:
            sys.exit("the web server ended")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    sys.exit("the web server does not answer")


def script_for(ids: Sequence[int], token: str) -> Script:
    """A pgbench script that packs these packages by the statements of the command."""
    caller = Client(headers={"Authorization": f"Token {token}"})
    runs = []
    for package in ids:
        # What a caller does once a minute, mark the key as used, is done for real and not part of the script.
        actor_for_key(token)
        runs.append(write_down(partial(_pack, package, caller)))
    return write_script(runs, Path(gettempdir()) / "packhouse-complete-packaging.sql")


def _pack(package: int, caller: Client) -> None:
    body = {"slug": "complete-packaging", "input_parameters": {"package": package}}
    answer = caller.post(f"/api/v1/oms/packages/{package}/command/", body, content_type="application/json")
    if answer.status_code != 204:
        sys.exit(f"a command was refused: {answer.status_code} {answer.content[:300]!r}")
