"""Dates on which this carrier can come: every day but Sunday, mornings only on Saturday."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.carrier.contract import checked_body, refusal

MAX_DAYS = 31
_SATURDAY, _SUNDAY = 5, 6
_MORNING, _AFTERNOON = ["09:00", "12:00"], ["13:00", "18:00"]


class AppointmentService:
    """search-appointment-dates."""

    def __init__(self) -> None:
        self.routes: list[BaseRoute] = [Route("/appointment-dates/search", self._search, methods=["POST"])]

    async def _search(self, request: Request) -> Response:
        body = await checked_body(request, "appointment_search")
        first, last = _day(body, "from"), _day(body, "to")
        if last < first:
            raise refusal(400, "invalid", "lies before 'from'", "to")
        if (last - first).days >= MAX_DAYS:
            raise refusal(400, "invalid", f"lies {MAX_DAYS} days or more after 'from'", "to")
        days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
        return JSONResponse({"dates": [_row(day) for day in days if day.weekday() != _SUNDAY]})


def _day(body: dict[str, Any], key: str) -> date:
    try:
        return date.fromisoformat(body[key][:10])
    except ValueError as error:
        raise refusal(400, "invalid", str(error), key) from None


def _row(day: date) -> dict[str, Any]:
    ranges = [_MORNING] if day.weekday() == _SATURDAY else [_MORNING, _AFTERNOON]
    return {"date": day.isoformat(), "ranges": ranges}
