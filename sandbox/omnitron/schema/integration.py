"""Bookkeeping between Omnitron and the systems around it: batches, actions, reports, webhooks."""

from __future__ import annotations

from sandbox.omnitron.schema.fields import Table, document, flag, integer, link, moment, text

BATCH_REQUEST = Table(
    "batch_request",
    (
        link("channel"),
        text("local_batch_id"),
        text("remote_batch_id"),
        text("content_type"),
        text("status", "initialized"),
        document("objects"),
    ),
    unique=(("local_batch_id",),),
    indexes=(("channel", "content_type", "status"),),
)
INTEGRATION_ACTION = Table(
    "integration_action",
    (
        link("channel"),
        link("content_type"),
        integer("object_id"),
        text("remote_id"),
        moment("version_date"),
        document("state", {}),
        text("local_batch_id"),
        text("status"),
        moment("synced_date", hidden=True),
    ),
    unique=(("channel", "content_type", "object_id"),),
    indexes=(("channel", "content_type", "remote_id"), ("local_batch_id",)),
    aliases={"content_type_name": "content_type__model"},
)
ERROR_REPORT = Table("error_report", (link("channel"), text("kind", hidden=True), document("body")))
ORDER_SHIPPING_INFO = Table("order_shipping_info", (link("channel"), document("body")))

HOOK = Table(
    "hook",
    (
        link("user", hidden=True),
        text("target_url"),
        flag("is_active", True),
        text("secret_key"),
        text("event_type"),
        text("callback"),
        document("retry_countdown_config"),
        document("additional_headers", {}),
        document("config", {}),
    ),
    key="id",
    unique=(("user", "target_url", "event_type"),),
    indexes=(("event_type", "is_active"),),
)
DELIVERY = Table(
    "delivery",
    (
        text("uuid"),
        link("webhook", "hook"),
        text("event_type"),
        text("body", hidden=True),
        text("response_content"),
        integer("response_http_status"),
        text("response_time"),
        flag("delivered"),
        document("request_datetimes", []),
        integer("retry_count", 0),
        text("content_type"),
        text("object_id"),
        text("state", "waiting", hidden=True),
        moment("next_attempt_date", hidden=True),
    ),
    key="id",
    unique=(("uuid",),),
    indexes=(("state",), ("webhook",), ("object_id",)),
    aliases={"hook": "webhook", "model_name": "content_type"},
)
