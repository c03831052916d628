"""Outside services that packages need."""

from typing import Protocol


class CodeSender(Protocol):
    """Brings hand-over codes to customers (page 80, 4)."""

    def __call__(self, otp_id: int, code: str) -> str:
        """Send the code; by what it went (`service`, `email`, or a plug-in's name).

        Called outside of any transaction. Raises a PackhouseError when it did not go.
        """


class _Wired:
    sender: CodeSender | None = None


def wire(sender: CodeSender) -> None:
    """config/wiring.py names who sends codes."""
    _Wired.sender = sender


def code_sender() -> CodeSender:
    if _Wired.sender is None:
        raise LookupError("nobody sends codes; see config/wiring.py")
    return _Wired.sender
