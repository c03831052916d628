"""Filters of packages and package items (page 50)."""

from collections.abc import Callable
from typing import Any, cast

from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from rest_framework.request import Request

from packhouse.api.auth import actor_of
from packhouse.api.filters import (
    DayFilter,
    FlagFilter,
    NumberFilter,
    NumberListFilter,
    StrictFilterSet,
    TextFilter,
    TextListFilter,
    TimeFilter,
)
from packhouse.api.v1.state_filters import StateFilter, state_value, state_values
from packhouse.catalog.models import CustomerAddress
from packhouse.kernel import commands, machine
from packhouse.kernel.engine import runnable
from packhouse.kernel.errors import InvalidParameter
from packhouse.packages.models import Package, PackageItem
from packhouse.shipments.models import Shipment

Rows = QuerySet[Any]
Method = Callable[[Rows, str, Any], Rows]


def having(model: type[Model], to: str, lookup: str, **fixed: Any) -> Method:
    """A filter's method: rows with at least one row of `model` that points at them by `to`, and matches."""

    def apply(rows: Rows, _name: str, value: Any) -> Rows:
        found: Rows = QuerySet(model).filter(**{to: OuterRef("pk"), lookup: value}, **fixed)
        return rows.filter(Exists(found))

    return apply


def _item(lookup: str) -> Method:
    return having(PackageItem, "package", f"order_item__{lookup}")


def _shipment(lookup: str) -> Method:
    return having(Shipment, "package", lookup, is_current=True)


_TO_A_STORE = Q(order__delivery_type="in_store") | Q(
    order__shipping_address__address_type=CustomerAddress.Type.RETAIL_STORE
)


def _click_and_collect(rows: Rows, _name: str, value: bool) -> Rows:
    orders = Package.objects.filter(_TO_A_STORE, pk=OuterRef("pk"))
    return rows.filter(Exists(orders) if value else ~Exists(orders))


def _erp_code(rows: Rows, _name: str, value: str) -> Rows:
    return rows.filter(Q(stock_location__erp_code=value) | Q(order__retail_store__erp_code=value))


def _not_with_option(rows: Rows, _name: str, value: list[str]) -> Rows:
    return rows.filter(
        Q(order__shipping_option_slug__isnull=True) | ~Q(order__shipping_option_slug__in=value)
    )


def _deliverable_on(rows: Rows, _name: str, value: Any) -> Rows:
    first, after = value
    begun = Q(order__delivery_range_start__isnull=True) | Q(order__delivery_range_start__lt=after)
    not_over = Q(order__delivery_range_end__isnull=True) | Q(order__delivery_range_end__gte=first)
    known = Q(order__delivery_range_start__isnull=False) | Q(order__delivery_range_end__isnull=False)
    return rows.filter(known & begun & not_over)


def _search(rows: Rows, _name: str, value: str) -> Rows:
    named = Q(order__customer__first_name__icontains=value) | Q(order__customer__last_name__icontains=value)
    first, _blank, last = value.strip().rpartition(" ")
    if first:
        named |= Q(
            order__customer__first_name__icontains=first.strip(), order__customer__last_name__icontains=last
        )
    tracked = Shipment.objects.filter(package=OuterRef("pk"), tracking_number=value)
    holds = PackageItem.objects.filter(
        package=OuterRef("pk"), order_item__product__barcodes__contains=[value]
    )
    numbered = Q(number__istartswith=value) | Q(order__number__istartswith=value)
    return rows.filter(numbered | named | Q(Exists(tracked)) | Q(Exists(holds)))


class _WholeDayFilter(DayFilter):
    """A day's first moment and that of the day after, for a method."""

    def filter(self, qs: Rows, value: Any) -> Rows:
        return qs if value is None else _deliverable_on(qs, "", value)


class PackageFilterSet(StrictFilterSet):
    """The meanings are published, the names ours."""

    state = StateFilter("package")
    state__enum_value = state_value("package")
    state__enum_value__in = state_values("package")
    state__enum_value__ne = state_value("package", exclude=True)
    order = NumberFilter("order")
    order__number = TextFilter("order__number", "startswith", help_text="the number starts with it")
    order__omnitron_id = NumberFilter("order__omnitron_id")
    order__channel = NumberFilter("order__channel")
    order__delivery_type = TextFilter("order__delivery_type")
    order__customer__first_name = TextFilter("order__customer__first_name", "icontains")
    order__customer__last_name = TextFilter("order__customer__last_name", "icontains")
    order__date_placed = DayFilter("order__date_placed", help_text="a day, as in 2026-03-02")
    order__date_placed__gte = TimeFilter("order__date_placed", "gte")
    order__date_placed__lte = TimeFilter("order__date_placed", "lte")
    stock_location = NumberFilter("stock_location")
    stock_location__erp_code = TextFilter("stock_location__erp_code")
    stock_location__erp_code__in = TextListFilter("stock_location__erp_code")
    stock_location__stock_location_type = TextFilter("stock_location__stock_location_type")
    retail_store__erp_code = TextFilter("order__retail_store__erp_code")
    erp_code = TextFilter(method=_erp_code, help_text="of the location or of the order's retail store")
    shipment__created_date__gte = TimeFilter(method=_shipment("created_date__gte"))
    shipment__created_date__lte = TimeFilter(method=_shipment("created_date__lte"))
    shipment__cargo_company = NumberFilter(method=_shipment("cargo_company"))
    tracking_number = TextFilter(method=_shipment("tracking_number"))
    product_sku = TextFilter(method=_item("product__sku"))
    product_barcode = TextFilter(
        method=lambda rows, name, value: _item("product__barcodes__contains")(rows, name, [value])
    )
    order_item__omnitron_id = NumberFilter(method=_item("omnitron_id"))
    order_item__omnitron_id__in = NumberListFilter(method=_item("omnitron_id__in"))
    delivery_range__gte = TimeFilter(
        "order__delivery_range_start", "gte", help_text="it starts then or later"
    )
    delivery_range__lte = TimeFilter("order__delivery_range_end", "lte", help_text="it ends then or earlier")
    delivery_range__date = _WholeDayFilter(help_text="a day that the range holds")
    is_click_and_collect = FlagFilter(method=_click_and_collect)
    country = NumberFilter("order__shipping_address__country")
    country__name = TextFilter("order__shipping_address__country__name", "iexact")
    city = NumberFilter("order__shipping_address__city")
    city__name = TextFilter("order__shipping_address__city__name", "iexact")
    township = NumberFilter("order__shipping_address__township")
    township__name = TextFilter("order__shipping_address__township__name", "iexact")
    cancellation_failed = FlagFilter("cancellation_failed")
    shipping_option_slug__in = TextListFilter("order__shipping_option_slug")
    shipping_option_slug__not_in = TextListFilter(method=_not_with_option)
    number = TextFilter("number")
    remote_id = TextFilter("remote_id")
    command = TextFilter(method="filter_command", help_text="slug, code or class name of what may run now")
    q = TextFilter(method=_search, help_text="number, order number, tracking number, name or barcode")

    def filter_command(self, rows: Rows, _name: str, value: str) -> Rows:
        """In a state from which the caller may run this."""
        return rows.filter(state__in=_sources(value, actor_of(cast(Request, self.request))))


def _sources(value: str, actor: Any) -> list[str]:
    installed = machine.current()
    definition = commands.find(value)
    row = installed.by_slug.get(value)
    if (row is None or row.kind != "package") and (definition is None or definition.on != "package"):
        raise InvalidParameter({"command": [_("There is no such command of a package.")]})
    sources = {kind_and_state[1] for kind_and_state in installed.by_source if kind_and_state[0] == "package"}
    return [
        state
        for state in sources
        for found in runnable("package", state, actor)
        if found.slug == value or (row is None and definition and found.command == definition.name)
    ]


class PackageItemFilterSet(StrictFilterSet):
    package = NumberFilter("package")
    package__number = TextFilter("package__number")
    state = StateFilter("package_item")
    state__enum_value = state_value("package_item")
    state__enum_value__in = state_values("package_item")
