"""The closed list of application settings: type, default, meaning, secrets (pages 50, 70 and 80)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

from packhouse.kernel import setting_types as shapes
from packhouse.kernel.secrets import IsSecret, by_path

_AtLeastOne = Annotated[int, Field(ge=1)]
_Wait = Annotated[float, Field(gt=0, le=600)]
_Word = Annotated[str, Field(min_length=1, max_length=255)]


@dataclass(frozen=True)
class SettingKey:
    """One application setting. `secrets`: paths inside its value that are never shown (`auth.password`)."""

    name: str
    type: Any
    default: Any
    en: str
    tr: str
    secrets: tuple[str, ...] = ()

    @cached_property
    def _adapter(self) -> TypeAdapter[Any]:
        return TypeAdapter(self.type)

    @cached_property
    def is_secret(self) -> IsSecret:
        return by_path(*self.secrets)

    @cached_property
    def json_schema(self) -> dict[str, Any]:
        """What a value must look like."""
        return self._adapter.json_schema()

    def read(self, value: Any) -> Any:
        """`value` (as JSON has it) checked, completed with inner defaults, in plain Python types.

        Raises pydantic.ValidationError.
        """
        return _plain(self._adapter.validate_json(json.dumps(value), strict=True))


def _plain(value: Any) -> Any:
    return TypeAdapter(Any).dump_python(value)


_OMNITRON_WEBHOOKS = [
    {"event_type": "order.created", "path": "orders-webhook/"},
    {"event_type": "order.updated", "path": "orders-webhook/"},
    {"event_type": "cancellation_plan.created", "path": "cancellation_plan/"},
    {"event_type": "cancellation_plan.updated", "path": "cancellation_plan/"},
    {"event_type": "retail_store.created", "path": "stocklocations-webhook"},
    {"event_type": "retail_store.updated", "path": "stocklocations-webhook"},
]

_CONNECTOR = [
    SettingKey(
        "OMNITRON_CLIENT_SETTINGS",
        shapes.OmnitronClient | None,
        None,
        "How the back office is reached: addresses, login, time-outs, endpoints that live elsewhere.",
        "Arka ofise nasıl ulaşıldığı: adresler, giriş, zaman aşımları, başka yerde duran uç noktalar.",
        secrets=(
            "auth.password",
            "auth.token",
            "endpoint_conf.*.auth.password",
            "endpoint_conf.*.auth.token",
        ),
    ),
    SettingKey(
        "OMNITRON_WEBHOOKS",
        list[shapes.OmnitronWebhook],
        _OMNITRON_WEBHOOKS,
        "What the setup step webhooks registers at the back office, and where it calls us.",
        "Kurulumun webhooks adımının arka ofise kaydettiği olaylar ve bizi çağırdıkları adresler.",
    ),
    SettingKey(
        "OMNITRON_CATCHUP_SECONDS",
        Annotated[int, Field(ge=10)],
        120,
        "How often orders that changed are read again, to heal lost webhooks.",
        "Kaybolan çağrıları telafi için değişen siparişlerin kaç saniyede bir yeniden okunduğu.",
    ),
    SettingKey(
        "OMNITRON_MARK_SENT",
        Literal["never", "on_copy", "on_planned"],
        "never",
        "When an order's is_send is set at the back office.",
        "Siparişin is_send alanının arka ofiste ne zaman işaretlendiği.",
    ),
    SettingKey(
        "OMNITRON_STOCK_RELEASE",
        Literal["never", "on_planned", "on_packed"],
        "on_packed",
        "When the back office is told to release its own stock reservation of an item.",
        "Arka ofisin bir kalem için tuttuğu stok rezervasyonunun ne zaman bıraktırıldığı.",
    ),
    SettingKey(
        "OMNITRON_CHANNELS",
        list[int],
        [],
        "The back office's channels whose orders are copied; empty: all that are installed.",
        "Siparişleri kopyalanan arka ofis kanalları; boşsa kurulu olanların hepsi.",
    ),
    SettingKey(
        "CANCELLATION_APPROVAL",
        Literal["auto", "manual"],
        "auto",
        "Whether cancellation plans are decided by rule or by a person.",
        "İptal planlarına kuralla mı yoksa bir kişiyle mi karar verildiği.",
    ),
    SettingKey(
        "OMNITRON_FAILED_CANCELLATION_REASON_ID",
        int | None,
        None,
        "The back office's reason given when an item cannot be cancelled or came back undelivered.",
        "Bir kalem iptal edilemediğinde ya da teslim edilemeden döndüğünde arka ofise bildirilen neden.",
    ),
    SettingKey(
        "PRODUCT_BARCODE_ATTRIBUTE",
        _Word,
        "barcode",
        "The product attribute that holds the barcode.",
        "Barkodu tutan ürün özelliği.",
    ),
    SettingKey(
        "ORDER_ITEM_QUANTITY_KEY",
        _Word,
        "quantity",
        "The item attribute that holds the units of a merged line.",
        "Birleştirilmiş satırın adedini tutan kalem özelliği.",
    ),
    SettingKey(
        "ORDER_STATUS_MAPPING",
        dict[shapes.PackageStateName, shapes.OrderCode],
        {"packed_for_refund": "100"},
        "The order item code told to the back office for a package state, where it is not the usual one.",
        "Paket durumu için arka ofise bildirilen kalem kodu; yalnızca alışılmıştan farklı olanlar.",
    ),
]

_PLANNING = [
    SettingKey(
        "PLAN_PARTIAL_ORDERS",
        bool,
        False,
        "Plan the approved items of an order although others still wait for payment or confirmation.",
        "Siparişin bazı kalemleri ödeme ya da onay beklerken onaylananların planlanması.",
    ),
    SettingKey(
        "OUT_OF_STOCK_RESCHEDULE_MINUTES",
        _AtLeastOne,
        30,
        "How often packages that are out of stock are planned again.",
        "Stoksuz paketlerin kaç dakikada bir yeniden planlandığı.",
    ),
    SettingKey(
        "MARK_STALE_WAITING_PACKAGES_DAY",
        _AtLeastOne,
        15,
        "After how many days a waiting package becomes stale.",
        "Bekleyen bir paketin kaç gün sonra uzun süredir bekliyor sayıldığı.",
    ),
    SettingKey(
        "STOCK_INTEGRATION",
        shapes.StockEngines,
        [],
        "Stock services of the brand, beside the internal stock.",
        "Dahili stok dışında markanın stok servisleri.",
        secrets=("*.auth.password", "*.auth.token"),
    ),
    SettingKey(
        "GEOCODE_PROVIDER_SETTINGS",
        shapes.GeocodeProvider | None,
        None,
        "The service that finds coordinates of addresses.",
        "Adreslerin koordinatlarını bulan servis.",
        secrets=("api_key",),
    ),
    SettingKey(
        "GEOLOCATION_DISCOVERY",
        bool | shapes.GeolocationDiscovery,
        False,
        "Whether coordinates of delivery addresses are looked up, and for how long they are kept.",
        "Teslimat adreslerinin koordinatlarının aranıp aranmadığı ve ne kadar saklandığı.",
    ),
]

_FULFILMENT = [
    SettingKey(
        "INVOICE_INLINE_SECONDS",
        Annotated[float, Field(ge=0, le=60)],
        8,
        "How long a packing waits for its invoice before a worker goes on; 0: not at all.",
        "Paketlemenin faturasını en çok kaç saniye beklediği; 0: hiç.",
    ),
    SettingKey(
        "INVOICE_AWAIT_HOURS",
        _AtLeastOne,
        24,
        "After how many hours an invoice that was promised for later becomes an exception.",
        "Sonra geleceği söylenen faturanın kaç saat sonra istisna listesine düştüğü.",
    ),
    SettingKey(
        "INVOICE_NUMBER_PATTERN",
        shapes.NumberPattern,
        "{prefix}{year}{seq:09d}",
        "How invoice numbers that are allotted here look.",
        "Burada verilen fatura numaralarının biçimi.",
    ),
    SettingKey(
        "INVOICE_CANCELLATION_CALL",
        bool,
        False,
        "Whether the invoice service is told when an invoiced package is cancelled.",
        "Faturalanmış paket iptal edildiğinde fatura servisinin haberdar edilip edilmediği.",
    ),
    SettingKey(
        "OMS_INVOICE_SIGNING_SECRET",
        Annotated[str, Field(min_length=1)] | None,
        None,
        "With it, requests to the invoice service are signed.",
        "Verilirse fatura servisine giden istekler imzalanır.",
        secrets=("",),
    ),
    SettingKey(
        "EINVOICE_EXPORT",
        shapes.EinvoiceExport | None,
        None,
        "Who sells, and by which profiles invoices are given as XML; null: not at all.",
        "Satıcı ve faturaların hangi profillerle XML olarak verildiği; null: hiç.",
    ),
    SettingKey(
        "DOCUMENT_RETENTION_DAYS",
        shapes.DocumentRetention,
        {"invoices": 3650, "others": 365},
        "How many days documents are kept.",
        "Belgelerin kaç gün saklandığı.",
    ),
    SettingKey(
        "PAY_ON_DELIVERY_TYPES",
        list[_Word],
        ["pay_on_delivery"],
        "Payment types that are paid at the door.",
        "Kapıda ödenen ödeme türleri.",
    ),
    SettingKey(
        "CARGO_COMPANY_CHOICE",
        Literal["order_first", "rules_first"],
        "order_first",
        "Whether the order's cargo company or the rules decide first.",
        "Önce siparişin kargo firmasının mı yoksa kuralların mı belirlediği.",
    ),
    SettingKey(
        "CARRIER_POLLING",
        shapes.CarrierPolling,
        {"minutes": 30, "stop_after_days": 60},
        "How often carriers are asked for the state of a shipment, and when that ends.",
        "Gönderilerin durumunun kargo firmasına ne sıklıkla sorulduğu ve ne zaman bırakıldığı.",
    ),
    SettingKey(
        "GS1_COMPANY_PREFIX",
        Annotated[str, Field(pattern=r"^\d{4,12}$")] | None,
        None,
        "The company's GS1 prefix; with it parcels get an SSCC.",
        "Firmanın GS1 ön eki; verilirse kolilere SSCC basılır.",
    ),
    SettingKey(
        "DESPATCH_REQUIRED",
        Literal["none", "packages", "transfers", "both"],
        "none",
        "What may not leave without a despatch note.",
        "İrsaliyesiz yola çıkamayacak olanlar.",
    ),
    SettingKey(
        "IS_OTP_ENABLED",
        bool,
        False,
        "Whether a package handed over in a store needs the customer's code.",
        "Mağazada teslimin müşterinin kodunu gerektirip gerektirmediği.",
    ),
    SettingKey(
        "OTP",
        shapes.Otp,
        {},
        "Length, life and tries of hand-over codes, and the service that sends them.",
        "Teslim kodlarının uzunluğu, süresi, deneme hakkı ve gönderen servis.",
        secrets=("auth.password", "auth.token"),
    ),
    SettingKey(
        "IS_TRADEIN_ENABLED",
        bool,
        False,
        "Kept for other systems; has no effect here.",
        "Başka sistemler için saklanır; burada etkisi yoktur.",
    ),
]

_PLATFORM = [
    SettingKey(
        "WHISPERER_REQUEST_TIMEOUT",
        _Wait | Annotated[list[_Wait], Field(min_length=2, max_length=2)],
        10,
        "Seconds to connect and to read when a webhook is sent, or both as a pair.",
        "Webhook gönderirken bağlanma ve okuma süresi (saniye) ya da ikisi çift olarak.",
    ),
    SettingKey(
        "WHISPERER_EVENT_QUEUE_DELAY_SECOND",
        Annotated[int, Field(ge=10)],
        360,
        "After how many seconds an untouched webhook delivery is picked up again.",
        "Dokunulmamış bir webhook gönderiminin kaç saniye sonra yeniden ele alındığı.",
    ),
    SettingKey(
        "WEBHOOKS",
        shapes.Webhooks,
        {},
        "Where webhooks may go, how many at once, and how long deliveries are kept.",
        "Webhookların nerelere gidebileceği, aynı anda kaç tane olacağı ve ne kadar saklanacağı.",
    ),
    SettingKey(
        "API",
        shapes.Api,
        {},
        "Strictness of query parameters, openness of the schema, memory of idempotency keys.",
        "Sorgu parametrelerinin sıkılığı, şemanın açıklığı, tekrar anahtarlarının saklanma süresi.",
    ),
    SettingKey(
        "RATE_LIMITS",
        shapes.RateLimits,
        {},
        "How many requests a key may make.",
        "Bir anahtarın yapabileceği istek sayısı.",
    ),
    SettingKey(
        "RETENTION",
        shapes.Retention,
        {},
        "How many days the audit trail, the event feed and customers' data are kept.",
        "Denetim kayıtlarının, olay akışının ve müşteri verilerinin kaç gün saklandığı.",
    ),
    SettingKey(
        "LOCALE",
        shapes.Locale,
        {},
        "Time zone, language and currency of the installation.",
        "Kurulumun saat dilimi, dili ve para birimi.",
    ),
]

KEYS: Mapping[str, SettingKey] = {
    key.name: key for key in (*_CONNECTOR, *_PLANNING, *_FULFILMENT, *_PLATFORM)
}
