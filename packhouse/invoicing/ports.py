"""What the edges may ask about invoices without knowing who talks to the invoice service."""

from collections.abc import Callable, Sequence

from packhouse.kernel.outbox import Message

Wait = Callable[[Sequence[Message]], None]


class _Wired:
    wait: Wait | None = None


def wire(wait: Wait) -> None:
    """config/wiring.py names who asks the invoice service within a request."""
    _Wired.wait = wait


def after_commit(messages: Sequence[Message]) -> None:
    """Ask for the invoices that a command has just requested, and wait a moment for them (page 80, 1.3).

    `messages`: what the command sent (`engine.Outcome.messages`). To be called after the commit, for a single
    command only, never in bulk. Never raises for what the service does: a worker goes on where this ends.
    """
    if _Wired.wait is not None:
        _Wired.wait(messages)
