"""Tables of webhooks: hooks, whom they send to, and one row for every delivery."""

from typing import ClassVar

from django.contrib.contenttypes.models import ContentType
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models

from packhouse.kernel import clock
from packhouse.kernel.models import Dated, Event, User


class Target(models.Model):
    """One server (scheme, host, port): what is limited, and left alone when it fails, for all hooks together.

    `lease` names the pump that sends to it until `leased_until`. The breaker: `failures` in a row, then
    nothing is sent before `open_until`; then one probe at a time.
    """

    scheme = models.CharField(max_length=5)
    host = models.CharField(max_length=255)
    port = models.PositiveIntegerField()
    lease = models.UUIDField(null=True)
    leased_until = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)
    open_seconds = models.PositiveIntegerField(default=0)
    open_until = models.DateTimeField(null=True)
    opened_date = models.DateTimeField(null=True)
    closed_date = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["scheme", "host", "port"], name="webhooks_target_address")
        ]

    def __str__(self) -> str:
        return f"{self.scheme}://{self.host}:{self.port}"


class Subscriber(models.Model):
    """One address of one owner: within it, the deliveries of a subject are sent in order."""

    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    target_url = models.CharField(max_length=255)
    target = models.ForeignKey(Target, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["owner", "target_url"], name="webhooks_subscriber_address")
        ]

    def __str__(self) -> str:
        return self.target_url


class Hook(Dated):
    """A subscription of one address to one type of event. Never deleted: switched off.

    `secret_key`, `previous_secret_key` and the secrets inside `additional_headers` and `config` are
    encrypted. From `channel_ids` to `ladder_seconds` the columns are worked out from the others when the
    hook is saved, for the one statement that makes deliveries: filters (null: all), what the owner's key
    may see at all (`bound_…`), the shape of the envelope, and how long its ladder of retries is.
    """

    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    subscriber = models.ForeignKey(Subscriber, on_delete=models.PROTECT, related_name="hooks")
    event_type = models.CharField(max_length=124)
    is_active = models.BooleanField(default=True)
    secret_key = models.TextField(null=True)
    previous_secret_key = models.TextField(null=True)
    previous_secret_until = models.DateTimeField(null=True)
    callback = models.CharField(max_length=64, null=True)
    retry_countdown_config = models.JSONField()
    additional_headers = models.JSONField(default=dict)
    config = models.JSONField(default=dict)
    channel_ids = ArrayField(models.BigIntegerField(), null=True)
    erp_codes = ArrayField(models.CharField(max_length=64), null=True)
    bound_channel_ids = ArrayField(models.BigIntegerField(), null=True)
    bound_erp_codes = ArrayField(models.CharField(max_length=64), null=True)
    strict_order = models.BooleanField(default=True)
    full_envelope = models.BooleanField(default=True)
    ladder_seconds = models.PositiveIntegerField()
    disabled_reason = models.CharField(max_length=255, null=True)
    disabled_date = models.DateTimeField(null=True)
    last_delivered_date = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["subscriber", "event_type"], name="webhooks_hook_once")
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["event_type"], condition=models.Q(is_active=True), name="webhooks_hook_active"
            )
        ]


class DeliveryState(models.TextChoices):
    WAITING = "waiting"
    RETRYING = "retrying"
    HELD = "held"
    DELIVERED = "delivered"
    DEAD = "dead"


DUE = (DeliveryState.WAITING, DeliveryState.RETRYING)
OPEN = (*DUE, DeliveryState.HELD)


class Delivery(models.Model):
    """One event for one hook. `uuid` and the bytes are the same at every attempt.

    `held`: behind an earlier one of its subject that is not through yet. `ladder_date` is when the present
    ladder of retries began and `step` how many of its attempts were made; `retry_count` counts all attempts
    ever. `claimed_until`: a pump is sending it, or died while it did.

    Hooks and subscribers are never deleted, and there is no foreign key constraint on them: every command
    inserts here, and the check would lock those few rows for all commands together.
    """

    created_date = models.DateTimeField(default=clock.now, editable=False)
    modified_date = models.DateTimeField(default=clock.now, editable=False)
    uuid = models.UUIDField(unique=True)
    hook = models.ForeignKey(
        Hook, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    subscriber = models.ForeignKey(
        Subscriber, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="+")
    event_type = models.CharField(max_length=64)
    subject = models.CharField(max_length=48)
    sequence = models.BigIntegerField()
    content_type = models.ForeignKey(
        ContentType, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    object_id = models.BigIntegerField()
    strict_order = models.BooleanField()
    full_envelope = models.BooleanField()
    state = models.CharField(max_length=9, choices=DeliveryState.choices)
    next_attempt_date = models.DateTimeField(null=True)
    ladder_date = models.DateTimeField()
    step = models.PositiveSmallIntegerField(default=0, db_default=0)
    claimed_until = models.DateTimeField(null=True)
    retry_count = models.PositiveIntegerField(default=0, db_default=0)
    request_datetimes = ArrayField(models.DateTimeField(), default=list, db_default=[])
    request_headers = models.JSONField(null=True)
    response_http_status = models.PositiveSmallIntegerField(null=True)
    response_headers = models.JSONField(null=True)
    response_content = models.TextField(null=True)
    response_time = models.DurationField(null=True)
    error_kind = models.CharField(max_length=24, null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["subscriber", "next_attempt_date", "id"],
                condition=models.Q(state__in=DUE),
                name="webhooks_delivery_due",
            ),
            models.Index(
                fields=["subscriber", "subject", "sequence"],
                condition=models.Q(state__in=OPEN),
                name="webhooks_delivery_open",
            ),
            models.Index(
                fields=["id"],
                condition=models.Q(state=DeliveryState.DEAD),
                name="webhooks_delivery_dead",
            ),
            models.Index(fields=["hook", "id"], name="webhooks_delivery_hook"),
            models.Index(fields=["subject"], name="webhooks_delivery_subject"),
            models.Index(fields=["object_id"], name="webhooks_delivery_object"),
            BrinIndex(fields=["created_date"], name="webhooks_delivery_created"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(state__in=DeliveryState.values), name="webhooks_delivery_state"
            )
        ]


class Gap(models.Model):
    """A subject of which this subscriber has missed a delivery for good, and received none since.

    Until one is delivered, each later one gets a single attempt.
    """

    subscriber = models.ForeignKey(Subscriber, on_delete=models.PROTECT, related_name="+", db_index=False)
    subject = models.CharField(max_length=48)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["subscriber", "subject"], name="webhooks_gap_once")
        ]


class Pump(models.Model):
    """A sender at work in some worker; one that did not say so for a few seconds is dead."""

    id = models.UUIDField(primary_key=True)
    alive_until = models.DateTimeField()


class FeedStart(models.Model):
    """One row: the highest cursor that the retention has taken out of the feed."""

    expired_cursor = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(id=1), name="webhooks_feedstart_single")
        ]
