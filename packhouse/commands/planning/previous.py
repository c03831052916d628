"""Which package a newly planned one replaces."""

from packhouse.packages.models import PackageItem


def previous_packages(package_id: int | None) -> dict[int, int]:
    """By order item, the package whose items are planned again; empty when there is none."""
    if package_id is None:
        return {}
    items = PackageItem.objects.filter(package_id=package_id).values_list("order_item_id", flat=True)
    return dict.fromkeys(items, package_id)
