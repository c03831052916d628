"""GET `/events/`: the feed over HTTP."""

import json
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from packhouse.kernel.accounts import Actor
from packhouse.kernel.errors import InvalidParameter
from packhouse.kernel.models import Scope
from packhouse.kernel.wire import timestamp
from packhouse.webhooks import feed
from packhouse.webhooks.feed import CursorTooOld, Row, Wanted
from packhouse.webhooks.hook_fields import LARGEST_ID
from packhouse.webhooks.hooks import Bounds
from packhouse.webhooks.plumbing import ApiView, CursorExpired, check_only
from packhouse.webhooks.serializers import FeedSerializer

DEFAULT_LIMIT = 100


class EventsView(ApiView):
    """Events after a cursor, oldest first; with `wait` it answers when there is one."""

    access = "ai"
    scope = Scope.READ
    serializer_class = FeedSerializer

    @extend_schema(
        parameters=[
            OpenApiParameter("after", int, description="cursor to go on from; 0: from the beginning"),
            OpenApiParameter(
                "limit", int, description=f"{DEFAULT_LIMIT} by default, {feed.MOST_EVENTS} at most"
            ),
            OpenApiParameter("type", str, description="only events of this type"),
            OpenApiParameter("subject", str, description="only events of this object, e.g. package/501"),
            OpenApiParameter("wait", int, description="seconds to wait for an event, 30 at most"),
        ]
    )
    def get(self, request: Request) -> Response:
        check_only(request.GET, "after", "limit", "type", "subject", "wait")
        actor: Actor = request.user  # type: ignore[assignment]
        bounds = Bounds.of(actor)
        wanted = Wanted(
            after=_number(request, "after", 0, LARGEST_ID),
            limit=min(_number(request, "limit", DEFAULT_LIMIT, LARGEST_ID, least=1), feed.MOST_EVENTS),
            type=request.GET.get("type"),
            subject=request.GET.get("subject"),
            channel_ids=bounds.channel_ids,
            erp_codes=bounds.erp_codes,
        )
        try:
            batch = feed.read(wanted, wait=_number(request, "wait", 0, int(feed.LONGEST_WAIT)))
        except CursorTooOld as error:
            text = _("Events after this cursor are no longer kept; the oldest one is %(oldest)s.")
            body = {
                "detail": text % {"oldest": error.oldest},
                "code": CursorExpired.code,
                "oldest": error.oldest,
            }
            return Response(body, status=CursorExpired.status)
        return Response({"results": [_document(row) for row in batch.rows], "next_after": batch.next_after})


def _document(row: Row) -> dict[str, Any]:
    return {
        "cursor": row.cursor,
        "id": row.uuid.hex,
        "type": row.type,
        "subject": row.subject,
        "sequence": row.sequence,
        "created_date": timestamp(row.created_date),
        "payload": json.loads(row.payload),
    }


def _number(request: Request, name: str, default: int, largest: int, *, least: int = 0) -> int:
    given = request.GET.get(name)
    if given is None:
        return default
    if not (given.isascii() and given.isdigit() and len(given) <= 19 and least <= int(given) <= largest):
        text = _("Send a whole number from %(least)s to %(largest)s.")
        raise InvalidParameter({name: [text % {"least": least, "largest": largest}]})
    return int(given)
