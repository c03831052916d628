"""The secrets inside a hook: encrypted where they are stored, masked where they are shown."""

from collections.abc import Mapping
from typing import Any

from packhouse.kernel import secrets
from packhouse.kernel.secrets import IsSecret, Path
from packhouse.webhooks.message import is_secret_header

CONFIG: IsSecret = secrets.by_path("auth.password")


def HEADERS(path: Path) -> bool:  # noqa: N802 - a constant like its neighbour
    """Values of headers that are named like a key."""
    return len(path) == 1 and is_secret_header(path[0])


def open_config(stored: Mapping[str, Any]) -> dict[str, Any]:
    return dict(secrets.unseal(stored, CONFIG))


def open_headers(stored: Mapping[str, Any]) -> dict[str, str]:
    return dict(secrets.unseal(stored, HEADERS))
