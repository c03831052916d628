"""Which carrier takes a package (page 80, 2.4)."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from packhouse.catalog.models import CargoCompany, CargoCompanyCondition
from packhouse.kernel import settings_store
from packhouse.orders.models import Order
from packhouse.packages.in_hand import PackageInHand
from packhouse.packages.models import PackageItem
from packhouse.planning import queries
from packhouse.planning.query_fields import Scope

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
    conditions = list(
        CargoCompanyCondition.objects.filter(cargo_company__is_active=True)
        .select_related("cargo_company")
        .order_by("cargo_company_id", "id")
    )
    if not conditions:
        return None
    facts = package_facts(package)
    matching = []
    for condition in conditions:
        rules = condition.rules_configuration.get("rules") or [{}]
        for rule in rules:
            if _holds(rule, facts):
                cost = _cost(rule, facts["package.desi"])
                matching.append(
                    (rule.get("priority", 100), cost, condition.cargo_company_id, condition.cargo_company)
                )
    if not matching:
        return None
    best = min(matching, key=lambda entry: entry[:3])
    return _choice(best[3], f"rule of {best[3].name}, cost {best[1]}")


def _holds(rule: dict[str, Any], facts: dict[str, Any]) -> bool:
    slug = rule.get("shipping_option_slug")
    if slug is not None and slug != facts["order.shipping_option_slug"]:
        return False
    when = rule.get("when")
    return when is None or queries.parse(when, Scope.CARRIER).holds(facts)


def _cost(rule: dict[str, Any], desi: Decimal) -> Decimal:
    cost = rule.get("cost") or {}
    return Decimal(str(cost.get("base", 0))) + Decimal(str(cost.get("per_desi", 0))) * desi


def package_facts(package: PackageInHand) -> dict[str, Any]:
    """The values that carrier rules may ask for, by field name (page 30). Weight in kg."""
    order = Order.objects.select_related(
        "customer",
        "shipping_address__country",
        "shipping_address__city",
        "shipping_address__township",
        "shipping_address__district",
    ).get(pk=package.order_id)
    address = order.shipping_address
    places = {
        f"order.{level}": place.name
        for level in ("country", "city", "township", "district")
        if address is not None and (place := getattr(address, level)) is not None
    }
    items = PackageItem.objects.filter(package_id=package.id).select_related("order_item__product")
    weights = [
        (item.quantity, item.unit_weight or item.order_item.product.unit_weight, item.order_item.product.desi)
        for item in items
    ]
    facts = {
        f"order.{name}": getattr(order, name)
        for name in (
            "amount",
            "currency",
            "delivery_type",
            "shipping_option_slug",
            "payment_type",
            "segment",
            "language_code",
            "date_placed",
            "has_gift_box",
            "extra_field",
        )
    }
    return {
        **facts,
        **places,
        "order.channel": order.channel_id,
        "customer.user_type": order.customer and order.customer.user_type,
        "package.stock_location": package.erp_code,
        "package.weight": sum((quantity * (weight or 0) for quantity, weight, _ in weights), Decimal(0)),
        "package.desi": sum((quantity * (desi or 0) for quantity, _, desi in weights), Decimal(0)),
        "package.pay_on_delivery_amount": order.pay_on_delivery_amount,
    }
