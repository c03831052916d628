"""Products, as the back office describes them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connection

from packhouse.catalog.models import Product, ProductImage
from packhouse.commands.orders.mirrored_rows import Row, copy_rows
from packhouse.commands.orders.order_document import ProductPart
from packhouse.kernel import settings_store

_OWN_BARCODE = """
UPDATE catalog_product SET barcodes = barcode || barcodes
WHERE id = ANY(%s) AND barcode <> '' AND NOT barcode = ANY(barcodes)
"""


def copy_products(parts: Iterable[ProductPart]) -> dict[int, int]:
    """Copied by id (a product of ours with the same SKU becomes the one); our id by theirs, and their images.

    Parts without SKU are left out: there is nothing to call them by.
    """
    named = {part.pk: part for part in parts if part.pk is not None and part.sku}
    attribute = settings_store.get("PRODUCT_BARCODE_ATTRIBUTE")
    copied = copy_rows(
        Product,
        [_row(part, attribute) for part in named.values()],
        natural_key="sku",
        only_new=("barcodes", "unit_type"),
    )
    if copied.changed:
        with connection.cursor() as cursor:
            cursor.execute(_OWN_BARCODE, [list(copied.changed)])
        changed = {theirs: ours for theirs, ours in copied.ids.items() if ours in copied.changed}
        _copy_images({ours: named[theirs] for theirs, ours in changed.items()})
    return dict(copied.ids)


def _row(part: ProductPart, attribute: str) -> Row:
    attributes = part.attributes or {}
    barcode = str(attributes.get(attribute) or part.barcode or part.sku or "")[:128]
    images = _images(part.productimage_set)
    return {
        "omnitron_id": part.pk,
        "sku": part.sku,
        "base_code": part.base_code or "",
        "name": part.name or part.sku,
        "barcode": barcode,
        "barcodes": [barcode],
        "unit_type": part.unit_type or "quantity",
        "attributes": attributes,
        "attributes_kwargs": part.attributes_kwargs or {},
        "extra_attributes": part.extra_attributes or {},
        "is_active": part.is_active is not False,
        "remote_modified_date": part.modified_date,
        "remote_data": {**part.rest, **({"images": images} if images else {})},
    }


def _images(given: Sequence[Mapping[str, Any]] | None) -> list[dict[str, Any]]:
    """What is kept of images: `omnitron_id`, `order`, `url`."""
    images = []
    for position, image in enumerate(given or []):
        url = image.get("url") or image.get("image") or image.get("remote_url")
        if isinstance(url, str) and image.get("is_active") is not False:
            pk, order = image.get("pk", image.get("id")), image.get("order")
            images.append(
                {
                    "omnitron_id": pk if isinstance(pk, int) else None,
                    "order": order if isinstance(order, int) and order >= 0 else position,
                    "url": url,
                }
            )
    return images


def _copy_images(parts: Mapping[int, ProductPart]) -> None:
    """The images of products that changed; a description without any says nothing about them."""
    described = {product_id: _images(part.productimage_set) for product_id, part in parts.items()}
    described = {product_id: images for product_id, images in described.items() if images}
    if not described:
        return
    ProductImage.objects.filter(product_id__in=described).delete()
    ProductImage.objects.bulk_create(
        ProductImage(product_id=product_id, **image)
        for product_id, images in described.items()
        for image in images
    )
