"""The public clients, unmodified, against the sandbox.

They live in an environment of their own, which `make test-contracts` makes from `requirements/contracts.txt`;
`PUBLIC_CLIENTS_PYTHON` names its interpreter, and without it these tests are left out.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.omnitron.tls import make_certificate
from sandbox.serve import Running
from tests.sandbox.omnitron.conftest import sandbox

HERE = Path(__file__).parent
PYTHON = os.environ.get("PUBLIC_CLIENTS_PYTHON", "")
pytestmark = pytest.mark.skipif(not PYTHON, reason="PUBLIC_CLIENTS_PYTHON names no interpreter")


def _drive(script: str, *arguments: str) -> Any:
    command = [PYTHON, str(HERE / script), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=90, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture
def plain() -> Iterator[str]:
    with Running(sandbox().app) as running:
        yield running.url


def test_omnisdk_over_plain_http(plain: str) -> None:
    seen = _drive("sdk_driver.py", plain)

    lists = seen.pop("lists")
    pks = seen.pop("iterated")
    assert len(lists) == 51
    assert lists["ChannelOrderEndpoint"] == lists["ChannelRetailStoreEndpoint"] == 10
    assert len(pks) == len(set(pks)) > 90
    assert seen == {
        "wrong_login_rejected": True,
        "wrong_token_rejected": True,
        "updates": 0,
        "by_number": True,
        "patched": "T-1",
        "past_the_end": [],
        "no_such_row": 404,
        "no_such_status": 406,
        "cancelled": "50",
        "cancelled_again": 406,
        "after_expiry": True,
    }


def test_channel_app_over_https(tmp_path: Path) -> None:
    files = make_certificate(tmp_path)
    app = sandbox().app
    with (
        Running(app) as http,
        Running(app, ssl_certfile=str(files.certificate), ssl_keyfile=str(files.key)) as https,
    ):
        host = https.url.removeprefix("https://")
        seen = _drive("channel_driver.py", host, http.url, str(files.bundle))

    assert seen["errors"] == []
    assert seen["placed"] == [["CH-1", "400", {"id": "R1"}], ["CH-2", "400", {"id": "R2"}]]
    assert (seen["sent"], seen["left_to_send"]) == (["CH-1"], 0)
    assert seen["shipped"] == [["500", "T-9"]]
    assert seen["cancelled"] == [["50", "waiting"], ["400", None]]
    assert seen["requests"] == [["I2-2", "approved"]]
