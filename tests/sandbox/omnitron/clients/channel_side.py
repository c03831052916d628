"""The marketplace's side of `channel_app`: hands over what the driver put into `TODAY`, and notes what it is sent."""

import datetime
from typing import Any

from channel_app.core.data import BatchRequestResponseDto, ErrorReportDto, OrderBatchRequestResponseDto
from channel_app.core.integration import BaseIntegration

TODAY: dict[str, list[Any]] = {"orders": [], "items": [], "cancels": [], "requests": []}
NOTED: dict[str, list[Any]] = {"orders": [], "requests": []}


def _report(batch: Any) -> ErrorReportDto:
    stamp = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M:%S")
    return ErrorReportDto(
        action_content_type="batchrequest", action_object_id=batch.pk, modified_date=stamp, is_ok=True
    )


class _Action:
    def __init__(self, integration: Any, objects: Any = None, batch_request: Any = None, **_: Any) -> None:
        self.objects, self.batch = objects, batch_request


def _fetching(name: str, *, many: bool = True) -> type[_Action]:
    class Fetch(_Action):
        def run(self) -> Any:
            for each in TODAY[name]:
                yield each, [_report(self.batch)] if many else _report(self.batch), None

    return Fetch


class _SendOrders(_Action):
    def run(self) -> Any:
        NOTED["orders"] += [order.number for order in self.objects]
        answers = [
            OrderBatchRequestResponseDto(
                status="SUCCESS", remote_id=order.extra_field["id"], number=order.extra_field["id"]
            )
            for order in self.objects
        ]
        return answers, [_report(self.batch)], self.objects


class _SendRequest(_Action):
    def run(self) -> Any:
        NOTED["requests"].append([self.objects.order_item, self.objects.status])
        return (
            [BatchRequestResponseDto(status="SUCCESS", remote_id="1")],
            [_report(self.batch)],
            [self.objects],
        )


class ChannelIntegration(BaseIntegration):
    """What `channel_app` is told to talk to."""

    actions = {
        "get_orders": _fetching("orders"),
        "get_updated_order_items": _fetching("items"),
        "get_cancelled_orders": _fetching("cancels", many=False),
        "get_cancellation_requests": _fetching("requests"),
        "send_updated_orders": _SendOrders,
        "update_cancellation_request": _SendRequest,
    }

    def __init__(self) -> None:
        """Nothing is remembered."""
