"""Where everything is kept: one SQLite file, or memory. Rows are dicts of wire values, keyed by field name and `id`."""
# ruff: noqa: S608  (names come from our own tables)

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Generator, Iterable, Mapping, Sequence
from typing import Any

from sandbox.omnitron import clock
from sandbox.omnitron.folding import fold
from sandbox.omnitron.schema import TABLES, Field, Table
from sandbox.omnitron.values import from_column, to_column

Row = dict[str, Any]
_PRAGMAS = ("journal_mode=WAL", "synchronous=OFF", "temp_store=MEMORY", "cache_size=-65536")


class Store:
    """All rows of the sandbox. One connection, used from one thread at a time."""

    def __init__(self, path: str | None = None) -> None:
        self._connection = sqlite3.connect(path or ":memory:", isolation_level=None, check_same_thread=False)
        self._connection.create_function("fold", 1, _fold_or_null, deterministic=True)
        self._lock = threading.RLock()
        self._select = {each.name: _select_list(each) for each in TABLES.values()}
        self._names = {each.name: ("id", *each.fields) for each in TABLES.values()}
        self._insert = {each.name: _insert_statement(each) for each in TABLES.values()}
        self._defaults = {each.name: _default_columns(each) for each in TABLES.values()}
        self._encoded = {each.name: _encoded_fields(each) for each in TABLES.values()}
        for pragma in _PRAGMAS:
            self._connection.execute(f"PRAGMA {pragma}")
        with self.transaction():
            for table in TABLES.values():
                self._create(table)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _create(self, table: Table) -> None:
        columns = ", ".join(f'"{name}" {_column_type(each.kind)}' for name, each in table.fields.items())
        run = self._connection.execute
        run(f'CREATE TABLE IF NOT EXISTS "{table.name}" (id INTEGER PRIMARY KEY AUTOINCREMENT, {columns})')
        for unique, groups in (("UNIQUE ", table.unique), ("", table.indexes)):
            for names in groups:
                listed = ", ".join(f'"{name}"' for name in names)
                index = f"{table.name}_{'_'.join(names)}"
                run(f'CREATE {unique}INDEX IF NOT EXISTS "{index}" ON "{table.name}" ({listed})')
        if not run("SELECT 1 FROM sqlite_sequence WHERE name = ?", (table.name,)).fetchone():
            run("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (table.name, table.first_id - 1))

    def clear(self) -> None:
        """Forget every row and start the ids again."""
        with self.transaction():
            for table in TABLES.values():
                self._connection.execute(f'DELETE FROM "{table.name}"')
                self._connection.execute(
                    "UPDATE sqlite_sequence SET seq = ? WHERE name = ?", (table.first_id - 1, table.name)
                )

    @contextlib.contextmanager
    def transaction(self) -> Generator[None, None, None]:
        """All or nothing; one within another is part of it."""
        with self._lock:
            if self._connection.in_transaction:
                yield
                return
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def is_empty(self) -> bool:
        """Whether nothing was ever seeded."""
        return self.count(TABLES["user"]) == 0

    # Writing

    def insert(self, table: Table, values: Mapping[str, Any]) -> Row:
        """Add a row; fields not given get their default. Raises sqlite3.IntegrityError on a taken unique key."""
        stamp = clock.now_text()
        row = {"created_date": stamp, "modified_date": stamp, **values}
        with self._lock:
            cursor = self._connection.execute(self._insert[table.name], self._columns(table, row))
            new_id = int(cursor.lastrowid or 0)
        return self.get(table, new_id) or {}

    def insert_many(self, table: Table, rows: Iterable[Mapping[str, Any]]) -> None:
        """Add rows that bring their id and both dates, in bulk."""
        with self.transaction():
            self._connection.executemany(
                self._insert[table.name], (self._columns(table, row) for row in rows)
            )

    def update(self, table: Table, row_id: int, values: Mapping[str, Any]) -> Row:
        """Change fields of a row; its `modified_date` rises. Returns the row as it stands then."""
        with self._lock:
            previous = self.get(table, row_id)
            if previous is None:
                raise KeyError(f"{table.name} {row_id}")
            changed = {**values, "modified_date": clock.after(previous["modified_date"])}
            sets = ", ".join(f'"{name}" = ?' for name in changed)
            columns = [to_column(table.fields[name], value) for name, value in changed.items()]
            self._connection.execute(f'UPDATE "{table.name}" SET {sets} WHERE id = ?', [*columns, row_id])
        return {**previous, **changed}

    def delete(self, table: Table, row_id: int) -> None:
        """Remove a row."""
        with self._lock:
            self._connection.execute(f'DELETE FROM "{table.name}" WHERE id = ?', (row_id,))

    def run(self, sql: str, params: Sequence[Any] = ()) -> None:
        """One writing statement of the caller's own."""
        with self._lock:
            self._connection.execute(sql, params)

    def _columns(self, table: Table, row: Mapping[str, Any]) -> list[Any]:
        """The columns of a new row; one without an id is given the next one by SQLite."""
        defaults = self._defaults[table.name]
        return [
            row.get("id"),
            *(
                to_column(each, row[name]) if name in row else defaults[name]
                for name, each in table.fields.items()
            ),
        ]

    # Reading

    def get(self, table: Table, row_id: int | None) -> Row | None:
        """One row by id."""
        if row_id is None:
            return None
        return next(iter(self.find(table, "id = ?", [row_id], limit=1)), None)

    def first(self, table: Table, where: str, params: Sequence[Any]) -> Row | None:
        """The first row by id that fits."""
        return next(iter(self.find(table, where, params, limit=1)), None)

    def find(
        self,
        table: Table,
        where: str = "1",
        params: Sequence[Any] = (),
        *,
        order: str = "id",
        limit: int = -1,
        offset: int = 0,
    ) -> list[Row]:
        """Rows that fit a condition; `where` and `order` are SQL, written by us alone."""
        sql = f"{self._select[table.name]} WHERE {where} ORDER BY {order} LIMIT ? OFFSET ?"
        with self._lock:
            found = self._connection.execute(sql, [*params, limit, offset]).fetchall()
        return [self._row(table, each) for each in found]

    def _row(self, table: Table, columns: Sequence[Any]) -> Row:
        row: Row = dict(zip(self._names[table.name], columns, strict=True))
        for name, each in self._encoded[table.name]:
            row[name] = from_column(each, row[name])
        return row

    def by_id(self, table: Table, ids: Iterable[int | None]) -> dict[int, Row]:
        """Rows by id, those that exist."""
        wanted = sorted({each for each in ids if each is not None})
        found: dict[int, Row] = {}
        for start in range(0, len(wanted), 500):
            chunk = wanted[start : start + 500]
            marks = ",".join("?" * len(chunk))
            found.update((row["id"], row) for row in self.find(table, f"id IN ({marks})", chunk))
        return found

    def count(self, table: Table, where: str = "1", params: Sequence[Any] = ()) -> int:
        """How many rows fit."""
        return int(self.scalar(f'SELECT COUNT(*) FROM "{table.name}" WHERE {where}', params))

    def scalar(self, sql: str, params: Sequence[Any] = ()) -> Any:
        """The first column of the first row, null when there is none."""
        with self._lock:
            found = self._connection.execute(sql, params).fetchone()
        return found[0] if found else None

    def dump(self) -> Iterable[str]:
        """The whole content as SQL text, for comparing two stores."""
        return self._connection.iterdump()


def _fold_or_null(value: Any) -> str | None:
    return None if value is None else fold(str(value))


def _column_type(kind: str) -> str:
    return "INTEGER" if kind in ("integer", "link", "flag") else "TEXT"


def _select_list(table: Table) -> str:
    listed = ", ".join(f'"{name}"' for name in table.fields)
    return f'SELECT id, {listed} FROM "{table.name}"'


def _insert_statement(table: Table) -> str:
    names = ["id", *table.fields]
    listed = ", ".join(f'"{name}"' for name in names)
    return f'INSERT INTO "{table.name}" ({listed}) VALUES ({", ".join("?" * len(names))})'


def _default_columns(table: Table) -> dict[str, Any]:
    return {name: to_column(each, each.default) for name, each in table.fields.items()}


def _encoded_fields(table: Table) -> list[tuple[str, Field]]:
    """The columns that do not hold their value as it is."""
    return [(name, each) for name, each in table.fields.items() if each.kind in ("document", "flag")]
