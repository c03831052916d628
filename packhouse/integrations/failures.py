"""How calls to outside systems fail. All are `PackhouseError`: in a user's request they become an answer."""

from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime

from packhouse.kernel import clock
from packhouse.kernel.errors import PackhouseError

TEMPORARY_STATUSES = frozenset({408, 425, 429})
LONGEST_RETRY_AFTER = 86_400.0


class OutsideFailure(PackhouseError):
    """Base. `answered`: the HTTP status of the answer, None when there was none; `content`: its body."""

    def __init__(self, text: str, *, status: int | None = None, content: bytes = b"") -> None:
        super().__init__(text)
        self.answered = status
        self.content = content


class TemporaryFailure(OutsideFailure):
    """May go well later. `retry_after`: seconds, where somebody said when."""

    code = "outside_unavailable"
    status = 503

    def __init__(
        self, text: str, *, status: int | None = None, content: bytes = b"", retry_after: float | None = None
    ) -> None:
        super().__init__(text, status=status, content=content)
        self.retry_after = retry_after


class Unreachable(TemporaryFailure):
    """No connection, a broken one, or no answer in time."""


class Unavailable(TemporaryFailure):
    """Answered 408, 425, 429 or 5xx."""


class BadAnswer(TemporaryFailure):
    """Too long, or not what the protocol says: as a rule something in between answered."""


class CircuitOpen(TemporaryFailure):
    """Nothing was sent: the system has been failing. Uses up no try."""


class Busy(TemporaryFailure):
    """Nothing was sent: as many calls as allowed are under way. Uses up no try."""


class Refused(OutsideFailure):
    """Answered with a status that a repetition will not change."""

    code = "outside_refused"
    status = 400


def text_of(error: Exception) -> str:
    """What went wrong, for people: with the field it is about, or with its type where it is none of ours."""
    if not isinstance(error, PackhouseError):
        return f"{type(error).__name__}: {error}"
    return " ".join(
        text if path == "detail" else f"{path}: {text}"
        for path, texts in error.errors.items()
        for text in texts
    )


def of_status(
    status: int, text: str, content: bytes, retry_after: float | None
) -> Refused | TemporaryFailure | None:
    """The failure an answer means; None for 2xx."""
    if 200 <= status <= 299:
        return None
    if status >= 500 or status in TEMPORARY_STATUSES:
        return Unavailable(text, status=status, content=content, retry_after=retry_after)
    return Refused(text, status=status, content=content)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds of a `Retry-After` header (a number or a date), at most a day; None when there is none."""
    given = next((value for name, value in headers.items() if name.lower() == "retry-after"), "").strip()
    if not given:
        return None
    if given.isascii() and given.isdigit():
        return min(float(given), LONGEST_RETRY_AFTER)
    try:
        moment = parsedate_to_datetime(given)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max(0.0, (moment - clock.now()).total_seconds()), LONGEST_RETRY_AFTER)
