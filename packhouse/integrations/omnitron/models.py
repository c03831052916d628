"""What the connector remembers: its connection, keys, webhooks received, reads owed, how far it has caught up."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from packhouse.kernel import clock
from packhouse.orders.models import OrderItem


class Connection(models.Model):
    """One back office. `id` is the `connection` of mirrored rows; there is one today.

    `hook_secret`, `previous_hook_secret`, `inbound_key` are encrypted. `stopped_for`: the digest of the
    settings whose login was refused; with other settings the connector tries again.
    """

    hook_secret = models.TextField(blank=True)
    previous_hook_secret = models.TextField(blank=True)
    inbound_key = models.TextField(blank=True)
    hooks = models.JSONField(default=list)
    stopped_for = models.CharField(max_length=64, blank=True)
    stopped_reason = models.TextField(blank=True)


class Token(models.Model):
    """The key of one login, encrypted, shared by all processes. `login_dates`: the latest attempts."""

    connection = models.PositiveSmallIntegerField(default=1)
    login = models.CharField(max_length=64)
    value = models.TextField(blank=True)
    login_dates = ArrayField(models.DateTimeField(), default=list)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["connection", "login"], name="omnitron_token_once")
        ]


class EndpointMemory(models.Model):
    """Under which prefix (`v1`, `i1`) an endpoint answered."""

    connection = models.PositiveSmallIntegerField(default=1)
    endpoint = models.CharField(max_length=64)
    base_url = models.TextField()
    prefix = models.CharField(max_length=8)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["connection", "endpoint", "base_url"], name="omnitron_endpointmemory_once"
            )
        ]


class InboxEvent(models.Model):
    """A webhook received, by its `uuid` once. Of the payload only what is used is kept: ids, no names.

    `read`: the `wanted` of its order's `OrderRead`; a read of at least that number answers it.
    """

    uuid = models.UUIDField(unique=True)
    connection = models.PositiveSmallIntegerField(default=1)
    event_type = models.CharField(max_length=124)
    object_id = models.BigIntegerField(null=True)
    order_pk = models.BigIntegerField(null=True)
    read = models.BigIntegerField(null=True)
    details = models.JSONField(default=dict)
    received_date = models.DateTimeField(default=clock.now, db_default=Now(), db_index=True)
    processed_date = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["order_pk"], condition=models.Q(processed_date=None), name="omnitron_inbox_open"
            )
        ]


class OrderRead(models.Model):
    """How often an order was asked to be read (`wanted`), and up to which of these it was (`done`).

    Everything asked before a read began is answered by it, so requests that wait together cost one read.
    `seen_date`: the order's remote date with which catch-up asked last. `parked`: failed five times.
    `content_hash`: of the document copied last (`echoes`); empty: copy whatever comes.
    """

    connection = models.PositiveSmallIntegerField(default=1)
    order_pk = models.BigIntegerField()
    wanted = models.BigIntegerField(default=0)
    done = models.BigIntegerField(default=0)
    tries = models.PositiveIntegerField(default=0)
    parked = models.BooleanField(default=False)
    waiting_since = models.DateTimeField(null=True)
    seen_date = models.DateTimeField(null=True)
    read_date = models.DateTimeField(null=True)
    content_hash = models.CharField(max_length=64, blank=True, db_default="")
    last_error = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["connection", "order_pk"], name="omnitron_orderread_once")
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["waiting_since"],
                condition=models.Q(wanted__gt=models.F("done"), parked=False),
                name="omnitron_orderread_owed",
            )
        ]


class CatchUp(models.Model):
    """How far changed orders have been looked through. `healed`: orders of which no webhook had told in time."""

    class Mode(models.TextChoices):
        UNKNOWN = ""
        FILTER = "filter"
        NEWEST_FIRST = "newest_first"
        ROTATION = "rotation"

    connection = models.PositiveSmallIntegerField(default=1, unique=True)
    mode = models.CharField(max_length=16, choices=Mode.choices, default=Mode.UNKNOWN, blank=True)
    cursor = models.DateTimeField(null=True)
    rotated_to = models.BigIntegerField(default=0)
    healed = models.BigIntegerField(default=0)
    checked_date = models.DateTimeField(null=True)


class SetupRun(models.Model):
    """The latest run of a setup step. `position` is where it goes on when it was interrupted."""

    class State(models.TextChoices):
        READY = "READY"
        WORKING = "WORKING"
        FINISHED = "FINISHED"
        FAILED = "FAILED"
        ABORTED = "ABORTED"

    step = models.CharField(max_length=32, unique=True)
    state = models.CharField(max_length=16, choices=State.choices, default=State.READY)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True)
    position = models.JSONField(default=dict)
    options = models.JSONField(default=dict)
    started_date = models.DateTimeField(null=True)
    beat_date = models.DateTimeField(null=True)
    ended_date = models.DateTimeField(null=True)


class SeenRow(models.Model):
    """A row that a setup step has met in its present run; what it never met has vanished there."""

    step = models.CharField(max_length=32)
    collection = models.CharField(max_length=32)
    omnitron_id = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["step", "collection", "omnitron_id"], name="omnitron_seenrow_once"
            )
        ]


class StockRelease(models.Model):
    """That the back office was told to drop its own reservation of an item, once per item (page 70, A7)."""

    class State(models.TextChoices):
        WAITING = "waiting"
        DONE = "done"
        ELSEWHERE = "elsewhere"
        PARKED = "parked"

    order_item = models.OneToOneField(OrderItem, on_delete=models.CASCADE, primary_key=True, related_name="+")
    code = models.CharField(max_length=128)
    state = models.CharField(max_length=16, choices=State.choices, default=State.WAITING)
    answer = models.TextField(blank=True)
    created_date = models.DateTimeField(default=clock.now, db_default=Now())
    done_date = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["created_date"], condition=models.Q(state="waiting"), name="omnitron_release_waiting"
            )
        ]
