"""Transfer orders and their items over HTTP."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from packhouse.kernel.models import Role, State
from packhouse.transfers.models import TransferOrder
from packhouse.transfers.states import TransferStatus
from tests.api.callers import Caller, a_caller
from tests.builders import a_location, a_package, a_product, a_shipment, a_transfer, an_order
from tests.payloads.examples import differences, example
from tests.payloads.worlds import a_whole_transfer

pytestmark = pytest.mark.django_db


def ids(answer: Any) -> list[int]:
    assert answer.status == 200, answer.content
    return [row["id"] for row in answer.json["results"]]


def test_a_whole_transfer_is_the_published_example(admin: Caller) -> None:
    transfer = a_whole_transfer()

    document = admin.get(f"transfer_orders/{transfer.pk}/").json

    published = example("transfer_order")
    assert differences({**document, "commands": published["commands"]}, published) == []


def test_short_form(admin: Caller) -> None:
    transfer = a_transfer()

    assert admin.get("transfer_orders/short/").json["results"] == [
        {
            "id": transfer.pk,
            "number": transfer.number,
            "state": "waiting",
            "order_number": transfer.package.order.number,
            "package_number": transfer.package.number,
            "source_erp_code": transfer.source.erp_code,
            "destination_erp_code": transfer.destination.erp_code,
            "transferitem_count": 2,
        }
    ]


@pytest.mark.parametrize(
    "query",
    [
        "state={state}",
        "state__enum_value=in_transit",
        "order={order}",
        "order__number=T-1",
        "package={package}",
        "package_number=T-100P1",
        "product_sku=TRAVELS",
        "product_barcode=8690000000024",
        "source__erp_code=SRC",
        "destination__erp_code=DST",
        "erp_code=SRC",
        "erp_code=DST",
        "stock_location={source}",
        "stock_location={destination}",
        "order__customer__first_name=ada&order__number=T-1",
        "id__gte={id}&id__lte={id}",
        "pk__in={id}",
        "order__channel={channel}",
        "package__shipment__cargo_company={cargo}",
        "destination__country={country}",
        "destination__city__name=ankara&order__number=T-1",
        "shipment__awb_number=AWB-1",
    ],
)
def test_each_filter_finds_the_one(admin: Caller, query: str) -> None:
    order = an_order(number="T-100", products=[a_product(sku="TRAVELS", barcode="8690000000024")])
    package = a_package(order=order, stock_location=a_location(erp_code="DST"))
    wanted = a_transfer(package=package, source=a_location(erp_code="SRC"), state=TransferStatus.IN_TRANSIT)
    shipment = a_shipment(package=package)
    a_shipment(transfer_order=wanted, awb_number="AWB-1")
    a_transfer()
    address = wanted.destination.address
    assert address
    filled = query.format(
        id=wanted.pk,
        state=State.objects.get(enum_class="TransferStatus", enum_value="in_transit").pk,
        order=order.pk,
        package=package.pk,
        source=wanted.source_id,
        destination=wanted.destination_id,
        channel=order.channel_id,
        cargo=shipment.cargo_company_id,
        country=address.country_id,
    )

    assert ids(admin.get(f"transfer_orders/?{filled}")) == [wanted.pk]


def test_a_store_user_sees_what_it_sends_or_receives() -> None:
    sent = a_transfer()
    received = a_transfer(package=a_package(stock_location=sent.source))
    foreign = a_transfer()
    store = a_caller(Role.STORE, locations=[sent.source])

    assert ids(store.get("transfer_orders/")) == [received.pk, sent.pk]
    assert {row["transfer_order"] for row in store.get("transfer-items/").json["results"]} == {
        sent.pk,
        received.pk,
    }
    for rest in ("", "history/"):
        assert store.get(f"transfer_orders/{foreign.pk}/{rest}").status == 403
        assert store.get(f"transfer_orders/{sent.pk}/{rest}").status == 200
        assert store.get(f"transfer_orders/99999999/{rest}").status == 404


def test_items_and_their_filters(admin: Caller) -> None:
    transfer, other = a_transfer(), a_transfer()
    item = transfer.items.order_by("id")[0]

    assert len(ids(admin.get(f"transfer-items/?transfer_order={transfer.pk}"))) == 2
    assert ids(admin.get(f"transfer_items?product={item.product_id}")) == [item.pk]
    assert len(ids(admin.get("transfer_items/?quantity=1"))) == 4
    assert ids(admin.get("transfer_items/?quantity__gt=1")) == []
    html = admin.get("transfer-items/?format=html")
    assert html.headers["Content-Type"].startswith("text/html")
    assert other.items.first()


@pytest.mark.parametrize(
    "query", ["state=waiting", "state__enum_value=lost", "quantity=x", "erp_code=", "nothing=1", "package=-"]
)
def test_what_cannot_be_read_is_400(admin: Caller, query: str) -> None:
    assert admin.get(f"transfer_orders/?{query}").status == 400


def test_statements_do_not_grow_with_the_page(admin: Caller) -> None:
    counts = []
    for wanted in (2, 12):
        while TransferOrder.objects.count() < wanted:
            a_transfer()
        admin.get("transfer_orders/")
        with CaptureQueriesContext(connection) as statements:
            assert len(ids(admin.get("transfer_orders/"))) == wanted
        counts.append(len(statements))

    assert counts[0] == counts[1] <= 4
