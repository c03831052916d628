"""Shapes of the application settings that are more than a number or a word."""

from string import Formatter
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit, urlunsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from packhouse.kernel.configuration import CallAuth

MILLISECONDS_FROM = 600  # published samples write milliseconds; no timeout is meant to last ten minutes
LONGEST_TIMEOUT = 120

OmnitronEndpoint = Literal[
    "orders",
    "order_detailed",
    "orderitem_set",
    "discount_items",
    "order_number",
    "order_items",
    "order_item_bulk_update",
    "create_mapping",
    "pay_on_delivery_transaction_amount",
    "channels",
    "cargo_companies",
    "countries",
    "cities",
    "townships",
    "districts",
    "retail_stores",
    "cancellation_reasons",
    "cancellation_plans",
    "hooks",
    "customers",
    "addresses",
    "products",
    "payment_options",
]
PackageStateName = Literal[
    "cancellation_waiting",
    "waiting",
    "waiting_remote_action",
    "preparing",
    "waiting_for_transfer",
    "ready_for_packaging",
    "waiting_cargo_label",
    "packed",
    "shipped",
    "ready_for_pickup",
    "attempted_delivery",
    "delivery_failed",
    "delivered",
    "cancelled",
    "needs_rescheduling",
    "out_of_stock",
    "stale_waiting",
    "blocked",
    "packed_for_refund",
]
OrderCode = Literal[
    "50",
    "100",
    "200",
    "300",
    "350",
    "400",
    "425",
    "450",
    "500",
    "510",
    "520",
    "540",
    "544",
    "545",
    "550",
    "600",
]


def _address(given: str) -> str:
    """An http(s) address without the last slash."""
    parts = urlsplit(given if "://" in given else f"https://{given}")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("Give an address such as https://example.com/api/v1.")
    _ = parts.port  # raises ValueError when it is no number
    return urlunsplit((parts.scheme, parts.netloc, parts.path.rstrip("/"), parts.query, ""))


def _whole_address(given: str) -> str:
    """As `_address`, with the last slash where there is one: the other side may insist on it."""
    return _address(given) + ("/" if given.endswith("/") else "")


def _api_address(given: str) -> str:
    """As `_address`; a bare host gets `/api/v1`."""
    address = _address(given)
    return address if urlsplit(address).path else f"{address}/api/v1"


def _seconds(given: float) -> float:
    return min(given / 1000 if given > MILLISECONDS_FROM else given, LONGEST_TIMEOUT)


def _number_pattern(given: str) -> str:
    try:
        fields = {name for _text, name, _spec, _conversion in Formatter().parse(given) if name is not None}
        sample = given.format(prefix="ABC", year=2026, seq=1)
    except (ValueError, KeyError, IndexError, AttributeError) as error:
        raise ValueError("Use {prefix}, {year} and {seq}, e.g. {prefix}{year}{seq:09d}.") from error
    if not fields <= {"prefix", "year", "seq"} or "seq" not in fields:
        raise ValueError("Use {prefix}, {year} and {seq}; {seq} is needed.")
    if len(sample) > 64:
        raise ValueError("The number would be longer than 64 characters.")
    return given


def _time_zone(given: str) -> str:
    try:
        ZoneInfo(given)
    except (KeyError, ValueError, OSError):
        raise ValueError("Give a name of the time zone database, e.g. Europe/Istanbul.") from None
    return given


Address = Annotated[str, AfterValidator(_address)]
WholeAddress = Annotated[str, AfterValidator(_whole_address)]
ApiAddress = Annotated[str, AfterValidator(_api_address)]
Seconds = Annotated[float, Field(gt=0), AfterValidator(_seconds)]
NumberPattern = Annotated[str, AfterValidator(_number_pattern)]
TimeZone = Annotated[str, AfterValidator(_time_zone)]


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")


class OmnitronAuth(_Shape):
    """`username` and `password`, or a `token` (sent as it stands when it holds a space)."""

    username: str | None = None
    password: str | None = None
    token: str | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if not self.token and not (self.username and self.password):
            raise ValueError("Give username and password, or a token.")
        return self


class OmnitronUrls(_Shape):
    """`oms_url` is our public address, `base_url` theirs."""

    oms_url: ApiAddress
    base_url: ApiAddress


class Timeouts(_Shape):
    """Seconds; a number over 600 is read as milliseconds; at most 120 s."""

    read: Seconds = 20
    connect: Seconds = 5


class OmnitronEndpointOverride(_Shape):
    """Another address, auth, path or timeouts for one named endpoint, or the endpoint switched off."""

    endpoint: OmnitronEndpoint
    base_url: Address | None = None
    auth: OmnitronAuth | None = None
    path: str | None = None
    timeouts: Timeouts | None = None
    enabled: bool = True


class OmnitronClient(_Shape):
    auth: OmnitronAuth
    urls: OmnitronUrls
    timeouts: Timeouts = Field(default_factory=Timeouts)
    endpoint_conf: list[OmnitronEndpointOverride] = Field(default_factory=list)

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        names = [entry.endpoint for entry in self.endpoint_conf]
        if len(names) != len(set(names)):
            raise ValueError("endpoint_conf names an endpoint twice.")
        return self


class OmnitronWebhook(_Shape):
    """`path` stands under `{oms_url}/oms/`."""

    event_type: str = Field(min_length=1, max_length=124)
    path: str = Field(min_length=1, max_length=255)


class GeocodeProvider(_Shape):
    """`url`: of another service that answers like this provider's."""

    provider: Literal["google"]
    api_key: str = Field(min_length=1)
    url: WholeAddress | None = None


class GeolocationDiscovery(_Shape):
    enabled: bool
    cache_days: int = Field(default=90, ge=1)


class StockServiceAuth(_Shape):
    """`url` is where a token is fetched, with username and password; without it `token` is used as it is."""

    type: Literal["anonymous", "basic_auth", "token"] = "anonymous"
    username: str | None = None
    password: str | None = None
    token: str | None = None
    url: WholeAddress | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.type == "basic_auth" and (self.username is None or self.password is None):
            raise ValueError("basic_auth needs username and password.")
        if self.type == "token" and not (self.token or (self.url and self.username and self.password)):
            raise ValueError("token needs url, username and password, or a token.")
        return self


class StockTimeouts(_Shape):
    """As Timeouts, shorter: planning waits."""

    read: Seconds = 5
    connect: Seconds = 2


class StockService(_Shape):
    """`multiple`: one request for all SKUs; `single`: one per SKU."""

    url: WholeAddress
    type: Literal["multiple", "single"] = "multiple"


class StockEngine(_Shape):
    """A stock service of the brand, over HTTP (`service`) or as a plug-in (`python`: entry point)."""

    engine: int = Field(ge=2)
    name: str = Field(min_length=1)
    auth: StockServiceAuth = Field(default_factory=StockServiceAuth)
    service: StockService | None = None
    timeouts: StockTimeouts = Field(default_factory=StockTimeouts)
    python: str | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if (self.service is None) == (self.python is None):
            raise ValueError("Give either service or python.")
        return self


def _engines_once(given: list[StockEngine]) -> list[StockEngine]:
    numbers = [engine.engine for engine in given]
    if len(numbers) != len(set(numbers)):
        raise ValueError("An engine is configured twice.")
    return given


StockEngines = Annotated[list[StockEngine], AfterValidator(_engines_once)]


class CarrierPolling(_Shape):
    minutes: int = Field(default=30, ge=1)
    stop_after_days: int = Field(default=60, ge=1)


class Otp(_Shape):
    length: int = Field(default=6, ge=4, le=10)
    ttl_seconds: int = Field(default=300, ge=30)
    tries: int = Field(default=5, ge=1)
    sender_url: Address | None = None
    auth: CallAuth | None = None


class Seller(_Shape):
    """The brand as its invoices name it; `country` as ISO 3166-1 alpha-2, `tax_no` without it."""

    name: str = Field(min_length=1, max_length=255)
    tax_no: str = Field(pattern=r"^[0-9A-Z]{2,20}$")
    tax_office: str | None = None
    line: str = Field(min_length=1, max_length=255)
    city: str = Field(min_length=1, max_length=255)
    township: str | None = None
    postcode: str | None = None
    country: str = Field(default="TR", pattern="^[A-Z]{2}$")
    email: str | None = None
    phone_number: str | None = None


class EinvoiceExport(_Shape):
    """`profiles`: `en16931`, `ubl-tr` (a reference) and plug-ins of the group `packhouse.einvoice`."""

    seller: Seller
    profiles: list[str] = Field(default_factory=lambda: ["en16931"], min_length=1)
    scenario: Literal["TEMELFATURA", "TICARIFATURA"] = "TEMELFATURA"


class Webhooks(_Shape):
    """`allowed_private_targets`: hosts and networks that may be called although they are private."""

    allowed_private_targets: list[str] = Field(default_factory=list)
    allow_http: bool = True
    parallel_per_target: int = Field(default=10, ge=1, le=100)
    retention_weeks: int = Field(default=12, ge=1)


class Api(_Shape):
    strict_query_parameters: bool = True
    public_schema: bool = True
    idempotency_hours: int = Field(default=24, ge=1)


class RateLimit(_Shape):
    """`requests` in `seconds`, and as many as `burst` at once (default: `requests`)."""

    requests: int = Field(ge=1)
    seconds: float = Field(default=1, gt=0)
    burst: int | None = Field(default=None, ge=1)


class RateLimits(_Shape):
    """Per key; `login` per name and address."""

    read: RateLimit = RateLimit(requests=500, burst=2000)
    write: RateLimit = RateLimit(requests=500, burst=2000)
    bulk: RateLimit = RateLimit(requests=60, seconds=60)
    login: RateLimit = RateLimit(requests=10, seconds=60)


class Retention(_Shape):
    """Days; null keeps for ever."""

    audit_days: int | None = Field(default=400, ge=1)
    feed_days: int | None = Field(default=84, ge=1)
    customer_data_days: int | None = Field(default=None, ge=1)


class DocumentRetention(_Shape):
    """Days."""

    invoices: int = Field(default=3650, ge=1)
    others: int = Field(default=365, ge=1)


class Locale(_Shape):
    time_zone: TimeZone = "Europe/Istanbul"
    language: Literal["tr-tr", "en-us"] = "tr-tr"
    currency: str = Field(default="try", pattern="^[a-z]{3}$")
