"""Commands that run together leave the same rows as one by one, and no interleaving with single calls deadlocks."""

import json
import random
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from packhouse.commands.packages.together import PackagesTogether
from packhouse.inventory.models import Movement, Reservation, Stock
from packhouse.inventory.services import take
from packhouse.kernel import commands, engine, together
from packhouse.kernel.accounts import SYSTEM
from packhouse.kernel.engine import Call, Outcome
from packhouse.kernel.errors import NotFound, WrongState
from packhouse.kernel.models import Event, Payload, StateTransitionLog
from packhouse.orders.models import Order, OrderItem, StatusReport
from packhouse.packages.models import Package
from packhouse.packages.states import PackageStatus as P
from packhouse.shipments.models import Parcel, Shipment
from tests.builders import (
    a_cargo_company,
    a_location,
    a_package,
    a_product,
    a_shipment,
    an_order,
    an_order_item,
)
from tests.commands.samples import parameters
from tests.concurrency.at_once import at_once
from tests.jobs import waiting_jobs

# Every command into every target, from the first state that leads there.
MOVES = {
    (name, str(move.target or "")): str(move.source)
    for name in sorted(PackagesTogether.commands)
    if (definition := commands.find(name)) is not None
    for move in reversed(definition.moves)
}


def execute(calls: list[Call]) -> list[Any]:
    return together.execute_together("package", calls, SYSTEM)


def a_world(source: P) -> list[Package]:
    """Three packages of three orders at two locations; one SKU is in all of them, one order is in two packages."""
    here, there, shared = a_location(), a_location(), a_product()
    packages = []
    for place, quantity in ((here, 1), (there, 2), (here, 3)):
        order = an_order(items=0, cargo_company=a_cargo_company())
        items = [
            an_order_item(order=order, product=product, quantity=quantity)
            for product in (a_product(), shared)
        ]
        package = a_package(state=source, order=order, order_items=items, stock_location=place)
        if source in (P.PACKED, P.SHIPPED):
            a_shipment(package=package, tracking_number=f"T{quantity}", registration="registered")
        packages.append(package)
    a_package(
        order=packages[0].order, order_items=[an_order_item(order=packages[0].order)], stock_location=here
    )
    return packages


def picture(package: Package) -> dict[str, Any]:
    """All that a command may change, without ids and times."""
    row = Package.objects.get(pk=package.pk)
    place = row.stock_location
    items = list(row.items.order_by("id"))
    shipments = Shipment.objects.filter(package=row).order_by("id")
    events = Event.objects.filter(subject=f"package/{row.pk}").order_by("sequence")
    payloads = dict(Payload.objects.values_list("id", "body"))
    return {
        "package": [row.state, row.holds_quota, row.sequence, bool(row.packed_date), bool(row.shipment_date)],
        "quota": place.quota,
        "items": [(item.state, item.quantity, item.taken, item.order_code) for item in items],
        "reserved": Reservation.objects.filter(package_item__in=items).count(),
        "stock": [
            (stock.on_hand, stock.reserved)
            for item in items
            for stock in Stock.objects.filter(stock_location=place, sku=item.order_item.product.sku)
        ],
        "movements": list(Movement.objects.filter(package_item__in=items).values_list("delta", "kind")),
        "order": Order.objects.get(pk=row.order_id).state,
        "codes": list(
            OrderItem.objects.filter(order=row.order_id).order_by("id").values_list("state", flat=True)
        ),
        "delivered": [bool(item.order_item.delivered_date) for item in items],
        "reports": [
            (report.status, sorted(report.fields))
            for report in StatusReport.objects.filter(order=row.order_id).order_by("id")
        ],
        "shipments": [(shipment.registration, bool(shipment.shipping_date)) for shipment in shipments],
        "parcels": Parcel.objects.filter(shipment__in=shipments).count(),
        "events": [
            (
                event.type,
                event.sequence,
                event.channel_id == row.order.channel_id,
                event.erp_codes == [place.erp_code],
            )
            for event in events
        ],
        "payloads": [
            json.loads(payloads[event.payload_id]).get("state", {}).get("enum_value")
            if event.type.startswith("package.")
            else sorted(json.loads(payloads[event.payload_id]))
            for event in events
        ],
        "log": list(
            StateTransitionLog.objects.filter(object_id=row.pk, content_type__model="package")
            .order_by("id")
            .values_list("old_state__enum_value", "new_state__enum_value", "attributes")
        ),
        "jobs": sorted(
            task
            for task in ("carriers.register_shipment", "omnitron.sync_order_status")
            for job in waiting_jobs(task)
            if job.get("order_id") == row.order_id
            or job.get("shipment_id") in {each.pk for each in shipments}
        ),
    }


@pytest.mark.django_db
@pytest.mark.parametrize(("command", "target"), MOVES)
def test_together_leaves_the_rows_of_one_by_one(command: str, target: str) -> None:
    source = MOVES[command, target]
    slug = _row_of(command, source, target)
    pictures = []
    for run in (_one_by_one, execute):
        packages = a_world(P(source))
        calls = [Call(each.pk, slug=slug, input_parameters=parameters(command, each)) for each in packages]
        outcomes = run(calls)
        assert [outcome.command for outcome in outcomes] == [command] * 3
        pictures.append([picture(package) for package in packages])

    assert pictures[0] == pictures[1]


def _one_by_one(calls: list[Call]) -> list[Any]:
    return [engine.execute("package", call, SYSTEM) for call in calls]


def _row_of(command: str, source: str, target: str) -> str:
    """The installed row of this very move; the command itself where none is, which the system may run."""
    rows = together.machine.current().from_state("package", source)
    slugs = [row.slug for row in rows if row.command == command and (row.target or "") == target]
    return slugs[0] if slugs else command


@pytest.mark.django_db
def test_the_statements_grow_by_one_shipment_a_package_and_no_more() -> None:
    counts = []
    for count in (2, 12):
        location = a_location()
        packages = [
            a_package(order=an_order(cargo_company=a_cargo_company()), stock_location=location)
            for _ in range(count)
        ]
        calls = [Call(package.pk, slug="complete-packaging") for package in packages]
        with CaptureQueriesContext(connection) as captured:
            execute(calls)
        counts.append(len(captured))

    assert counts[1] - counts[0] <= 10


@pytest.mark.django_db
def test_who_is_refused_before_its_body_is_refused_alone() -> None:
    waiting, shipped = a_package(), a_package(state=P.SHIPPED)

    done, refused, missing = execute(
        [Call(pk, slug="complete-packaging") for pk in (waiting.pk, shipped.pk, 99_999_999)]
    )

    assert isinstance(done, Outcome)
    assert isinstance(refused, WrongState)
    assert isinstance(missing, NotFound)
    assert [Package.objects.get(pk=each.pk).state for each in (waiting, shipped)] == ["500", "600"]


@pytest.mark.django_db
def test_a_body_that_fails_undoes_all_and_says_so() -> None:
    good, bad = a_package(), a_package(state=P.BLOCKED)  # nothing says what the blocked one was before
    calls = [Call(good.pk, slug="complete-packaging"), Call(bad.pk, slug="UnblockThePackageCommand")]

    with pytest.raises(together.NotTogether):
        execute(calls)

    good.refresh_from_db()
    assert good.state == P.WAITING
    assert Reservation.objects.filter(package_item__package=good).count() == 2
    assert not Event.objects.exists()


@pytest.mark.django_db
def test_what_is_taken_outside_of_a_group_is_taken_at_once() -> None:
    package = a_package(items=1)

    take(package.pk)

    assert not Reservation.objects.exists()


@pytest.mark.django_db
def test_calls_on_one_order_keep_their_order_and_never_share_a_group() -> None:
    order = an_order(items=0)
    items = [an_order_item(order=order) for _ in range(2)]
    first, second = (a_package(order=order, order_items=[item]) for item in items)
    others = [a_package().pk for _ in range(5)]
    slugs = {
        "complete-packaging": [first.pk, *others[:2], second.pk, *others[2:]],
        "cancel": [first.pk, 99_999_999],
    }
    calls = [Call(pk, slug=slug) for slug, pks in slugs.items() for pk in pks]

    found = list(together.groups("package", calls, 3))

    assert sorted(index for group in found for index in group) == list(range(len(calls)))
    assert max(map(len, found)) == 3
    position = {index: number for number, group in enumerate(found) for index in group}
    assert position[0] < position[3] < position[7]
    assert [8] in found  # nobody knows it: it is refused by itself


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("seed", [3])
def test_groups_and_single_calls_in_any_order_never_deadlock(seed: int) -> None:
    draw = random.Random(seed)
    locations, products = [a_location() for _ in range(3)], [a_product() for _ in range(4)]
    packages = []
    for _ in range(40):
        order = an_order(items=0)
        chosen = draw.sample(products, 3)
        items = [an_order_item(order=order, product=product) for product in chosen]
        packages.append(a_package(order=order, order_items=items, stock_location=draw.choice(locations)).pk)

    def bulk(number: int) -> int:
        own = random.Random(seed * 100 + number)
        mine = own.sample(packages, len(packages))
        done = 0
        for start in range(0, len(mine), 10):
            calls = [Call(pk, slug="complete-packaging") for pk in mine[start : start + 10]]
            done += sum(isinstance(each, Outcome) for each in execute(calls))
        return done

    def single(number: int) -> int:
        own = random.Random(seed * 200 + number)
        done = 0
        for pk in own.sample(packages, len(packages)):
            try:
                engine.execute("package", Call(pk, slug="complete-packaging"), SYSTEM)
                done += 1
            except WrongState:
                continue
        return done

    writers: list[Callable[[], int]] = [
        partial(bulk, 1),
        partial(bulk, 2),
        partial(bulk, 3),
        partial(single, 1),
    ]
    results = at_once([*writers, partial(single, 2)])

    assert [result for result in results if not isinstance(result, int)] == []
    assert sum(result for result in results if isinstance(result, int)) == len(packages)
    assert not Reservation.objects.exists()
    assert {stock.reserved for stock in Stock.objects.all()} == {0}
    assert sum(100 - stock.on_hand for stock in Stock.objects.all()) == 120
    for location in locations:
        location.refresh_from_db()
        assert location.quota == 0
