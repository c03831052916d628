"""Orders without Omnitron (page 70, C), as JSON and as CSV."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from packhouse.catalog.models import (
    CargoCompany,
    Channel,
    City,
    Country,
    Customer,
    District,
    Product,
    Township,
)
from packhouse.commands.orders import large_imports
from packhouse.commands.orders.import_csv import read_csv
from packhouse.commands.orders.import_orders import ImportResult, documents_of, import_orders
from packhouse.commands.orders.order_changes import Outcome
from packhouse.commands.orders.places import fold
from packhouse.kernel.accounts import SYSTEM, Actor
from packhouse.kernel.errors import InvalidParameter
from packhouse.kernel.models import Role
from packhouse.orders.models import Order, OrderItem
from packhouse.packages.states import PackageStatus
from tests.builders import a_channel, a_city, a_location, a_package, a_product
from tests.commands.orders.documents import DAY_ONE, DAY_TWO, import_document
from tests.fingerprint import fingerprint
from tests.jobs import waiting_jobs

pytestmark = pytest.mark.django_db


def take(document: Any, **options: Any) -> ImportResult:
    return import_orders([document], **options)[0]


def order_of(result: ImportResult) -> Order:
    assert result.errors == {}
    return Order.objects.get(pk=result.order_id)


# What is made


def test_an_order_and_everything_missing_is_made() -> None:
    document = import_document(
        number="M-1", shipping_amount="9.5", cargo_company="example-kargo", notes="fast"
    )

    result = take(document)

    order = order_of(result)
    assert result.outcome is Outcome.CREATED
    assert (order.number, order.is_imported, order.omnitron_id, order.state) == ("M-1", True, None, "400")
    assert (order.amount, order.shipping_amount, order.currency) == (
        Decimal("109.50"),
        Decimal("9.50"),
        "try",
    )
    assert (order.channel.name, order.channel.slug, order.channel.is_installed) == ("Market", "market", True)
    assert order.customer == Customer.objects.get(email="bob@example.com", channel=order.channel)
    assert order.cargo_company == CargoCompany.objects.get(erp_code="example-kargo")
    address = order.shipping_address
    assert address is not None
    assert address.country == Country.objects.get(code="tr", name="Türkiye")
    assert address.township == Township.objects.get(name="Çankaya", city__name="Ankara")
    assert (address.first_name, order.billing_address) == ("Bob", address)
    item = order.items.get()
    assert (item.product.sku, item.quantity, item.price, item.state) == ("A-1", 1, 100, "400")
    assert waiting_jobs("planning.plan_order") == [{"order_id": order.pk, "previous_package_id": None}]


def test_what_is_there_is_found_by_the_names_people_use() -> None:
    channel = a_channel(name="Market", omnitron_id=3)
    city = a_city(name="DİYARBAKIR", folded_name=fold("DİYARBAKIR"))
    product = a_product(sku="A-1")
    customer = Customer.objects.create(channel=channel, email="", phone_number="0500")

    order = order_of(
        take(
            import_document(
                channel="market",
                customer={"phone_number": "0500"},
                shipping_address={"city": "diyarbakır", "line": "1"},
            )
        )
    )

    assert (order.channel, order.customer, order.items.get().product) == (channel, customer, product)
    assert order.shipping_address is not None
    assert (order.shipping_address.city, order.shipping_address.country) == (city, city.country)


@pytest.mark.parametrize("name", ["ISPARTA", "ısparta", "Isparta", "  isparta ", "İsparta"])
def test_letters_of_places_are_compared_the_turkish_way(name: str) -> None:
    assert fold(name) == fold("Isparta")


def test_a_channel_by_id_name_or_slug() -> None:
    channel = a_channel(name="Web shop", slug="web")

    channels = {
        order_of(take(import_document(channel=word))).channel for word in (channel.pk, "web", "Web Shop")
    }

    assert channels == {channel}


def test_nobody_buys_when_neither_email_nor_phone_is_given() -> None:
    order = order_of(take(import_document(customer={"first_name": "Bob"})))

    assert order.customer is None
    assert not Customer.objects.exists()


def test_click_and_collect_takes_the_address_of_its_store() -> None:
    store = a_location(erp_code="S-1")
    document = import_document(delivery_type="in_store", retail_store="S-1")
    del document["shipping_address"]

    order = order_of(take(document))

    assert (order.retail_store, order.is_click_and_collect) == (store, True)
    assert order.shipping_address is not None
    assert store.address is not None
    assert order.shipping_address.district == store.address.district


@pytest.mark.parametrize(
    "wrap",
    [
        lambda order: order,
        lambda order: {**order, "orderitem_set": order["items"], "items": None} and _as_orderitem_set(order),
        lambda order: {
            "order": {k: v for k, v in order.items() if k != "items"},
            "order_item": order["items"],
        },
    ],
)
def test_every_form_of_an_order_is_read(wrap: Any) -> None:
    order = order_of(take(wrap(import_document())))

    assert order.items.get().product.sku == "A-1"


def _as_orderitem_set(order: dict[str, Any]) -> dict[str, Any]:
    lines = [{**line, "product": {"sku": line["sku"], "name": "A"}} for line in order["items"]]
    for line in lines:
        del line["sku"]
    return {**{key: value for key, value in order.items() if key != "items"}, "orderitem_set": lines}


def test_a_time_without_zone_is_local() -> None:
    order = order_of(take(import_document(date_placed="2026-03-02 12:00")))

    assert order.date_placed.isoformat() == "2026-03-02T09:00:00+00:00"


def test_a_body_is_one_order_a_list_or_wrapped() -> None:
    one = import_document()

    assert documents_of(one) == documents_of([one]) == documents_of({"orders": [one]}) == [one]
    for body in (None, [], {"orders": []}, {"orders": "x"}, "x", 5):
        with pytest.raises(InvalidParameter):
            documents_of(body)


# Refusals


REFUSALS: list[tuple[dict[str, Any], str]] = [
    ({"channel": None}, "channel"),
    ({"number": " "}, "number"),
    ({"number": "n" * 65}, "number"),
    ({"shipping_address": None}, "shipping_address"),
    ({"shipping_address": {"line": "1"}}, "shipping_address.city"),
    ({"shipping_address": {"city": "Ankara"}}, "shipping_address.line"),
    ({"shipping_address": {"city": "A", "district": "D", "line": "1"}}, "shipping_address.township"),
    ({"shipping_address": {"city": [], "line": "1"}}, "shipping_address.city"),
    ({"retail_store": "nowhere"}, "retail_store"),
    ({"shipping_address": None, "delivery_type": "in_store"}, "retail_store"),
    ({"items": []}, "items"),
    ({"items": "A-1"}, "items"),
    ({"items": [{"price": "1"}]}, "items.0.sku"),
    ({"items": [{"sku": "A"}]}, "items.0.price"),
    ({"items": [{"sku": "A", "price": "-1"}]}, "items.0.price"),
    ({"items": [{"sku": "A", "price": "1", "quantity": 0}]}, "items.0.quantity"),
    ({"items": [{"sku": "A", "price": "1", "quantity": "1.5"}]}, "items.0.quantity"),
    ({"items": [{"sku": "A", "price": "1", "quantity": "1.2345"}]}, "items.0.quantity"),
    ({"items": [{"sku": "A", "price": "1", "tax_rate": 101}]}, "items.0.tax_rate"),
    ({"items": [{"sku": "A", "price": "1", "discount_amount": 2}]}, "items.0.discount_amount"),
    ({"items": [{"sku": "A", "price": "1", "status": "sold"}]}, "items.0.status"),
    ({"items": [{"sku": "A", "price": "1", "unit_type": "box"}]}, "items.0.unit_type"),
    ({"items": [{"sku": "A", "price": "1", "external_id": "1"}] * 2}, "items.1.external_id"),
    ({"items": [{"sku": "A", "price": "99999999999999"}] * 2}, "items"),
    ({"amount": []}, "amount"),
    ({"amount": "NaN"}, "amount"),
    ({"date_placed": "2026-13-01"}, "date_placed"),
    ({"customer": 77}, "customer"),
]


def test_a_refusal_names_the_field_and_changes_nothing() -> None:
    before = fingerprint()

    for change, path in REFUSALS:
        result = take({**import_document(), **change})

        assert (result.outcome, result.order_id) == (Outcome.REFUSED, None), change
        assert (result.code, list(result.errors)) == ("invalid_parameter", [path]), change

    assert fingerprint() == before


@pytest.mark.parametrize("document", [None, 5, "x", [], [[]]])
def test_what_is_no_order_at_all(document: Any) -> None:
    result = take(document)

    assert (result.channel, result.number, result.outcome) == (None, None, Outcome.REFUSED)
    assert result.errors == {"detail": ["An order is an object."]}


@pytest.mark.parametrize(
    ("known", "path"),
    [
        ((), "channel"),
        (("channel",), "customer.email"),
        (("channel", "customer"), "shipping_address.country"),
        (("channel", "customer", "country"), "shipping_address.city"),
        (("channel", "customer", "country", "city"), "items.0.sku"),
    ],
)
def test_with_create_missing_false_nothing_is_made(known: tuple[str, ...], path: str) -> None:
    channel = a_channel(name="Market") if "channel" in known else None
    if "customer" in known:
        Customer.objects.create(channel=channel, email="bob@example.com")
    if "country" in known:
        country = Country.objects.create(name="Türkiye", code="tr", folded_name=fold("Türkiye"))
        if "city" in known:
            City.objects.create(name="Ankara", folded_name="ankara", country=country)
    document = import_document(shipping_address={"city": "Ankara", "line": "1"})
    before = fingerprint()

    result = take(document, create_missing=False)

    assert list(result.errors) == [path]
    assert fingerprint() == before


def test_a_bad_order_does_not_stop_the_others() -> None:
    results = import_orders([import_document(), {**import_document(), "items": []}, import_document()])

    assert [result.index for result in results] == [0, 1, 2]
    assert [result.outcome.value for result in results] == ["created", "refused", "created"]
    assert results[1].document()["error"] == {
        "items": ["An order has at least one line."],
        "code": "invalid_parameter",
    }
    assert Order.objects.count() == 2


def test_a_dry_run_answers_the_same_and_writes_nothing() -> None:
    before = fingerprint()

    result = take(import_document(), dry_run=True)

    assert (result.outcome, result.order_id, result.errors) == (Outcome.CREATED, None, {})
    assert fingerprint() == before


def test_a_key_for_one_channel_imports_into_that_one_only() -> None:
    mine = a_channel(name="Mine")
    actor = Actor(
        user_id=None,
        role=Role.INTEGRATION,
        scopes=SYSTEM.scopes,
        location_ids=None,
        channel_ids=frozenset({mine.pk}),
        label="partner",
        language="en",
    )

    assert take(import_document(channel="Mine"), actor=actor).outcome is Outcome.CREATED
    refused = take(import_document(channel="Other"), actor=actor)

    assert (refused.outcome, refused.code) == (Outcome.REFUSED, "permission_denied")
    assert not Channel.objects.filter(name="Other").exists()


# Repeats


def test_the_same_again_is_unchanged() -> None:
    document = import_document()
    first = take(document)
    before = fingerprint()

    again = take(document)

    assert (again.outcome, again.order_id) == (Outcome.UNCHANGED, first.order_id)
    assert fingerprint() == before


def test_changed_content_updates_unless_it_is_older() -> None:
    document = import_document(modified_date=DAY_TWO)
    take(document)

    assert take({**document, "notes": "later"}).outcome is Outcome.UPDATED
    assert take({**document, "notes": "older", "modified_date": DAY_ONE}).outcome is Outcome.STALE
    undated = {key: value for key, value in document.items() if key != "modified_date"}
    assert take({**undated, "notes": "undated"}).outcome is Outcome.UPDATED
    assert Order.objects.get().notes == "undated"


def test_lines_are_told_apart_by_external_id_else_by_position_within_the_sku() -> None:
    document = import_document(
        items=[
            {"sku": "A", "price": "1", "external_id": "x"},
            {"sku": "B", "price": "2"},
            {"sku": "B", "price": "3"},
        ]
    )
    take(document)
    ids = list(OrderItem.objects.order_by("id").values_list("id", flat=True))

    take(
        {
            **document,
            "items": [
                {"sku": "B", "price": "2"},
                {"sku": "C", "price": "1", "external_id": "x"},
                {"sku": "B", "price": "4"},
            ],
        }
    )

    rows = OrderItem.objects.order_by("id").values_list("id", "product__sku", "price")
    assert list(rows) == [(ids[0], "C", 1), (ids[1], "B", 2), (ids[2], "B", 4)]


def test_a_repeated_line_without_status_keeps_the_one_it_has() -> None:
    document = import_document()
    take(document)
    OrderItem.objects.update(state="100")

    take({**document, "items": [{**document["items"][0], "retail_price": "120"}]})

    item = OrderItem.objects.get()
    assert (item.state, item.retail_price) == ("100", 120)


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"shipping_address": {"city": "İzmir", "line": "2"}}, "shipping_address"),
        ({"cargo_company": "other"}, "cargo_company"),
        ({"items": [{"sku": "A-2", "price": "100.00"}]}, "items"),
        ({"items": [{"sku": "A-1", "price": "100.00", "external_id": "1"}]}, "items"),
    ],
)
def test_what_is_packed_is_not_changed_any_more(change: dict[str, Any], path: str) -> None:
    document = import_document()
    a_package(order=order_of(take(document)), state=PackageStatus.PACKED)
    before = fingerprint()

    result = take({**document, **change})

    assert (result.outcome, result.code, list(result.errors)) == (Outcome.REFUSED, "items_packed", [path])
    assert fingerprint() == before


def test_other_changes_of_a_packed_order_are_taken() -> None:
    document = import_document()
    a_package(order=order_of(take(document)), state=PackageStatus.PACKED)

    assert take({**document, "notes": "Thank you"}).outcome is Outcome.UPDATED


# CSV


def csv_file(*rows: str, header: str = "channel,number,city,line,sku,quantity,price,customer_email") -> bytes:
    return "\r\n".join([header, *rows]).encode()


def test_a_file_of_lines_is_grouped_by_order() -> None:
    content = csv_file(
        "Market,M-1,Ankara,1 Side St,A-1,1,10.50,ada@example.com",
        "Market,M-2,İzmir,2 Side St,A-1,2,10.50,",
        "",
        "Market,M-1,,,A-2,3,5,",
    )

    results = import_orders(read_csv(b"\xef\xbb\xbf" + content))

    assert [result.outcome.value for result in results] == ["created", "created"]
    first, second = (order_of(result) for result in results)
    assert list(first.items.order_by("id").values_list("product__sku", "quantity")) == [
        ("A-1", 1),
        ("A-2", 3),
    ]
    assert first.customer is not None
    assert (first.amount, first.customer.email, second.customer) == (
        Decimal("15.50"),
        "ada@example.com",
        None,
    )


def test_semicolons_quotes_and_line_breaks_inside_cells() -> None:
    content = 'channel;number;city;line;notes;sku;price\nMarket;M-1;Ankara;"1; ""Side""\nSt";hello;A-1;10.5\n'

    order = order_of(import_orders(read_csv(content.encode()))[0])

    assert order.shipping_address is not None
    assert order.shipping_address.line == '1; "Side"\nSt'
    assert not District.objects.exists()


def test_errors_name_line_and_column() -> None:
    content = csv_file("Market,M-1,Ankara,x,A-1,1,10,", "Market,M-2,,y,A-1,1,10,", "Market,M-1,,,A-2,none,,")

    results = import_orders(read_csv(content))

    assert results[0].errors == {"lines.4.quantity": ["Not a number."]}
    assert set(results[1].errors) == {"lines.3.city"}
    assert not Order.objects.exists()


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (b"", "detail"),
        (b"\xff\xfe", "detail"),
        (csv_file(), "detail"),
        (csv_file(header="channel,number,sku,price,colour"), "lines.1.colour"),
        (csv_file(header="channel,sku,price"), "lines.1.number"),
        (csv_file(header="channel,number,sku,sku,price"), "lines.1.sku"),
        (csv_file("Market,,Ankara,x,A-1,1,10,"), "lines.2.number"),
        (csv_file("Market,M-1,Ankara,x,A-1,1,10,,extra"), "lines.2"),
        (csv_file("Market,M-1,Ankara,x,A-1,1,10,", "Market,M-1,Izmir,x,A-1,1,10,"), "lines.3.city"),
        (csv_file('Market,M-1,Ankara,"x'), "lines.2"),
        (csv_file('Market,M-1,Ankara,"x"y,A'), "lines.2"),
    ],
)
def test_a_file_that_is_none_is_refused_as_a_whole(content: bytes, place: str) -> None:
    with pytest.raises(InvalidParameter) as refusal:
        read_csv(content)

    assert list(refusal.value.errors) == [place]


def test_not_more_lines_than_a_hundred_thousand() -> None:
    rows = "Market,M-1,Ankara,x,A-1,1,10,\n" * 100_001

    with pytest.raises(InvalidParameter, match="100,000"):
        read_csv(b"channel,number,city,line,sku,quantity,price,customer_email\n" + rows.encode())


def test_products_are_shared_by_the_orders_of_a_file() -> None:
    content = csv_file(*(f"Market,M-{n},Ankara,x,A-1,1,10," for n in range(5)))

    import_orders(read_csv(content))

    assert (Product.objects.count(), City.objects.count(), Channel.objects.count()) == (1, 1, 1)


# In the background


def test_a_large_import_is_worked_off_some_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(large_imports, "AT_ONCE", 2)
    good, bad = import_document(), {**import_document(), "items": []}

    row = large_imports.begin([good, bad, import_document(), good, import_document()])
    assert (row.state, row.total, row.done) == ("waiting", 5, 0)
    assert waiting_jobs("orders.import") == [{"import_id": row.pk}]
    large_imports.work_off(row.pk)

    row.refresh_from_db()
    shown = large_imports.document_of(row)
    assert (shown["state"], shown["done"], shown["total"]) == ("finished", 5, 5)
    assert [result["index"] for result in shown["results"]] == [0, 1, 2, 3, 4]
    assert [result["result"] for result in shown["results"]] == [
        "created",
        "refused",
        "created",
        "unchanged",
        "created",
    ]
    assert row.body is None


def test_an_interrupted_import_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(large_imports, "AT_ONCE", 1)
    row = large_imports.begin([import_document() for _ in range(3)])
    calls = []

    def failing(documents: Any, **options: Any) -> list[ImportResult]:
        calls.append(options["first_index"])
        if len(calls) == 2:
            raise MemoryError
        return import_orders(documents, **options)

    monkeypatch.setattr(large_imports, "import_orders", failing)
    with pytest.raises(MemoryError):
        large_imports.work_off(row.pk)
    large_imports.work_off(row.pk)

    row.refresh_from_db()
    assert calls == [0, 1, 1, 2]
    assert [result["result"] for result in large_imports.document_of(row)["results"]] == ["created"] * 3


def test_a_large_file_keeps_its_lines_and_a_narrow_key_its_channel() -> None:
    mine = a_channel(name="Mine")
    actor = replace(SYSTEM, channel_ids=frozenset({mine.pk}))
    content = csv_file("Mine,M-1,,x,A-1,1,10,", "Other,M-2,Ankara,x,A-1,1,10,")

    row = large_imports.begin(read_csv(content), actor=actor)
    large_imports.work_off(row.pk)

    row.refresh_from_db()
    assert [set(result["error"]) for result in large_imports.document_of(row)["results"]] == [
        {"lines.2.city", "code"},
        {"lines.3.channel", "code"},
    ]
