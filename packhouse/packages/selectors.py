"""Reads on packages."""

from packhouse.kernel.machine import content_type_id
from packhouse.kernel.models import StateTransitionLog
from packhouse.packages.models import Package
from packhouse.packages.states import PackageStatus


def former_state(package_id: int) -> PackageStatus | None:
    """The state from which the package entered its present one, read from the log; None when it is not known.

    A package that was split off in its present state came there with the package it was split off from.
    """
    found: int | None = package_id
    state = Package.objects.values_list("state", flat=True).get(pk=package_id)
    while found is not None:
        entered = (
            StateTransitionLog.objects.filter(
                content_type_id=content_type_id("package"), object_id=found, new_state__enum_value=state
            )
            .order_by("-id")
            .values_list("old_state__enum_value", flat=True)[:1]
        )
        values = list(entered)
        if not values or values[0] is not None:
            return PackageStatus(values[0]) if values else None
        found = Package.objects.values_list("previous_package_id", flat=True).get(pk=found)
    return None
