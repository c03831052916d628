"""Mirrored reference data: channels, cargo companies, products, reasons for cancelling."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from rest_framework import serializers

from packhouse.api.editing import READ_AND_PATCH, EditableView
from packhouse.api.filters import (
    FlagFilter,
    HoldsFilter,
    NumberFilter,
    StrictFilterSet,
    TextFilter,
    TextListFilter,
)
from packhouse.api.lists import Document, DocumentDetailView, DocumentListView, DocumentView
from packhouse.api.routes import route
from packhouse.api.serializers import SealedField, StrictModelSerializer
from packhouse.catalog.configuration import IS_SECRET, CargoConfiguration, ChannelConfiguration
from packhouse.catalog.models import CancellationReason, CargoCompany, Channel, Product, ProductImage
from packhouse.payloads import product as product_payload


class ChannelSerializer(StrictModelSerializer):
    type = serializers.CharField(source="channel_type", read_only=True)
    configuration = SealedField(shape=ChannelConfiguration, is_secret=IS_SECRET)

    class Meta:
        model = Channel
        fields = (
            "id",
            "name",
            "omnitron_id",
            "created_date",
            "modified_date",
            "type",
            "channel_type",
            "configuration",
            "is_active",
        )
        read_only_fields = ("name", "omnitron_id", "created_date", "modified_date", "channel_type")


class ChannelFilterSet(StrictFilterSet):
    name = TextFilter("name", "icontains")
    omnitron_id = NumberFilter("omnitron_id")
    channel_type = TextFilter("channel_type")
    is_active = FlagFilter("is_active")


class ChannelListView(DocumentListView):
    rows = Channel.objects.all()
    serializer_class = ChannelSerializer
    filterset_class = ChannelFilterSet
    channel_path = "id"


class ChannelView(EditableView):
    """PATCH takes `configuration` and `is_active`."""

    access = {"GET": "aosi", "PATCH": "A"}
    rows = Channel.objects.all()
    serializer_class = ChannelSerializer
    channel_path = "id"
    http_method_names = READ_AND_PATCH


class CargoCompanySerializer(StrictModelSerializer):
    configuration = SealedField(shape=CargoConfiguration, is_secret=IS_SECRET)

    class Meta:
        model = CargoCompany
        fields = (
            "id",
            "omnitron_id",
            "name",
            "erp_code",
            "shipping_company",
            "is_active",
            "configuration",
            "created_date",
            "modified_date",
        )
        read_only_fields = ("omnitron_id", "created_date", "modified_date")


class CargoCompanyFilterSet(StrictFilterSet):
    name = TextFilter("name", "icontains")
    erp_code = TextFilter("erp_code")
    erp_code__in = TextListFilter("erp_code")
    omnitron_id = NumberFilter("omnitron_id")
    shipping_company = TextFilter("shipping_company")
    is_active = FlagFilter("is_active")


class CargoCompanyListView(DocumentListView):
    rows = CargoCompany.objects.all()
    serializer_class = CargoCompanySerializer
    filterset_class = CargoCompanyFilterSet


class CargoCompanyView(EditableView):
    """Secrets in `configuration` read `********`; sent back, they keep what is stored."""

    access = {"GET": "aosi", "PATCH": "A"}
    rows = CargoCompany.objects.all()
    serializer_class = CargoCompanySerializer
    http_method_names = READ_AND_PATCH


class ProductImageSerializer(serializers.ModelSerializer[ProductImage]):
    class Meta:
        model = ProductImage
        fields = ("order", "id", "url", "product")


class ProductSerializer(StrictModelSerializer):
    productimage_set = ProductImageSerializer(source="images", many=True, read_only=True)

    class Meta:
        model = Product
        fields = (
            "id",
            "productimage_set",
            "created_date",
            "modified_date",
            "omnitron_id",
            "name",
            "base_code",
            "sku",
            "barcode",
            "attributes",
            "attributes_kwargs",
            "extra_attributes",
            "remote_modified_date",
            "barcodes",
            "unit_type",
        )
        read_only_fields = fields


class ProductFilterSet(StrictFilterSet):
    sku = TextFilter("sku")
    sku__in = TextListFilter("sku")
    barcode = HoldsFilter("barcodes", help_text="any of the product's barcodes")
    omnitron_id = NumberFilter("omnitron_id")
    base_code = TextFilter("base_code")
    name = TextFilter("name", "icontains")
    is_active = FlagFilter("is_active")


class _Products(DocumentView):
    rows = Product.objects.all()
    serializer_class = ProductSerializer

    def documents(self, ids: Sequence[int]) -> Iterable[Document]:
        return product_payload.documents(ids).values()


class ProductListView(_Products, DocumentListView):
    filterset_class = ProductFilterSet


class ProductView(_Products, DocumentDetailView):
    pass


class CancellationReasonSerializer(StrictModelSerializer):
    class Meta:
        model = CancellationReason
        fields = (
            "id",
            "cancellation_type",
            "created_date",
            "modified_date",
            "omnitron_id",
            "subject",
            "order",
            "is_active",
            "send_to_remote",
            "send_to_oms",
            "extra_information_needed",
            "translations",
            "uuid",
        )
        read_only_fields = fields


class CancellationReasonFilterSet(StrictFilterSet):
    cancellation_type = TextFilter("cancellation_type")
    omnitron_id = NumberFilter("omnitron_id")
    is_active = FlagFilter("is_active")


class CancellationReasonListView(DocumentListView):
    rows = CancellationReason.objects.all()
    serializer_class = CancellationReasonSerializer
    filterset_class = CancellationReasonFilterSet
    sorts: ClassVar[dict[str, str]] = {"order": "order"}


class CancellationReasonView(DocumentDetailView):
    rows = CancellationReason.objects.all()
    serializer_class = CancellationReasonSerializer


routes = [
    route("channels/", ChannelListView),
    route("channels/<id:id>/", ChannelView),
    route("cargo-companies/", CargoCompanyListView),
    route("cargo-companies/<id:id>/", CargoCompanyView),
    route("cargo_companies/", CargoCompanyListView, alias=True),
    route("cargo_companies/<id:id>/", CargoCompanyView, alias=True),
    route("cancellation-reasons/", CancellationReasonListView),
    route("cancellation-reasons/<id:id>/", CancellationReasonView),
    route("products/", ProductListView),
    route("products/<id:id>/", ProductView),
]
