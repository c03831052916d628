"""How background work is retried, and what happens to work that always fails."""

import logging
from collections.abc import Callable
from typing import Any

from procrastinate import JobContext, RetryStrategy

from packhouse.kernel import exceptions

log = logging.getLogger(__name__)

# Five tries with growing waits (about 2, 4, 8, 16 seconds), then a person is asked (page 70, A5).
FIVE_TRIES = RetryStrategy(max_attempts=5, exponential_wait=2)


def guarded(kind: str, subject: str, context: JobContext, work: Callable[[], Any]) -> Any:
    """Run `work`; its last failure goes to the exceptions list as `kind`, so that nothing is lost silently."""
    try:
        result = work()
    except Exception as error:
        if context.job.attempts + 1 >= (FIVE_TRIES.max_attempts or 1):
            log.exception("%s of %s failed for good", kind, subject)
            exceptions.report(
                kind,
                subject,
                f"{type(error).__name__}: {error}",
                detail={"job": context.job.id},
                action="retry",
            )
        raise
    exceptions.resolve(kind, subject)
    return result
