"""The machine as it is installed: state rows and the default transitions, seeded by one setup step."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.contenttypes.models import ContentType
from django.db import transaction

from packhouse.kernel import commands, machine, version
from packhouse.kernel.models import State, Transition
from packhouse.kernel.states import StateEnum
from packhouse.orders.states import OrderStatus
from packhouse.packages.states import BEFORE_SHIPPED, PACKED_AND_LATER
from packhouse.packages.states import PackageStatus as P
from packhouse.transfers.states import TransferStatus as T

STATES: dict[str, type[StateEnum]] = {
    "order": OrderStatus,
    "order_item": OrderStatus,
    "package": P,
    "package_item": P,
    "transfer": T,
}
EVERYBODY = ("store", "integration")
INTEGRATION = ("integration",)


@dataclass(frozen=True, slots=True)
class DefaultRow:
    """One transition of the default machine. The first source gets the plain slug, the others a suffix."""

    slug: str
    command: str
    source: StateEnum
    target: StateEnum | None
    name_en: str
    name_tr: str
    visibility: tuple[str, ...] = EVERYBODY


def _rows(
    slug: str,
    command: str,
    pairs: Iterable[tuple[StateEnum, StateEnum | None]],
    name: tuple[str, str],
    visibility: tuple[str, ...] = EVERYBODY,
) -> list[DefaultRow]:
    """Rows of one command: the first keeps the slug, each other is told apart by what is new in its move."""
    rows: list[DefaultRow] = []
    for source, target in pairs:
        suffix = "" if not rows else f"-from-{source.name.lower().replace('_', '-')}"
        rows.append(DefaultRow(f"{slug}{suffix}", command, source, target, *name, visibility))
    return rows


_PACKING = (P.WAITING, P.PREPARING, P.READY_FOR_PACKAGING)
_BLOCKED_FROM = (P.WAITING, P.WAITING_REMOTE_ACTION, P.PREPARING, P.READY_FOR_PACKAGING)
_ON_THE_WAY = (P.SHIPPED, P.ATTEMPTED_DELIVERY, P.DELIVERY_FAILED, P.READY_FOR_PICKUP, P.STALE_WAITING)


def _delivery(slug: str, target: P, name: tuple[str, str]) -> list[DefaultRow]:
    pairs = [(source, target) for source in _ON_THE_WAY if source is not target]
    return _rows(slug, "UpdatePackageShipmentStatusCommand", pairs, name)


DEFAULTS: tuple[DefaultRow, ...] = (
    *_rows(
        "complete-packaging",
        "CompletePackagingCommand",
        [(source, P.PACKED) for source in _PACKING],
        ("Complete packaging", "Paketlemeyi tamamla"),
    ),
    *_rows(
        "complete-packaging-without-shipment",
        "CompletePackagingWithoutShipmentCommand",
        [(source, P.PACKED) for source in _PACKING],
        ("Complete packaging without shipment", "Gönderisiz paketlemeyi tamamla"),
    ),
    *_rows(
        "channel-based-complete-packaging",
        "ChannelBasedCompletePackagingCommand",
        [(source, P.PACKED) for source in _PACKING],
        ("Complete packaging for the channel", "Kanala göre paketlemeyi tamamla"),
    ),
    *_rows(
        "deallocate-reservations",
        "DeAllocatePackageReservationsCommand",
        [(P.WAITING, P.PREPARING)],
        ("Deallocate reservations", "Rezervasyonları kaldır"),
    ),
    *_rows(
        "start-preparing", "PackageStateTransitionCommand", [(P.WAITING, P.PREPARING)], ("Prepare", "Hazırla")
    ),
    *_rows(
        "ready-for-packaging",
        "PackageStateTransitionCommand",
        [(P.PREPARING, P.READY_FOR_PACKAGING)],
        ("Ready for packaging", "Paketlemeye hazır"),
    ),
    *_rows(
        "remote-action-done",
        "PackageStateTransitionCommand",
        [(P.WAITING_REMOTE_ACTION, P.WAITING)],
        ("Remote action done", "Uzak işlem tamamlandı"),
        INTEGRATION,
    ),
    *_rows(
        "prepare-package",
        "PreparePackageCommand",
        [(P.WAITING, P.PREPARING)],
        ("Prepare with findings", "Bulgularla hazırla"),
    ),
    *_rows(
        "refuse",
        "PackageRefuseCommand",
        [(source, P.NEEDS_RESCHEDULING) for source in (P.WAITING, P.WAITING_REMOTE_ACTION, P.PREPARING)],
        ("Refuse", "Reddet"),
    ),
    *_rows(
        "out-of-stock",
        "DetectedOutOfStockItemCommand",
        [(source, P.OUT_OF_STOCK) for source in _PACKING],
        ("Out of stock", "Stokta yok"),
    ),
    *_rows(
        "out-of-stock-item",
        "DetectedOutOfStockItemCommandAdvanced",
        [(source, None) for source in _PACKING],
        ("Item out of stock", "Kalem stokta yok"),
    ),
    *_rows(
        "replace-product",
        "ReplaceProductCommand",
        [(P.WAITING, None), (P.PREPARING, None)],
        ("Replace product", "Ürünü değiştir"),
    ),
    *_rows(
        "packed-for-refund",
        "PackagePackedForRefundCommand",
        [(P.WAITING, P.PACKED_FOR_REFUND), (P.OUT_OF_STOCK, P.PACKED_FOR_REFUND)],
        ("Packed for refund", "İade için kapat"),
        INTEGRATION,
    ),
    *_rows(
        "block",
        "BlockThePackageCommand",
        [(source, P.BLOCKED) for source in _BLOCKED_FROM],
        ("Block", "Bloke et"),
        INTEGRATION,
    ),
    *_rows(
        "unblock",
        "UnblockThePackageCommand",
        [(P.BLOCKED, None)],
        ("Unblock", "Blokeyi kaldır"),
        INTEGRATION,
    ),
    *_rows(
        "update-invoice",
        "UpdateInvoiceOfThePackageCommand",
        [(source, None) for source in PACKED_AND_LATER],
        ("Update invoice", "Faturayı güncelle"),
        INTEGRATION,
    ),
    *_rows(
        "plan-by-hand",
        "ManualPlanningCommand",
        [
            (source, P.CANCELLED)
            for source in (
                P.WAITING,
                P.WAITING_REMOTE_ACTION,
                P.OUT_OF_STOCK,
                P.NEEDS_RESCHEDULING,
                P.STALE_WAITING,
            )
        ],
        ("Plan by hand", "Elle planla"),
        (),
    ),
    *_rows(
        "cancel",
        "CancelPackageCommand",
        [
            (P.WAITING, P.CANCELLED),
            *((state, P.CANCELLED) for state in BEFORE_SHIPPED if state is not P.WAITING),
        ],
        ("Cancel", "İptal et"),
        INTEGRATION,
    ),
    *_rows(
        "return-to-stock",
        "ReturnToStockCommand",
        [(source, P.CANCELLED) for source in (P.DELIVERY_FAILED, P.READY_FOR_PICKUP, P.ATTEMPTED_DELIVERY)],
        ("Return to stock", "Stoğa iade al"),
    ),
    *_rows(
        "reschedule",
        "ReschedulePackageCommand",
        [(state, P.CANCELLED) for state in (P.NEEDS_RESCHEDULING, P.OUT_OF_STOCK, P.STALE_WAITING)],
        ("Reschedule", "Yeniden planla"),
        (),
    ),
    *_rows(
        "ready-for-pickup",
        "ReadyForPickupCommand",
        [(P.SHIPPED, P.READY_FOR_PICKUP), (P.PACKED, P.READY_FOR_PICKUP)],
        ("Ready for customer", "Müşteriye hazır"),
    ),
    *_rows(
        "hand-over",
        "SelfServicePackageDeliveryCommand",
        [(P.READY_FOR_PICKUP, P.DELIVERED)],
        ("Hand over", "Müşteriye teslim et"),
    ),
    *_rows("ship-the-package", "ShipThePackageCommand", [(P.PACKED, P.SHIPPED)], ("Ship", "Kargoya ver")),
    *_rows(
        "ship-without-integration",
        "ShipThePackageBasicCommand",
        [(P.PACKED, P.SHIPPED)],
        ("Ship without integration", "Entegrasyonsuz kargoya ver"),
    ),
    *_rows(
        "ship-with-tracking-number",
        "ShipThePackageAdvancedCommand",
        [(P.PACKED, P.SHIPPED)],
        ("Ship with tracking number", "Takip numarasıyla kargoya ver"),
    ),
    *_delivery("delivered", P.DELIVERED, ("Delivered", "Teslim edildi")),
    *_delivery("attempted-delivery", P.ATTEMPTED_DELIVERY, ("Attempted delivery", "Teslimat denendi")),
    *_delivery("delivery-failed", P.DELIVERY_FAILED, ("Delivery failed", "Teslim edilemedi")),
    *_delivery("ready-for-pickup-by-carrier", P.READY_FOR_PICKUP, ("Ready for customer", "Müşteriye hazır")),
    *_rows(
        "update-shipment-info",
        "UpdateShipmentInfoOfThePackageCommand",
        [(source, None) for source in (P.PACKED, P.SHIPPED, P.DELIVERED, P.ATTEMPTED_DELIVERY)],
        ("Update shipment", "Gönderi bilgilerini güncelle"),
    ),
    *_rows(
        "update-shipment-label",
        "UpdateShipmentLabelOfThePackageCommand",
        [(P.PREPARING, None), (P.WAITING_CARGO_LABEL, P.PACKED), (P.PACKED, None), (P.SHIPPED, None)],
        ("Renew label", "Etiketi yenile"),
    ),
    *_rows(
        "transfer-ready",
        "TransferReadyForDispatchCommand",
        [(T.WAITING, T.READY_TO_SHIPMENT)],
        ("Ready for dispatch", "Sevke hazır"),
    ),
    *_rows(
        "transfer-ready-with-tracking-number",
        "TransferOrderAdvancedCommand",
        [(T.WAITING, T.READY_TO_SHIPMENT)],
        ("Ready with tracking number", "Takip numarasıyla hazır"),
    ),
    *_rows(
        "transfer-dispatch",
        "TransferDispatchCommand",
        [(T.WAITING, T.IN_TRANSIT), (T.READY_TO_SHIPMENT, T.IN_TRANSIT)],
        ("Dispatch", "Sevk et"),
    ),
    *_rows(
        "transfer-delivered",
        "TransferDeliveredCommand",
        [(T.IN_TRANSIT, T.TRANSFERRED)],
        ("Delivered", "Teslim alındı"),
    ),
    *_rows(
        "transfer-product-not-found",
        "TransferProductNotFoundCommand",
        [(T.WAITING, T.OUT_OF_STOCK)],
        ("Product not found", "Ürün bulunamadı"),
    ),
    *_rows(
        "transfer-out-of-stock",
        "TransferOutOfStockCommand",
        [(T.WAITING, T.OUT_OF_STOCK)],
        ("Out of stock", "Stokta yok"),
    ),
)


@transaction.atomic
def install_defaults() -> int:
    """Seed what is missing of states and default transitions; how many rows were made.

    Rows that are there are left as they are, so that renamed states and configured transitions stay.
    """
    made = _install_states() + _install_transitions()
    if made:
        version.raise_version()
    return made


def is_installed() -> bool:
    """The default machine has been seeded at least once."""
    return Transition.objects.exists() and State.objects.exists()


def _install_states() -> int:
    made = 0
    for kind, states in STATES.items():
        content_type = ContentType.objects.get_by_natural_key(*machine.CONTENT_TYPES[kind])
        for member in states:
            _, created = State.objects.get_or_create(
                enum_class=machine.ENUM_CLASSES[kind],
                enum_value=member.value,
                content_type=content_type,
                defaults={
                    "name": member.name_en,
                    "translations": {"en-us": {"name": member.name_en}, "tr-tr": {"name": member.name_tr}},
                },
            )
            made += created
    return made


def _install_transitions() -> int:
    rows = {
        (state.enum_class, state.enum_value, state.content_type_id): state for state in State.objects.all()
    }
    present = set(Transition.objects.values_list("slug", flat=True))
    new = []
    for position, default in enumerate(DEFAULTS, start=1):
        definition = commands.find(default.command)
        if definition is None or default.slug in present:
            continue
        key = (machine.ENUM_CLASSES[definition.on], machine.content_type_id(definition.on))
        new.append(
            Transition(
                slug=default.slug,
                command=definition.name,
                name={"en": default.name_en, "tr": default.name_tr},
                content_type_id=key[1],
                source_state=rows[key[0], default.source.value, key[1]],
                target_state=rows[key[0], default.target.value, key[1]] if default.target else None,
                visibility=list(default.visibility),
                position=position * 10,
            )
        )
    Transition.objects.bulk_create(new)
    return len(new)
