"""Pick lists: what packages of a location still need from its shelves (page 80, 1.4)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final

from django.db.models import QuerySet

from packhouse.invoicing.picking_sheet import GoodsLine, PickedPackage, PickSheet
from packhouse.kernel import clock
from packhouse.kernel.times import local_zone
from packhouse.locations.models import StockLocation
from packhouse.packages.models import Package, PackageItem
from packhouse.packages.states import PackageStatus

# All of it lies at the location, nobody has packed it, and nobody asks to give it up.
TO_BE_PICKED: Final = (PackageStatus.WAITING, PackageStatus.PREPARING, PackageStatus.READY_FOR_PACKAGING)


def to_be_picked(packages: QuerySet[Package]) -> QuerySet[Package]:
    """Those of them with something to fetch, oldest first."""
    return packages.filter(state__in=TO_BE_PICKED, items__state__in=TO_BE_PICKED).distinct().order_by("id")


def pick_sheets(package_ids: Sequence[int], language: str) -> list[PickSheet]:
    """One sheet per location, by its name; on it equal goods in one line, by SKU. `language` tr or en.

    What is not to be picked now is left out: see `to_be_picked`.
    """
    items = (
        PackageItem.objects.filter(
            package__in=package_ids, package__state__in=TO_BE_PICKED, state__in=TO_BE_PICKED
        )
        .select_related("package__order", "package__stock_location", "order_item__product")
        .order_by("package_id", "id")
    )
    by_location: dict[StockLocation, list[PackageItem]] = defaultdict(list)
    for item in items:
        by_location[item.package.stock_location].append(item)
    places = sorted(by_location, key=lambda place: (place.name, place.pk))
    return [_sheet(place, by_location[place], language) for place in places]


def _sheet(location: StockLocation, items: Sequence[PackageItem], language: str) -> PickSheet:
    packages = {item.package_id: item.package for item in items}
    lines: dict[tuple[str, str], list[PackageItem]] = defaultdict(list)
    for item in items:
        product = item.order_item.product
        lines[product.sku, item.selected_barcode or product.barcode].append(item)
    return PickSheet(
        language=language,
        drawn=clock.now().astimezone(local_zone()),
        location=" · ".join(filter(None, (location.name, location.erp_code))),
        packages=tuple(_package(package) for package in packages.values()),
        lines=tuple(_line(barcode, lines[sku, barcode], len(packages)) for sku, barcode in sorted(lines)),
    )


def _package(package: Package) -> PickedPackage:
    order = package.order
    return PickedPackage(package.number, order.number, order.has_gift_box)


def _line(barcode: str, items: Sequence[PackageItem], packages: int) -> GoodsLine:
    product = items[0].order_item.product
    return GoodsLine(
        sku=product.sku,
        barcode=barcode,
        name=product.name,
        quantity=sum((item.quantity for item in items), Decimal(0)),
        unit=product.unit_type if product.unit_type != "quantity" else "",
        packages=tuple(_owners(items)) if packages > 1 else (),
    )


def _owners(items: Iterable[PackageItem]) -> Iterable[tuple[str, Decimal]]:
    owners: dict[str, Decimal] = defaultdict(Decimal)
    for item in items:
        owners[item.package.number] += item.quantity
    return owners.items()
