"""Jobs of the API itself."""

from procrastinate.contrib.django import app

from packhouse.api import idempotency


@app.periodic(cron="23 * * * *")
@app.task(name="api.forget_answers", queue="house", queueing_lock="api.forget_answers")
def forget_answers(timestamp: int) -> None:  # noqa: ARG001 - given by the periodic deferrer
    """Remembered answers of over a day (`API.idempotency_hours`) are deleted."""
    idempotency.forget_old()
