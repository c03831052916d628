"""Stock locations: lists, details, and changes by hand."""

from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.validators import UniqueValidator

from packhouse.api import etags, formats
from packhouse.api.auth import actor_of
from packhouse.api.editing import EditableView
from packhouse.api.filters import FlagFilter, NumberFilter, StrictFilterSet, TextFilter, TextListFilter
from packhouse.api.lists import Document, DocumentListView, DocumentView, SimpleListView
from packhouse.api.routes import route
from packhouse.api.v1.location_fields import AddressField, ChannelsField, TagsField, WorkingHoursField
from packhouse.api.v1.shapes.location import StockLocationRowSerializer, StockLocationSerializer
from packhouse.api.v1.shapes.shape import Shape
from packhouse.api.views import no_content
from packhouse.commands.locations.edit_location import change_location, create_location
from packhouse.kernel.accounts import Actor
from packhouse.kernel.errors import PermissionDenied
from packhouse.kernel.models import Role, Scope
from packhouse.locations.models import StockLocation
from packhouse.payloads import location as payload

FLAGS = (
    "is_fulfillment_center",
    "is_pickup_location",
    "is_delivery_location",
    "is_return_available",
    "is_fast_delivery_available",
    "is_active",
)
_BIG = 2**31 - 1


def _text(length: int) -> serializers.CharField:
    return serializers.CharField(required=False, max_length=length, allow_blank=True)


def _count(**kwargs: Any) -> serializers.IntegerField:
    return serializers.IntegerField(required=False, allow_null=True, min_value=0, max_value=_BIG, **kwargs)


class EditableStockLocationSerializer(StockLocationSerializer):
    """A location as it may be written. `quota` and `available_quota` move by themselves."""

    writable = frozenset(
        {
            *FLAGS,
            *("name", "stock_location_type", "erp_code", "address", "engine", "tags", "priority", "conf"),
            *("email", "fax_number", "daytime_phone", "evening_phone", "max_quota", "target_packaging_time"),
            *("exit_time", "working_hours", "channels"),
        }
    )

    name = serializers.CharField(max_length=255)
    stock_location_type = serializers.ChoiceField(choices=StockLocation.Type.choices)
    erp_code = serializers.CharField(
        max_length=64, validators=[UniqueValidator(queryset=StockLocation.objects.all())]
    )
    address = AddressField(required=False, allow_null=True)  # type: ignore[assignment]
    engine = _count()
    tags = TagsField(required=False)  # type: ignore[assignment]
    is_fulfillment_center = serializers.BooleanField(required=False)
    is_pickup_location = serializers.BooleanField(required=False)
    is_delivery_location = serializers.BooleanField(required=False)
    is_return_available = serializers.BooleanField(required=False)
    is_fast_delivery_available = serializers.BooleanField(required=False)
    is_active = serializers.BooleanField(required=False)
    priority = serializers.IntegerField(required=False, min_value=-_BIG, max_value=_BIG)
    conf = serializers.DictField(required=False)
    email = _text(254)
    fax_number = _text(64)
    daytime_phone = _text(64)
    evening_phone = _text(64)
    max_quota = _count()
    target_packaging_time = _count(help_text="minutes")
    exit_time = serializers.TimeField(required=False, allow_null=True, format="%H:%M")  # type: ignore[assignment]
    working_hours = WorkingHoursField(required=False)
    channels = ChannelsField(required=False)


class StockLocationFilterSet(StrictFilterSet):
    erp_code = TextFilter("erp_code")
    erp_code__in = TextListFilter("erp_code")
    name = TextFilter("name", "icontains")
    stock_location_type = TextFilter("stock_location_type")
    is_fulfillment_center = FlagFilter("is_fulfillment_center")
    is_pickup_location = FlagFilter("is_pickup_location")
    is_delivery_location = FlagFilter("is_delivery_location")
    is_return_available = FlagFilter("is_return_available")
    is_fast_delivery_available = FlagFilter("is_fast_delivery_available")
    is_active = FlagFilter("is_active")
    tag = TextFilter("tags__name")
    engine = NumberFilter("engine")
    city = NumberFilter("address__city")
    channel = NumberFilter("channels")
    omnitron_id = NumberFilter("omnitron_id")


class _Locations(DocumentView):
    rows = StockLocation.objects.all()
    serializer_class: ClassVar[type[Shape]] = EditableStockLocationSerializer
    access = "AoSI"
    scope = Scope.LOCATIONS
    location_paths = ("id",)

    def documents(self, ids: Sequence[int]) -> Iterable[Document]:
        return payload.documents(ids).values()


class StockLocationListView(_Locations, DocumentListView):
    """Stores and warehouses."""

    filterset_class = StockLocationFilterSet
    sorts: ClassVar[dict[str, str]] = {"name": "name", "erp_code": "erp_code", "priority": "priority"}
    extra_formats = formats.EXPORTS
    file_name = "stock-locations"

    def post(self, request: Request) -> Response:
        """A new location; `name`, `erp_code` and `stock_location_type` are needed."""
        actor = actor_of(request)
        if actor.role == Role.STORE or actor.location_ids is not None:
            raise PermissionDenied(_("You may only change the locations you work at."))
        given = self.get_serializer(data=request.data)
        given.is_valid(raise_exception=True)
        created = create_location(given.validated_data)
        (document,) = self.documents([created])
        return etags.answer(document, HTTPStatus.CREATED)


class StockLocationSimpleListView(SimpleListView):
    """Locations in flat rows, for reporting tools."""

    rows = StockLocation.objects.all()
    serializer_class = StockLocationRowSerializer
    scope = Scope.LOCATIONS
    filterset_class = StockLocationFilterSet
    location_paths = ("id",)
    file_name = "stock-locations"

    def documents(self, ids: Sequence[int]) -> Iterable[Document]:
        return payload.flat_documents(ids).values()


class StockLocationView(_Locations, EditableView):
    """One location. A store user may PATCH `working_hours` and nothing else."""

    def change(self, request: Request, id: int, *, partial: bool) -> Response:
        if actor_of(request).role == Role.STORE:
            self.check_visible(id)
            _only_working_hours(request, partial=partial)
        return super().change(request, id, partial=partial)

    def save(self, serializer: Any) -> None:
        change_location(serializer.instance.pk, serializer.validated_data)

    def delete(self, request: Request, id: int) -> Response:
        """Switched off, not removed: packages were made there."""
        _no_store_user(actor_of(request))
        self.check_visible(id)
        change_location(id, {"is_active": False})
        return no_content()


def _no_store_user(actor: Actor) -> None:
    if actor.role == Role.STORE:
        raise PermissionDenied(_("A store may only change its working hours."))


def _only_working_hours(request: Request, *, partial: bool) -> None:
    writable = EditableStockLocationSerializer.writable - {"working_hours"}
    others = sorted(writable & set(request.data)) if isinstance(request.data, dict) else []
    if others or not partial:
        raise PermissionDenied(_("A store may only change its working hours."))


_VIEWS = {
    "": StockLocationListView,
    "list-simple/": StockLocationSimpleListView,
    "<id:id>/": StockLocationView,
}
routes = [
    *(route(f"stocklocations/{rest}", view) for rest, view in _VIEWS.items()),
    *(route(f"stock_locations/{rest}", view, alias=True) for rest, view in _VIEWS.items()),
]
