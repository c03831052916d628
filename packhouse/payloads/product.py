"""Products."""

from collections.abc import Iterable

from packhouse.payloads.formats import Document, moments, stored_values
from packhouse.payloads.sql import Statement, many, one

_IMAGE = 'm."order", m.id, m.url, m.product_id AS product'
_IMAGES = many(_IMAGE, 'catalog_productimage m WHERE m.product_id = g.id ORDER BY m."order", m.id')
_COLUMNS = f"""
    g.id, {_IMAGES} AS productimage_set, g.created_date, g.modified_date, g.omnitron_id, g.name, g.base_code,
    g.sku, g.barcode, g.attributes::text AS attributes, g.attributes_kwargs::text AS attributes_kwargs,
    g.extra_attributes::text AS extra_attributes, g.remote_modified_date, g.barcodes, g.unit_type
"""
_PRODUCTS = Statement(_COLUMNS, "catalog_product g", "g.id")


def product(id: str) -> str:
    """The product with this id expression, as a column."""
    return one(_COLUMNS, f"catalog_product g WHERE g.id = {id}")


def finish(row: Document) -> None:
    moments(row, "created_date", "modified_date", "remote_modified_date")
    stored_values(row, "attributes", "attributes_kwargs", "extra_attributes")


def documents(ids: Iterable[int]) -> dict[int, Document]:
    """Products by id. One statement."""
    rows = _PRODUCTS.rows(ids)
    for row in rows.values():
        finish(row)
    return rows
