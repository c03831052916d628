"""The commands of the README's section "Connect your systems", run as they stand, but for the ports."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import psycopg
import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
SECTION = re.compile(r"^## Connect your systems\n(.*?)^## ", re.S | re.M)
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.S | re.M)
PORT = re.compile(r"\b(8000|9[1-4]00)\b")
# Whatever happens, nothing that was started goes on.
PROLOGUE = "set -euo pipefail\ntrap 'kill $(jobs -p) 2> /dev/null || true; wait' EXIT\n"
STATES = "SELECT o.number, p.state FROM packages_package p JOIN orders_order o ON o.id = p.order_id"

pytestmark = [pytest.mark.xdist_group("demo"), pytest.mark.timeout(300)]


def blocks() -> list[str]:
    """The section's commands, block by block."""
    section = SECTION.search((REPOSITORY / "README.md").read_text())
    assert section
    return BLOCK.findall(section.group(1))


def elsewhere(script: str) -> str:
    """The same on ports that are free."""
    wanted = sorted(set(PORT.findall(script)))
    sockets = [socket.socket() for _ in wanted]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    free = {port: str(each.getsockname()[1]) for port, each in zip(wanted, sockets, strict=True)}
    for each in sockets:
        each.close()
    return PORT.sub(lambda found: free[found[0]], script)


def replayed(script: str, folder: Path, environment: Mapping[str, str]) -> list[str]:
    """What each block said. Files instead of pipes: what runs in the background must not keep us waiting."""
    said = folder / "said.txt"
    with said.open("w") as file:
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=REPOSITORY,
            env={**os.environ, **environment, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
            stdout=file,
            stderr=subprocess.STDOUT,
            timeout=240,
            check=False,
        )
    assert done.returncode == 0, said.read_text()[-3000:]
    return said.read_text().split("=== block\n")[1:]


def test_connect_your_systems(environment: dict[str, str], own_database: str, folder: Path) -> None:
    script = PROLOGUE + "".join(f"echo '=== block'\n{block}" for block in blocks())
    script = elsewhere(script).replace(".data/connect", str(folder))

    house, back_office, subscriber, carrier_and_invoices, imports, packed = replayed(
        script, folder, environment
    )

    assert "Packhouse answers at" in house
    assert back_office.count('"ok":true') == 4
    assert '"password":"********"' in back_office
    assert "Setting up webhooks" in back_office
    assert '"delivered":true' in subscriber
    assert '"adaptor":"http"' in carrier_and_invoices
    assert "an invoice token" not in carrier_and_invoices
    assert imports.count('"result":"created"') == 2
    assert "1 orders: 1 created" in imports
    assert '"type":"package.status.packed"' in packed
    assert '"invoice_number":"SBX' in packed
    assert (folder / "label.pdf").read_bytes().startswith(b"%PDF-")
    assert '"bad_signature":0' in packed
    assert '"package.created":' in packed
    with psycopg.connect(own_database) as database:
        states = dict(database.execute(f"{STATES} WHERE o.number IN ('M-1', 'M-2')").fetchall())
        copied = database.execute(
            "SELECT count(*) FROM orders_order WHERE omnitron_id IS NOT NULL"
        ).fetchone()
    assert states["M-1"] == "500"
    assert copied
    assert copied[0] > 0
