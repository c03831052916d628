"""States of transfer orders and items (page 10)."""

from packhouse.kernel.states import Quota, StateEnum

_NONE = Quota.KEEPS


class TransferStatus(StateEnum):
    WAITING = ("waiting", "Waiting for transfer", "Transfer bekliyor", _NONE, True)
    READY_TO_SHIPMENT = ("ready_to_shipment", "Ready for shipment", "Gönderime hazır", _NONE, True)
    IN_TRANSIT = ("in_transit", "In transit", "Yolda")
    TRANSFERRED = ("transferred", "Transfer complete", "Transfer tamamlandı", _NONE, False, False)
    OUT_OF_STOCK = ("out_of_stock", "Out of stock", "Stok yok", _NONE, False, False)
    CANCELLED = ("cancelled", "Cancelled", "İptal edildi", _NONE, False, False)
