"""What every request passes: its id, its language, the length of its address, its line in the log."""

import logging
import time
from collections.abc import Callable
from functools import lru_cache
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import gettext as _

from packhouse.api import trusted_connection
from packhouse.api.auth import CALLER
from packhouse.api.errors import plain_answer
from packhouse.api.negotiation import preferences
from packhouse.api.refusals import UriTooLong
from packhouse.kernel import log, tracing

LONGEST_ADDRESS = 8192
LANGUAGES = ("en", "tr")

logger = logging.getLogger(__name__)


class RequestMiddleware:
    """The first (and for the API the only) middleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        trusted_connection.trust()
        with tracing.traced(request.META.get("HTTP_X_REQUEST_ID")) as request_id:
            translation.activate(language_of(request.META.get("HTTP_ACCEPT_LANGUAGE", "")))
            try:
                response = self._answer(request)
                response[tracing.HEADER] = request_id
                if not response.streaming and response.status_code != HTTPStatus.NO_CONTENT:
                    response.headers.setdefault("Content-Length", str(len(response.content)))
                _log(request, response, started)
            finally:
                translation.deactivate()
        return response

    def _answer(self, request: HttpRequest) -> HttpResponse:
        length = len(request.META.get("PATH_INFO", "")) + len(request.META.get("QUERY_STRING", ""))
        if length > LONGEST_ADDRESS:
            return plain_answer(UriTooLong(_("An address may have 8,192 characters.")))
        return self.get_response(request)


@lru_cache(maxsize=256)
def language_of(header: str) -> str:
    """The language of messages for an `Accept-Language` header."""
    for wanted in preferences(header) if header else ():
        language = wanted.partition("-")[0]
        if language in LANGUAGES:
            return language
    return LANGUAGES[0]


def _log(request: HttpRequest, response: HttpResponse, started: float) -> None:
    if logger.isEnabledFor(logging.INFO):
        data = {
            "method": request.method,
            "path": request.path,
            "status": response.status_code,
            "user": request.META.get(CALLER),
            "ms": round((time.perf_counter() - started) * 1000, 2),
        }
        logger.info("request", extra={log.EXTRA: data})
