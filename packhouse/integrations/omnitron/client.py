"""The client: named endpoints, login, prefixes, pages (page 70, A2 and A3)."""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from packhouse.integrations import http
from packhouse.integrations.failures import BadAnswer, Refused
from packhouse.integrations.http import IN_BACKGROUND, Answer, Call, Patience
from packhouse.integrations.omnitron import conf, endpoints, tokens
from packhouse.integrations.omnitron.conf import PARALLEL_CALLS, SYSTEM, Target
from packhouse.integrations.omnitron.failures import AuthFailed
from packhouse.kernel.errors import NotConfigured

logger = logging.getLogger(__name__)

LIMIT = 100
NOT_THERE = (404, 405)
Row = dict[str, Any]
Parameters = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Omnitron:
    """Calls of the back office. Each may raise a TemporaryFailure, Refused, or NotConfigured."""

    patience: Patience = IN_BACKGROUND

    def offers(self, endpoint: str) -> bool:
        """Not switched off; and not one of Omnitron's own that a system in its place does not have."""
        settings = conf.settings()
        if not settings.target(endpoint).enabled:
            return False
        replaced = endpoint == "order_detailed" and settings.target("orders").is_override
        return not replaced or "order_detailed" in settings.overrides

    def row(self, endpoint: str, **path: Any) -> Any:
        """GET of one."""
        return self._call(endpoint, "GET", one=True, path=path)

    def listing(self, endpoint: str, parameters: Parameters | None = None, **path: Any) -> Any:
        """GET of a list, one page as it comes."""
        return self._call(endpoint, "GET", one=False, path=path, parameters=parameters)

    def change(self, endpoint: str, body: Any, **path: Any) -> Any:
        """PATCH; of the list where no row is named."""
        return self._call(endpoint, "PATCH", one=bool(path), path=path, body=body)

    def create(self, endpoint: str, body: Any, **path: Any) -> Any:
        """POST; to the row where one is named."""
        return self._call(endpoint, "POST", one=bool(path), path=path, body=body)

    def remove(self, endpoint: str, **path: Any) -> Any:
        """DELETE."""
        return self._call(endpoint, "DELETE", one=True, path=path)

    def pages(
        self, endpoint: str, parameters: Parameters | None = None, *, first: int = 1, **path: Any
    ) -> Iterator[list[Row]]:
        """All rows, page by page. A bare list is one page; a page of rows that were all seen ends it.

        `limit` may be among the parameters.
        """
        seen: set[Any] = set()
        number = first
        while True:
            wanted = {**(parameters or {}), "page": number}
            wanted.setdefault("limit", LIMIT)
            rows, is_last = read_page(self.listing(endpoint, wanted, **path))
            ids = {identity(row) for row in rows}
            if ids and ids <= seen:
                logger.warning("%s gives the same page again; page %s is not read on", endpoint, number)
                return
            if rows:
                yield rows
            if is_last:
                return
            seen |= ids
            number += 1

    def rows(self, endpoint: str, parameters: Parameters | None = None, **path: Any) -> Iterator[Row]:
        """All rows, one by one."""
        for page in self.pages(endpoint, parameters, **path):
            yield from page

    def _call(
        self,
        endpoint: str,
        method: str,
        *,
        one: bool,
        path: dict[str, Any],
        parameters: Parameters | None = None,
        body: Any = None,
    ) -> Any:
        target = conf.settings().target(endpoint)
        if not target.enabled:
            raise NotConfigured(f"The endpoint {endpoint} is switched off.")
        place = endpoints.path_of(endpoint, target, one=one, parameters=path)
        call = Call(
            SYSTEM,
            endpoint,
            method,
            endpoints.url_of(endpoint, target, place),
            params=tuple((key, str(value)) for key, value in (parameters or {}).items()),
            body=body,
            connect=target.connect,
            read=target.read,
            parallel=PARALLEL_CALLS,
        )
        try:
            answer = self._with_login(call, target)
        except Refused as refusal:
            other = endpoints.other_url(endpoint, target, place) if refusal.answered in NOT_THERE else None
            if other is None:
                raise
            call = http.at(call, other)
            answer = self._with_login(call, target)
        endpoints.remember(endpoint, target, call.url)
        return answer

    def _with_login(self, call: Call, target: Target) -> Any:
        """The call with its token; a 401 once brings a new one."""
        header = tokens.authorization(target)
        try:
            return _said(http.send(http.with_headers(call, {"Authorization": header}), self.patience))
        except Refused as refusal:
            if refusal.answered != 401:
                raise
        header = tokens.renewed(target, used=header)
        try:
            return _said(http.send(http.with_headers(call, {"Authorization": header}), self.patience))
        except Refused as refusal:
            if refusal.answered != 401:
                raise
            raise AuthFailed(
                "The back office refuses a fresh login's key.", status=401, retry_after=tokens.COME_BACK
            ) from None


def _said(answer: Answer) -> Any:
    """The JSON of an answer. Raises BadAnswer where 200 stands above an error page, or above an error alone."""
    body = answer.json()
    if isinstance(body, dict) and identity(body) is None and _tells_of_an_error(body):
        raise answer.unfit("The answer is an error under 200.")
    return body


def _tells_of_an_error(body: Row) -> bool:
    return bool(body.get("error") or body.get("errors") or body.get("status") == "error")


def read_page(body: Any) -> tuple[list[Row], bool]:
    """The rows of a page, and whether it is the last. Raises BadAnswer for what is no list."""
    if isinstance(body, list):
        return body, True
    if not isinstance(body, dict) or not isinstance(body.get("results"), list):
        raise BadAnswer("A list was expected.")
    return body["results"], not body["results"] or not body.get("next")


def identity(row: Any) -> Any:
    """A row's id, under whichever name it has."""
    return row.get("pk", row.get("id")) if isinstance(row, dict) else None
