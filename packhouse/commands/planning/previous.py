"""Which package a newly planned one replaces."""

from collections.abc import Collection

from packhouse.packages.models import PackageItem


def previous_packages(package_id: int | None) -> dict[int, int]:
    """By order item, the package whose items are planned again; empty when there is none."""
    return previous_of([] if package_id is None else [package_id])


def previous_of(package_ids: Collection[int]) -> dict[int, int]:
    """The same for several packages; the last one that held an order item counts."""
    if not package_ids:
        return {}
    items = PackageItem.objects.filter(package_id__in=package_ids).order_by("package_id")
    return dict(items.values_list("order_item_id", "package_id"))
