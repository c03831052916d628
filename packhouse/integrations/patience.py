"""How jobs wait for an outside system: they come back, with growing waits, and hold no worker meanwhile."""

from procrastinate import BaseRetryStrategy, RetryDecision
from procrastinate.jobs import Job

from packhouse.integrations.failures import TemporaryFailure
from packhouse.integrations.http import full_jitter

GIVE_UP_AFTER_HOURS = 48
SPREAD = 5


class TryLater(Exception):
    """Raised by a job that wants to be run again after `seconds`."""

    def __init__(self, seconds: float, text: str) -> None:
        super().__init__(text)
        self.seconds = seconds


class Patient(BaseRetryStrategy):
    """Run again what failed for a while; what is wrong for good is the job's own matter and ends it.

    The job itself gives up (after 48 hours, or after its tries) by returning instead of raising.
    """

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        if isinstance(exception, TryLater):
            return RetryDecision(retry_in={"seconds": max(1, round(exception.seconds))})
        if isinstance(exception, TemporaryFailure):
            return RetryDecision(retry_in={"seconds": wait_for(exception, job.attempts + 1)})
        return None


def wait_for(failure: TemporaryFailure, failures: int) -> int:
    """Whole seconds until the next run after the n-th failure: at least 1, and what the other side asked for.

    A little more than that, so that not everybody comes back at once.
    """
    jitter = full_jitter(failures)
    if failure.retry_after is not None:
        return max(1, round(failure.retry_after + min(jitter, SPREAD)))
    return max(1, round(jitter))
