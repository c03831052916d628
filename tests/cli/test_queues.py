"""Every queue is worked on, each by one group, and a slow neighbour has threads of its own."""

from collections import Counter

from procrastinate.contrib.django import app

from packhouse.cli.actions.queues import Group, groups, in_use
from packhouse.cli.actions.worker import load_tasks
from packhouse.kernel.outbox import Message

OUTSIDE = ("omnitron", "carriers", "invoicing", "webhooks")


def test_every_queue_in_use_is_in_exactly_one_group() -> None:
    load_tasks()

    counted = Counter(queue for group in groups(app) for queue in group.queues)

    assert in_use(app) <= set(counted)
    assert set(counted.values()) == {1}


def test_what_waits_for_somebody_outside_shares_threads_with_nobody() -> None:
    by_queue = {queue: group for group in groups(app) for queue in group.queues}

    assert [by_queue[queue].queues for queue in OUTSIDE] == [(queue,) for queue in OUTSIDE]


def test_every_message_has_a_task_that_takes_it() -> None:
    load_tasks()

    messages = [each for each in below(Message) if each.__module__.startswith("packhouse.")]
    assert len(messages) >= 8
    assert [each.__name__ for each in messages if each.task not in app.tasks] == []


def below(parent: type[Message]) -> list[type[Message]]:
    return [each for child in parent.__subclasses__() for each in (child, *below(child))]


def test_scaling_leaves_no_group_without_a_thread() -> None:
    group = Group("planning", ("planning",), 3)

    assert [group.scaled(factor) for factor in (0.1, 1.0, 2.0)] == [1, 3, 6]
