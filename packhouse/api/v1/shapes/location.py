"""Stock locations and their addresses."""

from rest_framework import serializers

from packhouse.api.serializers import TimeField
from packhouse.api.v1.places import CitySerializer, CountrySerializer, DistrictSerializer, TownshipSerializer
from packhouse.api.v1.shapes.shape import Shape, coordinate, free, id_list, some_number, some_text, text_list
from packhouse.locations.models import StockLocation


class StockLocationAddressSerializer(Shape):
    id = serializers.IntegerField()
    city = CitySerializer(allow_null=True)
    country = CountrySerializer(allow_null=True)
    township = TownshipSerializer(allow_null=True)
    district = DistrictSerializer(allow_null=True)
    mapping = free(allow_null=True)
    title = serializers.CharField()
    is_active = serializers.BooleanField()
    line = serializers.CharField()
    postcode = some_text()
    notes = some_text()
    longitude = coordinate()
    latitude = coordinate()


class TagSerializer(Shape):
    id = serializers.IntegerField()
    name = serializers.CharField()


class StockLocationSerializer(Shape):
    id = serializers.IntegerField()
    created_date = TimeField()
    modified_date = TimeField()
    omnitron_id = some_number()
    name = serializers.CharField()
    stock_location_type = serializers.ChoiceField(choices=StockLocation.Type.choices)
    erp_code = serializers.CharField()
    address = StockLocationAddressSerializer(allow_null=True)
    engine = some_number()
    tags = TagSerializer(many=True)
    is_fulfillment_center = serializers.BooleanField()
    is_pickup_location = serializers.BooleanField()
    is_delivery_location = serializers.BooleanField()
    is_return_available = serializers.BooleanField()
    is_fast_delivery_available = serializers.BooleanField()
    is_active = serializers.BooleanField()
    priority = serializers.IntegerField()
    conf = free()
    email = serializers.CharField()
    fax_number = serializers.CharField()
    daytime_phone = serializers.CharField()
    evening_phone = serializers.CharField()
    max_quota = some_number()
    quota = serializers.IntegerField()
    available_quota = some_number()
    target_packaging_time = some_number()
    exit_time = some_text()
    working_hours = free()
    channels = id_list()
    sequence = serializers.IntegerField()


class StockLocationRowSerializer(Shape):
    """A row of `stocklocations/list-simple/`: the address as id, tags by name."""

    id = serializers.IntegerField()
    created_date = TimeField()
    modified_date = TimeField()
    omnitron_id = some_number()
    name = serializers.CharField()
    stock_location_type = serializers.ChoiceField(choices=StockLocation.Type.choices)
    fax_number = serializers.CharField()
    erp_code = serializers.CharField()
    address = some_number()
    is_fulfillment_center = serializers.BooleanField()
    is_pickup_location = serializers.BooleanField()
    is_delivery_location = serializers.BooleanField()
    is_fast_delivery_available = serializers.BooleanField()
    is_return_available = serializers.BooleanField()
    is_active = serializers.BooleanField()
    priority = serializers.IntegerField()
    max_quota = some_number()
    quota = serializers.IntegerField()
    available_quota = some_number()
    email = serializers.CharField()
    daytime_phone = serializers.CharField()
    evening_phone = serializers.CharField()
    engine = some_number()
    tags = text_list()
