"""Commands sent at a steady rate, as the stores of a brand do: late answers do not make the next ones fewer."""

import http.client
import json
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

NO_CONTENT = 204


@dataclass
class Latencies:
    """Seconds that commands took, counted from when each was due to be sent."""

    seconds: list[float] = field(default_factory=list)

    def quantile(self, share: float) -> float:
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


@dataclass(frozen=True)
class Stream:
    """One kind of command: so many in a second, by so many callers, each of whom waits for its answer."""

    packages: Sequence[int]
    per_second: float
    callers: int
    asks_for_invoice: bool


def run(port: int, token: str, streams: Sequence[Stream]) -> list[Latencies]:
    """Send all streams side by side; the latencies of each. Ends the program at an answer that is not 204."""
    start = time.monotonic() + 0.2
    results = [Latencies() for _ in streams]
    wrong: list[str] = []
    threads = [
        threading.Thread(target=_call, args=(port, token, stream, due, result, wrong))
        for stream, result in zip(streams, results, strict=True)
        for due in [_Due(stream, start)] * stream.callers
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if wrong:
        sys.exit(f"{len(wrong)} commands failed, first: {wrong[0]}")
    return results


class _Due:
    """What is to be sent when, shared by the callers of a stream: whoever is free takes the next."""

    def __init__(self, stream: Stream, start: float) -> None:
        self._lock = threading.Lock()
        self._left = (
            (start + number / stream.per_second, package) for number, package in enumerate(stream.packages)
        )

    def __iter__(self) -> Iterator[tuple[float, int]]:
        while (taken := self._next()) is not None:
            yield taken

    def _next(self) -> tuple[float, int] | None:
        with self._lock:
            return next(self._left, None)


def _call(
    port: int,
    token: str,
    stream: Stream,
    due: _Due,
    result: Latencies,
    wrong: list[str],
) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Authorization": f"Token {token}", "Content-Type": "application/json"}
    for moment, package in due:
        time.sleep(max(0.0, moment - time.monotonic()))
        parameters = {"package": package, "remote_invoice_call": stream.asks_for_invoice}
        body = json.dumps({"slug": "complete-packaging", "input_parameters": parameters})
        connection.request("POST", f"/api/v1/oms/packages/{package}/command/", body, headers)
        answer = connection.getresponse()
        text = answer.read()
        result.seconds.append(time.monotonic() - moment)
        if answer.status != NO_CONTENT:
            wrong.append(f"{answer.status} {text[:500]!r}")
            return
    connection.close()
