"""The published objects of `whisperer/`: what a hook may be sent as, and how rows are shown."""

import json
from typing import Any

from rest_framework import serializers

from packhouse.kernel import clock
from packhouse.kernel.secrets import MASK, mask
from packhouse.kernel.wire import optional_timestamp, timestamp
from packhouse.webhooks.breaker import Breaker
from packhouse.webhooks.countdown_fields import CountdownField
from packhouse.webhooks.hook_fields import (
    CallbackField,
    ConfigField,
    EventTypeField,
    HeadersField,
    TargetUrlField,
)
from packhouse.webhooks.letters import duration_text
from packhouse.webhooks.message import Told, body_text
from packhouse.webhooks.models import Delivery, DeliveryState, Hook, Target
from packhouse.webhooks.plumbing import StrictSerializer, TimeField
from packhouse.webhooks.sealing import CONFIG, HEADERS


class HookSerializer(StrictSerializer):
    """A hook as it is sent and shown; secrets as the mask, which keeps them when it is sent back."""

    id = serializers.IntegerField(read_only=True)
    created_date = TimeField(read_only=True)
    modified_date = TimeField(read_only=True)
    target_url = TargetUrlField()
    is_active = serializers.BooleanField(required=False)
    secret_key = serializers.CharField(
        required=False, allow_null=True, allow_blank=True, max_length=124, trim_whitespace=False
    )
    event_type = EventTypeField()
    callback = CallbackField(required=False, allow_null=True)
    retry_countdown_config = CountdownField(required=False)
    additional_headers = HeadersField(required=False)
    config = ConfigField(required=False)
    breaker = serializers.ChoiceField(choices=["closed", "open", "half_open"], read_only=True)
    disabled_reason = serializers.CharField(read_only=True, allow_null=True)
    last_delivered_date = TimeField(read_only=True, allow_null=True)

    def to_representation(self, instance: Hook) -> dict[str, Any]:
        return hook_document(instance)


def hook_document(hook: Hook) -> dict[str, Any]:
    """The published object; needs `subscriber__target`."""
    return {
        "id": hook.pk,
        "created_date": timestamp(hook.created_date),
        "modified_date": timestamp(hook.modified_date),
        "target_url": hook.subscriber.target_url,
        "is_active": hook.is_active,
        "secret_key": MASK if hook.secret_key else None,
        "event_type": hook.event_type,
        "callback": hook.callback,
        "retry_countdown_config": hook.retry_countdown_config,
        "additional_headers": mask(hook.additional_headers, HEADERS),
        "config": mask(hook.config, CONFIG),
        "breaker": breaker_word(hook.subscriber.target),
        "disabled_reason": hook.disabled_reason,
        "last_delivered_date": optional_timestamp(hook.last_delivered_date),
    }


def breaker_word(target: Target) -> str:
    """`open`: nothing is sent; `half_open`: one probe at a time."""
    breaker = Breaker(open_until=target.open_until)
    if breaker.is_closed:
        return "closed"
    return "open" if breaker.is_open(clock.now()) else "half_open"


class DeliverySerializer(serializers.Serializer[Any]):
    """A delivery that was tried."""

    id = serializers.IntegerField()
    created_date = TimeField()
    modified_date = TimeField()
    uuid = serializers.CharField()
    webhook = HookSerializer()
    request_payload = serializers.JSONField()
    response_content = serializers.CharField(allow_null=True)
    response_http_status = serializers.IntegerField(allow_null=True)
    response_time = serializers.CharField(allow_null=True)
    delivered = serializers.BooleanField()
    request_datetimes = serializers.ListField(child=TimeField())
    retry_count = serializers.IntegerField()
    content_type = serializers.IntegerField()
    object_id = serializers.CharField()
    state = serializers.ChoiceField(choices=DeliveryState.choices)
    event_id = serializers.CharField()
    subject = serializers.CharField()
    sequence = serializers.IntegerField()
    next_attempt_date = TimeField(allow_null=True)
    error_kind = serializers.CharField(allow_null=True)

    def to_representation(self, instance: Delivery) -> dict[str, Any]:
        return delivery_document(instance)


def delivery_document(delivery: Delivery) -> dict[str, Any]:
    """The published object; needs `hook__subscriber__target`, `event__payload`."""
    return {
        "id": delivery.pk,
        "created_date": timestamp(delivery.created_date),
        "modified_date": timestamp(delivery.modified_date),
        "uuid": delivery.uuid.hex,
        "webhook": hook_document(delivery.hook),
        "request_payload": json.loads(text_of(delivery)),
        "response_content": delivery.response_content,
        "response_http_status": delivery.response_http_status,
        "response_time": None if delivery.response_time is None else duration_text(delivery.response_time),
        "delivered": delivery.state == DeliveryState.DELIVERED,
        "request_datetimes": [timestamp(moment) for moment in delivery.request_datetimes],
        "retry_count": delivery.retry_count,
        "content_type": delivery.content_type_id,
        "object_id": str(delivery.object_id),
        "state": delivery.state,
        "event_id": delivery.event.uuid.hex,
        "subject": delivery.subject,
        "sequence": delivery.sequence,
        "next_attempt_date": optional_timestamp(delivery.next_attempt_date),
        "error_kind": delivery.error_kind,
    }


def text_of(delivery: Delivery) -> str:
    """The exact body that is sent; needs `event__payload`."""
    event = delivery.event
    told = Told(
        delivery.event_type, delivery.uuid, event.uuid, event.subject, event.sequence, event.created_date
    )
    return body_text(told, event.payload.body, full=delivery.full_envelope)


class QueuedSerializer(serializers.Serializer[Any]):
    """A delivery that was not tried yet."""

    id = serializers.IntegerField()
    created_date = TimeField()
    modified_date = TimeField()
    uuid = serializers.CharField()
    hook_id = serializers.IntegerField()
    event_type = serializers.CharField()
    app_label = serializers.CharField()
    model_name = serializers.CharField()
    object_id = serializers.CharField()
    instance_dict = serializers.JSONField()

    def to_representation(self, instance: Delivery) -> dict[str, Any]:
        return {
            "id": instance.pk,
            "created_date": timestamp(instance.created_date),
            "modified_date": timestamp(instance.modified_date),
            "uuid": instance.uuid.hex,
            "hook_id": instance.hook_id,
            "event_type": instance.event_type,
            "app_label": instance.content_type.app_label,
            "model_name": instance.content_type.model,
            "object_id": str(instance.object_id),
            "instance_dict": json.loads(instance.event.payload.body),
        }


class RetrySerializer(StrictSerializer):
    force = serializers.BooleanField(required=False, default=False)


class ReplaySerializer(serializers.Serializer[Any]):
    """`ids`, or filters of the list (at top level or under `filter`); `delivered`: also what was delivered."""

    ids = serializers.ListField(
        child=serializers.IntegerField(min_value=1), required=False, allow_empty=False
    )
    filter = serializers.DictField(required=False, allow_empty=False)
    delivered = serializers.BooleanField(required=False, default=False)


class ReplayedSerializer(serializers.Serializer[Any]):
    """How many will be sent again."""

    replayed = serializers.IntegerField()


class EventSerializer(serializers.Serializer[Any]):
    """An event of the feed."""

    cursor = serializers.IntegerField()
    id = serializers.CharField()
    type = serializers.CharField()
    subject = serializers.CharField()
    sequence = serializers.IntegerField()
    created_date = TimeField()
    payload = serializers.JSONField()


class FeedSerializer(serializers.Serializer[Any]):
    results = EventSerializer(many=True)
    next_after = serializers.IntegerField()


class AttemptSerializer(serializers.Serializer[Any]):
    """What came of a retry or a test message."""

    detail = serializers.CharField()
    response_status = serializers.IntegerField()
    response_content = serializers.CharField()
    response_time = serializers.CharField()
    delivered = serializers.BooleanField()
