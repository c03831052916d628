"""State rows and content types: what ids on the wire mean in this installation."""

from typing import Any, ClassVar

from django.contrib.contenttypes.models import ContentType
from rest_framework import serializers

from packhouse.api.editing import READ_AND_PATCH, EditableView
from packhouse.api.filters import NumberFilter, StrictFilterSet, TextFilter, TextListFilter
from packhouse.api.lists import DocumentListView
from packhouse.api.routes import route
from packhouse.api.serializers import StrictModelSerializer
from packhouse.kernel import version
from packhouse.kernel.models import State


class StateSerializer(StrictModelSerializer):
    """`translations`: `{"tr-tr": {"name": "Paketlendi"}}`."""

    translations = serializers.DictField(
        child=serializers.DictField(child=serializers.CharField(max_length=64)),
        allow_null=True,
        required=False,
    )
    config = serializers.DictField(required=False)

    class Meta:
        model = State
        fields = (
            "id",
            "created_date",
            "modified_date",
            "translations",
            "name",
            "config",
            "enum_class",
            "enum_value",
            "content_type",
        )
        read_only_fields = ("created_date", "modified_date", "enum_class", "enum_value", "content_type")


class StateFilterSet(StrictFilterSet):
    enum_class = TextFilter("enum_class")
    enum_value = TextFilter("enum_value")
    enum_value__in = TextListFilter("enum_value")
    content_type = NumberFilter("content_type")


class StateListView(DocumentListView):
    rows = State.objects.all()
    serializer_class = StateSerializer
    filterset_class = StateFilterSet


class StateView(EditableView):
    """PATCH takes `name`, `translations` and `config`; what a state means is fixed."""

    access = {"GET": "aosi", "PATCH": "A"}
    rows = State.objects.all()
    serializer_class = StateSerializer
    http_method_names = READ_AND_PATCH

    def save(self, serializer: Any) -> None:
        serializer.save()
        version.raise_version()


class ContentTypeSerializer(StrictModelSerializer):
    class Meta:
        model = ContentType
        fields = ("id", "app_label", "model")
        read_only_fields = fields


class ContentTypeFilterSet(StrictFilterSet):
    created_date__gt = created_date__gte = created_date__lt = created_date__lte = None
    modified_date__gt = modified_date__gte = modified_date__lt = modified_date__lte = None
    app_label = TextFilter("app_label")
    model = TextFilter("model")


class ContentTypeListView(DocumentListView):
    rows = ContentType.objects.all()
    serializer_class = ContentTypeSerializer
    filterset_class = ContentTypeFilterSet
    sorts: ClassVar[dict[str, str]] = {"app_label": "app_label", "model": "model"}


routes = [
    route("states/", StateListView),
    route("states/<id:id>/", StateView),
    route("content_types/", ContentTypeListView),
]
