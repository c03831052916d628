"""Countries, cities, townships, districts. Geo objects answer `pk` where all others answer `id` (published)."""

from typing import ClassVar

from packhouse.api.filters import FlagFilter, NumberFilter, StrictFilterSet, TextFilter
from packhouse.api.lists import DocumentDetailView, DocumentListView
from packhouse.api.routes import route
from packhouse.api.serializers import StrictModelSerializer
from packhouse.catalog.models import City, Country, District, Township


class CountrySerializer(StrictModelSerializer):
    class Meta:
        model = Country
        fields = ("pk", "name", "code", "is_active", "longitude", "latitude")
        read_only_fields = fields


class CitySerializer(StrictModelSerializer):
    class Meta:
        model = City
        fields = ("pk", "name", "country", "is_active", "longitude", "latitude")
        read_only_fields = fields


class TownshipSerializer(StrictModelSerializer):
    class Meta:
        model = Township
        fields = ("pk", "name", "city", "is_active", "longitude", "latitude")
        read_only_fields = fields


class DistrictSerializer(StrictModelSerializer):
    class Meta:
        model = District
        fields = ("pk", "name", "city", "township", "is_active", "longitude", "latitude")
        read_only_fields = fields


class PlaceFilterSet(StrictFilterSet):
    name = TextFilter("name", "iexact")
    omnitron_id = NumberFilter("omnitron_id")
    is_active = FlagFilter("is_active")


class CountryFilterSet(PlaceFilterSet):
    code = TextFilter("code", "iexact")


class CityFilterSet(PlaceFilterSet):
    country = NumberFilter("country")


class TownshipFilterSet(PlaceFilterSet):
    country = NumberFilter("city__country")
    city = NumberFilter("city")


class DistrictFilterSet(PlaceFilterSet):
    country = NumberFilter("city__country")
    city = NumberFilter("city")
    township = NumberFilter("township")


class _PlaceListView(DocumentListView):
    sorts: ClassVar[dict[str, str]] = {"name": "name"}


class CountryListView(_PlaceListView):
    rows = Country.objects.all()
    serializer_class = CountrySerializer
    filterset_class = CountryFilterSet


class CountryView(DocumentDetailView):
    rows = Country.objects.all()
    serializer_class = CountrySerializer


class CityListView(_PlaceListView):
    rows = City.objects.all()
    serializer_class = CitySerializer
    filterset_class = CityFilterSet


class CityView(DocumentDetailView):
    rows = City.objects.all()
    serializer_class = CitySerializer


class TownshipListView(_PlaceListView):
    rows = Township.objects.all()
    serializer_class = TownshipSerializer
    filterset_class = TownshipFilterSet


class TownshipView(DocumentDetailView):
    rows = Township.objects.all()
    serializer_class = TownshipSerializer


class DistrictListView(_PlaceListView):
    rows = District.objects.all()
    serializer_class = DistrictSerializer
    filterset_class = DistrictFilterSet


class DistrictView(DocumentDetailView):
    rows = District.objects.all()
    serializer_class = DistrictSerializer


routes = [
    route("countries/", CountryListView),
    route("countries/<id:id>/", CountryView),
    route("cities/", CityListView),
    route("cities/<id:id>/", CityView),
    route("townships/", TownshipListView),
    route("townships/<id:id>/", TownshipView),
    route("districts/", DistrictListView),
    route("districts/<id:id>/", DistrictView),
]
