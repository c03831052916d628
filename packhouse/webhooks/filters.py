"""Filters of the lists of `whisperer/`."""

from collections.abc import Mapping
from typing import Final

import django_filters
from django.db.models import QuerySet

from packhouse.webhooks.models import Delivery, DeliveryState
from packhouse.webhooks.plumbing import FlagFilter, NumberFilter, StrictFilterSet, TextFilter


class HookFilters(StrictFilterSet):
    target_url = TextFilter("subscriber__target_url", "iexact")
    event_type = TextFilter("event_type", "iexact")
    is_active = FlagFilter("is_active")


class DeliveryFilters(StrictFilterSet):
    event_type = TextFilter("event_type", "iexact")
    uuid = django_filters.UUIDFilter("uuid")
    response_http_status = NumberFilter("response_http_status")
    delivered = FlagFilter(method="by_delivered")
    object_id = NumberFilter("object_id")
    content_type = NumberFilter("content_type_id")
    webhook = NumberFilter("hook_id")
    state = django_filters.ChoiceFilter(field_name="state", choices=DeliveryState.choices)
    subject = TextFilter("subject")
    event_id = django_filters.UUIDFilter("event__uuid")

    def by_delivered(self, rows: QuerySet[Delivery], _name: str, value: bool) -> QuerySet[Delivery]:
        delivered = {"state": DeliveryState.DELIVERED}
        return rows.filter(**delivered) if value else rows.exclude(**delivered)


class QueueFilters(StrictFilterSet):
    event_type = TextFilter("event_type", "iexact")
    model_name = TextFilter("content_type__model", "iexact")
    object_id = NumberFilter("object_id")


HOOK_SORTS: Final[Mapping[str, str]] = {
    **{
        name: name
        for name in (
            "is_active",
            "event_type",
            "callback",
            "disabled_reason",
            "last_delivered_date",
            "retry_countdown_config",
            "additional_headers",
            "config",
        )
    },
    "target_url": "subscriber__target_url",
    "breaker": "subscriber__target__open_until",
}
DELIVERY_SORTS: Final[Mapping[str, str]] = {
    **{
        name: name
        for name in (
            "uuid",
            "response_content",
            "response_http_status",
            "response_time",
            "request_datetimes",
            "retry_count",
            "object_id",
            "state",
            "subject",
            "sequence",
            "next_attempt_date",
            "error_kind",
            "event_type",
        )
    },
    "webhook": "hook_id",
    "content_type": "content_type_id",
    "delivered": "state",
    "event_id": "event_id",
}
QUEUE_SORTS: Final[Mapping[str, str]] = {
    "uuid": "uuid",
    "hook_id": "hook_id",
    "event_type": "event_type",
    "app_label": "content_type__app_label",
    "model_name": "content_type__model",
    "object_id": "object_id",
}
