"""Jobs of the API itself."""

from procrastinate.contrib.django import app

from packhouse.api import idempotency
from packhouse.commands.orders.anonymise_customer import anonymise_old
from packhouse.kernel import audit


@app.periodic(cron="23 * * * *")
@app.task(name="api.forget_answers", queue="house", queueing_lock="api.forget_answers")
def forget_answers(timestamp: int) -> None:  # noqa: ARG001 - given by the periodic deferrer
    """Remembered answers of over a day (`API.idempotency_hours`) are deleted."""
    idempotency.forget_old()


@app.periodic(cron="37 1 * * *")
@app.task(name="api.forget_people", queue="house", queueing_lock="api.forget_people")
def forget_people(timestamp: int) -> None:  # noqa: ARG001
    """Rows of the audit trail, and the data of customers, are kept as long as `RETENTION` says."""
    audit.forget_old()
    anonymise_old()
