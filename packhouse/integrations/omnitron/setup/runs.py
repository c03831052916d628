"""Running steps: at most one run of a step at a time, seen by everybody, resumed where it was interrupted."""

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction

from packhouse.integrations import advisory
from packhouse.integrations.failures import TemporaryFailure, text_of
from packhouse.integrations.omnitron.messages import RunSetupStep
from packhouse.integrations.omnitron.models import SeenRow, SetupRun
from packhouse.integrations.omnitron.setup.progress import Progress, Report
from packhouse.integrations.omnitron.setup.steps import STEPS
from packhouse.kernel import clock, outbox
from packhouse.kernel.errors import InvalidParameter, PackhouseError

logger = logging.getLogger(__name__)

NAMES = tuple(STEPS)
READY_AGAIN = timedelta(hours=1)
SILENT = timedelta(minutes=10)
State = SetupRun.State


class StepFailed(PackhouseError):
    """A step of the setup ended with an error, which its status keeps."""

    code = "setup_failed"


@dataclass(frozen=True, slots=True)
class Status:
    """The latest run of a step, as others see it."""

    step: str
    result: str
    done: int
    total: int
    error: str | None
    started_date: Any = None
    ended_date: Any = None

    def progress(self) -> dict[str, Any]:
        """`{"result", "done", "total", "error"}`."""
        return {"result": self.result, "done": self.done, "total": self.total, "error": self.error}

    def document(self) -> dict[str, Any]:
        """With the step's name, whether it is still to be run, and its dates."""
        return {
            "step": self.step,
            "is_required": is_required(self.step),
            **self.progress(),
            "started_date": self.started_date,
            "ended_date": self.ended_date,
        }


def is_required(step: str) -> bool:
    """Whether the step was never done, or something it makes is missing. Asks our own database only."""
    return _known(step).is_required()


def status_of(step: str) -> Status:
    """READY; while it runs WORKING; then FINISHED or FAILED for an hour. ABORTED: its process died."""
    _known(step)
    row = SetupRun.objects.filter(step=step).first()
    if row is None:
        return Status(step, State.READY, 0, 0, None)
    result = row.state
    now = clock.now()
    if result == State.WORKING and row.beat_date is not None and now - row.beat_date > SILENT:
        result = State.ABORTED
    if row.ended_date is not None and now - row.ended_date > READY_AGAIN:
        result = State.READY
    return Status(step, result, row.done, row.total, row.error or None, row.started_date, row.ended_date)


def start(step: str, **options: Any) -> bool:
    """Run the step in the background; False where it runs (or waits to run) already."""
    _known(step)
    if status_of(step).result == State.WORKING:
        return False
    with transaction.atomic():
        SetupRun.objects.get_or_create(step=step)
        row = SetupRun.objects.select_for_update().get(step=step)
        if status_of(step).result == State.WORKING:
            return False
        _begin(row, options)
        outbox.enqueue([RunSetupStep(step=step)])
    return True


def run(step: str, *, progress: Report = lambda _done, _total: None, **options: Any) -> None:
    """Run the step now, in this process. `progress(done, total)` is called as it goes on.

    Raises StepFailed with what went wrong; run again, it goes on where this run ended.
    """
    _known(step)
    SetupRun.objects.get_or_create(step=step)
    with _alone(step):
        row = SetupRun.objects.get(step=step)
        if row.state != State.WORKING or options:
            _begin(row, options)
        _execute(row, progress)


def work_off(step: str) -> None:
    """What `start` has asked for; a TemporaryFailure is raised, for the job to come back."""
    with _alone(step):
        row = SetupRun.objects.filter(step=step, state=State.WORKING).first()
        if row is not None:
            _execute(row, lambda _done, _total: None, again_later=True)


def _known(step: str) -> Any:
    if step not in STEPS:
        raise InvalidParameter({"step": [f"There is no step {step}; steps are {', '.join(NAMES)}."]})
    return STEPS[step]


def _alone(step: str) -> Any:
    return advisory.held(f"omnitron setup {step}", wait=5)


def _begin(row: SetupRun, options: dict[str, Any]) -> None:
    """A new run goes on where a failed one of the same kind stopped, else it begins anew."""
    resumes = row.state in (State.FAILED, State.WORKING) and row.options == options
    if not resumes:
        row.position, row.done, row.total = {}, 0, 0
        SeenRow.objects.filter(step=row.step).delete()
    row.state, row.error, row.options = State.WORKING, "", options
    row.started_date = row.beat_date = clock.now()
    row.ended_date = None
    row.save()


def _execute(row: SetupRun, report: Report, *, again_later: bool = False) -> None:
    try:
        STEPS[row.step].execute(Progress(row, report))
    except TemporaryFailure as failure:
        if again_later:
            row.error = text_of(failure)
            row.save(update_fields=["error"])
            raise
        _end(row, State.FAILED, failure)
    except Exception as error:
        logger.exception("the setup step %s failed", row.step)
        _end(row, State.FAILED, error)
    else:
        row.position = {}
        SeenRow.objects.filter(step=row.step).delete()
        _end(row, State.FINISHED, None)


def _end(row: SetupRun, state: SetupRun.State, error: Exception | None) -> None:
    row.state, row.ended_date = state, clock.now()
    row.error = text_of(error) if error else ""
    row.save()
    if error is not None:
        raise StepFailed(f"{row.step}: {row.error}") from error
