"""Which carrier takes a package (page 80, 2.4)."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from packhouse.catalog.models import CargoCompany
from packhouse.kernel import settings_store
from packhouse.locations.models import StockLocation
from packhouse.packages.in_hand import PackageInHand
from packhouse.packages.models import PackageItem
from packhouse.planning.orders_to_plan import facts_of
from packhouse.planning.query_fields import order_facts
from packhouse.planning.tariff_rows import read_tariff

MANUAL = "manual"


@dataclass(frozen=True, slots=True)
class CarrierChoice:
    """The carrier and why; `is_integrated`: an adaptor talks to it."""

    cargo_company_id: int | None
    adaptor: str
    reason: str

    @property
    def is_integrated(self) -> bool:
        return self.adaptor != MANUAL


def choose_carrier(package: PackageInHand) -> CarrierChoice:
    """The order's carrier when active, else the matching rule, else the location's default, else `manual`.

    `CARGO_COMPANY_CHOICE` `rules_first` turns the first two round.
    """
    steps = [_of_order, _by_rules]
    if settings_store.get("CARGO_COMPANY_CHOICE") == "rules_first":
        steps.reverse()
    for step in (*steps, _of_location):
        choice = step(package)
        if choice is not None:
            return choice
    return CarrierChoice(None, MANUAL, "no carrier is named by the order, a rule or the location")


def _of_order(package: PackageInHand) -> CarrierChoice | None:
    if package.order_cargo_company_id is None:
        return None
    return CarrierChoice(
        package.order_cargo_company_id, package.order_adaptor or MANUAL, "named by the order"
    )


def choose_carrier_of_location(conf: Mapping[str, Any]) -> CarrierChoice:
    """For what a location sends to another one: its default carrier, else `manual`."""
    return _default(conf) or CarrierChoice(None, MANUAL, "no carrier is named by the location")


def _of_location(package: PackageInHand) -> CarrierChoice | None:
    return _default(package.location_conf)


def _default(conf: Mapping[str, Any]) -> CarrierChoice | None:
    code = conf.get("cargo_company")
    company = CargoCompany.objects.filter(erp_code=code, is_active=True).first() if code else None
    return _choice(company, "default of the location") if company else None


def _choice(company: CargoCompany, reason: str) -> CarrierChoice:
    return CarrierChoice(company.pk, company.configuration.get("adaptor") or MANUAL, reason)


def _by_rules(package: PackageInHand) -> CarrierChoice | None:
    tariff = read_tariff()
    if not tariff.rules:
        return None
    facts = package_facts(package)
    rule = tariff.chosen(facts)
    if rule is None:
        return None
    company = CargoCompany.objects.get(pk=rule.carrier_id)
    cost = rule.cost(facts)
    return _choice(company, f"rule of {company.name}, cost {'not known' if cost is None else f'{cost:f}'}")


def package_facts(package: PackageInHand) -> dict[str, Any]:
    """The values that carrier rules may ask for, by field name (page 30). Weight in kg."""
    order = facts_of(package.order_id)
    location = StockLocation.objects.select_related("address__city").get(pk=package.stock_location_id)
    items = PackageItem.objects.filter(package_id=package.id).select_related("order_item__product")
    weights = [
        (item.quantity, item.unit_weight or item.order_item.product.unit_weight, item.order_item.product.desi)
        for item in items
    ]
    city = location.address.city if location.address is not None else None
    return {
        **order_facts(order, (), ZoneInfo(settings_store.get("LOCALE")["time_zone"])),
        "package.stock_location": location.erp_code,
        "package.stock_location_type": location.stock_location_type,
        "package.city": None if city is None else city.name,
        "package.weight": sum((quantity * (weight or 0) for quantity, weight, _ in weights), Decimal(0)),
        "package.desi": sum((quantity * (desi or 0) for quantity, _, desi in weights), Decimal(0)),
        "package.pay_on_delivery_amount": order.pay_on_delivery_amount,
    }
