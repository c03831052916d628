"""Package items: the whole rows, and the older form outside the base."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from packhouse.api.lists import Document, DocumentDetailView, DocumentListView, DocumentView
from packhouse.api.routes import route
from packhouse.api.v1 import visibility
from packhouse.api.v1.package_filters import PackageItemFilterSet
from packhouse.api.v1.shapes.package import OldPackageItemSerializer, PackageItemRowSerializer
from packhouse.api.v1.shapes.shape import Shape
from packhouse.packages.models import PackageItem
from packhouse.payloads import package as payload


class _Items(DocumentView):
    rows = PackageItem.objects.all()
    serializer_class: ClassVar[type[Shape]] = PackageItemRowSerializer
    location_paths = visibility.PACKAGE_PART.locations
    channel_path = visibility.PACKAGE_PART.channel

    def documents(self, ids: Sequence[int]) -> Iterable[Document]:
        return payload.item_documents(ids).values()


class PackageItemListView(_Items, DocumentListView):
    """Items of packages, each with its order item and its short package."""

    filterset_class = PackageItemFilterSet


class PackageItemView(_Items, DocumentDetailView):
    """One item of a package."""


class _OldItems(_Items):
    serializer_class = OldPackageItemSerializer

    def documents(self, ids: Sequence[int]) -> Iterable[Document]:
        return [_old_form(row) for row in super().documents(ids)]


def _old_form(row: Document) -> Document:
    reason = row["denial_reason"]
    flat = {
        **row,
        "package": row["package"]["id"],
        "order_item": row["order_item"]["id"],
        "denial_reason": reason and reason["id"],
    }
    del flat["quantity"]
    return flat


class OldPackageItemListView(_OldItems, DocumentListView):
    """The same items in the older form."""

    filterset_class = PackageItemFilterSet


class OldPackageItemView(_OldItems, DocumentDetailView):
    """One item in the older form."""


routes = [
    route("packages/package-items/", PackageItemListView),
    route("packages/package-items/<id:id>/", PackageItemView),
    route("package-item/", OldPackageItemListView, alias=True),
    route("package-item/<id:id>/", OldPackageItemView, alias=True),
]
outside = [
    route("package-item/", OldPackageItemListView),
    route("package-item/<id:id>/", OldPackageItemView),
]
