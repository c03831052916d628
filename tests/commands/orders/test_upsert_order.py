"""`upsert_order` for orders of the back office: page 70, A5 and A6, rule by rule."""

from decimal import Decimal
from typing import Any

import pytest

from packhouse.catalog.models import (
    CargoCompany,
    Channel,
    CustomerAddress,
    District,
    PaymentOption,
    Product,
)
from packhouse.commands.orders.order_changes import Outcome
from packhouse.kernel import settings_store
from packhouse.kernel.errors import InvalidParameter
from packhouse.kernel.models import ExceptionEntry, StateTransitionLog
from packhouse.orders.models import Order, OrderItem
from packhouse.packages.states import PackageStatus
from tests.builders import a_channel, a_location, a_package
from tests.commands.orders.documents import (
    ANKARA,
    DAY_ONE,
    DAY_THREE,
    DAY_TWO,
    copied,
    copy,
    remote_address,
    remote_item,
    remote_order,
)
from tests.fingerprint import fingerprint
from tests.jobs import waiting_jobs

pytestmark = pytest.mark.django_db
PLAN, FOLLOW_UP = "planning.plan_order", "orders.follow_up"


@pytest.fixture(autouse=True)
def web_shop() -> Channel:
    return a_channel(omnitron_id=1, name="Web shop")


def packed(order: Order, state: PackageStatus = PackageStatus.WAITING, **fields: Any) -> None:
    """Everything of the order stands in one package in this state."""
    a_package(order=order, state=state, **fields)


# Identity and mapping


def test_an_order_is_created_with_everything_it_points_at(web_shop: Channel) -> None:
    result = copy(
        remote_order(
            payment_option={
                "pk": 67,
                "slug": "credit_card",
                "name": "Card",
                "payment_type": "credit_card",
            },
            cargo_company={"pk": 695, "name": "Example", "erp_code": "ex", "shipping_company": "example"},
            delivery_range={"start": "2026-03-02T09:00:00Z", "end": "2026-03-04T18:00:00Z"},
            notes="Ring twice",
            loyalty_points=7,
        )
    )

    order = Order.objects.get()
    assert (result.outcome, result.order_id) == (Outcome.CREATED, order.pk)
    assert (order.omnitron_id, order.number, order.channel) == (1883, "100000001883", web_shop)
    assert (order.state, order.amount, order.shipping_amount) == ("400", Decimal("259.00"), Decimal("9.00"))
    assert order.customer is not None
    assert (order.customer.omnitron_id, order.customer.email) == (1232, "ada@example.com")
    assert order.cargo_company == CargoCompany.objects.get(omnitron_id=695)
    assert order.payment_option == PaymentOption.objects.get(slug="credit_card")
    assert (order.payment_type, order.notes) == ("credit_card", "Ring twice")
    assert order.delivery_range_end is not None
    assert order.remote_data == {"loyalty_points": 7}
    assert order.warnings == []
    address = order.shipping_address
    assert address is not None
    assert address.district == District.objects.get(omnitron_id=9021, name="KIZILAY")
    assert (address.city.name, address.line) == ("ANKARA", "5 Sample St")  # type: ignore[union-attr]
    assert order.billing_address == address
    assert waiting_jobs(PLAN) == [{"order_id": order.pk, "previous_package_id": None}]


def test_a_line_keeps_its_amounts_and_what_is_absent_follows_from_the_price() -> None:
    item = copied(
        items=[
            remote_item(price="250.00", discount_amount="10.00", retail_price="300.00", tax_rate="20.00"),
        ]
    ).items.get()

    assert (item.price, item.retail_price, item.tax_rate) == (Decimal(250), Decimal(300), Decimal(20))
    assert (item.tax_amount, item.net_amount, item.without_net_amount) == (Decimal(40), Decimal(200), None)


def test_half_a_cent_of_tax_is_rounded_up_and_told_amounts_are_taken_as_they_are() -> None:
    order = copied(
        items=[
            remote_item(1, price="0.33", tax_rate="18.00"),
            remote_item(2, price="100.00", tax_amount="1.00", net_amount="2.00", without_net_amount="3.00"),
        ]
    )

    first, second = order.items.order_by("omnitron_id")
    assert (first.tax_amount, first.net_amount) == (Decimal("0.05"), Decimal("0.28"))
    assert (second.tax_amount, second.net_amount, second.without_net_amount) == (1, 2, 3)


def test_the_units_of_a_merged_line_stand_in_its_attribute() -> None:
    order = copied(
        items=[
            remote_item(1, attributes={"quantity": "3"}),
            remote_item(2, attributes={"quantity": "many"}),
            remote_item(3),
        ]
    )

    assert list(order.items.order_by("omnitron_id").values_list("quantity", flat=True)) == [3, 1, 1]


def test_the_attribute_of_merged_lines_has_the_name_that_is_set() -> None:
    settings_store.put("ORDER_ITEM_QUANTITY_KEY", "units")

    assert copied(items=[remote_item(attributes={"units": 5, "quantity": 2})]).items.get().quantity == 5


def test_a_line_by_weight_makes_its_product_one_by_weight() -> None:
    item = copied(items=[remote_item(attributes={"quantity": "1.250"})]).items.get()

    assert (item.quantity, item.product.unit_type) == (Decimal("1.250"), "kg")


def test_the_barcode_of_a_product_is_an_attribute_else_its_sku() -> None:
    settings_store.put("PRODUCT_BARCODE_ATTRIBUTE", "ean")
    with_barcode = remote_item(1)
    with_barcode["product"]["attributes"] = {"ean": "8680000000012"}
    with_barcode["product"]["productimage_set"] = [
        {"pk": 5, "image": "https://img.example.com/1.jpg", "order": 0},
    ]
    copied(items=[with_barcode, remote_item(2, sku="PLAIN")])

    first, second = Product.objects.order_by("omnitron_id")
    assert (first.barcode, first.barcodes) == ("8680000000012", ["8680000000012"])
    assert [image.url for image in first.images.all()] == ["https://img.example.com/1.jpg"]
    assert (second.barcode, second.barcodes) == ("PLAIN", ["PLAIN"])


def test_a_product_of_ours_with_the_same_sku_becomes_the_back_offices() -> None:
    ours = Product.objects.create(sku="SKU-70012", name="Imported before", barcodes=["111"])

    product = copied().items.get().product

    assert (product.pk, product.omnitron_id, product.name) == (ours.pk, 170012, "Product SKU-70012")
    assert sorted(product.barcodes) == ["111", "SKU-70012"]


def test_a_product_never_goes_back_to_an_older_description() -> None:
    new, old = remote_item(1), remote_item(1)
    new["product"].update(name="New", modified_date=DAY_TWO)
    old["product"].update(name="Old", modified_date=DAY_ONE)

    copy(remote_order(1, items=[new]))
    copy(remote_order(2, items=[{**old, "pk": 2}]))

    assert Product.objects.get().name == "New"


def test_amounts_that_do_not_add_up_are_a_warning() -> None:
    order = copied(amount="300.00")

    assert order.warnings == [{"code": "amount_differs", "amount": "300.00", "items_and_shipping": "259.00"}]
    assert copied(pk=2, amount="259.01", items=[remote_item(2)]).warnings == []


def test_click_and_collect_names_the_store() -> None:
    store = a_location(omnitron_id=108)

    order = copied(
        delivery_type="in_store",
        shipping_address=remote_address(address_type="retail_store", retail_store=108),
    )

    assert order.retail_store == store
    assert order.is_click_and_collect
    assert order.shipping_address is not None
    assert order.shipping_address.retail_store == 108


@pytest.mark.parametrize("word", ["450", 450, "preparing", "Preparing"])
def test_a_status_is_a_code_or_a_label(word: object) -> None:
    order = copied(items=[remote_item(status=word)])

    assert (order.items.get().state, order.state) == ("450", "450")


def test_the_orders_own_state_is_the_lowest_of_its_items_that_are_not_cancelled() -> None:
    order = copied(
        items=[remote_item(1, status="100"), remote_item(2, status="550"), remote_item(3, status="400")]
    )

    assert order.state == "400"


def test_what_no_database_keeps_is_left_out() -> None:
    order = copied(notes="a\x00b", segment="\ud800", extra_field={"deep": "\x00", "n": float("inf")})

    assert (order.notes, order.segment, order.extra_field) == ("ab", "?", {"deep": "", "n": None})


def test_what_is_too_long_is_cut_rather_than_lost() -> None:
    order = copied(client_type="x" * 100, shipping_address=remote_address(first_name="y" * 999))

    assert order.client_type == "x" * 32
    assert order.shipping_address is not None
    assert order.shipping_address.first_name == "y" * 255


# Repeats and time


def test_the_same_again_changes_nothing() -> None:
    copy(remote_order())
    before = fingerprint()

    result = copy(remote_order())

    assert result.outcome is Outcome.UNCHANGED
    assert fingerprint() == before


def test_a_newer_document_is_written_and_an_older_one_is_not() -> None:
    copy(remote_order(modified_date=DAY_TWO, notes="two"))

    assert copy(remote_order(modified_date=DAY_THREE, notes="three")).outcome is Outcome.UPDATED
    before = fingerprint()
    assert copy(remote_order(modified_date=DAY_ONE, notes="one")).outcome is Outcome.STALE

    assert fingerprint() == before
    assert Order.objects.get().notes == "three"


def test_equal_date_and_other_content_the_later_reading_wins() -> None:
    copy(remote_order(notes="first"))

    assert copy(remote_order(notes="second")).outcome is Outcome.UPDATED
    assert Order.objects.get().notes == "second"


def test_an_item_may_change_without_its_order_and_keeps_its_own_time() -> None:
    copy(remote_order(modified_date=DAY_TWO, items=[remote_item(modified_date=DAY_TWO, image="two")]))

    newer = remote_order(modified_date=DAY_ONE, items=[remote_item(modified_date=DAY_THREE, image="three")])
    assert copy(newer).outcome is Outcome.UPDATED
    older = remote_order(modified_date=DAY_THREE, items=[remote_item(modified_date=DAY_ONE, image="one")])
    copy(older)

    assert OrderItem.objects.get().image == "three"


def test_the_order_of_an_import_is_taken_over_by_number() -> None:
    order = Order.objects.create(
        number="100000001883", channel=Channel.objects.get(), is_imported=True, content_hash="x"
    )
    line = OrderItem.objects.create(
        order=order, product=Product.objects.create(sku="SKU-70012", name="x"), quantity=1
    )

    result = copy(remote_order())

    order.refresh_from_db()
    line.refresh_from_db()
    assert (result.order_id, order.omnitron_id, line.omnitron_id) == (order.pk, 1883, 70012)
    assert order.items.count() == 1


def test_a_number_that_belongs_to_another_order_is_refused() -> None:
    copy(remote_order(1, number="1001"))
    before = fingerprint()

    with pytest.raises(InvalidParameter, match="1001"):
        copy(remote_order(2, number="1001", items=[remote_item(2)]))

    assert fingerprint() == before


def test_nothing_is_written_when_a_line_cannot_be() -> None:
    item = remote_item()
    item["product"] = 4711
    before = fingerprint()

    with pytest.raises(InvalidParameter, match=r"items\.0\.product"):
        copy(remote_order(items=[item]))

    assert fingerprint() == before


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"channel": None}, "channel"),
        ({"number": ""}, "number"),
        ({"status": "999"}, "status"),
        ({"amount": "much"}, "amount"),
        ({"amount": "1e30"}, "amount"),
        ({"date_placed": "yesterday"}, "date_placed"),
        ({"orderitem_set": [{"pk": "x"}]}, "orderitem_set.0.pk"),
        ({"orderitem_set": "none"}, "orderitem_set"),
        ({"orderitem_set": []}, "items"),
    ],
)
def test_what_cannot_be_read_is_named(fields: dict[str, Any], path: str) -> None:
    with pytest.raises(InvalidParameter) as refusal:
        copy({**remote_order(), **fields})

    assert [key for key in refusal.value.errors if key.startswith(path)]


# Unknown things


def test_an_order_of_a_channel_nobody_installed_is_kept_and_waits() -> None:
    order = copied(channel={"pk": 9, "name": "New shop"})

    assert (order.channel.omnitron_id, order.channel.name) == (9, "New shop")
    assert not order.channel.is_installed
    assert waiting_jobs(PLAN) == [{"order_id": order.pk, "previous_package_id": None}]


def test_places_that_are_not_known_are_made_and_known_ones_left_alone() -> None:
    copied(shipping_address=remote_address(), billing_address=remote_address(pk=2, line="other"))
    copied(
        pk=2,
        items=[remote_item(2)],
        shipping_address=remote_address(city={**ANKARA, "name": "ANGORA"}),
    )

    assert list(District.objects.values_list("name", "city__name", "township__name")) == [
        ("KIZILAY", "ANKARA", "CANKAYA")
    ]


# Statuses


@pytest.mark.parametrize("told", ["200", "300", "350", "400", "450", "500", "550", "100", "600"])
def test_until_a_package_holds_the_item_its_status_is_taken_as_it_is(told: str) -> None:
    copy(remote_order(items=[remote_item(status="300")]))
    copy(remote_order(modified_date=DAY_TWO, items=[remote_item(status=told, modified_date=DAY_TWO)]))

    item = OrderItem.objects.get()
    assert (item.state, item.omnitron_status) == (told, None)


def test_an_approved_payment_lets_the_order_be_planned() -> None:
    copy(remote_order(items=[remote_item(status="300")]))
    assert waiting_jobs(PLAN) == []

    result = copy(remote_order(items=[remote_item(status="400", modified_date=DAY_TWO)]))

    assert result.changes.status == [OrderItem.objects.get().pk]
    assert len(waiting_jobs(PLAN)) == 1
    log = StateTransitionLog.objects.filter(object_id=result.order_id).order_by("id").last()
    assert log is not None
    assert log.old_state is not None
    assert (log.old_state.enum_value, log.new_state.enum_value) == ("300", "400")


@pytest.mark.parametrize("told", ["200", "300", "350", "450", "500", "550"])
def test_a_held_item_keeps_its_status_and_the_other_is_shown(told: str) -> None:
    packed(copied())

    result = copy(remote_order(items=[remote_item(status=told, modified_date=DAY_TWO)]))

    item = OrderItem.objects.get()
    assert (item.state, item.omnitron_status) == ("400", told)
    assert not result.changes.any
    assert waiting_jobs(FOLLOW_UP) == []


@pytest.mark.parametrize("told", ["50", "600"])
def test_a_held_item_takes_a_wish_to_cancel_and_a_refund(told: str) -> None:
    packed(copied())

    copy(remote_order(items=[remote_item(status=told, modified_date=DAY_TWO)]))

    item = OrderItem.objects.get()
    assert (item.state, item.omnitron_status) == (told, None)
    assert Order.objects.get().state == told


def test_a_held_item_told_as_cancelled_is_withdrawn() -> None:
    order = copied()
    packed(order)

    result = copy(remote_order(items=[remote_item(status="100", modified_date=DAY_TWO)]))

    item = OrderItem.objects.get()
    assert (item.state, item.omnitron_status) == ("400", "100")
    assert result.changes.withdrawn == [item.pk]
    assert waiting_jobs(FOLLOW_UP) == [{"order_id": order.pk, "changes": {"withdrawn": [item.pk]}}]


def test_an_echo_of_what_we_sent_changes_nothing() -> None:
    packed(copied(), PackageStatus.PACKED)

    result = copy(
        remote_order(
            modified_date=DAY_TWO, status="450", items=[remote_item(status="450", modified_date=DAY_TWO)]
        )
    )

    item = OrderItem.objects.get()
    assert (item.state, item.omnitron_status) == ("450", None)
    assert not result.changes.any
    assert waiting_jobs(FOLLOW_UP) == []


def test_a_withdrawn_wish_to_cancel_puts_the_item_back_to_what_its_package_says() -> None:
    packed(copied(), PackageStatus.PACKED)
    copy(remote_order(items=[remote_item(status="50", modified_date=DAY_TWO)]))
    assert OrderItem.objects.get().state == "50"

    copy(remote_order(items=[remote_item(status="450", modified_date=DAY_THREE)]))

    assert OrderItem.objects.get().state == "450"
    assert Order.objects.get().state == "450"


def test_an_item_cancelled_here_is_not_brought_back_by_an_older_status() -> None:
    item = copied().items.get()
    item.state, item.cancelled_quantity = "100", 1
    item.save()

    copy(remote_order(items=[remote_item(status="400", modified_date=DAY_TWO)]))

    item.refresh_from_db()
    assert (item.state, item.omnitron_status) == ("100", "400")


# Changes after planning


def test_an_item_that_vanished_before_it_was_planned_is_cancelled() -> None:
    copy(remote_order(items=[remote_item(1), remote_item(2)]))

    copy(remote_order(modified_date=DAY_TWO, items=[remote_item(1)]))

    assert dict(OrderItem.objects.values_list("omnitron_id", "state")) == {1: "400", 2: "100"}
    assert waiting_jobs(FOLLOW_UP) == []


def test_an_item_that_vanished_while_a_package_holds_it_is_withdrawn_and_may_come_back() -> None:
    order = copied(items=[remote_item(1), remote_item(2)])
    packed(order)

    result = copy(remote_order(modified_date=DAY_TWO, items=[remote_item(1)]))
    gone = OrderItem.objects.get(omnitron_id=2)
    assert (gone.state, gone.omnitron_status, result.changes.withdrawn) == ("400", "100", [gone.pk])

    copy(remote_order(modified_date=DAY_THREE, items=[remote_item(1), remote_item(2)]))
    gone.refresh_from_db()
    assert (gone.state, gone.omnitron_status, gone.remote_data) == ("400", None, {})


def test_an_older_document_withdraws_nothing() -> None:
    copy(remote_order(modified_date=DAY_TWO, items=[remote_item(1), remote_item(2)]))

    copy(remote_order(modified_date=DAY_ONE, items=[remote_item(1)]))

    assert set(OrderItem.objects.values_list("state", flat=True)) == {"400"}


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"items": [remote_item(attributes={"quantity": 2}, modified_date=DAY_TWO)]}, "quantity"),
        ({"items": [remote_item(sku="OTHER", product={"pk": 9, "sku": "OTHER"})]}, "product"),
        ({"items": [remote_item(), remote_item(2)]}, "added"),
        ({"shipping_address": remote_address(line="6 New St")}, "address"),
        ({"cargo_company": {"pk": 695, "name": "Ex", "erp_code": "ex"}}, "cargo_company"),
    ],
)
def test_what_really_changed_asks_for_a_new_plan(change: dict[str, Any], name: str) -> None:
    order = copied()
    packed(order)

    result = copy(remote_order(modified_date=DAY_TWO, **change))

    assert set(result.changes.document()) == {name}
    assert [set(job["changes"]) for job in waiting_jobs(FOLLOW_UP)] == [{name}]


@pytest.mark.parametrize(
    "change",
    [
        {"notes": "Ring twice"},
        {"is_send": True},
        {"shipping_address": remote_address(phone_number="05001112233")},
        {"items": [remote_item(extra_field={"a": 1}, modified_date=DAY_TWO)]},
    ],
)
def test_other_changes_ask_for_none(change: dict[str, Any]) -> None:
    packed(copied())

    result = copy(remote_order(modified_date=DAY_TWO, **change))

    assert result.outcome is Outcome.UPDATED
    assert not result.changes.any
    assert waiting_jobs(FOLLOW_UP) == []


def test_an_address_is_a_snapshot_of_its_order() -> None:
    first = copied()
    second = copied(pk=2, items=[remote_item(2)])
    copy(remote_order(modified_date=DAY_TWO, shipping_address=remote_address(line="6 New St")))

    first.refresh_from_db()
    second.refresh_from_db()
    assert first.shipping_address is not None
    assert second.shipping_address is not None
    assert (first.shipping_address.line, second.shipping_address.line) == ("6 New St", "5 Sample St")
    assert CustomerAddress.objects.filter(omnitron_id=298).count() == 3


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"shipping_address": remote_address(line="6 New St")}, "shipping_address"),
        ({"items": [remote_item(sku="OTHER", product={"pk": 9, "sku": "OTHER"})]}, "items.0.product"),
        ({"cargo_company": {"pk": 695, "name": "Ex", "erp_code": "ex"}}, "cargo_company"),
    ],
)
def test_what_is_packed_is_not_changed_any_more_and_a_person_is_told(
    change: dict[str, Any], field: str
) -> None:
    order = copied()
    packed(order, PackageStatus.PACKED)

    result = copy(remote_order(modified_date=DAY_TWO, **change))

    order.refresh_from_db()
    assert order.shipping_address is not None
    assert order.shipping_address.line == "5 Sample St"
    assert (order.items.get().product.sku, order.cargo_company) == ("SKU-70012", None)
    assert list(result.changes.kept_aside) == [field]
    entry = ExceptionEntry.objects.get()
    assert (entry.kind, entry.subject) == ("order_changed_after_packing", f"order/{order.pk}")
    assert waiting_jobs(FOLLOW_UP) == []


def test_no_fewer_units_than_are_packed() -> None:
    order = copied(items=[remote_item(attributes={"quantity": 3})])
    packed(order, PackageStatus.PACKED)

    copy(remote_order(items=[remote_item(attributes={"quantity": 2}, modified_date=DAY_TWO)]))

    assert OrderItem.objects.get().quantity == 3
    assert ExceptionEntry.objects.get().detail["kept_aside"] == {
        "items.0.quantity": "This line is packed already."
    }


# Cost


def test_the_number_of_statements_does_not_grow_with_the_lines(django_assert_max_num_queries: Any) -> None:
    copy(remote_order(3, items=[remote_item(99)]))  # places and customer are known from here on
    with django_assert_max_num_queries(30) as few:
        copy(remote_order(1, items=[remote_item(n) for n in range(1, 3)]))
    with django_assert_max_num_queries(30) as many:
        copy(remote_order(2, items=[remote_item(n) for n in range(11, 41)]))

    assert len(many) <= len(few)
