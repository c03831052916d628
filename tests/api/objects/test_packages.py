"""Packages over HTTP: documents, commands per caller, filters, files, history."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from packhouse.invoicing.models import Document
from packhouse.kernel.models import Role, Scope, State, Transition
from packhouse.kernel.version import raise_version
from packhouse.packages.models import Package
from packhouse.packages.states import PackageStatus
from packhouse.shipments.models import ShippingLabel
from tests.api.callers import Caller, a_caller
from tests.builders import (
    a_cargo_company,
    a_channel,
    a_city,
    a_country,
    a_customer,
    a_district,
    a_location,
    a_package,
    a_product,
    a_shipment,
    a_township,
    an_address,
    an_order,
)
from tests.payloads.examples import differences, example
from tests.payloads.worlds import a_whole_package

pytestmark = pytest.mark.django_db


def ids(answer: Any) -> list[int]:
    assert answer.status == 200, answer.content
    return [row["id"] for row in answer.json["results"]]


def test_a_whole_package_is_the_published_example(admin: Caller) -> None:
    package = a_whole_package()

    answer = admin.get(f"packages/{package.pk}/")

    assert answer.status == 200
    document = answer.json
    ship = next(command for command in document["commands"] if command["slug"] == "ship-the-package")
    assert differences({**document, "commands": [ship]}, example("package")) == []


def test_list_and_short_list_newest_first(admin: Caller) -> None:
    first, second = a_package(items=1), a_package(items=2)

    assert ids(admin.get("packages/")) == [second.pk, first.pk]
    short = admin.get("packages/short").json["results"]
    assert short[0] == {
        "id": second.pk,
        "number": second.number,
        "state": "100",
        "stock_location_erp_code": second.stock_location.erp_code,
        "packageitem_count": 2,
        "order": second.order_id,
        "order_number": second.order.number,
        "stock_location": second.stock_location_id,
        "shipment": None,
        "channel": second.order.channel_id,
        "tracking_number": None,
        "created_date": short[0]["created_date"],
        "modified_date": short[0]["modified_date"],
    }


@pytest.mark.parametrize("address", ["packages/", "packages/short/", "packages/package-items/"])
def test_statements_do_not_grow_with_the_page(admin: Caller, address: str) -> None:
    counts = []
    for wanted in (2, 20):
        while Package.objects.count() < wanted:
            a_package(items=2)
        admin.get(f"{address}?limit=20")  # locations are known from here on
        with CaptureQueriesContext(connection) as statements:
            assert len(ids(admin.get(f"{address}?limit=20"))) in (wanted, 2 * wanted, 20)
        counts.append(len(statements))

    # A page that is not the last one is counted.
    assert counts[1] - counts[0] in (0, 1)
    assert counts[0] <= 5


def test_commands_are_those_that_the_caller_may_run(admin: Caller, nobody: Caller) -> None:
    location = a_location()
    package = a_package(stock_location=location)
    store = a_caller(Role.STORE, locations=[location])
    reader = a_caller(Role.ADMIN, scopes=[Scope.READ])

    def slugs(caller: Caller) -> set[str]:
        return {command["slug"] for command in caller.get(f"packages/{package.pk}/").json["commands"]}

    assert {"complete-packaging", "start-preparing", "cancel"} <= slugs(admin)
    assert "complete-packaging" in slugs(store)
    assert "cancel" not in slugs(store)
    assert slugs(reader) == set()
    assert nobody.get(f"packages/{package.pk}/").status == 401


def test_a_command_says_where_it_leads_and_what_it_takes(admin: Caller) -> None:
    package = a_package()
    packed = State.objects.get(enum_class="PackageStatus", enum_value="500")

    command = admin.get(f"packages/{package.pk}/").json["commands"][0]

    assert command["slug"] == "complete-packaging"
    assert command["transition"] == Transition.objects.get(slug="complete-packaging").pk
    assert command["command"] == "CompletePackagingCommand"
    assert command["target_state"] == {"id": packed.pk, "name": packed.name, "enum_value": "500"}
    schema = command["input_parameters"]
    assert schema["type"] == "object"
    assert {"barcodes", "parcels"} <= set(schema["properties"])
    assert schema["additionalProperties"] is False


def test_a_commands_name_follows_the_language(admin: Caller) -> None:
    package = a_package()

    def name(language: str) -> str:
        answer = admin.get(f"packages/{package.pk}/", accept_language=language)
        return str(answer.json["commands"][0]["name"])

    assert (name("en"), name("tr-TR,tr;q=0.9")) == ("Complete packaging", "Paketlemeyi tamamla")


def test_a_transition_switched_off_is_no_longer_listed(admin: Caller) -> None:
    package = a_package()
    Transition.objects.filter(slug="complete-packaging").update(is_active=False)
    raise_version()

    commands = admin.get(f"packages/{package.pk}/").json["commands"]

    assert "complete-packaging" not in {command["slug"] for command in commands}


# Filters


def world() -> tuple[Package, Package]:
    """Two packages that differ in everything a filter looks at; the first is the one to be found."""
    channel = a_channel()
    product = a_product(sku="WANTED", barcode="8690000000017")
    store = a_location(erp_code="RS-1")
    city = a_city(name="BURSA", country=a_country(name="CYPRUS"))
    district = a_district(township=a_township(name="NİLÜFER", city=city))
    customer = a_customer(channel=channel, first_name="Grace", last_name="Hopper")
    address = an_address(customer=customer, district=district, address_type="retail_store")
    order = an_order(
        number="W-100",
        products=[product],
        channel=channel,
        shipping_address=address,
        retail_store=store,
        delivery_type="in_store",
        shipping_option_slug="express",
        date_placed=datetime(2026, 3, 1, 22, 0, tzinfo=UTC),  # the second of March in Istanbul
        delivery_range_start=datetime(2026, 3, 5, 9, 0, tzinfo=UTC),
        delivery_range_end=datetime(2026, 3, 6, 18, 0, tzinfo=UTC),
    )
    location = a_location(erp_code="WH-9", stock_location_type="warehouse")
    wanted = a_package(
        order=order,
        stock_location=location,
        state=PackageStatus.PACKED,
        remote_id="R-1",
        cancellation_failed=True,
    )
    a_shipment(package=wanted, cargo_company=a_cargo_company(erp_code="c-1"), tracking_number="TRACK-1")
    other_order = an_order(items=1, number="X-200", date_placed=datetime(2026, 6, 1, tzinfo=UTC))
    return wanted, a_package(order=other_order)


@pytest.mark.parametrize(
    "query",
    [
        "state={state}",
        "state__enum_value=500",
        "state__enum_value__in=500,600",
        "state__enum_value__ne=100",
        "order={order}",
        "order__number=W-1",
        "order__omnitron_id={omnitron}",
        "order__channel={channel}",
        "order__delivery_type=in_store",
        "order__customer__first_name=grace",
        "order__customer__last_name=Hop",
        "order__date_placed=2026-03-02",
        "order__date_placed__lte=2026-03-03",
        "order__date_placed__gte=2026-03-01T00:00:00Z&order__date_placed__lte=2026-03-03",
        "stock_location={location}",
        "stock_location__erp_code=WH-9",
        "stock_location__erp_code__in=WH-9,WH-10",
        "stock_location__stock_location_type=warehouse",
        "retail_store__erp_code=RS-1",
        "erp_code=RS-1",
        "erp_code=WH-9",
        "shipment__created_date__gte=2020-01-01",
        "shipment__created_date__lte=2099-01-01",
        "shipment__cargo_company={cargo}",
        "product_sku=WANTED",
        "product_barcode=8690000000017",
        "delivery_range__gte=2026-03-05",
        "delivery_range__lte=2026-03-07",
        "delivery_range__date=2026-03-06",
        "order_item__omnitron_id={item}",
        "order_item__omnitron_id__in={item},999999999",
        "is_click_and_collect=true",
        "pk__in={id}",
        "id__lt={other}",
        "country={country}",
        "country__name=cyprus",
        "city={city}",
        "city__name=bursa",
        "township={township}",
        "township__name=NİLÜFER",
        "cancellation_failed=1",
        "shipping_option_slug__in=express",
        "number=W-100P1",
        "tracking_number=TRACK-1",
        "remote_id=R-1",
        "command=ship-the-package",
        "command=ShipThePackageCommand",
        "q=W-100",
        "q=TRACK-1",
        "q=hopper",
        "q=Grace%20Hopper",
        "q=8690000000017",
    ],
)
def test_each_filter_finds_the_one(admin: Caller, query: str) -> None:
    wanted, other = world()
    address = wanted.order.shipping_address
    assert address
    item = wanted.items.get().order_item
    filled = query.format(
        id=wanted.pk,
        other=other.pk,
        state=State.objects.get(enum_class="PackageStatus", enum_value="500").pk,
        order=wanted.order_id,
        omnitron=wanted.order.omnitron_id,
        channel=wanted.order.channel_id,
        location=wanted.stock_location_id,
        cargo=admin.get(f"packages/{wanted.pk}/").json["shipment"]["cargo_company"]["id"],
        item=item.omnitron_id,
        country=address.country_id,
        city=address.city_id,
        township=address.township_id,
    )

    assert ids(admin.get(f"packages/?{filled}")) == [wanted.pk]
    assert ids(admin.get(f"packages/short/?{filled}")) == [wanted.pk]


@pytest.mark.parametrize(
    "query",
    [
        "state__enum_value__ne=500",
        "is_click_and_collect=false",
        "shipping_option_slug__not_in=express",
        "command=complete-packaging",
        "cancellation_failed=false",
        "order__number=X-200",
    ],
)
def test_each_negative_filter_finds_the_other(admin: Caller, query: str) -> None:
    _wanted, other = world()

    assert ids(admin.get(f"packages/?{query}")) == [other.pk]


def test_a_product_in_two_items_counts_once(admin: Caller) -> None:
    product = a_product(sku="TWICE")
    package = a_package(order=an_order(products=[product, product]))

    answer = admin.get("packages/?product_sku=TWICE")

    assert (ids(answer), answer.json["count"]) == ([package.pk], 1)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("state__enum_value=9999", "state__enum_value"),
        ("state__enum_value__in=100,zzz", "state__enum_value__in"),
        ("state=waiting", "state"),
        ("order=abc", "order"),
        ("order=99999999999999999999999", "order"),
        ("order__date_placed=yesterday", "order__date_placed"),
        ("delivery_range__date=2026-13-01", "delivery_range__date"),
        ("is_click_and_collect=maybe", "is_click_and_collect"),
        ("command=no-such-slug", "command"),
        ("command=transfer-ready", "command"),
        ("colour=red", "colour"),
        ("sort=colour", "sort"),
        ("pk__in=1,x", "pk__in"),
        ("page=0", "page"),
        ("q=%00", "q"),
    ],
)
def test_what_cannot_be_read_is_400_by_name(admin: Caller, query: str, field: str) -> None:
    a_package()

    answer = admin.get(f"packages/?{query}")

    assert answer.status == 400, answer.content
    assert field in answer.json


def test_sorting_by_order_and_by_its_date(admin: Caller) -> None:
    wanted, other = world()

    assert ids(admin.get("packages/?sort=date_placed")) == [wanted.pk, other.pk]
    assert ids(admin.get("packages/?sort=-order_id")) == [other.pk, wanted.pk]


def test_exports_hold_every_row(admin: Caller) -> None:
    first, second = a_package(items=1), a_package(items=1)

    text = admin.get("packages/?format=csv&sort=id").content.decode()

    header, *rows = text.strip().split("\r\n")
    assert {"id", "number", "state.enum_value", "stock_location.erp_code"} <= set(header.split(","))
    assert [row.split(",")[0] for row in rows] == [str(first.pk), str(second.pk)]
    assert admin.get("packages/?format=yaml").status == 406


# Rows of others


def test_a_store_user_sees_its_own_location_alone() -> None:
    own, foreign = a_package(), a_package()
    store = a_caller(Role.STORE, locations=[own.stock_location])

    assert ids(store.get("packages/")) == ids(store.get("packages/short/")) == [own.pk]
    assert store.get(f"packages/{own.pk}/").status == 200
    for rest in ("", "history/", "events/", "label/", "document/"):
        refused = store.get(f"packages/{foreign.pk}/{rest}")
        assert (refused.status, refused.json["code"]) == (403, "permission_denied"), rest
        assert store.get(f"packages/999999999/{rest}").status == 404, rest


def test_a_key_narrowed_to_a_channel_sees_that_channel_alone() -> None:
    own, foreign = a_package(), a_package()
    key = a_caller(Role.INTEGRATION, user_scopes=["read"], channel_ids=[own.order.channel_id])

    assert ids(key.get("packages/")) == [own.pk]
    assert key.get(f"packages/{foreign.pk}/").status == 403


def test_an_id_that_is_no_id_is_404(admin: Caller) -> None:
    for text in ("abc", "-1", "1.5", "9" * 30):
        assert admin.get(f"packages/{text}/").status == 404


# PATCH


def test_the_partners_number_is_kept(integration: Caller) -> None:
    package = a_package()

    answer = integration.patch(f"packages/{package.pk}/", {"remote_id": "ERP-7"})

    assert (answer.status, answer.json["remote_id"]) == (200, "ERP-7")
    package.refresh_from_db()
    assert package.remote_id == "ERP-7"
    assert integration.patch(f"packages/{package.pk}", {"remote_id": None}).json["remote_id"] is None


def test_what_was_read_may_be_sent_back(admin: Caller) -> None:
    package = a_package(number="KEEP")
    document = admin.get(f"packages/{package.pk}/").json

    answer = admin.patch(f"packages/{package.pk}/", {**document, "number": "OTHER", "remote_id": "A"})

    assert answer.status == 200
    package.refresh_from_db()
    assert (package.number, package.remote_id) == ("KEEP", "A")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"remote_id": 5 * "x" * 100}, "remote_id"),
        ({"remote_id": ["a"]}, "remote_id"),
        ({"colour": "red"}, "colour"),
        ({"number": "OTHER"}, "remote_id"),
        ({}, "remote_id"),
        ([], "non_field_errors"),
        (b"{", "detail"),
    ],
)
def test_a_bad_patch_changes_nothing(admin: Caller, body: Any, field: str) -> None:
    package = a_package(remote_id="OLD")

    answer = admin.patch(f"packages/{package.pk}/", body)

    assert answer.status == 400
    assert field in answer.json
    package.refresh_from_db()
    assert package.remote_id == "OLD"


def test_a_store_user_may_not_patch() -> None:
    package = a_package()
    store = a_caller(Role.STORE, locations=[package.stock_location])

    assert store.patch(f"packages/{package.pk}/", {"remote_id": "X"}).status == 403


# History, events, files


def test_history_and_events_tell_what_happened(admin: Caller) -> None:
    package, other = a_package(), a_package()
    for moved in (package, other):
        assert admin.post(f"packages/{moved.pk}/command/", {"slug": "start-preparing"}).status == 204

    history = admin.get(f"packages/{package.pk}/history/").json["results"]
    events = admin.get(f"packages/{package.pk}/events/?sort=sequence").json["results"]

    assert len(history) == 1
    row = history[0]
    assert (row["old_state"]["enum_value"], row["new_state"]["enum_value"]) == ("100", "200")
    assert (row["object_id"], row["user"]) == (package.pk, admin.user and admin.user.pk)
    assert row["attributes"]["command.slug"] == "start-preparing"
    assert [event["type"] for event in events] == ["package.status.transitioned", "package.status.preparing"]
    assert [event["sequence"] for event in events] == [1, 2]
    assert {event["subject"] for event in events} == {f"package/{package.pk}"}
    assert events[0]["payload"]["state"]["enum_value"] == "200"


def test_the_label_is_the_carriers(admin: Caller) -> None:
    shipment = a_shipment(label=True)
    ShippingLabel.objects.create(shipment=shipment, file_format="zpl", content=b"^XA^XZ")

    answer = admin.get(f"packages/{shipment.package_id}/label/", accept="application/pdf")
    zpl = admin.get(f"packages/{shipment.package_id}/label/?file_format=zpl")

    assert (answer.status, answer.headers["Content-Type"], answer.content) == (
        200,
        "application/pdf",
        b"%PDF-1.4",
    )
    assert (zpl.status, zpl.headers["Content-Type"], zpl.content) == (200, "application/zpl", b"^XA^XZ")


def test_the_document_is_the_packaging_document_until_an_invoice_replaces_it(admin: Caller) -> None:
    package = a_package(state=PackageStatus.PACKED)
    before = admin.get(f"packages/{package.pk}/document/")
    Document.objects.create(package=package, kind="invoice", document_type="html", content=b"<p>invoice</p>")
    after = admin.get(f"packages/{package.pk}/document/")

    assert (before.status, before.content[:5]) == (200, b"%PDF-")
    assert (after.content, after.headers["Content-Type"]) == (b"<p>invoice</p>", "text/html; charset=utf-8")
    assert "sandbox" in after.headers["Content-Security-Policy"]
    assert admin.get(f"packages/{package.pk}/document/?kind=packaging").content == before.content
    roll = admin.get(f"packages/{package.pk}/document/?kind=packaging&paper=80mm")
    assert (roll.status, roll.content == before.content) == (200, False)


@pytest.mark.parametrize(
    ("rest", "status"),
    [
        ("label/", 404),
        ("document/", 404),
        ("document/?kind=despatch", 404),
        ("document/?paper=a5", 400),
        ("label/?parcel=x", 400),
        ("label/?parcel=99999999999999999999", 400),
        ("label/?colour=red", 400),
        ("label/?format=csv", 406),
    ],
)
def test_a_file_that_cannot_be_had(admin: Caller, rest: str, status: int) -> None:
    package = a_package()

    assert admin.get(f"packages/{package.pk}/{rest}").status == status
