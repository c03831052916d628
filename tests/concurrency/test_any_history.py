"""Any history of orders, drawn and shrunk by Hypothesis: after each act everything adds up, and a refusal leaves
no trace.

One caller at a time, against PostgreSQL; many at once are the storm's. `PACKHOUSE_STORM` multiplies the histories.
"""

import os
import random
from collections import Counter
from decimal import Decimal
from typing import ClassVar

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from packhouse.orders.models import OrderItem
from tests.concurrency.house import House
from tests.concurrency.invariants import broken
from tests.concurrency.storm_world import Storm
from tests.concurrency.test_storm import assert_all_that_was_ordered_is_somewhere
from tests.fingerprint import fingerprint

SEEDS = st.integers(0, 99_999)
TRIED = settings(
    max_examples=round(8 * float(os.environ.get("PACKHOUSE_STORM", "1"))),
    stateful_step_count=20,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


class History(RuleBasedStateMachine):
    """What may happen to some orders of a small house. `done` counts over all histories."""

    done: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.undone = transaction.atomic()
        self.undone.__enter__()
        self.storm = Storm(House(shelf=8), random.Random(0))
        self.cancelled: dict[int, Decimal] = {}

    def teardown(self) -> None:
        History.done.update(self.storm.done)
        transaction.set_rollback(True)
        self.undone.__exit__(None, None, None)

    def happens(self, seed: int, *acts: str) -> None:
        """One of these acts of the storm."""
        self.storm.draw = random.Random(seed)
        self.storm.do(getattr(self.storm, self.storm.draw.choice(acts)))

    def is_called(self, seed: int, *acts: str) -> None:
        """As above, of those that are one call: all of it happens, or nothing."""
        before = fingerprint()
        done = self.storm.done.copy()
        self.happens(seed, *acts)
        assert done != self.storm.done or fingerprint() == before

    @initialize(seed=SEEDS)
    def some_orders_arrive(self, seed: int) -> None:
        for number in range(3):
            self.happens(seed + number, "arrive")

    @rule(seed=SEEDS)
    def orders_arrive_and_are_planned(self, seed: int) -> None:
        self.happens(seed, "arrive", "plan", "reschedule")

    @rule(seed=SEEDS)
    def a_package_gets_a_command(self, seed: int) -> None:
        self.is_called(seed, "any_command")

    @rule(seed=SEEDS)
    def the_same_package_or_another_gets_a_command(self, seed: int) -> None:
        self.is_called(seed, "any_command")

    @rule(seed=SEEDS)
    def others_act(self, seed: int) -> None:
        self.is_called(seed, "system_command", "transfer_command")

    @rule(seed=SEEDS)
    def the_customer_wants_less(self, seed: int) -> None:
        self.happens(seed, "cancel", "want_cancelled", "decide")

    @rule()
    def a_worker_catches_up(self) -> None:
        self.storm.work_off()
        assert_all_that_was_ordered_is_somewhere()

    @invariant()
    def everything_adds_up(self) -> None:
        assert broken() == []

    @invariant()
    def what_is_cancelled_stays_cancelled(self) -> None:
        now = dict(OrderItem.objects.values_list("id", "cancelled_quantity"))
        assert all(now[item] >= units for item, units in self.cancelled.items())
        self.cancelled = now


@pytest.mark.timeout(600)  # shrinking a history that fails takes its time
@pytest.mark.django_db(transaction=True)
def test_whatever_happens_to_orders_everything_adds_up() -> None:
    History.done.clear()

    run_state_machine_as_test(History, settings=TRIED)

    # Histories of refusals would prove nothing.
    assert len(History.done) >= 22, History.done
