"""States of packages and package items (page 10). Compare members, never numbers."""

from packhouse.kernel.states import Quota, StateEnum

_HOLDS, _KEEPS, _RELEASED = Quota.HOLDS, Quota.KEEPS, Quota.RELEASED


class PackageStatus(StateEnum):
    """value, name, Turkish name, quota, reserves stock, open."""

    CANCELLATION_WAITING = ("50", "Cancellation waiting", "İptal bekliyor", _HOLDS, True)
    WAITING = ("100", "Waiting", "Bekliyor", _HOLDS, True)
    WAITING_REMOTE_ACTION = ("150", "Waiting remote action", "Uzak işlem bekliyor", _HOLDS, True)
    PREPARING = ("200", "Preparing", "Hazırlanıyor", _HOLDS, True)
    WAITING_FOR_TRANSFER = ("300", "Waiting for transfer", "Transfer bekliyor", _HOLDS, True)
    READY_FOR_PACKAGING = ("400", "Ready for packaging", "Paketlemeye hazır", _KEEPS, True)
    WAITING_CARGO_LABEL = ("450", "Waiting cargo label", "Kargo etiketi bekliyor", _KEEPS)
    PACKED = ("500", "Packed", "Paketlendi", _RELEASED)
    SHIPPED = ("600", "Shipped", "Kargoya verildi", _RELEASED)
    READY_FOR_PICKUP = ("650", "Ready for customer", "Müşteriye hazır", _RELEASED)
    ATTEMPTED_DELIVERY = ("700", "Attempted delivery", "Teslimat denendi", _RELEASED)
    DELIVERY_FAILED = ("750", "Delivery failed", "Teslim edilemedi", _RELEASED)
    DELIVERED = ("800", "Delivered", "Teslim edildi", _RELEASED, False, False)
    CANCELLED = ("900", "Cancelled", "İptal edildi", _RELEASED, False, False)
    NEEDS_RESCHEDULING = ("910", "Needs rescheduling", "Yeniden planlanmalı", _RELEASED)
    OUT_OF_STOCK = ("920", "Out of stock", "Stok yok", _RELEASED)
    STALE_WAITING = ("930", "Stale waiting", "Uzun süredir bekliyor", _RELEASED)
    BLOCKED = ("950", "Blocked", "Bloke", _KEEPS, True)
    PACKED_FOR_REFUND = ("1100", "Packed for refund", "İade için kapatıldı", _RELEASED, False, False)


AFTER_SHIPPING = frozenset(
    {
        PackageStatus.SHIPPED,
        PackageStatus.READY_FOR_PICKUP,
        PackageStatus.ATTEMPTED_DELIVERY,
        PackageStatus.DELIVERY_FAILED,
    }
)
BEFORE_SHIPPED = tuple(state for state in PackageStatus if state.open and state not in AFTER_SHIPPING)
PACKED_AND_LATER = (
    PackageStatus.PACKED,
    *(state for state in PackageStatus if state in AFTER_SHIPPING),
    PackageStatus.DELIVERED,
)
