"""Errors as types: each has a code (closed list, public) and a status; one function makes HTTP of them.

`errors` maps the path of what is wrong (`input_parameters.barcodes.0.barcode`) to texts; what no
field can be blamed for stands under `detail`.
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar

Errors = Mapping[str, Sequence[str]]


class PackhouseError(Exception):
    """Base of every refusal. `status` is the HTTP status, `code` the public code."""

    code: ClassVar[str] = "invalid"
    status: ClassVar[int] = 400

    def __init__(self, errors: Errors | str) -> None:
        self.errors: dict[str, list[str]] = (
            {"detail": [errors]}
            if isinstance(errors, str)
            else {key: list(texts) for key, texts in errors.items()}
        )
        super().__init__("; ".join(f"{path}: {' '.join(texts)}" for path, texts in self.errors.items()))

    @property
    def text(self) -> str:
        """All texts in one line, without their paths."""
        return " ".join(text for texts in self.errors.values() for text in texts)


class InvalidParameter(PackhouseError):
    """A value of the wrong type, out of range, or that contradicts another."""

    code = "invalid_parameter"


class MissingParameter(PackhouseError):
    code = "missing_parameter"


class UnknownParameter(PackhouseError):
    code = "unknown_parameter"


class ConfigurationFromCaller(PackhouseError):
    """A caller sent an object where only the installation may configure (it could aim our server anywhere)."""

    code = "configuration_from_caller"


class NotConfigured(PackhouseError):
    code = "not_configured"


class UnknownTransition(PackhouseError):
    code = "unknown_transition"


class TransitionMismatch(PackhouseError):
    """`transition` and `slug` name different rows, or a row of another kind of object."""

    code = "transition_mismatch"


class TransitionRefused(PackhouseError):
    """The published "transition error": the objects' state forbids the transition."""

    code = "transition_error"


class WrongState(PackhouseError):
    """The present state is not a source of the transition."""

    code = "wrong_state"

    def __init__(self, present: str, allowed: Sequence[str]) -> None:
        self.present, self.allowed = present, list(allowed)
        choices = ", ".join(allowed) or "none"
        super().__init__({"transition": [f"The state is {present}; this transition starts from: {choices}."]})


class IdMismatch(PackhouseError):
    code = "id_mismatch"


class ForeignItem(PackhouseError):
    """An item that belongs to something else."""

    code = "foreign_item"


class WrongBarcode(PackhouseError):
    code = "wrong_barcode"


class NotEnoughStock(PackhouseError):
    code = "not_enough_stock"


class CarrierRefused(PackhouseError):
    code = "carrier_refused"


class DespatchMissing(PackhouseError):
    code = "despatch_missing"


class NotUnique(PackhouseError):
    code = "unique"


class NotFound(PackhouseError):
    code = "not_found"
    status = 404


class NotAuthenticated(PackhouseError):
    code = "not_authenticated"
    status = 401


class PermissionDenied(PackhouseError):
    code = "permission_denied"
    status = 403


class IdempotencyKeyReused(PackhouseError):
    code = "idempotency_key_reused"
    status = 409


class IdempotencyInProgress(PackhouseError):
    code = "idempotency_in_progress"
    status = 409


class PlanIsStale(Exception):
    """What was planned no longer holds under the locks; plan again from a fresh snapshot."""
