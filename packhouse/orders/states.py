"""States of orders and order items (page 10); codes shared with Omnitron, strings on the wire."""

from packhouse.kernel.states import Quota, StateEnum

_NONE = Quota.KEEPS


class OrderStatus(StateEnum):
    CANCELLATION_WAITING = ("50", "Cancellation waiting", "İptal bekliyor")
    CANCELED = ("100", "Canceled", "İptal edildi", _NONE, False, False)
    WAITING = ("200", "Waiting", "Bekliyor")
    PAYMENT_WAITING = ("300", "Payment waiting", "Ödeme bekliyor")
    CONFIRMATION_WAITING = ("350", "Confirmation waiting", "Onay bekliyor")
    APPROVED = ("400", "Approved", "Onaylandı")
    INACTIVE = ("425", "Inactive", "Pasif", _NONE, False, False)
    PREPARING = ("450", "Preparing", "Hazırlanıyor")
    SHIPPED = ("500", "Shipped", "Kargoya verildi")
    SHIPPED_AND_INFORMED = ("510", "Shipped and informed", "Kargoya verildi, bildirildi")
    READY_FOR_PICKUP = ("520", "Ready for pickup", "Teslime hazır")
    ATTEMPTED_DELIVERY = ("540", "Attempted delivery", "Teslimat denendi")
    REVIEW_STARTED = ("544", "Review started", "İnceleme başladı")
    REVIEW_WAITING = ("545", "Review waiting", "İnceleme bekliyor")
    DELIVERED = ("550", "Delivered", "Teslim edildi", _NONE, False, False)
    REFUNDED = ("600", "Refunded", "İade edildi", _NONE, False, False)


HOLDS_BACK_ITS_ORDER = frozenset(
    {OrderStatus.WAITING, OrderStatus.PAYMENT_WAITING, OrderStatus.CONFIRMATION_WAITING}
)
LEFT_OUT_OF_PLANNING = frozenset(
    {
        OrderStatus.CANCELLATION_WAITING,
        OrderStatus.CANCELED,
        OrderStatus.INACTIVE,
        OrderStatus.REFUNDED,
    }
)


def order_state(item_states: list[str]) -> OrderStatus:
    """An order's own state: the lowest code of its items that are not 100; all 100 (or none): 100."""
    codes = [int(state) for state in item_states if state != OrderStatus.CANCELED]
    return OrderStatus(str(min(codes))) if codes else OrderStatus.CANCELED
