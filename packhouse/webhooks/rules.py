"""The settings that bear on sending."""

from dataclasses import dataclass
from typing import Any

from packhouse.kernel import settings_store
from packhouse.kernel.addresses import Allowed
from packhouse.webhooks.network import Timeouts


@dataclass(frozen=True)
class Rules:
    """`places`: requests at once to one target."""

    allowed: Allowed
    timeouts: Timeouts
    places: int

    @classmethod
    def now(cls) -> "Rules":
        """As set at present."""
        webhooks = settings_store.get("WEBHOOKS")
        return cls(
            Allowed.of(webhooks["allowed_private_targets"]),
            timeouts_of(settings_store.get("WHISPERER_REQUEST_TIMEOUT")),
            webhooks["parallel_per_target"],
        )


def timeouts_of(setting: Any) -> Timeouts:
    """From `WHISPERER_REQUEST_TIMEOUT`: seconds, or `[connect, read]`."""
    connect, read = setting if isinstance(setting, list | tuple) else (setting, setting)
    return Timeouts(float(connect), float(read))
