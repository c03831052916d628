"""State objects, from the installed machine that each process keeps."""

from packhouse.kernel.machine import Machine
from packhouse.payloads.formats import Document


def put_state(row: Document, present: Machine, kind: str) -> None:
    """Replace the value under `state` by the state object of this kind (page 10)."""
    row["state"] = present.state(kind, row["state"]).wire()
