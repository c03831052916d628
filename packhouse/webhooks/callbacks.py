"""Functions of the installation's plug-ins that a hook may name as its `callback`.

A plug-in registers them as entry points of the group `packhouse.webhook_callbacks`; the entry point's name is
what stands in `callback`. Nothing else can be named: a caller must not choose code to run.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from importlib.metadata import entry_points
from typing import Any

from packhouse.webhooks.work import Attempt

GROUP = "packhouse.webhook_callbacks"

logger = logging.getLogger(__name__)

Callback = Callable[..., Any]


@cache
def registered() -> Mapping[str, Callback]:
    """Callbacks by name; one that cannot be loaded is logged and left out."""
    found: dict[str, Callback] = {}
    for entry in entry_points(group=GROUP):
        try:
            found[entry.name] = entry.load()
        except Exception:
            logger.exception("the callback %s cannot be loaded", entry.name)
    return found


def tell(attempts: Iterable[Attempt]) -> None:
    """Call the functions that hooks name, after the attempts are written down; what one raises is logged.

    Given are `event_type`, `delivery_uuid` (hex), `body` (text as sent), `status`, `content`, `delivered`.
    """
    for attempt in attempts:
        name = attempt.item.plan.callback
        callback = registered().get(name) if name else None
        if callback is not None:
            _call(callback, attempt)


def _call(callback: Callback, attempt: Attempt) -> None:
    try:
        callback(
            event_type=attempt.item.event_type,
            delivery_uuid=attempt.item.uuid.hex,
            body=attempt.item.body.decode(),
            status=attempt.answer.status,
            content=attempt.answer.content,
            delivered=attempt.answer.delivered,
        )
    except Exception:
        logger.exception("the callback %s failed", attempt.item.plan.callback)
