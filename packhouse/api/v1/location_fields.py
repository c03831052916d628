"""What a stock location and its address take: places that fit together, tags, channels, working hours."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from packhouse.api.v1.shapes.location import StockLocationAddressSerializer, TagSerializer
from packhouse.api.v1.shapes.shape import Shape
from packhouse.catalog.models import Channel, City, Country, District, Place, Township
from packhouse.locations.models import StockLocation, StockLocationAddress
from packhouse.planning.opening import WorkingHours

LONGEST_ID = 18
_LEVELS: dict[str, type[Place]] = {
    "country": Country,
    "city": City,
    "township": Township,
    "district": District,
}
_ABOVE = {"district": ("township", "city"), "township": ("city",), "city": ("country",), "country": ()}


def read_id(value: Any) -> int:
    """An id, or the object that carries it under `pk` or `id`. Raises ValidationError."""
    if isinstance(value, Mapping):
        value = value.get("pk", value.get("id"))
    text = str(value)
    if isinstance(value, bool | float) or not (text.isascii() and text.isdigit() and len(text) <= LONGEST_ID):
        raise ValidationError(_("Send an id, a whole number."))
    return int(text)


@extend_schema_field(OpenApiTypes.INT)
class _PlaceField(serializers.Field[Any, Any, Any, Any]):
    """A place by its `pk`, or the object as it was read."""

    def __init__(self, model: type[Place], **kwargs: Any) -> None:
        self._model = model
        super().__init__(required=False, allow_null=True, **kwargs)

    def to_internal_value(self, data: Any) -> Place:
        rows: QuerySet[Place] = QuerySet(self._model)
        found = rows.filter(pk=read_id(data)).first()
        if found is None:
            raise ValidationError(_("There is no such place."))
        return found

    def to_representation(self, value: Any) -> Any:
        return value


class AddressBodySerializer(Shape):
    """The keys of an address that may be written."""

    writable = frozenset(
        {
            *_LEVELS,
            *("mapping", "title", "is_active", "line", "postcode", "notes", "longitude", "latitude"),
        }
    )

    id = serializers.IntegerField()
    city = _PlaceField(City)
    country = _PlaceField(Country)
    township = _PlaceField(Township)
    district = _PlaceField(District)
    mapping = serializers.DictField(required=False, allow_null=True)
    title = serializers.CharField(required=False, max_length=255, allow_blank=True)
    is_active = serializers.BooleanField(required=False)
    line = serializers.CharField(required=False, max_length=2000, allow_blank=True)
    postcode = serializers.CharField(required=False, max_length=32, allow_blank=True, allow_null=True)
    notes = serializers.CharField(required=False, max_length=2000, allow_blank=True, allow_null=True)
    longitude = serializers.DecimalField(
        required=False, max_digits=12, decimal_places=8, allow_null=True, min_value=-180, max_value=180
    )
    latitude = serializers.DecimalField(
        required=False, max_digits=12, decimal_places=8, allow_null=True, min_value=-90, max_value=90
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Each place lies in the one above it; what is above and was left out is filled in."""
        for level in ("district", "township", "city"):
            place = attrs.get(level)
            for above in _ABOVE[level] if place is not None else ():
                own = getattr(place, above)
                if attrs.get(above) is None:
                    attrs[above] = own
                elif attrs[above] != own:
                    text = _("%(place)s does not lie in %(above)s.") % {"place": place, "above": attrs[above]}
                    raise ValidationError({level: [text]})
        return attrs


@extend_schema_field(StockLocationAddressSerializer(allow_null=True))
class AddressField(serializers.Field[Any, Any, Any, Any]):
    """Nested, or the id of one that is there, or null."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            given = AddressBodySerializer(data=data, partial=True)
            given.is_valid(raise_exception=True)
            return dict(given.validated_data)
        address_id = read_id(data)
        if not StockLocationAddress.objects.filter(pk=address_id).exists():
            raise ValidationError(_("There is no address with this id."))
        return address_id

    def to_representation(self, value: Any) -> Any:
        return value


@extend_schema_field(TagSerializer(many=True))
class TagsField(serializers.Field[Any, Any, Any, Any]):
    """A list of names, or of tags as they were read. New names make new tags."""

    def to_internal_value(self, data: Any) -> list[str]:
        if not isinstance(data, list):
            raise ValidationError(_("Send a list of names."))
        names = [item.get("name") if isinstance(item, Mapping) else item for item in data]
        if any(not isinstance(name, str) or not 0 < len(name.strip()) <= 64 for name in names):
            raise ValidationError(_("A tag has a name of 1 to 64 characters."))
        return list(dict.fromkeys(str(name).strip() for name in names))

    def to_representation(self, value: Any) -> Any:
        return value


class ChannelsField(serializers.ListField):
    """Ids of channels that are there."""

    def to_internal_value(self, data: Any) -> list[int]:
        wanted = list(dict.fromkeys(read_id(item) for item in super().to_internal_value(data)))
        known = set(Channel.objects.filter(pk__in=wanted).values_list("pk", flat=True))
        if unknown := [str(pk) for pk in wanted if pk not in known]:
            raise ValidationError(_("There is no channel %(ids)s.") % {"ids": ", ".join(unknown)})
        return wanted


class LocationsField(serializers.ListField):
    """Ids of locations that are there."""

    def to_internal_value(self, data: Any) -> list[int]:
        wanted = list(dict.fromkeys(read_id(item) for item in super().to_internal_value(data)))
        known = set(StockLocation.objects.filter(pk__in=wanted).values_list("pk", flat=True))
        if unknown := [str(pk) for pk in wanted if pk not in known]:
            raise ValidationError(_("There is no location %(ids)s.") % {"ids": ", ".join(unknown)})
        return wanted


class WorkingHoursField(serializers.DictField):
    """`{"mon": [["10:00", "22:00"]], "sun": []}`"""

    def to_internal_value(self, data: Any) -> Any:
        hours = super().to_internal_value(data)
        try:
            WorkingHours.parse(hours)
        except ValueError as error:
            raise ValidationError(str(error)) from None
        return hours
