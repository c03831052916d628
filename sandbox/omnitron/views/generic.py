"""The reading half of every collection: a list and a row, flat unless said otherwise, within a scope."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sandbox.omnitron.call import Call, Handler
from sandbox.omnitron.errors import NotFound
from sandbox.omnitron.filters import Condition
from sandbox.omnitron.paging import page
from sandbox.omnitron.render import flat
from sandbox.omnitron.rules.actions import changed_since_sent, not_sent
from sandbox.omnitron.schema import Table
from sandbox.omnitron.store import Row, Store

Routes = dict[str, dict[str, Handler]]
"""Handlers by path (below `/api/v1`, without the last slash) and method."""
Shape = Callable[[Store, Sequence[Row]], list[Any]]
Scope = Callable[[Call], Condition | None]


def everywhere(call: Call) -> Condition | None:
    """All rows. A channel in the path must exist all the same."""
    if "channel" in call.path:
        call.channel()
    return None


def of_channel(call: Call) -> Condition | None:
    """Rows of the channel in the path; all of them where the path has none."""
    if "channel" not in call.path:
        return None
    return Condition("channel = ?", [call.channel()["id"]])


def listing(table: Table, *, shape: Shape | None = None, scope: Scope = everywhere) -> Handler:
    """GET of a collection."""

    def handle(call: Call) -> dict[str, Any]:
        within = scope(call)
        return page(call, table, lambda rows: shown(call.store, table, rows, shape), within)

    return handle


def detail(table: Table, *, shape: Shape | None = None, scope: Scope = everywhere) -> Handler:
    """GET of a row."""

    def handle(call: Call) -> Any:
        return shown(call.store, table, [row_of(call, table, scope)], shape)[0]

    return handle


def shown(store: Store, table: Table, rows: Sequence[Row], shape: Shape | None) -> list[Any]:
    """Rows in their shape."""
    return shape(store, rows) if shape else [flat(table, row) for row in rows]


def row_of(call: Call, table: Table, scope: Scope = everywhere, name: str = "id") -> Row:
    """The row a path parameter names, if it lies within the scope. Raises NotFound."""
    within = scope(call) or Condition("1")
    found = call.store.first(table, f"id = ? AND ({within.sql})", [call.id(name), *within.params])
    if found is None:
        raise NotFound()
    return found


def reading(path: str, table: Table, *, shape: Shape | None = None, scope: Scope = everywhere) -> Routes:
    """List and row of a read-only collection."""
    return {
        path: {"GET": listing(table, shape=shape, scope=scope)},
        f"{path}/{{id}}": {"GET": detail(table, shape=shape, scope=scope)},
    }


def feeds(path: str, table: Table, *, shape: Shape | None = None, scope: Scope = everywhere) -> Routes:
    """The two lists a channel works off: `updates/` and `inserts/`."""

    def narrowed(narrow: Callable[[Table, int], Condition]) -> Scope:
        def scoped(call: Call) -> Condition:
            outer = scope(call) or Condition("1")
            inner = narrow(table, call.channel()["id"])
            return Condition(f"({outer.sql}) AND {inner.sql}", [*outer.params, *inner.params])

        return scoped

    return {
        f"{path}/updates": {"GET": listing(table, shape=shape, scope=narrowed(changed_since_sent))},
        f"{path}/inserts": {"GET": listing(table, shape=shape, scope=narrowed(not_sent))},
    }
