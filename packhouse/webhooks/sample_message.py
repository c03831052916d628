"""A sample of a hook's messages, sent at once and kept nowhere."""

import json
import uuid
from functools import cache
from pathlib import Path
from typing import Final

from packhouse.kernel import clock
from packhouse.webhooks import one_attempt
from packhouse.webhooks.addressbook import address_of
from packhouse.webhooks.letters import Report, report_of
from packhouse.webhooks.message import Told, body_text, request_of
from packhouse.webhooks.models import Hook
from packhouse.webhooks.registry import FAMILY_OF

_SAMPLES: Final = Path(__file__).parent / "samples"


def send(hook: Hook) -> Report:
    """Send one (also for a hook that is switched off); what came of it. Raises NotConfigured."""
    address = address_of(hook)
    now = clock.now()
    subject, payload = _sample(FAMILY_OF[hook.event_type])
    told = Told(hook.event_type, uuid.uuid4(), uuid.uuid4(), subject, 0, now)
    body = body_text(told, payload, full=hook.full_envelope).encode()
    request = request_of(address, told.type, told.uuid, body, attempt=1, now=now, test=True)
    return report_of(one_attempt.send(address.place, request))


@cache
def _sample(family: str) -> tuple[str, str]:
    """Subject and payload text of a family's sample. The subject is nobody's (`package/0`), so that a receiver
    that keeps the highest sequence of each is not misled."""
    sample = json.loads((_SAMPLES / f"{family}.json").read_text())
    return sample["subject"], json.dumps(sample["payload"])
