"""Which rows a caller may see, where they belong to a location or channel through packages (page 50)."""

from typing import Any, NamedTuple

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from packhouse.api import permissions
from packhouse.kernel.accounts import Actor
from packhouse.kernel.errors import NotFound, PermissionDenied
from packhouse.packages.models import Package
from packhouse.transfers.models import TransferOrder

Rows = QuerySet[Any]


class Paths(NamedTuple):
    """From a row to the locations it belongs to, and to its channel."""

    locations: tuple[str, ...]
    channel: str | None


PACKAGE = Paths(("stock_location",), "order__channel")
PACKAGE_PART = Paths(("package__stock_location",), "package__order__channel")
TRANSFER = Paths(("source", "destination"), "package__order__channel")
TRANSFER_PART = Paths(
    ("transfer_order__source", "transfer_order__destination"), "transfer_order__package__order__channel"
)


def bound(actor: Actor) -> bool:
    """The actor sees the rows of some locations or channels only."""
    return actor.location_ids is not None or actor.channel_ids is not None


def own(rows: Rows, actor: Actor, paths: Paths) -> Rows:
    """Those of the actor's locations and channels."""
    return permissions.visible(rows, actor, locations=paths.locations, channel=paths.channel)


def own_packages(actor: Actor) -> QuerySet[Package]:
    """The packages that the actor may see."""
    return own(Package.objects.all(), actor, PACKAGE)


def through_orders(rows: Rows, actor: Actor, order: str, channel: str) -> Rows:
    """Rows whose order (path `order`) is of the actor's channels and has a package at one of its locations."""
    if actor.channel_ids is not None:
        rows = rows.filter(**{f"{channel}__in": list(actor.channel_ids)})
    if actor.location_ids is not None:
        orders = Package.objects.filter(stock_location__in=list(actor.location_ids)).values("order")
        rows = rows.filter(**{f"{order}__in": orders})
    return rows


def shipments(rows: Rows, actor: Actor) -> Rows:
    """Shipments of the actor's packages, and of transfers it sends or receives."""
    if actor.location_ids is not None:
        own = list(actor.location_ids)
        rows = rows.filter(
            Q(package__stock_location__in=own)
            | Q(transfer_order__source__in=own)
            | Q(transfer_order__destination__in=own)
        )
    if actor.channel_ids is not None:
        own = list(actor.channel_ids)
        rows = rows.filter(
            Q(package__order__channel__in=own) | Q(transfer_order__package__order__channel__in=own)
        )
    return rows


def check(visible: Rows, every: Rows, id: int, kind: str) -> None:
    """Raises NotFound, PermissionDenied for another's row."""
    if visible.filter(pk=id).exists():
        return
    if every.filter(pk=id).exists():
        raise PermissionDenied(_("This belongs to another location or channel."))
    raise NotFound(_("There is no %(kind)s %(id)s.") % {"kind": kind, "id": id})


def check_package(actor: Actor, id: int) -> None:
    """Raises NotFound, PermissionDenied."""
    check(own_packages(actor), Package.objects.all(), id, "package")


def check_transfer(actor: Actor, id: int) -> None:
    """Raises NotFound, PermissionDenied."""
    every = TransferOrder.objects.all()
    check(own(every, actor, TRANSFER), every, id, "transfer order")
