"""As a process of its own: the command, https with its certificate, a file that stays, a shop that plays."""

from __future__ import annotations

import signal
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from sandbox.omnitron.play import Player, Rate
from sandbox.omnitron.tls import make_certificate
from sandbox.serve import Running
from tests.sandbox.omnitron.conftest import CREDENTIALS, Api, sandbox
from tests.sandbox.omnitron.receiver import wait_until

START = "from sandbox.cli import main; main()"


@contextmanager
def _process(*options: str) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    command = [sys.executable, "-c", START, "omnitron", "--port", "0", "--control", *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(2 if "--tls-port" in options else 1)]
        yield process, [line.strip() for line in lines]
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(10)
        for stream in (process.stdout, process.stderr):
            if stream:
                stream.close()


def test_the_command_serves_http_and_https_and_ends_cleanly(tmp_path: Path) -> None:
    data = tmp_path / "omnitron.sqlite"
    with _process("--tls-port", "0", "--db", str(data)) as (process, lines):
        first = lines[0].removeprefix("omnitron sandbox at ")
        second = lines[1].removeprefix("omnitron sandbox also at ")
        api = Api(first)
        placed = api.place()
        trust = ssl.create_default_context(cafile=str(tmp_path / "omnitron-ca.pem"))
        with httpx.Client(verify=trust) as client:
            login = client.post(f"{second}/api/v1/auth/login/", json=CREDENTIALS)
            assert login.json()["key"]
            assert client.get(second.replace("127.0.0.1", "localhost")).status_code == 404
        with pytest.raises(httpx.ConnectError):
            httpx.get(second)
    assert process.returncode == 0

    with _process("--db", str(data)) as (_, lines):
        again = Api(lines[0].removeprefix("omnitron sandbox at "))
        assert again.order(placed["pk"]) == placed


def test_the_key_is_for_its_owner_alone(tmp_path: Path) -> None:
    files = make_certificate(tmp_path)

    assert files.key.stat().st_mode & 0o077 == 0
    assert b"PRIVATE" not in files.bundle.read_bytes() + files.certificate.read_bytes()


@pytest.mark.parametrize(("text", "pause"), [("20/min", 3), ("1/s", 1), ("0.5/s", 2), ("1800/h", 2)])
def test_rates(text: str, pause: float) -> None:
    assert Rate.parse(text).pause_s == pause


@pytest.mark.parametrize("text", ["", "20", "20/day", "0/min", "-1/s", "x/min"])
def test_what_is_no_rate(text: str) -> None:
    with pytest.raises(ValueError, match="is no rate"):
        Rate.parse(text)


def test_the_shop_goes_on_selling() -> None:
    with Running(sandbox(play=Rate(1000, 1)).app) as running:
        api = Api(running.url)
        wait_until(lambda: bool(api.get("orders/")["count"] > 260))

        newest = api.get("orders/", sort="-pk", limit=1)["results"][0]
        assert newest["date_placed"] > "2026-03-02"


def test_a_step_places_pays_and_now_and_then_cancels() -> None:
    omnitron = sandbox()
    player = Player(omnitron.box, lambda: omnitron.keeper.shop, Rate(1, 1))

    for _ in range(120):
        player.step(omnitron.keeper.shop)

    count = omnitron.box.store.scalar
    assert count('SELECT COUNT(*) FROM "order"') == 320
    assert count("SELECT COUNT(*) FROM \"order\" WHERE status = '300' AND id < 1201") == 0
    assert count("SELECT COUNT(*) FROM cancellation_plan WHERE id > 2806") >= 1
