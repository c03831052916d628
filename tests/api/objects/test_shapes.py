"""Descriptions (for OPTIONS, the schema and exports) say what the documents really hold."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from rest_framework import serializers

from packhouse.api.v1.shapes.location import StockLocationRowSerializer, StockLocationSerializer
from packhouse.api.v1.shapes.order import OrderSerializer
from packhouse.api.v1.shapes.package import (
    PackageItemRowSerializer,
    PackageSerializer,
    ShortPackageSerializer,
)
from packhouse.api.v1.shapes.transfer import ShortTransferOrderSerializer, TransferOrderSerializer
from packhouse.payloads import location, order, package, transfer
from tests.payloads.worlds import a_whole_package, a_whole_transfer

pytestmark = pytest.mark.django_db


def unlike(document: Any, shape: Any, path: str = "") -> Iterator[str]:
    """Where a document has other keys, or other kinds of values, than its description."""
    if isinstance(shape, serializers.ListSerializer):
        for n, item in enumerate(document):
            yield from unlike(item, shape.child, f"{path}.{n}")
    elif isinstance(shape, serializers.BaseSerializer):
        if document is None:
            if not shape.allow_null:
                yield f"{path}: null"
            return
        fields: Mapping[str, Any] = shape.fields  # type: ignore[attr-defined]
        yield from (f"{path}.{key}: not described" for key in document if key not in fields)
        yield from (f"{path}.{key}: missing" for key in fields if key not in document)
        for key, field in fields.items():
            yield from unlike(document.get(key), field, f"{path}.{key}")
    elif document is None:
        if not shape.allow_null:
            yield f"{path}: null"
    elif not isinstance(document, KINDS.get(type(shape).__name__, str)):
        yield f"{path}: {document!r} is no {type(shape).__name__}"


WHOLE = ("Integer", "BigInteger", "PrimaryKeyRelated")
KINDS: dict[str, Any] = {
    **{f"{name}Field": int for name in WHOLE},
    "FloatField": (int, float),
    "BooleanField": bool,
    "FlagField": bool,
    "DictField": dict,
    "ListField": list,
    "ManyRelatedField": list,
    "JSONField": (dict, list),
}


@pytest.mark.parametrize(
    ("shape", "read"),
    [
        (PackageSerializer, package.documents),
        (ShortPackageSerializer, package.short_documents),
    ],
)
def test_packages(shape: Any, read: Any) -> None:
    made = a_whole_package()

    assert list(unlike(read([made.pk])[made.pk], shape())) == []


def test_items_orders_and_locations() -> None:
    made = a_whole_package()
    item = made.items.first()
    assert item

    assert list(unlike(package.item_documents([item.pk])[item.pk], PackageItemRowSerializer())) == []
    assert list(unlike(order.documents([made.order_id])[made.order_id], OrderSerializer())) == []
    place = made.stock_location_id
    assert list(unlike(location.documents([place])[place], StockLocationSerializer())) == []
    assert list(unlike(location.flat_documents([place])[place], StockLocationRowSerializer())) == []


def test_transfers() -> None:
    made = a_whole_transfer()

    whole = transfer.documents([made.pk], nested=True)[made.pk]
    assert list(unlike(whole, TransferOrderSerializer())) == []
    assert list(unlike(transfer.short_documents([made.pk])[made.pk], ShortTransferOrderSerializer())) == []
