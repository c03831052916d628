"""The published library, unmodified: its signature of what we send is ours, and ours of what it sends is its.

It lives in an environment of its own, which `make test-contracts` makes from `requirements/contracts.txt`;
`PUBLIC_CLIENTS_PYTHON` names its interpreter, and without it these tests are left out.
"""

import json
import os
import subprocess
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from pytest_django.live_server_helper import LiveServer

from packhouse.integrations.omnitron import hook_keys
from packhouse.integrations.omnitron.models import InboxEvent
from tests.webhooks.builders import Receiver, a_hook, pump, tell

DRIVER = Path(__file__).with_name("whisperer_driver.py")
PYTHON = os.environ.get("PUBLIC_CLIENTS_PYTHON", "")
pytestmark = pytest.mark.skipif(not PYTHON, reason="PUBLIC_CLIENTS_PYTHON names no interpreter")


def library(**task: Any) -> Any:
    done = subprocess.run(
        [PYTHON, str(DRIVER)], input=json.dumps(task), capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


@pytest.mark.usefixtures("_sending")
def test_the_library_signs_what_we_send_as_we_do(receiver: Receiver) -> None:
    secrets = ["topsecret", "ğizli"]
    for secret in secrets:
        a_hook(f"{receiver.url}/{secret}", secret_key=secret)
    tell(document={"id": 501, "city": "İzmir", "total": "9.90", "notes": None, "lines": []})
    pump()

    sent = {request["headers"]["x-whisperer-signature"]: request["body"] for request in receiver.requests}
    theirs = library(sign=[[body, secret] for body in sent.values() for secret in secrets])
    # Written again by the library, from what a receiver has parsed, the text is the same to the byte.
    again = library(
        sign=[[json.dumps(json.loads(body)), secret] for body in sent.values() for secret in secrets]
    )

    assert len(sent) == 2
    assert set(sent) <= set(theirs)
    assert again == theirs


def test_what_the_library_sends_is_believed(transactional_db: None, live_server: LiveServer) -> None:
    key, uuid = hook_keys.inbound_key(), uuid4().hex
    message = {
        "url": f"{live_server.url}/api/v1/oms/orders-webhook/",
        "secret": hook_keys.secret(),
        "headers": {"Authorization": f"Token {key}"},
        "event_type": "order.created",
        "payload": {"event": {"type": "order.created", "uuid": uuid}, "payload": {"pk": 7, "city": "İzmir"}},
    }

    assert library(send=message) == {"status": 200, "body": {"uuid": str(UUID(uuid)), "result": "accepted"}}
    assert library(send={**message, "secret": "another"})["status"] == 401
    assert InboxEvent.objects.get().order_pk == 7
