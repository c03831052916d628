"""Simulations: asked for, worked off in the background, looked at meanwhile (page 30, "Simulation").

What is needed is read in one read-only transaction; the rest is arithmetic. Nothing is written but the report.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.db import connection, transaction

from packhouse.commands.inventory.stock_feed import read_counts
from packhouse.commands.orders.document_types import storable
from packhouse.commands.orders.import_orders import read_import
from packhouse.commands.planning.messages import RunSimulation
from packhouse.commands.planning.simulated_orders import plannables_of
from packhouse.commands.planning.simulation_request import (
    MOST_ORDERS,
    OrderFilter,
    SimulationRequest,
    VersionAsked,
    read_request,
)
from packhouse.kernel import clock, outbox
from packhouse.kernel.accounts import Actor
from packhouse.kernel.errors import InvalidParameter, PackhouseError
from packhouse.orders.models import Order
from packhouse.planning import models
from packhouse.planning.anew import without_packages, without_reservations
from packhouse.planning.batch import Ground, Plannable
from packhouse.planning.ground import read_ground
from packhouse.planning.models import Simulation
from packhouse.planning.orders_to_plan import plannables
from packhouse.planning.selectors import document_of, read_stock
from packhouse.planning.simulation import Candidate, Question, in_place, simulate
from packhouse.planning.snapshot import ScenarioVersion, StockLevel, StockTable

# A report of progress costs a statement; a person looks every second or so.
STEPS_BETWEEN = 100


def begin(given: Any, actor: Actor) -> Simulation:
    """Keep the request and have it worked off. Raises InvalidParameter, keyed by the path of every wrong field."""
    request = read_request(given)
    versions_of(request.versions)
    with transaction.atomic():
        row = Simulation.objects.create(user_id=actor.user_id, body=storable(given))
        outbox.enqueue([RunSimulation(simulation_id=row.pk)])
    return row


def work_off(simulation_id: int) -> None:
    """Work out the report and keep it. Repeatable; a request that no longer holds fails with its reason."""
    row = Simulation.objects.get(pk=simulation_id)
    if row.body is None:
        return
    _keep(row, state=Simulation.State.WORKING, error=None)
    try:
        question = read_question(read_request(row.body))
        _keep(row, total=question.steps)
        report = simulate(question, _Steps(row).count)
    except PackhouseError as refusal:
        texts = "; ".join(f"{path}: {' '.join(texts)}" for path, texts in refusal.errors.items())
        _keep(row, state=Simulation.State.FAILED, error=texts, body=None)
    except Exception as error:  # tried again by its job
        _keep(row, state=Simulation.State.FAILED, error=type(error).__name__)
        raise
    else:
        _keep(row, state=Simulation.State.FINISHED, done=question.steps, report=report, body=None)


class _Steps:
    """Plans made so far, kept now and then."""

    def __init__(self, row: Simulation) -> None:
        self._row = row
        self._done = 0

    def count(self) -> None:
        self._done += 1
        if self._done % STEPS_BETWEEN == 0:
            _keep(self._row, done=self._done)


def _keep(row: Simulation, **columns: Any) -> None:
    Simulation.objects.filter(pk=row.pk).update(**columns, modified_date=clock.now())


def read_question(request: SimulationRequest) -> Question:
    """What the request asks, as of one moment. Raises InvalidParameter for what is not there."""
    with read_only():
        orders, order_ids = _orders(request)
        wanted = [order for order in orders if order.lines]
        skus = {line.sku for order in wanted for line in order.lines}
        versions = versions_of(request.versions)
        ground = read_ground(also=versions)
        stock = _stock(request, skus)
        if order_ids:
            locations = without_packages(ground.locations, order_ids)
            ground = replace(ground, locations=locations)
            stock = without_reservations(stock, order_ids) if request.stock == "now" else stock
        return Question(
            orders=wanted,
            candidates=_candidates(ground, versions),
            stock=stock,
            taken_at=clock.now(),
            left_out=_left_out(orders),
        )


@contextmanager
def read_only() -> Iterator[None]:
    """One moment for all that is read, and a database that refuses to write."""
    whole = "" if connection.in_atomic_block else "ISOLATION LEVEL REPEATABLE READ, "
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(f"SET TRANSACTION {whole}READ ONLY")
        yield


def versions_of(asked: Sequence[VersionAsked]) -> list[ScenarioVersion]:
    """Raises InvalidParameter where there is no such scenario or version. One statement."""
    rows = models.ScenarioVersion.objects.select_related("scenario").filter(
        scenario_id__in=[each.scenario for each in asked], number__in=[each.version for each in asked]
    )
    found = {(row.scenario_id, row.number): row for row in rows}
    missing = {
        f"versions.{index}": [f"There is no version {each.version} of a scenario {each.scenario}."]
        for index, each in enumerate(asked)
        if (each.scenario, each.version) not in found
    }
    if missing:
        raise InvalidParameter(missing)
    several = [found[each.scenario, each.version] for each in asked]
    return [ScenarioVersion(row.scenario_id, row.number, document_of(row.scenario, row)) for row in several]


def _candidates(ground: Ground, versions: Sequence[ScenarioVersion]) -> list[Candidate]:
    """One version alone has the live ones beside it."""
    asked = [Candidate(in_place(ground, version), version) for version in versions]
    return asked if len(asked) > 1 else [Candidate(ground), *asked]


def _orders(request: SimulationRequest) -> tuple[list[Plannable], list[int]]:
    """What is to be planned, oldest first, and the ids of those that are there already."""
    if not isinstance(request.orders, OrderFilter):
        return plannables_of([read_import(document) for document in request.orders]), []
    rows = Order.objects.filter(**request.orders.lookups()).order_by("date_placed", "pk")
    ids = list(rows.values_list("pk", flat=True)[:MOST_ORDERS])
    found = plannables(ids, anew=True)
    return [found[pk] for pk in ids], ids


def _left_out(orders: Sequence[Plannable]) -> dict[str, int]:
    reasons: dict[str, int] = {}
    for order in orders:
        if not order.lines:
            reason = order.reason or "nothing_to_plan"
            reasons[reason] = reasons.get(reason, 0) + 1
    return reasons


def _stock(request: SimulationRequest, skus: set[str]) -> StockTable:
    """Rows that are given are all the stock there is; nothing of it is reserved."""
    if request.stock == "now":
        return read_stock(skus)
    counts, _ = read_counts(request.stock)
    nothing = Decimal(0)
    return StockTable(
        {
            (count.stock_location_id, count.sku): StockLevel(
                count.quantity or nothing, nothing, count.safety_stock or nothing
            )
            for count in counts.values()
            if count.sku in skus
        }
    )


def run(request: SimulationRequest, progress: Callable[[int, int], None]) -> dict[str, Any]:
    """The report, worked out here and now. ``progress(done, total)`` after every plan."""
    question = read_question(request)
    done = 0

    def step() -> None:
        nonlocal done
        done += 1
        progress(done, question.steps)

    return simulate(question, step)
