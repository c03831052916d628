"""Lists: filtered, sorted, cut into pages, in the envelope every client expects."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlencode

from sandbox.omnitron.call import Call
from sandbox.omnitron.filters import Condition, all_of, compile_filters, compile_sort
from sandbox.omnitron.schema import Table
from sandbox.omnitron.store import Row

DEFAULT_LIMIT = 10
MAX_LIMIT = 1000
MAX_PAGE = 10**9
Render = Callable[[Sequence[Row]], list[Any]]


def page(call: Call, table: Table, render: Render, within: Condition | None = None) -> dict[str, Any]:
    """One page of the rows of `table` that lie `within` and fit the query string.

    `next` is always there, null at the end; a page past the end is empty. Raises BadRequest for a filter whose
    value cannot be read; filters and sort words that mean nothing are counted and ignored.
    """
    filtered = compile_filters(table, call.query)
    order, unsortable = compile_sort(table, call.parameter("sort"))
    call.box.note_unknown(table.name, [*filtered.unknown, *(f"sort={word}" for word in unsortable)])
    condition = all_of([each for each in (within, filtered.condition) if each is not None])
    number, limit = _number(call, "page", 1, MAX_PAGE), _number(call, "limit", DEFAULT_LIMIT, MAX_LIMIT)
    count = call.store.count(table, condition.sql, condition.params)
    offset = (number - 1) * limit
    rows: list[Row] = []
    if offset < count:
        rows = call.store.find(
            table, condition.sql, condition.params, order=order, limit=limit, offset=offset
        )
    return {
        "count": count,
        "next": _link(call, number + 1) if offset + limit < count else None,
        "previous": _link(call, number - 1) if number > 1 else None,
        "results": render(rows),
    }


def empty_page() -> dict[str, Any]:
    """A list with nothing in it."""
    return {"count": 0, "next": None, "previous": None, "results": []}


def _number(call: Call, name: str, default: int, largest: int) -> int:
    text = call.parameter(name)
    if not (text.isascii() and text.isdigit()) or len(text) > 10 or int(text) == 0:
        return default
    return min(int(text), largest)


def _link(call: Call, number: int) -> str:
    pairs = [(key, value) for key, value in call.query if key != "page"]
    return f"{call.url}?{urlencode([*pairs, ('page', str(number))])}"
