"""From events to deliveries: a part of the statement that writes the events."""

from packhouse.kernel.outbox import FanOut
from packhouse.webhooks import waking

# A filter that the event knows nothing of filters nothing; what the owner's key may not see at all is left out
# even then. The uuid of a delivery rises in time as its event's does, so that its index stays small where it
# is written; its last 60 bits are the hook's own.
_FAN_OUT = """
INSERT INTO webhooks_delivery (uuid, hook_id, subscriber_id, event_id, event_type, subject, sequence,
    content_type_id, object_id, strict_order, full_envelope, state, next_attempt_date, ladder_date,
    created_date, modified_date)
SELECT (left(replace(e.uuid::text, '-', ''), 17)
        || right(encode(sha256(convert_to(e.uuid::text || '/' || h.id, 'UTF8')), 'hex'), 15))::uuid,
    h.id, h.subscriber_id, e.cursor, e.type, e.subject, e.sequence,
    e.content_type_id, e.object_id, h.strict_order, h.full_envelope, 'waiting', %(now)s, %(now)s, %(now)s, %(now)s
FROM new_events e JOIN webhooks_hook h ON h.event_type = e.type AND h.is_active
WHERE (h.channel_ids IS NULL OR e.channel_id IS NULL OR e.channel_id = ANY(h.channel_ids))
    AND (h.erp_codes IS NULL OR e.erp_codes = '{}' OR e.erp_codes && h.erp_codes)
    AND (h.bound_channel_ids IS NULL OR e.channel_id = ANY(h.bound_channel_ids))
    AND (h.bound_erp_codes IS NULL OR e.erp_codes && h.bound_erp_codes)
ORDER BY e.cursor, h.id
"""

FAN_OUT = FanOut(insert=_FAN_OUT, made=waking.after_commit)
