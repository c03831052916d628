"""Customers and their addresses."""

from rest_framework import serializers

from packhouse.api.serializers import TimeField
from packhouse.api.v1.places import CitySerializer, CountrySerializer, DistrictSerializer, TownshipSerializer
from packhouse.api.v1.shapes.shape import Shape, coordinate, free, some_number, some_text
from packhouse.catalog.models import CustomerAddress


class CustomerSerializer(Shape):
    id = serializers.IntegerField()
    created_date = TimeField()
    modified_date = TimeField()
    omnitron_id = some_number()
    email = serializers.CharField()
    first_name = serializers.CharField()
    last_name = serializers.CharField()
    phone_number = some_text()
    erp_code = some_text()
    channel = some_number()
    user_type = some_text()


class CustomerAddressSerializer(Shape):
    id = serializers.IntegerField()
    created_date = TimeField()
    modified_date = TimeField()
    omnitron_id = some_number()
    address_type = serializers.ChoiceField(choices=CustomerAddress.Type.choices)
    title = serializers.CharField()
    first_name = serializers.CharField()
    last_name = serializers.CharField()
    email = serializers.CharField()
    phone_number = serializers.CharField()
    country = CountrySerializer(allow_null=True)
    city = CitySerializer(allow_null=True)
    township = TownshipSerializer(allow_null=True)
    district = DistrictSerializer(allow_null=True)
    line = serializers.CharField()
    postcode = some_text()
    notes = some_text()
    longitude = coordinate()
    latitude = coordinate()
    company_name = some_text()
    tax_office = some_text()
    tax_no = some_text()
    e_bill_taxpayer = serializers.BooleanField()
    identity_number = some_text()
    customer = some_number()
    retail_store = some_number()
    remote_id = some_text()
    extra_field = free()
    is_active = serializers.BooleanField()
