"""What all outgoing calls share: the state of circuits, and the calls that failed."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from packhouse.kernel import clock


class Circuit(models.Model):
    """The circuit to one host of one system, shared by all workers; no row: never failed.

    `failed_dates`: the failures since the last success, at most as many as open the circuit.
    `open_until` null: closed. After it one caller at a time may try; `probe_until` says that one does.
    """

    key = models.CharField(max_length=255, primary_key=True)
    failed_dates = ArrayField(models.DateTimeField(), default=list)
    open_until = models.DateTimeField(null=True)
    probe_until = models.DateTimeField(null=True)


class FailedCall(models.Model):
    """An outgoing call that failed, with both bodies; secrets and personal data are masked before storing."""

    system = models.CharField(max_length=64)
    endpoint = models.CharField(max_length=64)
    method = models.CharField(max_length=8)
    url = models.TextField()
    status = models.PositiveSmallIntegerField(null=True)
    milliseconds = models.PositiveIntegerField()
    request_id = models.CharField(max_length=64, blank=True)
    error = models.TextField()
    request_body = models.TextField(blank=True)
    answer_body = models.TextField(blank=True)
    created_date = models.DateTimeField(default=clock.now, db_default=Now(), db_index=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["system", "-id"])]
