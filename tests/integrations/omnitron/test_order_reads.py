"""Orders from the back office into ours: read, completed, copied; one at a time, merged, parked (page 70, A5)."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest
from django.db import transaction

from packhouse.catalog.models import Channel, CustomerAddress, Product, Township
from packhouse.integrations.failures import TemporaryFailure
from packhouse.integrations.omnitron import order_document, order_reads
from packhouse.integrations.omnitron.client import Omnitron
from packhouse.integrations.omnitron.models import OrderRead
from packhouse.integrations.omnitron.order_document import OrderGone, fetch_order
from packhouse.integrations.patience import TryLater
from packhouse.kernel import clock, settings_store
from packhouse.kernel.models import ExceptionEntry
from packhouse.orders.models import Order
from tests.commands.orders.documents import remote_order
from tests.integrations.omnitron.conftest import configure
from tests.integrations.omnitron.far import far, in_turn
from tests.integrations.omnitron.office import Office
from tests.integrations.omnitron.working import work
from tests.jobs import waiting_jobs

pytestmark = pytest.mark.django_db


def read(order_pk: int) -> None:
    with transaction.atomic():
        order_reads.ask([order_pk])
    work()


def test_an_order_of_the_sandbox_is_the_same_here(office: Office, channels: list[Channel]) -> None:
    theirs = office.place_with(2)

    read(theirs["pk"])

    ours = Order.objects.get(omnitron_id=theirs["pk"])
    assert (ours.number, ours.channel.omnitron_id, ours.state) == (theirs["number"], 1, "400")
    assert (ours.amount, ours.shipping_amount) == (
        Decimal(theirs["amount"]),
        Decimal(theirs["shipping_amount"]),
    )
    assert ours.warnings == []
    assert ours.payment_option is not None
    assert (ours.payment_option.slug, ours.payment_type) == (theirs["payment_option_slug"],) * 2
    assert ours.customer is not None
    assert ours.customer.email == theirs["customer"]["email"]
    assert ours.shipping_address is not None
    assert ours.shipping_address.district is not None
    assert ours.shipping_address.district.name == theirs["shipping_address"]["district"]["name"]
    assert (ours.cargo_company is None) == (theirs["cargo_company"] is None)
    for item in theirs["orderitem_set"]:
        row = ours.items.get(omnitron_id=item["pk"])
        assert (row.product.sku, row.price, row.tax_amount) == (
            item["product"]["sku"],
            Decimal(item["price"]),
            Decimal(item["tax_amount"]),
        )
        assert row.quantity == item["attributes"].get("quantity", 1)
    assert order_reads.owed() == 0


def test_requests_that_wait_together_cost_one_read(office: Office, channels: list[Channel]) -> None:
    pk = office.place()["pk"]
    office.forget_requests()
    for _ in range(5):
        with transaction.atomic():
            order_reads.ask([pk])

    work()

    assert len(office.requests("orders_integration")) == 1
    assert OrderRead.objects.get().done == 5


def test_a_request_made_while_reading_is_read_again(office: Office, channels: list[Channel]) -> None:
    pk = office.place()["pk"]
    with transaction.atomic():
        order_reads.ask([pk])
    row = OrderRead.objects.get()
    with transaction.atomic():
        order_reads.ask([pk])

    order_reads._finish(row)

    assert order_reads.owed() == 1
    work()
    assert order_reads.owed() == 0


def test_the_flat_way_where_another_system_stands_in_for_orders(
    office: Office, channels: list[Channel]
) -> None:
    theirs = office.place_with(2)
    configure(
        office.url,
        endpoint_conf=[{"endpoint": "orders", "base_url": f"{office.url}/api/i1"}],
    )

    read(theirs["pk"])

    ours = Order.objects.get(omnitron_id=theirs["pk"])
    assert ours.items.count() == len(theirs["orderitem_set"])
    assert ours.customer is not None
    assert ours.customer.email == theirs["customer"]["email"]
    assert ours.shipping_address is not None
    assert ours.shipping_address.township == Township.objects.get(
        omnitron_id=theirs["shipping_address"]["township"]["pk"]
    )


def test_bare_ids_are_read_once_and_known_ones_not_at_all(office: Office, channels: list[Channel]) -> None:
    theirs = office.place()
    read(theirs["pk"])
    office.forget_requests()

    read(theirs["pk"])

    paths = {row["path"] for row in office.requests()}
    assert not any("payment_options" in path or "cargos" in path for path in paths)


def test_what_is_paid_at_the_door_is_asked_for(office: Office, channels: list[Channel]) -> None:
    while (theirs := office.place())["payment_option_slug"] != "pay_on_delivery":
        pass
    read(theirs["pk"])

    told = office.api("GET", f"orders/{theirs['pk']}/pay_on_delivery_transaction_amount/")
    ours = Order.objects.get(omnitron_id=theirs["pk"])
    assert ours.pay_on_delivery_amount == Decimal(told["amount_without_loyalty_money"])


def test_an_order_that_is_not_there_is_gone(office: Office) -> None:
    with pytest.raises(OrderGone):
        fetch_order(Omnitron(), 987_654_321)

    read(987_654_321)

    assert order_reads.owed() == 0
    assert not Order.objects.exists()


def test_an_order_found_by_number_in_place_of_its_id_is_not_taken() -> None:
    configure("https://omnitron.example.com")
    other = remote_order(77, number="5")

    with (
        far(**{"orders_integration/5/detailed_integration": other, "orders/5": other}),
        pytest.raises(OrderGone),
    ):
        fetch_order(Omnitron(), 5)


def test_only_channels_of_the_allow_list_are_copied(office: Office, channels: list[Channel]) -> None:
    settings_store.put("OMNITRON_CHANNELS", [2])
    settings_store.forget()
    first, second = office.place(channel=1), office.place(channel=2)

    read(first["pk"])
    read(second["pk"])

    assert list(Order.objects.values_list("omnitron_id", flat=True)) == [second["pk"]]


def test_a_channel_nobody_installed_is_kept_by_its_name(office: Office) -> None:
    theirs = office.place(channel=3)

    read(theirs["pk"])

    channel = Order.objects.get().channel
    assert (channel.omnitron_id, channel.is_installed) == (3, False)
    assert channel.name == theirs["channel"]["name"]


def test_the_flag_is_set_on_copy_where_that_is_wanted(office: Office, channels: list[Channel]) -> None:
    settings_store.put("OMNITRON_MARK_SENT", "on_copy")
    settings_store.forget()
    pk = office.place()["pk"]

    read(pk)

    assert office.order(pk)["is_send"] is True
    assert Order.objects.get().is_send


def test_the_flag_is_left_alone_by_default(office: Office, channels: list[Channel]) -> None:
    pk = office.place()["pk"]

    read(pk)

    assert office.order(pk)["is_send"] is False


# Failures


def test_a_silent_back_office_is_waited_for_and_uses_up_no_try(office: Office) -> None:
    office.faults(error_rate={"503": 1})
    with transaction.atomic():
        order_reads.ask([1001])

    for _ in range(7):
        with pytest.raises(TemporaryFailure):
            order_reads.perform(1001)

    row = OrderRead.objects.get()
    assert (row.tries, row.parked) == (0, False)


def test_after_48_hours_of_silence_it_is_parked(office: Office) -> None:
    office.faults(error_rate={"503": 1})
    with transaction.atomic():
        order_reads.ask([1001])

    with clock.frozen(clock.now() + timedelta(hours=49)):
        order_reads.perform(1001)

    assert OrderRead.objects.get().parked
    assert ExceptionEntry.objects.get().subject == "omnitron_order/1001"


def test_an_order_that_cannot_be_read_is_parked_after_five_tries_and_the_others_go_on(
    channels: list[Channel], office: Office
) -> None:
    configure("https://omnitron.example.com")
    poison = {**remote_order(66), "amount": "much"}
    good = remote_order(67)
    answers = {
        "orders_integration/66/detailed_integration": poison,
        "orders_integration/67/detailed_integration": good,
    }
    with far(**answers):
        with transaction.atomic():
            order_reads.ask([66, 67])
        waits = []
        for _ in range(4):
            with pytest.raises(TryLater) as later:
                order_reads.perform(66)
            waits.append(later.value.seconds)
        order_reads.perform(66)
        order_reads.perform(67)
        order_reads.perform(66)

    assert waits == sorted(waits)
    parked = OrderRead.objects.get(order_pk=66)
    assert (parked.tries, parked.parked) == (5, True)
    assert "amount" in parked.last_error
    entry = ExceptionEntry.objects.get()
    assert (entry.kind, entry.subject, entry.action, entry.count) == (
        "omnitron_order",
        "omnitron_order/66",
        "retry",
        1,
    )
    assert list(Order.objects.values_list("omnitron_id", flat=True)) == [67]


def test_a_parked_order_is_read_again_by_hand(channels: list[Channel], office: Office) -> None:
    configure("https://omnitron.example.com")
    with transaction.atomic():
        order_reads.ask([66])
    OrderRead.objects.update(parked=True, tries=5)
    order_reads._park(OrderRead.objects.get(), ValueError("x"))

    with far(**{"orders_integration/66/detailed_integration": remote_order(66)}):
        order_reads.retry(66)
        work()

    assert Order.objects.get().omnitron_id == 66
    assert not ExceptionEntry.objects.filter(resolved_date=None).exists()


def test_without_settings_an_order_waits_and_is_woken(office: Office, channels: list[Channel]) -> None:
    pk = office.place()["pk"]
    with transaction.atomic():
        order_reads.ask([pk])
    settings_store.reset("OMNITRON_CLIENT_SETTINGS")
    settings_store.forget()
    work()
    assert (order_reads.owed(), OrderRead.objects.get().parked) == (1, False)

    configure(office.url)
    assert order_reads.wake_forgotten() == 0
    with clock.frozen(clock.now() + timedelta(minutes=3)):
        assert order_reads.wake_forgotten() == 1
        assert order_reads.wake_forgotten() == 0
    work()

    assert Order.objects.get().omnitron_id == pk


def test_nothing_half_written_when_the_copy_fails(channels: list[Channel], office: Office) -> None:
    configure("https://omnitron.example.com")
    broken: dict[str, Any] = remote_order(66)
    broken["orderitem_set"].append(
        {**broken["orderitem_set"][0], "pk": 2, "product": {"pk": 9, "name": "no sku"}}
    )
    with far(**{"orders_integration/66/detailed_integration": broken}):
        with transaction.atomic():
            order_reads.ask([66])
        with pytest.raises(TryLater):
            order_reads.perform(66)

    assert not Order.objects.exists()
    assert not Product.objects.exists()
    assert not CustomerAddress.objects.exists()
    assert waiting_jobs("planning.plan_order") == []


def test_a_number_is_looked_up(office: Office) -> None:
    theirs = office.place()

    assert order_document.find_pk(Omnitron(), theirs["number"]) == theirs["pk"]
    assert order_document.find_pk(Omnitron(), "no-such-number") is None


def test_an_error_page_is_no_answer(office: Office) -> None:
    configure("https://omnitron.example.com")
    page = httpx.Response(200, html="<html>maintenance</html>")
    with far(detailed_integration=in_turn(page)):
        with transaction.atomic():
            order_reads.ask([66])
        with pytest.raises(TemporaryFailure):
            order_reads.perform(66)

    assert not OrderRead.objects.get().parked
