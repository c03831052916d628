"""What every seeded sandbox has alike: users, channels, geography, carriers, reasons, payment options."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

from sandbox.omnitron.schema import TABLES
from sandbox.omnitron.seeding.places import PROVINCES

Rows = list[dict[str, Any]]
USERNAME, PASSWORD = "oms", "oms-sandbox"
"""The login every fresh sandbox has."""
WEB, OUTLET, MARKETPLACE = 1, 2, 3
COUNTRY = 1
MODELS = (
    "order",
    "orderitem",
    "product",
    "productprice",
    "productstock",
    "productimage",
    "batchrequest",
    "integrationaction",
    "categorytree",
    "categorynode",
    "channel",
    "productcategory",
    "marketplaceattributeset",
    "marketplaceattributesetconfig",
    "marketplaceattribute",
    "marketplaceattributeschema",
    "marketplaceattributevalue",
    "marketplaceattributevalueconfig",
    "cancellationrequest",
    "cancellationplan",
    "country",
    "city",
    "township",
    "district",
    "customer",
    "address",
    "retailstore",
)
_FIRST_CONTENT_TYPE = 60


def content_type_id(model: str) -> int:
    """The id of a model's content type."""
    return _FIRST_CONTENT_TYPE + MODELS.index(model)


def reference_rows() -> dict[str, Rows]:
    """Rows by table, without dates."""
    return {
        "user": [
            {
                "id": 1,
                "username": USERNAME,
                "email": "oms@example.com",
                "is_superuser": True,
                "password": PASSWORD,
            }
        ],
        "content_type": [
            {"id": content_type_id(each), "app_label": "omnitron", "model": each} for each in MODELS
        ],
        "price_list": [
            {"id": 1, "name": "Web prices", "code": "web"},
            {"id": 2, "name": "Outlet prices", "code": "outlet"},
            {"id": 3, "name": "Marketplace prices", "code": "marketplace"},
        ],
        "stock_list": [
            {"id": 1, "name": "Web stock", "code": "web"},
            {"id": 2, "name": "Marketplace stock", "code": "marketplace"},
        ],
        "catalog": [
            {"id": 1, "name": "Web catalog", "price_list": 1, "stock_list": 1},
            {"id": 2, "name": "Outlet catalog", "price_list": 2, "stock_list": 1},
            {"id": 3, "name": "Marketplace catalog", "price_list": 3, "stock_list": 2},
        ],
        "channel": _channels(),
        "cargo_company": [
            {"id": 691, "name": "Example Kargo", "erp_code": "example-kargo", "shipping_company": "example"},
            {"id": 692, "name": "Sample Express", "erp_code": "sample-express", "shipping_company": "sample"},
            {
                "id": 693,
                "name": "Specimen Lojistik",
                "erp_code": "specimen-lojistik",
                "shipping_company": "specimen",
            },
        ],
        "payment_option": [
            {"id": 61, "name": "Credit card", "slug": "credit_card", "payment_type": "credit_card"},
            {
                "id": 62,
                "name": "Pay on delivery",
                "slug": "pay_on_delivery",
                "payment_type": "pay_on_delivery",
            },
            {"id": 63, "name": "Funds transfer", "slug": "funds_transfer", "payment_type": "funds_transfer"},
            {"id": 64, "name": "Marketplace", "slug": "marketplace", "payment_type": "marketplace"},
        ],
        "cancellation_reason": list(_reasons()),
        **_geography(),
    }


def _channels() -> Rows:
    names = {
        WEB: ("Web shop", "web"),
        OUTLET: ("Outlet", "web"),
        MARKETPLACE: ("Marketplace", "sales_channel"),
    }
    return [
        {
            "id": channel,
            "name": name,
            "channel_type": kind,
            "catalog": channel,
            "conf": {"reason_mapping": {}, "cancellation_reason_id": 10},
        }
        for channel, (name, kind) in names.items()
    ]


def _reasons() -> Iterator[dict[str, Any]]:
    subjects = {
        1: ("cancel", "Changed my mind", True),
        2: ("cancel", "Ordered by mistake", True),
        3: ("cancel", "Out of stock", True),
        4: ("refund", "Does not fit", True),
        5: ("refund", "Damaged on arrival", True),
        6: ("refund", "Wrong product", False),
        10: ("cancel", "Other", True),
        11: ("cancel", "Cancellation failed", True),
    }
    for pk, (kind, subject, send_to_oms) in subjects.items():
        yield {
            "id": pk,
            "cancellation_type": kind,
            "subject": subject,
            "send_to_oms": send_to_oms,
            "order": pk * 10,
            "uuid": str(uuid.UUID(int=pk)),
        }


def coordinate(degrees: float) -> str:
    """Eight decimals, as text."""
    return f"{degrees:.8f}"


def _geography() -> dict[str, Rows]:
    rows: dict[str, Rows] = {"country": [], "city": [], "township": [], "district": [], "mapping": []}
    rows["country"].append(
        {
            "id": COUNTRY,
            "name": "Türkiye",
            "code": "tr",
            "latitude": "39.00000000",
            "longitude": "35.00000000",
        }
    )
    townships, districts = TABLES["township"].first_id, TABLES["district"].first_id
    for province in sorted(PROVINCES, key=lambda each: each.plate):
        city = _place(
            province.plate, province.name, f"{province.plate:02}", province.latitude, province.longitude
        )
        rows["city"].append({**city, "country": COUNTRY})
        rows["mapping"].append(_mapping(province.plate))
        for township in province.townships:
            township_id = townships + len(rows["township"])
            place = _place(
                township_id, township.name, str(township_id), township.latitude, township.longitude
            )
            rows["township"].append({**place, "city": province.plate})
            for step, name in enumerate(township.districts):
                district_id = districts + len(rows["district"])
                latitude, longitude = township.latitude + 0.004 * step, township.longitude - 0.005 * step
                place = _place(district_id, name, str(district_id), latitude, longitude)
                rows["district"].append({**place, "city": province.plate, "township": township_id})
    return rows


def _place(pk: int, name: str, code: str, latitude: float, longitude: float) -> dict[str, Any]:
    where = {"latitude": coordinate(latitude), "longitude": coordinate(longitude)}
    return {"id": pk, "name": name, "code": code, **where}


def _mapping(plate: int) -> dict[str, Any]:
    """The marketplace names provinces by their plate."""
    return {
        "id": plate,
        "content_type": content_type_id("city"),
        "object_id": plate,
        "integration_type": "sales_channel",
        "code": f"{MARKETPLACE}_{plate:02}",
    }
