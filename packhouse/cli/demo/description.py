"""The file that tells a program where everything is (`packhouse run --demo --describe FILE`)."""

import json
import os
import tempfile
from pathlib import Path
from typing import Any

from packhouse.cli.demo.neighbours import OMNITRON_LOGIN, Neighbours
from packhouse.cli.demo.people import People


def description(
    *, base_url: str, database_url: str, people: People, store_token: str, neighbours: Neighbours
) -> dict[str, Any]:
    """`base_url`, `database_url`, `tokens`, `sandboxes` (base URLs without a path), `logins`."""
    username, password = OMNITRON_LOGIN
    return {
        "base_url": base_url,
        "database_url": database_url,
        "tokens": {**people.tokens, "store": store_token},
        "sandboxes": neighbours.urls(),
        "logins": {
            "omnitron": {"username": username, "password": password},
            "console": {"username": people.username, "password": people.password},
        },
    }


def write(path: Path, described: dict[str, Any]) -> None:
    """Write the whole file at once, readable by its owner only: whoever waits for it never sees half of it."""
    folder = path.expanduser().resolve().parent
    descriptor, draft = tempfile.mkstemp(dir=folder, prefix=f".{path.name}-")  # mode 0600
    try:
        with os.fdopen(descriptor, "w") as stream:
            json.dump(described, stream, indent=2)
            stream.write("\n")
        Path(draft).replace(folder / path.name)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise
