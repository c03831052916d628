"""What waits where: packages and transfers under way, by location."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django.db.models import Count, Min, Q, QuerySet
from rest_framework import serializers

from packhouse.api.filters import FlagFilter, StrictFilterSet, TextFilter, TextListFilter
from packhouse.api.lists import Document, DocumentListView, DocumentView
from packhouse.api.routes import route
from packhouse.api.v1.shapes.shape import Shape, some_number
from packhouse.kernel import clock
from packhouse.locations.models import StockLocation
from packhouse.packages.models import Package
from packhouse.packages.states import PackageStatus
from packhouse.transfers.models import TransferOrder
from packhouse.transfers.states import TransferStatus

WAITING = {
    "waiting": PackageStatus.WAITING,
    "preparing": PackageStatus.PREPARING,
    "waiting_for_transfer": PackageStatus.WAITING_FOR_TRANSFER,
    "ready_for_packaging": PackageStatus.READY_FOR_PACKAGING,
}
UNDER_WAY = {
    "waiting": TransferStatus.WAITING,
    "ready_to_shipment": TransferStatus.READY_TO_SHIPMENT,
    "in_transit": TransferStatus.IN_TRANSIT,
}


class LocationMovementSerializer(Shape):
    """`oldest_seconds`: age of the oldest package among them."""

    id = serializers.IntegerField()
    erp_code = serializers.CharField()
    name = serializers.CharField()
    waiting = serializers.IntegerField()
    preparing = serializers.IntegerField()
    waiting_for_transfer = serializers.IntegerField()
    ready_for_packaging = serializers.IntegerField()
    oldest_seconds = some_number()
    quota = serializers.IntegerField()
    available_quota = some_number()


class TransferCountsSerializer(Shape):
    waiting = serializers.IntegerField()
    ready_to_shipment = serializers.IntegerField()
    in_transit = serializers.IntegerField()
    oldest_seconds = some_number()


class TransferMovementSerializer(Shape):
    """What a location sends and receives."""

    id = serializers.IntegerField()
    erp_code = serializers.CharField()
    name = serializers.CharField()
    sent = TransferCountsSerializer()
    received = TransferCountsSerializer()


class MovementFilterSet(StrictFilterSet):
    erp_code = TextFilter("erp_code")
    erp_code__in = TextListFilter("erp_code")
    stock_location_type = TextFilter("stock_location_type")
    is_active = FlagFilter("is_active")


class _Movements(DocumentView):
    rows = StockLocation.objects.all()
    serializer_class: ClassVar[type[Shape]] = LocationMovementSerializer
    access = "aos"
    location_paths = ("id",)


class LocationMovementsView(_Movements, DocumentListView):
    """Packages that a location still has to work on."""

    filterset_class = MovementFilterSet

    def documents(self, ids: Sequence[int]) -> Iterable[Document]:
        """Two statements."""
        found = StockLocation.objects.in_bulk(list(ids))
        packages = Package.objects.filter(stock_location__in=list(found))
        counts = _counted(packages, "stock_location", WAITING)
        for pk in ids:
            if location := found.get(pk):
                yield {
                    **_named(location),
                    **counts.get(pk, _nothing(WAITING)),
                    "quota": location.quota,
                    "available_quota": location.available_quota,
                }


class TransferMovementsView(_Movements, DocumentListView):
    """Transfers under way from and to a location."""

    serializer_class = TransferMovementSerializer
    filterset_class = MovementFilterSet

    def documents(self, ids: Sequence[int]) -> Iterable[Document]:
        """Three statements."""
        found = StockLocation.objects.in_bulk(list(ids))
        transfers = TransferOrder.objects.all()
        sent = _counted(transfers.filter(source__in=list(found)), "source", UNDER_WAY)
        received = _counted(transfers.filter(destination__in=list(found)), "destination", UNDER_WAY)
        for pk in ids:
            if location := found.get(pk):
                none = _nothing(UNDER_WAY)
                yield {**_named(location), "sent": sent.get(pk, none), "received": received.get(pk, none)}


def _named(location: StockLocation) -> Document:
    return {"id": location.pk, "erp_code": location.erp_code, "name": location.name}


def _nothing(states: Mapping[str, Any]) -> Document:
    return {**dict.fromkeys(states, 0), "oldest_seconds": None}


def _counted(rows: QuerySet[Any], by: str, states: Mapping[str, Any]) -> dict[int, Document]:
    """How many rows are in each of the states, and the age of the oldest, by location."""
    counts = {name: Count("pk", filter=Q(state=state.value)) for name, state in states.items()}
    grouped = (
        rows.filter(state__in=[state.value for state in states.values()])
        .order_by()
        .values(by)
        .annotate(**counts, oldest=Min("created_date"))
    )
    now = clock.now()
    return {
        row[by]: {**{name: row[name] for name in states}, "oldest_seconds": _age(row["oldest"], now)}
        for row in grouped
    }


def _age(since: datetime, now: datetime) -> int:
    return int((now - since).total_seconds())


routes = [
    route("dashboard/location-movements/", LocationMovementsView),
    route("dashboard/transfer-movements/", TransferMovementsView),
]
