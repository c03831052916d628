"""The codes of orders and items, the words of cancellations, and which moves between them are refused."""

from __future__ import annotations

from collections.abc import Iterable

from sandbox.omnitron.errors import NotAcceptable

CANCELLATION_WAITING = "50"
CANCELED = "100"
WAITING = "200"
PAYMENT_WAITING = "300"
APPROVED = "400"
PREPARING = "450"
SHIPPED = "500"
DELIVERED = "550"
REFUNDED = "600"
ORDER_STATUSES = {
    CANCELLATION_WAITING: "cancellation_waiting",
    CANCELED: "canceled",
    WAITING: "waiting",
    PAYMENT_WAITING: "payment_waiting",
    "350": "confirmation_waiting",
    APPROVED: "approved",
    PREPARING: "preparing",
    SHIPPED: "shipped",
    "510": "shipped_and_informed",
    "520": "ready_for_pickup",
    "540": "attempted_delivery",
    "544": "review_started",
    "545": "review_waiting",
    DELIVERED: "delivered",
    REFUNDED: "refunded",
}
CANCEL_STATUSES = (
    "waiting",
    "confirmation_waiting",
    "waiting_for_payment",
    "confirmed",
    "approved",
    "rejected",
)
REQUEST_STATUSES = ("waiting_approval", "confirmed", "approved", "rejected", "completed")


def status_code(raw: object) -> str | None:
    """The code a caller means: `400`, `"400"` or `"approved"`; null when it is none."""
    word = str(raw).strip()
    if word in ORDER_STATUSES:
        return word
    return next((code for code, label in ORDER_STATUSES.items() if label == word), None)


def order_status(item_statuses: Iterable[str]) -> str:
    """An order's status: the lowest code of its items that are not 100; all 100: 100."""
    return min((code for code in item_statuses if code != CANCELED), key=int, default=CANCELED)


def check_cancel_move(old: str | None, new: str | None) -> None:
    """Raise NotAcceptable for a word that is none and for the moves nobody may make."""
    if new is not None and new not in CANCEL_STATUSES:
        raise _refused(f'"{new}" is not a valid cancel status.', "InvalidCancelStatus")
    if old == new:
        return
    if old == "waiting_for_payment":
        raise _refused("An item that waits for its payment cannot leave that status.", "CancelStatusMove")
    if (old, new) == ("approved", "confirmed"):
        raise _refused("An approved cancellation cannot become confirmed.", "CancelStatusMove")


def _refused(text: str, code: str) -> NotAcceptable:
    return NotAcceptable(text, code, field="cancel_status")
