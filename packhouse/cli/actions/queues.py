"""Which queues share workers, and how many jobs each group does at once.

A group is a set of threads. What waits for somebody outside has a group of its own, so that a slow neighbour
never takes the threads of other work.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from procrastinate import App

from packhouse.kernel.outbox import Message


@dataclass(frozen=True, slots=True)
class Group:
    """Queues that share `concurrency` threads; looked at every `polling_seconds`."""

    name: str
    queues: tuple[str, ...]
    concurrency: int
    polling_seconds: float = 0.2

    def scaled(self, factor: float) -> int:
        """Jobs at once under a factor: at least one."""
        return max(1, round(self.concurrency * factor))


GROUPS: Final = (
    Group("planning", ("planning", "orders"), 2),
    Group("omnitron", ("omnitron",), 6),
    Group("carriers", ("carriers",), 4),
    Group("invoicing", ("invoicing",), 4),
    Group("webhooks", ("webhooks",), 4),
    Group("simulations", ("simulations",), 1, polling_seconds=1.0),
    Group("house", ("house", "default", "builtin"), 2, polling_seconds=1.0),
)
UNLISTED: Final = 2
"""Jobs at once of a queue that stands in no group."""


def groups(app: App) -> tuple[Group, ...]:
    """Every queue that is in use is in exactly one of these; one that is not listed gets a group of its own."""
    listed = {queue for group in GROUPS for queue in group.queues}
    unlisted = sorted(in_use(app) - listed)
    return (*GROUPS, *(Group(queue, (queue,), UNLISTED) for queue in unlisted))


def in_use(app: App) -> set[str]:
    """Queues that tasks or messages name."""
    return {task.queue for task in app.tasks.values()} | {message.queue for message in _messages(Message)}


def _messages(parent: type[Message]) -> Iterator[type[Message]]:
    children: Iterable[type[Message]] = parent.__subclasses__()
    for child in children:
        yield child
        yield from _messages(child)
