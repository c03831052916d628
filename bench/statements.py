"""The statements a command really issues, as a pgbench script over a table of their parameters.

Each package's command is run once in a transaction that is rolled back, and every statement is written down
with its parameters. Parameters that differ between packages stand in a table, from which the script reads one
row by a sequence; those that are the same for all stand in the script itself. Frozen payload texts are given
to pgbench as variables: their length matters, not their letters.
"""

import json
import re
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connection, transaction

PLACEHOLDER = re.compile(r"%\((\w+)\)s|%s")
PAYLOAD = re.compile(r"^body\d+$")
TABLE = "bench_parameters"


@dataclass
class Statement:
    """One statement: its text with `{name}` holes, and the values of the holes."""

    text: str
    values: dict[str, Any]


class Undone(Exception):
    """Ends the transaction in which statements were written down."""


def write_down(work: Any) -> list[Statement]:
    """The statements of `work`, which is undone."""
    found: list[Statement] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if not sql.startswith(("SAVEPOINT", "RELEASE", "SELECT version FROM")):
            found.append(_statement(sql, params, len(found)))
        return execute(sql, params, many, context)

    with ExitStack() as stack:
        try:
            with transaction.atomic():
                stack.enter_context(connection.execute_wrapper(note))
                work()
                raise Undone
        except Undone:
            pass
    return found


def _statement(sql: str, params: Any, number: int) -> Statement:
    values: dict[str, Any] = {}

    def hole(match: re.Match[str]) -> str:
        name = f"s{number}_{match[1] or len(values)}"
        values[name] = params[match[1]] if match[1] else params[len(values)]
        return "{" + name + "}"

    escaped = sql.replace("{", "{{").replace("}", "}}")
    text = PLACEHOLDER.sub(hole, escaped).replace("%%", "%")
    return Statement(" ".join(text.split()), values)


def as_text(value: Any) -> str | None:
    """A parameter as PostgreSQL reads it."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return "{" + ",".join(json.dumps(str(item)) for item in value) + "}"
    return json.dumps(value.obj) if hasattr(value, "obj") else str(value)


@dataclass
class Script:
    """A pgbench script, and the variables that its command line must define."""

    path: Path
    variables: dict[str, str]
    statements: int
    transactions: int


def write_script(runs: Sequence[list[Statement]], path: Path) -> Script:
    """Write the script and its table of parameters; `runs` has one list of statements per package."""
    runs = _alike(runs)
    first = runs[0]
    rows = [{name: as_text(v) for statement in run for name, v in statement.values.items()} for run in runs]
    varying = [name for name in rows[0] if not _is_payload(name) and len({row[name] for row in rows}) > 1]
    _make_table(varying, rows)
    # A colon inside a text would be read as a variable of the script.
    variables = {
        name: str(value)
        for name, value in rows[0].items()
        if name not in varying and (_is_payload(name) or ":" in (value or ""))
    }
    holes = {name: f":{name}" for name in (*varying, *variables)}
    constants = {name: _literal(value) for name, value in rows[0].items() if name not in holes}
    columns = ", ".join(varying)
    lines = [f"SELECT {columns} FROM {TABLE} WHERE n = (SELECT nextval('{TABLE}_n')) \\gset"]
    lines += [statement.text.format(**holes, **constants) + ";" for statement in first]
    # The first statement names who calls; the rest is the command's transaction.
    path.write_text("\n".join([lines[0], lines[1], "BEGIN;", *lines[2:], "COMMIT;"]) + "\n")
    return Script(path, variables, len(first), len(runs))


def _alike(runs: Sequence[list[Statement]]) -> list[list[Statement]]:
    """The runs with the usual statements: a cache that has to be filled first issues one more now and then."""
    texts = Counter(tuple(statement.text for statement in run) for run in runs)
    usual, count = texts.most_common(1)[0]
    if count < 0.8 * len(runs):
        raise SystemExit("the command issued other statements for many packages; nothing to compare with")
    return [run for run in runs if tuple(statement.text for statement in run) == usual]


def _is_payload(name: str) -> bool:
    return bool(PAYLOAD.match(name.partition("_")[2]))


def _literal(value: str | None) -> str:
    return "NULL" if value is None else "'" + value.replace("'", "''") + "'"


def _make_table(names: Sequence[str], rows: Sequence[dict[str, Any]]) -> None:
    with connection.cursor() as cursor:
        columns = ", ".join(f"{name} text" for name in names)
        cursor.execute(f"DROP TABLE IF EXISTS {TABLE}")
        cursor.execute(f"DROP SEQUENCE IF EXISTS {TABLE}_n")
        cursor.execute(f"CREATE TABLE {TABLE} (n bigint PRIMARY KEY, {columns})")
        cursor.execute(f"CREATE SEQUENCE {TABLE}_n")
        with cursor.copy(f"COPY {TABLE} (n, {', '.join(names)}) FROM STDIN") as copy:
            for n, row in enumerate(rows, start=1):
                copy.write_row([n, *(row[name] for name in names)])
        cursor.execute(f"ANALYZE {TABLE}")
