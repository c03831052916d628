"""Cancellation plans in (page 70, A7): the table, row by row, and what the back office is told."""

from datetime import timedelta
from typing import Any

import pytest

from packhouse.catalog.models import Channel
from packhouse.commands.orders.cancellation_plans import decide_by_hand
from packhouse.commands.packages.hold_for_cancellation import HELD_FROM
from packhouse.integrations.omnitron import cancellations, order_reads
from packhouse.kernel import clock, engine, settings_store
from packhouse.kernel.accounts import SYSTEM
from packhouse.kernel.engine import Call
from packhouse.kernel.errors import InvalidParameter, PackhouseError, WrongState
from packhouse.kernel.models import ExceptionEntry, StateTransitionLog
from packhouse.kernel.remedies import try_again
from packhouse.orders.models import CancellationPlan, Order, StatusReport
from packhouse.packages.models import Package
from packhouse.packages.states import BEFORE_SHIPPED, PackageStatus
from tests.builders import a_package, a_transfer
from tests.integrations.omnitron.conftest import configure
from tests.integrations.omnitron.office import Office
from tests.integrations.omnitron.working import work
from tests.jobs import waiting_jobs

pytestmark = pytest.mark.django_db


@pytest.fixture
def placed(office: Office, channels: list[Channel]) -> Order:
    """An order with two items at least, on both sides."""
    pk = office.place_with(2)["pk"]
    order_reads.read_and_copy(pk)
    return Order.objects.get(omnitron_id=pk)


def pk_of(order: Order) -> int:
    assert order.omnitron_id is not None
    return order.omnitron_id


def cancelled(office: Office, order: Order, *items: int) -> Any:
    """The customer cancels; our answer follows. The plan there."""
    body = {"cancel_items": list(items)} if items else {}
    plan = office.cancel(pk_of(order), **body)
    cancellations.handle(pk_of(order), plan["pk"], plan["plan_type"], [])
    work()
    return plan


def there(office: Office, order: Order) -> set[tuple[str, str | None]]:
    rows = office.items(pk_of(order)).values()
    return {(row["status"], row["cancel_status"]) for row in rows}


def plan_of(order: Order) -> CancellationPlan:
    return CancellationPlan.objects.get(order=order)


def test_items_nobody_planned_yet_are_taken_out_and_accepted(office: Office, placed: Order) -> None:
    plan = cancelled(office, placed)

    placed.refresh_from_db()
    assert placed.state == "100"
    assert {item.state for item in placed.items.all()} == {"100"}
    ours = plan_of(placed)
    assert (ours.omnitron_id, ours.plan_type, ours.state) == (plan["pk"], "cancel", "accepted")
    assert ours.answered_date is not None
    assert there(office, placed) == {("100", "approved")}
    assert office.api("GET", f"channel/1/cancellation_plans/{plan['pk']}/")["status"] == "completed"
    assert not StatusReport.objects.exists()


@pytest.mark.parametrize("state", [s for s in BEFORE_SHIPPED if s is not PackageStatus.CANCELLATION_WAITING])
def test_a_package_before_shipped_is_cancelled_and_accepted(
    state: PackageStatus, office: Office, placed: Order
) -> None:
    package = a_package(order=placed, state=state)

    cancelled(office, placed)

    package.refresh_from_db()
    assert package.state == PackageStatus.CANCELLED
    assert plan_of(placed).state == "accepted"
    assert there(office, placed) == {("100", "approved")}


def test_one_item_of_a_package_is_cut_out(office: Office, placed: Order) -> None:
    a_package(order=placed, state=PackageStatus.PREPARING)
    item = placed.items.order_by("id").first()
    assert item is not None
    assert item.omnitron_id is not None

    cancelled(office, placed, item.omnitron_id)

    item.refresh_from_db()
    assert item.state == "100"
    rest = Package.objects.get(order=placed, state=PackageStatus.PREPARING)
    assert item.pk not in rest.items.values_list("order_item_id", flat=True)
    assert plan_of(placed).items.get().decision == "accepted"
    statuses = {pk: row["status"] for pk, row in office.items(pk_of(placed)).items()}
    assert statuses.pop(item.omnitron_id) == "100"
    assert set(statuses.values()) == {"400"}


def test_what_is_shipped_is_refused_with_its_real_code_and_a_reason(office: Office, placed: Order) -> None:
    settings_store.put("OMNITRON_FAILED_CANCELLATION_REASON_ID", 10)
    settings_store.forget()
    a_package(order=placed, state=PackageStatus.SHIPPED)

    plan = cancelled(office, placed)

    ours = plan_of(placed)
    assert (ours.state, {item.decision for item in ours.items.all()}) == ("refused", {"refused"})
    assert there(office, placed) == {("500", "rejected")}
    rows = office.items(pk_of(placed)).values()
    assert all(row["extra_field"]["oms_cancellation"]["cancellation_reason"] == 10 for row in rows)
    assert office.api("GET", f"channel/1/cancellation_plans/{plan['pk']}/")["status"] == "rejected"


def test_a_plan_half_of_which_is_shipped(office: Office, placed: Order) -> None:
    first, *others = placed.items.order_by("id")
    a_package(order=placed, state=PackageStatus.SHIPPED, order_items=[first])
    a_package(order=placed, state=PackageStatus.WAITING, order_items=others)

    cancelled(office, placed)

    assert plan_of(placed).state == "partly"
    assert there(office, placed) == {("500", "rejected"), ("100", "approved")}


def test_a_refund_of_what_is_shipped_is_recorded_and_not_answered(office: Office, placed: Order) -> None:
    a_package(order=placed, state=PackageStatus.DELIVERED)
    for item in placed.items.all():
        office.api("PATCH", f"order_items/{item.omnitron_id}/", {"status": "550"})

    plan = cancelled(office, placed)

    assert plan["plan_type"] == "refund"
    assert {item.decision for item in plan_of(placed).items.all()} == {"recorded"}
    assert {cancel for _, cancel in there(office, placed)} == {"waiting"}


def test_handled_once_per_plan_and_item(office: Office, placed: Order) -> None:
    plan = cancelled(office, placed)
    office.forget_requests()

    cancellations.handle(pk_of(placed), plan["pk"], "cancel", [])
    work()

    assert plan_of(placed).items.count() == placed.items.count()
    assert office.requests("order_items", "PATCH") == []


def test_found_without_its_id_the_waiting_plan_is_asked_for(office: Office, placed: Order) -> None:
    plan = office.cancel(pk_of(placed))

    cancellations.handle(pk_of(placed), None, None, [])

    assert plan_of(placed).omnitron_id == plan["pk"]


def test_where_plans_cannot_be_read_the_items_that_wait_are_taken(office: Office, placed: Order) -> None:
    configure(office.url, endpoint_conf=[{"endpoint": "cancellation_plans", "enabled": False}])
    office.cancel(pk_of(placed))

    cancellations.handle(pk_of(placed), 77, "cancel", [])
    work()

    ours = plan_of(placed)
    assert (ours.omnitron_id, ours.state, ours.items.count()) == (77, "accepted", placed.items.count())
    assert there(office, placed) == {("100", "approved")}


def test_the_answer_is_repeated_until_it_is_taken(office: Office, placed: Order) -> None:
    plan = office.cancel(pk_of(placed))
    cancellations.handle(pk_of(placed), plan["pk"], "cancel", [])
    office.faults(error_rate={"503": 1})
    assert work().put_off == 1
    assert plan_of(placed).answered_date is None

    office.calm()
    with clock.frozen(clock.now() + timedelta(minutes=1)):
        cancellations.answer(plan_of(placed).pk)

    assert there(office, placed) == {("100", "approved")}


# By hand


def by_hand() -> None:
    settings_store.put("CANCELLATION_APPROVAL", "manual")
    settings_store.forget()


@pytest.fixture
def waiting_plan(office: Office, placed: Order) -> CancellationPlan:
    by_hand()
    a_package(order=placed, state=PackageStatus.PREPARING)
    plan = office.cancel(pk_of(placed))
    cancellations.handle(pk_of(placed), plan["pk"], "cancel", [])
    assert waiting_jobs("omnitron.answer_plan") == []
    return plan_of(placed)


def test_by_hand_the_package_is_held_until_somebody_decides(waiting_plan: CancellationPlan) -> None:
    package = Package.objects.get(order=waiting_plan.order)

    assert waiting_plan.state == "waiting"
    assert {item.state for item in waiting_plan.order.items.all()} == {"50"}
    assert (package.state, package.holds_quota) == (PackageStatus.CANCELLATION_WAITING, True)
    with pytest.raises(WrongState):
        engine.execute("package", Call(package.pk, slug="CompletePackagingCommand"), SYSTEM)


@pytest.mark.parametrize(
    "state",
    [PackageStatus.BLOCKED, PackageStatus.OUT_OF_STOCK, PackageStatus.SHIPPED, PackageStatus.DELIVERED],
)
def test_a_package_in_another_state_stays_where_it_is(
    state: PackageStatus, office: Office, placed: Order
) -> None:
    by_hand()
    package = a_package(order=placed, state=state)
    plan = office.cancel(pk_of(placed))

    cancellations.handle(pk_of(placed), plan["pk"], "cancel", [])

    package.refresh_from_db()
    assert package.state == state


@pytest.mark.parametrize("state", HELD_FROM)
def test_refused_by_hand_the_package_goes_back_to_where_it_was(
    state: PackageStatus, office: Office, placed: Order
) -> None:
    by_hand()
    package = a_package(order=placed, state=state)
    if state is PackageStatus.WAITING_FOR_TRANSFER:
        a_transfer(package=package)
    plan = office.cancel(pk_of(placed))
    cancellations.handle(pk_of(placed), plan["pk"], "cancel", [])

    decide_by_hand(plan_of(placed), accept=False, reason="nearly there")

    package.refresh_from_db()
    assert (package.state, package.cancellation_failed) == (state, True)


def test_an_item_nobody_planned_yet_is_approved_again_when_refused(office: Office, placed: Order) -> None:
    by_hand()
    plan = office.cancel(pk_of(placed))
    cancellations.handle(pk_of(placed), plan["pk"], "cancel", [])

    decide_by_hand(plan_of(placed), accept=False)
    work()

    assert there(office, placed) == {("400", "rejected")}
    assert {item.state for item in placed.items.all()} == {"400"}
    assert waiting_jobs("planning.plan_order")[-1]["order_id"] == placed.pk


@pytest.mark.parametrize(
    ("accept", "state", "package", "told"),
    [
        (True, "accepted", PackageStatus.CANCELLED, {("100", "approved")}),
        (False, "refused", PackageStatus.PREPARING, {("400", "rejected")}),
    ],
)
def test_somebody_decides(
    accept: bool,
    state: str,
    package: PackageStatus,
    told: set[tuple[str, str]],
    office: Office,
    waiting_plan: CancellationPlan,
) -> None:
    decide_by_hand(waiting_plan, accept=accept)
    work()

    waiting_plan.refresh_from_db()
    assert waiting_plan.state == state
    assert Package.objects.get(order=waiting_plan.order).state == package
    assert there(office, waiting_plan.order) == told


def test_item_by_item_and_only_once(waiting_plan: CancellationPlan) -> None:
    first, *others = waiting_plan.items.order_by("id")
    decide_by_hand(waiting_plan, accept=True, order_item_ids=[first.order_item_id])
    assert waiting_plan.state == "waiting"
    rest = Package.objects.get(order=waiting_plan.order, state=PackageStatus.CANCELLATION_WAITING)
    assert set(rest.items.values_list("order_item_id", flat=True)) == {item.order_item_id for item in others}

    with pytest.raises(InvalidParameter):
        decide_by_hand(waiting_plan, accept=True, order_item_ids=[first.order_item_id])
    decide_by_hand(
        waiting_plan, accept=False, reason="on its way", order_item_ids=[i.order_item_id for i in others]
    )
    assert waiting_plan.state == "partly"
    rest.refresh_from_db()
    assert rest.state == PackageStatus.PREPARING
    with pytest.raises(WrongState):
        decide_by_hand(waiting_plan, accept=True)


def test_a_plan_that_is_withdrawn_puts_things_back(office: Office, waiting_plan: CancellationPlan) -> None:
    order = waiting_plan.order
    for item in order.items.all():
        body = {"status": "400", "cancel_status": "rejected"}
        office.api("PATCH", f"order_items/{item.omnitron_id}/", body)

    cancellations.handle(pk_of(order), waiting_plan.omnitron_id, "cancel", [])

    waiting_plan.refresh_from_db()
    assert waiting_plan.state == "withdrawn"
    assert {item.state for item in order.items.all()} == {"400"}
    assert Package.objects.get(order=order).state == PackageStatus.PREPARING


def test_one_item_is_withdrawn_and_the_package_waits_for_the_other(
    office: Office, waiting_plan: CancellationPlan
) -> None:
    order = waiting_plan.order
    first, *others = order.items.order_by("id")
    office.api("PATCH", f"order_items/{first.omnitron_id}/", {"status": "400", "cancel_status": "rejected"})

    cancellations.handle(pk_of(order), waiting_plan.omnitron_id, "cancel", [])

    waiting_plan.refresh_from_db()
    decisions = dict(waiting_plan.items.values_list("order_item_id", "decision"))
    assert decisions == {first.pk: "withdrawn", **{item.pk: "" for item in others}}
    assert waiting_plan.state == "waiting"
    package = Package.objects.get(order=order)
    assert package.state == PackageStatus.CANCELLATION_WAITING

    decide_by_hand(waiting_plan, accept=True)

    assert waiting_plan.state == "accepted"
    first.refresh_from_db()
    assert first.cancelled_quantity == 0
    rest = Package.objects.exclude(state=PackageStatus.CANCELLED).get(order=order)
    assert (rest.state, rest.items.get().order_item_id) == (PackageStatus.PREPARING, first.pk)


def test_what_was_withdrawn_may_be_wanted_again(office: Office, waiting_plan: CancellationPlan) -> None:
    order, pk = waiting_plan.order, waiting_plan.omnitron_id
    items = list(order.items.all())

    def tell(status: str, cancel_status: str) -> None:
        for item in items:
            office.api(
                "PATCH",
                f"order_items/{item.omnitron_id}/",
                {"status": status, "cancel_status": cancel_status},
            )
        cancellations.handle(pk_of(order), pk, "cancel", [])
        waiting_plan.refresh_from_db()

    tell("400", "rejected")
    tell("400", "rejected")
    assert waiting_plan.state == "withdrawn"
    tell("50", "waiting")

    assert waiting_plan.state == "waiting"
    assert Package.objects.get(order=order).state == PackageStatus.CANCELLATION_WAITING


def test_what_the_back_office_cancels_by_itself_is_cancelled_not_put_back(
    office: Office, waiting_plan: CancellationPlan
) -> None:
    order = waiting_plan.order
    for item in order.items.all():
        body = {"status": "100", "cancel_status": "approved"}
        office.api("PATCH", f"order_items/{item.omnitron_id}/", body)

    cancellations.handle(pk_of(order), waiting_plan.omnitron_id, "cancel", [])

    waiting_plan.refresh_from_db()
    package = Package.objects.get(order=order)
    assert (waiting_plan.state, package.state) == ("withdrawn", PackageStatus.CANCELLED)
    assert {item.state for item in order.items.all()} == {"100"}
    held = {"old_state__enum_value": "50"}
    moves = StateTransitionLog.objects.filter(object_id=package.pk, content_type__model="package", **held)
    assert [move.new_state.enum_value for move in moves] == ["900"]


def test_what_the_house_made_undecidable_is_shown(waiting_plan: CancellationPlan) -> None:
    StateTransitionLog.objects.all().delete()

    decide_by_hand(waiting_plan, accept=False)

    package = Package.objects.get(order=waiting_plan.order)
    assert package.state == PackageStatus.CANCELLATION_WAITING
    entry = ExceptionEntry.objects.get(kind="cancellation_hold")
    assert entry.subject == f"package/{package.pk}"
    with pytest.raises(PackhouseError):  # nothing has mended it yet
        try_again(entry.pk)
    entry.refresh_from_db()
    assert entry.resolved_date is None
