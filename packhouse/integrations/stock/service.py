"""The `http` stock engine (published Stock Integration): GET with one SKU or many, three ways to log in."""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any, Final

from packhouse.integrations import http
from packhouse.integrations.failures import Refused
from packhouse.integrations.http import Answer, Call, Patience, login_headers
from packhouse.integrations.stock import tokens
from packhouse.integrations.stock.answer import rows_of
from packhouse.inventory.ports import Question, StockRow
from packhouse.kernel.configuration import CallAuth

# SKUs of one request together, so that its address stays far below the 8 kB that servers take.
LONGEST_QUERY: Final = 4000
PATIENCE: Final = Patience(tries=3, within=10)
UNAUTHORIZED: Final = 401


def calls(configuration: Mapping[str, Any], question: Question) -> list["partial[tuple[StockRow, ...]]"]:
    """One piece of work per request that is needed; each gives its rows, or raises OutsideFailure."""
    single = configuration["service"]["type"] == "single"
    parts = [(sku,) for sku in question.skus] if single else list(_parts(question.skus))
    return [
        partial(_ask, configuration, Question(question.engine, part, question.erp_codes)) for part in parts
    ]


def _parts(skus: Iterable[str]) -> Iterable[tuple[str, ...]]:
    part: list[str] = []
    length = 0
    for sku in skus:
        if part and length + len(sku) > LONGEST_QUERY:
            yield tuple(part)
            part, length = [], 0
        part.append(sku)
        length += 3 * len(sku) + 5  # as it may stand in an address
    if part:
        yield tuple(part)


def _ask(configuration: Mapping[str, Any], question: Question) -> tuple[StockRow, ...]:
    timeouts = configuration["timeouts"]
    call = Call(
        f"stock/{question.engine}",
        "stock",
        "GET",
        configuration["service"]["url"],
        params=tuple(("sku", sku) for sku in question.skus),
        connect=timeouts["connect"],
        read=timeouts["read"],
    )
    return rows_of(_send(call, configuration["auth"]).json(), question)


def _send(call: Call, auth: Mapping[str, Any]) -> Answer:
    """With its login; a token that is refused is fetched anew, once."""
    if auth["type"] != "token":
        login = CallAuth(
            request_type=auth["type"], username=auth.get("username"), password=auth.get("password")
        )
        return http.send(http.with_headers(call, login_headers(login)), PATIENCE)
    header = tokens.authorization(call.system, auth, PATIENCE)
    try:
        return http.send(http.with_headers(call, {"Authorization": header}), PATIENCE)
    except Refused as refusal:
        if refusal.answered != UNAUTHORIZED:
            raise
    header = tokens.authorization(call.system, auth, PATIENCE, refused=header)
    return http.send(http.with_headers(call, {"Authorization": header}), PATIENCE)
