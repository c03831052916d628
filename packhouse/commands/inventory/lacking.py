"""Packages that wait for stock are planned again as soon as some of it is there (page 30, "Out of stock")."""

from collections.abc import Collection

from packhouse.kernel import outbox
from packhouse.orders.messages import ReschedulePackage
from packhouse.packages.models import Package
from packhouse.packages.states import PackageStatus


def plan_what_lacked(skus: Collection[str]) -> None:
    """Ask for the packages that lack one of these SKUs, of which more is free now. One statement to find them."""
    if not skus:
        return
    lacking = Package.objects.filter(
        state=PackageStatus.OUT_OF_STOCK.value, items__order_item__product__sku__in=skus
    ).distinct()
    ids = lacking.order_by("id").values_list("id", flat=True)
    outbox.enqueue([ReschedulePackage(package_id=package_id) for package_id in ids])
