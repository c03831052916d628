"""Several callers at the same moment, each on a database connection of its own."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from django.db import connection

T = TypeVar("T")


def at_once(work: Sequence[Callable[[], T]]) -> list[T | Exception]:
    """Start all at the same moment; what each returned or raised, in order."""
    start = Barrier(len(work))

    def one(job: Callable[[], T]) -> T | Exception:
        try:
            start.wait(timeout=30)
            return job()
        except Exception as error:  # noqa: BLE001 - the caller judges it
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(work)) as pool:
        return list(pool.map(one, work))
