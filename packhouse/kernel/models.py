"""Tables of the kernel: accounts, the installed machine, its log, events, settings, exceptions."""

import uuid
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser
from django.contrib.contenttypes.models import ContentType
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models.functions import Now

from packhouse.kernel import clock


class Dated(models.Model):
    """`created_date` and `modified_date`, which every published object has."""

    created_date = models.DateTimeField(default=clock.now, db_default=Now(), editable=False)
    modified_date = models.DateTimeField(default=clock.now, db_default=Now(), editable=False)

    class Meta:
        abstract = True

    def save(self, **kwargs) -> None:  # type: ignore[no-untyped-def]
        """Save, and keep `modified_date` true, also with `update_fields`."""
        self.modified_date = clock.now()
        if kwargs.get("update_fields") is not None:
            kwargs["update_fields"] = {*kwargs["update_fields"], "modified_date"}
        super().save(**kwargs)


class Mirrored(Dated):
    """A row copied from the back office, identified there by (`connection`, `omnitron_id`).

    `remote_data` keeps what the back office sends and no field of ours holds.
    """

    connection = models.PositiveSmallIntegerField(default=1, db_default=1)
    omnitron_id = models.BigIntegerField(null=True, blank=True)
    remote_modified_date = models.DateTimeField(null=True, blank=True)
    remote_data = models.JSONField(default=dict, db_default={}, blank=True)

    class Meta:
        abstract = True
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["connection", "omnitron_id"],
                condition=models.Q(omnitron_id__isnull=False),
                name="%(app_label)s_%(class)s_remote_id",
            )
        ]


class Role(models.TextChoices):
    ADMIN = "admin"
    OPERATOR = "operator"
    STORE = "store"
    INTEGRATION = "integration"


class Scope(models.TextChoices):
    """What an integration's key may do (page 50, "Who may call")."""

    READ = "read"
    COMMANDS = "commands"
    LOCATIONS = "locations"
    STOCK = "stock"
    ORDERS = "orders"
    HOOKS = "hooks"
    SETUP = "setup"
    HOOKS_IN = "hooks_in"


class User(AbstractUser):
    role = models.CharField(max_length=16, choices=Role.choices, default=Role.OPERATOR)
    scopes = ArrayField(models.CharField(max_length=16, choices=Scope.choices), default=list, blank=True)
    language = models.CharField(max_length=8, default="en")


class ApiKey(Dated):
    """An opaque key of 40 hex digits, kept as its SHA-256 and shown once."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="keys")
    name = models.CharField(max_length=64, blank=True)
    digest = models.CharField(max_length=64, unique=True)
    scopes = ArrayField(models.CharField(max_length=16, choices=Scope.choices), null=True, blank=True)
    location_ids = ArrayField(models.BigIntegerField(), null=True, blank=True)
    channel_ids = ArrayField(models.BigIntegerField(), null=True, blank=True)
    expires_date = models.DateTimeField(null=True, blank=True)
    revoked_date = models.DateTimeField(null=True, blank=True)
    last_used_date = models.DateTimeField(null=True, blank=True)


class State(Dated):
    """The installation's own row for a state: its id, names and configuration."""

    enum_class = models.CharField(max_length=32)
    enum_value = models.CharField(max_length=32)
    name = models.CharField(max_length=64)
    translations = models.JSONField(null=True, blank=True)
    config = models.JSONField(default=dict, blank=True)
    content_type = models.ForeignKey(ContentType, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("id",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["enum_class", "enum_value", "content_type"], name="kernel_state_value"
            )
        ]

    def __str__(self) -> str:
        return f"{self.enum_class}.{self.name}"


class Visibility(models.TextChoices):
    STORE = "store"
    INTEGRATION = "integration"


class Transition(Dated):
    """One installed row: a command may move an object from one source state to one target."""

    slug = models.CharField(max_length=64, unique=True)
    command = models.CharField(max_length=64)
    name = models.JSONField(default=dict)
    content_type = models.ForeignKey(ContentType, on_delete=models.PROTECT, related_name="+")
    source_state = models.ForeignKey(State, on_delete=models.PROTECT, related_name="+")
    target_state = models.ForeignKey(State, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    visibility = ArrayField(
        models.CharField(max_length=16, choices=Visibility.choices), default=list, blank=True
    )
    configuration = models.JSONField(default=dict, blank=True)
    is_active = models.BooleanField(default=True)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("position", "id")
        indexes: ClassVar = [models.Index(fields=["command", "source_state"])]

    def __str__(self) -> str:
        return self.slug


class MachineVersion(models.Model):
    """One row, raised by every change of states, transitions or settings, so that caches know when to reload."""

    version = models.BigIntegerField(default=1)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(id=1), name="kernel_machineversion_single")
        ]


def _unchecked(to: type[models.Model], **fields: Any) -> models.ForeignKey:
    """A reference of an append-only row to one that is never deleted."""
    return models.ForeignKey(
        to, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+", **fields
    )


class StateTransitionLog(models.Model):
    """One row per change of state, written in the transaction that makes it.

    Written at every command and never changed: what it points to is never deleted, so the database does not
    check it again, and only what is searched has an index.
    """

    created_date = models.DateTimeField(default=clock.now, db_default=Now(), db_index=True)
    modified_date = models.DateTimeField(default=clock.now, db_default=Now())
    content_type = _unchecked(ContentType)
    object_id = models.BigIntegerField()
    old_state = _unchecked(State, null=True)
    new_state = _unchecked(State)
    user = _unchecked(User, null=True)
    attributes = models.JSONField(default=dict)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["content_type", "object_id", "id"])]


class Payload(models.Model):
    """A wire document frozen as text at the moment of a change; shared by all events of that change.

    `is_blanked`: a customer was anonymised and the text is not what it was; it is not sent again.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    body = models.TextField()
    is_blanked = models.BooleanField(default=False, db_default=False)


class Event(models.Model):
    """Something that happened to a subject, told to subscribers and in the feed.

    `cursor` orders the feed; `sequence` counts the events of one subject from 1 without gaps.
    """

    cursor = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(unique=True)
    type = models.CharField(max_length=64)
    subject = models.CharField(max_length=48)
    sequence = models.BigIntegerField()
    payload = models.ForeignKey(Payload, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+")
    content_type = _unchecked(ContentType)
    object_id = models.BigIntegerField()
    channel_id = models.BigIntegerField(null=True)
    erp_codes = ArrayField(models.CharField(max_length=64), default=list)
    created_date = models.DateTimeField(default=clock.now, db_default=Now())

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["subject", "sequence"], name="kernel_event_sequence")
        ]


class Setting(Dated):
    """An application setting that differs from its default. Secrets inside `json_value` are encrypted."""

    key = models.CharField(max_length=64, unique=True)
    json_value = models.JSONField()


class IdempotentRequest(models.Model):
    """The first answer to a request with an `Idempotency-Key`, kept 24 hours. `status` null: still running."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    method = models.CharField(max_length=8)
    path = models.CharField(max_length=512)
    key = models.CharField(max_length=255)
    request_digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.JSONField(null=True)
    created_date = models.DateTimeField(default=clock.now, db_default=Now(), db_index=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user", "method", "path", "key"], name="kernel_idempotentrequest_key"
            )
        ]


class AuditEvent(models.Model):
    """Every write and every change of configuration, append only, secrets cut out (`packhouse.kernel.audit`).

    Written with every command, and so with few indexes, like the state transition log.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True)
    timestamp = models.DateTimeField(default=clock.now, db_default=Now())
    remote_addr = models.GenericIPAddressField(null=True)
    url = models.TextField()
    query_params = models.JSONField(default=dict)
    post_data = models.JSONField(null=True)
    headers = models.JSONField(default=dict)
    object_id = models.CharField(max_length=64, blank=True)
    content = models.TextField(blank=True)
    user = _unchecked(User, null=True)
    content_type = _unchecked(ContentType, null=True)
    request_id = models.CharField(max_length=64, blank=True)

    class Meta:
        indexes: ClassVar = [BrinIndex(fields=["timestamp"], name="kernel_auditevent_timestamp")]


class ExceptionEntry(Dated):
    """Something that needs a person: seen in the exceptions list, with the action that mends it.

    One open row per (`kind`, `subject`); `count` says how often it happened since it was opened.
    """

    kind = models.CharField(max_length=48)
    subject = models.CharField(max_length=96)
    message = models.TextField()
    detail = models.JSONField(default=dict)
    action = models.CharField(max_length=64, blank=True)
    count = models.PositiveIntegerField(default=1)
    resolved_date = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ("-id",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["kind", "subject"],
                condition=models.Q(resolved_date__isnull=True),
                name="kernel_exceptionentry_open",
            )
        ]
