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
    """A parameter that is needed was not sent."""

    code = "missing_parameter"


class UnknownParameter(PackhouseError):
    """A key that is not known here; a typing error would else be passed over in silence."""

    code = "unknown_parameter"


class ConfigurationFromCaller(PackhouseError):
    """A caller sent an object where only the installation may configure (it could aim our server anywhere)."""

    code = "configuration_from_caller"


class NotConfigured(PackhouseError):
    """The caller insists on a call for which the installation names no service."""

    code = "not_configured"


class UnknownTransition(PackhouseError):
    """No active transition has this id or slug, none was named, or a command stands for several of them."""

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
    """The body names another object than the address."""

    code = "id_mismatch"


class ForeignItem(PackhouseError):
    """An item that belongs to something else."""

    code = "foreign_item"


class WrongBarcode(PackhouseError):
    """Not a barcode of the product, or one scanned more often than there are units."""

    code = "wrong_barcode"


class NotEnoughStock(PackhouseError):
    """The location has too few free units."""

    code = "not_enough_stock"


class CarrierRefused(PackhouseError):
    """The carrier said no, or did not answer, where its word is needed before anything is done here."""

    code = "carrier_refused"


class DespatchMissing(PackhouseError):
    """Goods may not leave: the despatch note that `DESPATCH_REQUIRED` asks for is not there."""

    code = "despatch_missing"


class NotUnique(PackhouseError):
    """Another row has this value already."""

    code = "unique"


class NotFound(PackhouseError):
    """There is no such row."""

    code = "not_found"
    status = 404


class NotAuthenticated(PackhouseError):
    """No key, or one that is unknown, expired or revoked."""

    code = "not_authenticated"
    status = 401


class PermissionDenied(PackhouseError):
    """The role or the key's scopes do not allow it, or the row belongs to another location or channel."""

    code = "permission_denied"
    status = 403


class IdempotencyKeyReused(PackhouseError):
    """The same `Idempotency-Key` came with another body before."""

    code = "idempotency_key_reused"
    status = 409


class IdempotencyInProgress(PackhouseError):
    """The first request with this `Idempotency-Key` is still being answered; ask again after `Retry-After`."""

    code = "idempotency_in_progress"
    status = 409


class PlanIsStale(Exception):
    """What was planned no longer holds under the locks; plan again from a fresh snapshot."""
