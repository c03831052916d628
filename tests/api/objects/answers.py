"""What tests of lists look at."""

from collections.abc import Callable

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.api.callers import Answer, Caller


def ids(answer: Answer) -> list[int]:
    """Ids of the rows of a page."""
    assert answer.status == 200, answer.content
    return [row["id"] for row in answer.json["results"]]


def statements(caller: Caller, address: str) -> int:
    """Statements that a second reading of this address takes; by the first one caches are filled."""
    return counted(caller, address)[0]


def counted(caller: Caller, address: str) -> tuple[int, Answer]:
    """Statements of a second reading, and what it answered.

    Each process looks once a second whether the machine has changed; that is no statement of the list.
    """
    caller.get(address)
    with CaptureQueriesContext(connection) as captured:
        answer = caller.get(address)
    assert answer.status == 200, (address, answer.content)
    return sum("kernel_machineversion" not in query["sql"] for query in captured), answer


def grows(caller: Caller, address: str, make: Callable[[], object], *, by: int = 9) -> int:
    """How many statements more a list takes after `by` rows more."""
    make()
    make()
    before = statements(caller, address)
    for _ in range(by):
        make()
    return statements(caller, address) - before
