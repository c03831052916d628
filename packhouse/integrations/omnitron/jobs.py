"""What every job of the connector has around it: a trace id, five tries for faults, 48 hours for silence."""

import logging
import random
from collections.abc import Iterator
from contextlib import contextmanager

from procrastinate import JobContext

from packhouse.integrations.failures import BadAnswer, TemporaryFailure, text_of
from packhouse.integrations.http import LONGEST_WAIT
from packhouse.integrations.patience import GIVE_UP_AFTER_HOURS, TryLater
from packhouse.kernel import exceptions, tracing

logger = logging.getLogger(__name__)

TRIES = 5
FIRST_WAIT = 2.0
# A job does not know its age; with full jitter up to five minutes its waits come to 150 s on average.
MOST_WAITS = round(GIVE_UP_AFTER_HOURS * 3600 / (LONGEST_WAIT / 2))


@contextmanager
def careful(context: JobContext, kind: str, subject: str) -> Iterator[None]:
    """Faults are tried five times with growing waits, a silent back office for 48 hours; then a person is asked.

    One that answers nonsense is shown at once, and tried on as if it were silent. What went well closes the entry
    of the exceptions list.
    """
    attempts = context.job.attempts
    with tracing.traced():
        try:
            yield
        except TryLater:
            raise
        except TemporaryFailure as failure:
            if attempts < MOST_WAITS:
                if isinstance(failure, BadAnswer):
                    _show(kind, subject, failure)
                raise
            _show(kind, subject, failure)
        except Exception as fault:
            logger.exception("%s of %s failed", kind, subject)
            if attempts + 1 < TRIES:
                wait = FIRST_WAIT * 4**attempts * random.uniform(1, 1.5)  # noqa: S311 - spreads the waiting
                raise TryLater(wait, str(fault)) from fault
            _show(kind, subject, fault)
        else:
            exceptions.resolve(kind, subject)


def _show(kind: str, subject: str, fault: Exception) -> None:
    exceptions.report(kind, subject, text_of(fault), action="retry")
