"""Every example of a command in the OpenAPI document is sent, as it stands there, and done."""

from typing import Any

import pytest
from django.db import connection
from jsonschema import Draft202012Validator

from packhouse.api.v1 import schema
from packhouse.kernel import commands, machine, params
from packhouse.packages.models import Package
from packhouse.packages.states import PackageStatus as P
from packhouse.shipments import ports
from packhouse.transfers.states import TransferStatus as T
from tests.api.callers import Caller
from tests.builders import (
    a_cargo_company,
    a_denial_reason,
    a_location,
    a_package,
    a_package_item,
    a_product,
    a_shipment,
    a_transfer,
    an_order,
    an_order_item,
    some_stock,
)
from tests.commands.conftest import FakeCarriers
from tests.commands.samples import came_from

pytestmark = pytest.mark.django_db
PACKAGES = "/api/v1/oms/packages/{id}/command/"
TRANSFERS = "/api/v1/oms/transfer_orders/{id}/command/"


def examples(address: str) -> list[Any]:
    content = schema.document()["paths"][address]["post"]["requestBody"]["content"]["application/json"]
    return [pytest.param(name, row["value"], id=name) for name, row in content["examples"].items()]


@pytest.fixture(autouse=True)
def _carriers(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = FakeCarriers()
    monkeypatch.setattr(ports, "carrier", lambda: fake)


def count_from(table: str, first: int) -> None:
    """The next row of the table gets this id; ids made by themselves shall not meet those of the examples."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s, false)", [table, first])


def the_package(state: P) -> Package:
    """The package that the examples speak of, in this state."""
    for table in ("orders_order", "orders_orderitem", "packages_package", "packages_packageitem"):
        count_from(table, 1000)
    place, warehouse = a_location(erp_code="369"), a_location(erp_code="WH-1")
    products = [
        a_product(sku=sku, barcode=barcode)
        for sku, barcode in (
            ("SKU-1", "8680000000012"),
            ("SKU-2", "8680000000029"),
            ("SKU-3", "8680000000036"),
        )
    ]
    for location in (place, warehouse):
        for product in products:
            some_stock(stock_location=location, sku=product.sku)
    order = an_order(items=0, pk=77)
    one = an_order_item(order=order, pk=12, product=products[0])
    two = an_order_item(order=order, pk=13, product=products[1], quantity=2)
    package = a_package(pk=501, order=order, order_items=[], state=state, stock_location=place)
    a_package_item(package=package, order_item=one, pk=41)
    a_package_item(package=package, order_item=two, pk=42)
    a_denial_reason(pk=3)
    carrier = a_cargo_company(pk=695, erp_code="example-kargo")
    if state is P.BLOCKED:
        came_from(package, P.WAITING)
    if state is P.PACKED:
        a_shipment(package=package, cargo_company=carrier, registration="registered")
    return package


def source_of(slug: str) -> str:
    return machine.current().by_slug[slug].source


@pytest.mark.parametrize(("name", "body"), examples(PACKAGES))
def test_an_example_of_a_package(admin: Caller, name: str, body: dict[str, Any]) -> None:
    package = the_package(P(source_of(body["slug"])))

    answer = admin.post(f"packages/{package.pk}/command/", body)

    definition = commands.find(name)
    assert definition is not None
    assert answer.status == (200 if definition.answers else 204), answer.content
    if definition.answers:
        assert set(answer.json) == {"package", "number", "stock_location", "package_items"}
    assert machine.current().by_slug[body["slug"]].command == name


@pytest.mark.parametrize(("name", "body"), examples(TRANSFERS))
def test_an_example_of_a_transfer(admin: Caller, name: str, body: dict[str, Any]) -> None:
    package = the_package(P.WAITING_FOR_TRANSFER)
    count_from("transfers_transferitem", 210)
    transfer = a_transfer(pk=91, package=package, state=T(source_of(body["slug"])))

    answer = admin.post(f"transfer_orders/{transfer.pk}/command/", body)

    assert answer.status == 204, answer.content
    assert machine.current().by_slug[body["slug"]].command == name


@pytest.mark.parametrize(("name", "body"), [*examples(PACKAGES), *examples(TRANSFERS)])
def test_an_example_fits_the_schema_of_its_parameters(name: str, body: dict[str, Any]) -> None:
    definition = commands.find(name)
    assert definition is not None

    Draft202012Validator(params.schema(definition.params)).validate(body.get("input_parameters", {}))


def test_every_command_that_callers_run_has_an_example() -> None:
    for kind, address in (("package", PACKAGES), ("transfer", TRANSFERS)):
        names = {command.name for command in commands.registered(kind) if not command.system_only}
        assert {case.id for case in examples(address)} == names
