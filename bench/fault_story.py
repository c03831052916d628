"""Days of a brand, lived with and without faults between it and its back office, and what is left of them.

Every step is over before the next begins, so that what happens depends on the orders and not on who was quicker:
whatever went wrong on the way, both lives must end with the same rows, here and there.
"""

import json
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from typing import Any

import httpx

from bench.fault_rows import watch
from packhouse.commands.inventory.count_stock import count_stock
from packhouse.integrations.omnitron import catch_up, setup
from packhouse.inventory.counting import Count
from packhouse.kernel import clock, engine, settings_store
from packhouse.kernel.accounts import SYSTEM
from packhouse.kernel.engine import Call
from packhouse.locations.models import StockLocation
from packhouse.packages.models import Package
from packhouse.packages.states import PackageStatus
from packhouse.planning.models import Scenario, ScenarioVersion
from packhouse.planning.scenario import parse

STEPS = ("channels", "addresses", "stock_locations", "cargo_companies", "cancellation_reasons", "webhooks")
SHELF = Decimal(100_000)
AT_ONCE = 250
PRODUCT = 20001
SCENARIO = {
    "name": "Everything from the nearest store",
    "status": "active",
    "priority": 10,
    "rules": [{"name": "nearest", "product_condition": "all_products", "sort": [{"key": "DISTANCE"}]}],
}
_ACTS_AT_ONCE = ("kind", "name", "description", "status", "priority")


class Desk:
    """The control calls of the back office's sandbox, and its own API as anybody may read it."""

    def __init__(self, url: str, username: str, password: str) -> None:
        self.url = url
        self._client = httpx.Client(base_url=url, timeout=300, trust_env=False)
        self._login = {"username": username, "password": password}

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """A call below `/_sandbox/`."""
        answer = self._client.request(method, f"/_sandbox/{path}", json=body).raise_for_status()
        return answer.json() if answer.content else None

    def rows(self, path: str) -> list[dict[str, Any]]:
        """All rows of a collection; the faults must be over."""
        key = self._client.post("/api/v1/auth/login/", json=self._login).raise_for_status().json()["key"]
        rows: list[dict[str, Any]] = []
        while True:
            page = {"page": len(rows) // 1000 + 1, "limit": 1000, "sort": "id"}
            answer = self._client.get(
                f"/api/v1/{path}", params=page, headers={"Authorization": f"Token {key}"}
            )
            body = answer.raise_for_status().json()
            rows += body["results"]
            if not body["next"]:
                return rows

    def is_quiet(self) -> bool:
        """Every webhook is delivered, or was dropped on purpose."""
        return not any(self.control("GET", f"deliveries/?state={state}") for state in ("waiting", "retrying"))


@dataclass
class Story:
    """So many orders. `rest` returns when both sides have nothing more to tell each other.

    With `outage` the back office is away while the stores pack: `outage()` returns when it is to come back.
    `command_seconds`: how long each command took.
    """

    desk: Desk
    orders: int
    rest: Callable[[str], None]
    outage: Callable[[], None] | None = None
    command_seconds: list[float] = field(default_factory=list)
    placed: list[int] = field(default_factory=list)
    unpaid: list[int] = field(default_factory=list)
    told: dict[int, list[str]] = field(default_factory=dict)

    def live(self) -> None:
        """All of it, one thing after the other."""
        steps = (self.place, self.pay, self.move, self.add, self.cancel)
        for step in (*steps, self.pack, self.regret, self.ship, self.deliver):
            step()
            self.rest(step.__name__)
            self._note_what_was_told()

    def place(self) -> None:
        """Orders of the usual mix; one in ten waits for its payment."""
        self.unpaid = self._placed(self.orders // 10, "300")
        self.placed += self.unpaid + self._placed(self.orders - len(self.unpaid), "400")
        Random(1).shuffle(self.placed)

    def _placed(self, count: int, status: str) -> list[int]:
        found = []
        while len(found) < count:
            body = {"count": min(AT_ONCE, count - len(found)), "status": status}
            found += [each["pk"] for each in self.desk.control("POST", "orders/", body)["placed"]]
        return found

    def pay(self) -> None:
        """What waited for its payment is paid."""
        for pk in self.unpaid:
            self.desk.control("POST", f"orders/{pk}/pay/")

    def move(self) -> None:
        """Some are to be delivered elsewhere."""
        for pk in self._each(20, 1):
            self.desk.control("POST", f"orders/{pk}/change/", {"address": {"line": f"{pk} New St"}})

    def add(self) -> None:
        """To some a line is added."""
        line = {"product": PRODUCT, "price": "10.00", "tax_rate": "20.00"}
        for pk in self._each(20, 2):
            self.desk.control("POST", f"orders/{pk}/change/", {"add_items": [line]})

    def cancel(self) -> None:
        """Some are cancelled before anybody has packed them."""
        for pk in self._each(20, 3):
            self.desk.control("POST", f"orders/{pk}/cancel/", {})

    def pack(self) -> None:
        """The stores pack three in five, while more orders come."""
        before = self.desk.control("GET", "faults/")
        if self.outage is not None:
            self.desk.control("PUT", "faults/", {"preset": "outage", "rng": 1})
        self._placed(self.orders // 20, "400")
        wanted = {pk for rest in (0, 1, 2) for pk in self._each(5, rest)}
        self._command("CompletePackagingCommand", PackageStatus.WAITING, wanted)
        if self.outage is not None:
            self.outage()
            self.desk.control("PUT", "faults/", before)

    def regret(self) -> None:
        """Some are cancelled after they were packed."""
        for pk in self._each(20, 5):
            self.desk.control("POST", f"orders/{pk}/cancel/", {})

    def ship(self) -> None:
        """Two in three of what is packed leave."""
        self._command("ShipThePackageCommand", PackageStatus.PACKED, {*self._each(5, 0), *self._each(5, 1)})

    def deliver(self) -> None:
        """Half of these arrive."""
        self._command("delivered", PackageStatus.SHIPPED, set(self._each(5, 0)))

    def _each(self, nth: int, rest: int) -> list[int]:
        return [pk for number, pk in enumerate(self.placed) if number % nth == rest]

    def _command(self, slug: str, state: PackageStatus, orders: set[int]) -> None:
        found = Package.objects.filter(state=state.value, order__omnitron_id__in=orders)
        for package_id in found.order_by("id").values_list("id", flat=True):
            began = time.perf_counter()
            engine.execute("package", Call(package_id, slug=slug), SYSTEM)
            self.command_seconds.append(time.perf_counter() - began)

    def _note_what_was_told(self) -> None:
        """Statuses that arrived there, by item, in the order they came."""
        for call in self.desk.control("GET", "requests/?path=/api/v1/order_items/bulk_status_update"):
            if call["status"] == httpx.codes.OK:
                for item in json.loads(call["body"])["orderitem_set"]:
                    self.told.setdefault(item["id"], []).append(item["status"])
        self.desk.control("DELETE", "requests/")


def set_up() -> None:
    """The brand, its back office being configured: mirrored data, full shelves, one scenario, and who watches."""
    for step in STEPS:
        setup.run(step)
    watch()
    catch_up.begin_at(clock.now())


def fill_shelves(skus: Iterable[str]) -> None:
    """More than anybody will want of everything, everywhere: which store delivers follows from the order alone."""
    places = list(StockLocation.objects.filter(is_active=True).order_by("id").values_list("id", flat=True))
    count_stock([Count(place, sku, quantity=SHELF) for sku in sorted(skus) for place in places])
    first = StockLocation.objects.get(pk=places[0])
    body = parse({**SCENARIO, "default_location": first.erp_code}).to_json()
    scenario = Scenario.objects.create(**{key: body.pop(key) for key in _ACTS_AT_ONCE})
    scenario.live_version = ScenarioVersion.objects.create(scenario=scenario, number=1, body=body, comment="")
    scenario.save(update_fields=["live_version"])


def configure(omnitron: str, oms: str, login: Sequence[str]) -> None:
    """Where both sides find each other."""
    username, password = login
    settings_store.put(
        "OMNITRON_CLIENT_SETTINGS",
        {
            "auth": {"username": username, "password": password},
            "urls": {"oms_url": f"{oms}/api/v1", "base_url": f"{omnitron}/api/v1"},
        },
    )
    settings_store.forget()
