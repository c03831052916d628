"""What was found missing while packing, and when it was counted again."""

from decimal import Decimal

import pytest

from packhouse.commands.inventory.count_stock import count_stock
from packhouse.inventory.counting import Count
from packhouse.kernel.models import Role
from packhouse.packages.models import Discrepancy, Package
from tests.api.callers import Caller, a_caller
from tests.api.objects.answers import grows, ids
from tests.builders import a_location, a_package
from tests.commands.running import run

pytestmark = pytest.mark.django_db


def a_discrepancy(package: Package | None = None) -> Discrepancy:
    package = package or a_package(items=2)
    item = package.items.order_by("id")[0]
    missing = {"id": item.pk, "quantity": 1, "discrepancy_reason": "not_found"}
    run(package, "DetectedOutOfStockItemCommandAdvanced", package_items=[missing])
    return Discrepancy.objects.get(package=package)


def test_a_row_and_its_filters(admin: Caller) -> None:
    found = a_discrepancy()
    a_discrepancy()

    (row,) = admin.get(f"discrepancies/?package={found.package_id}").json["results"]

    assert {key: row[key] for key in row if key != "created_date"} == {
        "id": found.pk,
        "package": found.package_id,
        "package_item": found.package_item_id,
        "sku": found.sku,
        "erp_code": found.stock_location.erp_code,
        "quantity": 1,
        "reason": "not_found",
        "user": None,
        "resolved_date": None,
    }
    for query in (
        f"sku={found.sku}",
        f"erp_code={found.stock_location.erp_code}",
        f"package__number={found.package.number}",
        f"reason=not_found&sku__in={found.sku},X&is_resolved=false",
    ):
        assert ids(admin.get(f"discrepancies/?{query}")) == [found.pk], query
    assert admin.get("discrepancies/?colour=red").status == 400
    assert admin.get("discrepancies/?format=csv").content.startswith(b"id,package,package_item,sku")
    assert grows(admin, "discrepancies/", a_discrepancy) == 0


def test_a_store_sees_its_own() -> None:
    own = a_location()
    found = a_discrepancy(a_package(stock_location=own, items=2))
    a_discrepancy()

    assert ids(a_caller(Role.STORE, locations=[own]).get("discrepancies/")) == [found.pk]


def test_a_new_count_resolves_it(admin: Caller) -> None:
    found, other = a_discrepancy(), a_discrepancy()

    count_stock([Count(found.stock_location_id, found.sku, delta=Decimal(1))])
    assert not Discrepancy.objects.exclude(resolved_date=None).exists()
    count_stock([Count(found.stock_location_id, found.sku, quantity=Decimal(3))])

    assert ids(admin.get("discrepancies/?is_resolved=true")) == [found.pk]
    assert ids(admin.get("discrepancies/?is_resolved=false")) == [other.pk]
