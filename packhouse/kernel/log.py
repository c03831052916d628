"""Log lines: one JSON object each, with the request id."""

import json
import logging
from typing import Any

from packhouse.kernel import tracing
from packhouse.kernel.clock import now
from packhouse.kernel.wire import timestamp

EXTRA = "data"


class JsonLines(logging.Formatter):
    """`{"at", "level", "logger", "text", "request_id", …}`; `extra={"data": {...}}` adds keys."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": timestamp(now()),
            "level": record.levelname.lower(),
            "logger": record.name,
            "text": record.getMessage(),
        }
        if request_id := tracing.request_id():
            line["request_id"] = request_id
        line.update(getattr(record, EXTRA, {}))
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)
