"""Planning an order by hand: what waits is planned, what is planned but not packed is planned again (page 50)."""

from packhouse.commands.packages.reschedule_package import BY_ANYBODY, BY_THE_SYSTEM
from packhouse.kernel import outbox
from packhouse.orders.messages import PlanOrder, ReschedulePackage
from packhouse.packages.models import Package

NOT_PACKED = tuple(state.value for state in (*BY_ANYBODY, *BY_THE_SYSTEM))


def plan_again(order_id: int) -> None:
    """Ask workers to do it, in the caller's transaction; the execution plans tell the result."""
    packages = Package.objects.filter(order_id=order_id, state__in=NOT_PACKED).order_by("id")
    outbox.enqueue(
        [
            *(ReschedulePackage(package_id=pk) for pk in packages.values_list("pk", flat=True)),
            PlanOrder(order_id=order_id),
        ]
    )
