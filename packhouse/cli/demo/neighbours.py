"""The four sandboxes, each a process of its own, supervised like the rest. Packhouse knows them over HTTP only."""

import secrets
import socket
import sys
from dataclasses import dataclass
from pathlib import Path

from packhouse.cli.child import Plan
from packhouse.cli.supervisor import Supervisor

HOST = "127.0.0.1"
USUAL_PORTS = {"omnitron": 9100, "carrier": 9200, "invoice": 9300, "receiver": 9400}
# What every fresh sandbox accepts; `packhouse-sandbox NAME --help` tells it.
OMNITRON_LOGIN = ("oms", "oms-sandbox")
CARRIER_LOGIN = ("carrier", "carrier")
STOP_SECONDS = 10
# A brand with many orders of several items among those that are to be packed.
SEED = "138"
_COMMAND = "from sandbox.cli import main; main()"


@dataclass(frozen=True)
class Neighbours:
    """Base URLs without a path, and the secret the receiver checks signatures with."""

    omnitron: str
    carrier: str
    invoice: str
    receiver: str
    hook_secret: str

    def urls(self) -> dict[str, str]:
        return {name: getattr(self, name) for name in USUAL_PORTS}


def start(
    supervisor: Supervisor, folder: Path, *, logs: Path | None, carrier_script: str | None = None
) -> Neighbours:
    """Start all four with their control desks open, and wait until they answer. Raises NeverReady.

    The back office keeps what it has in `folder`, so that it still knows its orders the next time.
    """
    folder.mkdir(parents=True, exist_ok=True)
    secret = secrets.token_hex(24)
    options = {
        "omnitron": ["--seed", SEED, "--db", str(folder / "omnitron.db")],
        "carrier": ["--script", carrier_script] if carrier_script else [],
        "invoice": [],
        "receiver": [],
    }
    urls = {}
    for name, usual in USUAL_PORTS.items():
        port = _free_port(usual)
        command = [sys.executable, "-c", _COMMAND, name, "--control", "--port", str(port), *options[name]]
        log = logs / f"{name}.log" if logs else None
        environment = {"SANDBOX_RECEIVER_SECRET": secret}
        supervisor.start(Plan(name, command, STOP_SECONDS, log, environment))
        urls[name] = f"http://{HOST}:{port}"
    for name, url in urls.items():
        supervisor.wait_for(name, f"{url}/_sandbox/")
    return Neighbours(**urls, hook_secret=secret)


def _free_port(usual: int) -> int:
    """The usual one where it is free, else any."""
    for port in (usual, 0):
        with socket.socket() as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                tried.bind((HOST, port))
            except OSError:
                continue
            return int(tried.getsockname()[1])
    raise OSError(f"no port is free on {HOST}")
