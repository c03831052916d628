"""Statements that answer a tree of JSON per object, composed of constants only.

`one`, `many` and `listed` are subselects for a column list; a correlated subselect per part keeps planning
linear and reads only what the document shows.
"""

import json
from collections.abc import Iterable

from packhouse.kernel import sql
from packhouse.payloads.formats import Document

NO_COMMANDS = "'[]'::json AS commands"


def one(columns: str, source: str) -> str:
    """The row as an object, null when there is none. `source` is what follows FROM."""
    return f"(SELECT row_to_json(r) FROM (SELECT {columns} FROM {source}) r)"  # noqa: S608


def many(columns: str, source: str) -> str:
    """The rows as a list of objects, in the order of `source`."""
    return f"(SELECT COALESCE(json_agg(r), '[]') FROM (SELECT {columns} FROM {source}) r)"  # noqa: S608


def listed(column: str, source: str) -> str:
    """One column as a list."""
    return f"ARRAY(SELECT {column} FROM {source})"  # noqa: S608


def part(columns: str) -> str:
    """Columns of the tables at hand as an object."""
    return f"(SELECT row_to_json(r) FROM (SELECT {columns}) r)"  # noqa: S608


class Statement:
    """Reads objects by id. `columns` begin with the object's `id`; `key` is the column the ids belong to.

    One id has a text of its own: for `=` PostgreSQL settles on a generic plan after five runs, while for an
    array it guesses ten ids, may find the plan for one cheaper and then plans anew at every call (2 to 3 ms).
    """

    def __init__(self, columns: str, source: str, key: str) -> None:
        rows = " ".join(f"SELECT {columns} FROM {source} WHERE {key}".split())  # noqa: S608
        self._one = f"SELECT d.id, row_to_json(d)::text FROM ({rows} = %s::bigint) d"  # noqa: S608
        self._many = f"SELECT d.id, row_to_json(d)::text FROM ({rows} = ANY(%s::bigint[])) d"  # noqa: S608

    def rows(self, ids: Iterable[int]) -> dict[int, Document]:
        """The rows by id, in the order of `ids`; what does not exist is missing. One statement, none for no id."""
        wanted = list(dict.fromkeys(ids))
        if not wanted:
            return {}
        answer = sql.rows(self._one, wanted) if len(wanted) == 1 else sql.rows(self._many, [wanted])
        found = {key: json.loads(text, parse_float=str) for key, text in answer}
        return {key: found[key] for key in wanted if key in found}
