"""Copying rows of the back office: one set-based statement, never backward, written only where something differs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, models

from packhouse.kernel.models import Mirrored

Row = Mapping[str, Any]
CONNECTION = 1

_ADOPT = """
UPDATE {table} AS t SET omnitron_id = v.omnitron_id, connection = %s
FROM (VALUES {values}) AS v(natural_key, omnitron_id)
WHERE t.{natural} = v.natural_key AND t.omnitron_id IS DISTINCT FROM v.omnitron_id
    AND NOT EXISTS (SELECT FROM {table} o WHERE o.connection = %s AND o.omnitron_id = v.omnitron_id)
"""
_COPY = """
INSERT INTO {table} AS t ({columns}) VALUES {values}
ON CONFLICT (connection, omnitron_id) WHERE omnitron_id IS NOT NULL {update} RETURNING t.omnitron_id, t.id
"""
_UPDATE = """DO UPDATE SET {updates}, modified_date = excluded.modified_date
WHERE ({old}) IS DISTINCT FROM ({new})
    AND (t.remote_modified_date IS NULL OR excluded.remote_modified_date IS NULL
        OR excluded.remote_modified_date >= t.remote_modified_date)
"""


@dataclass(frozen=True, slots=True)
class Copied:
    """`ids`: our id by theirs, of every row given. `changed`: our ids of those that were written."""

    ids: Mapping[int, int] = field(default_factory=dict)
    changed: frozenset[int] = frozenset()


def copy_rows(
    model: type[Mirrored],
    rows: Iterable[Row],
    *,
    natural_key: str | None = None,
    only_new: Sequence[str] = (),
) -> Copied:
    """Insert or update rows by `omnitron_id`. All rows have the same fields.

    A row whose `remote_modified_date` is older than what is stored is left alone. A row of ours that has the
    same `natural_key` and another id (or none) becomes this one. `only_new`: fields that are not overwritten.
    """
    by_id = {int(row["omnitron_id"]): row for row in rows}
    if not by_id:
        return Copied()
    ordered = [
        by_id[key] for key in sorted(by_id)
    ]  # one order for all, so that no two writers wait in a circle
    if natural_key is not None:
        _adopt(model, ordered, natural_key)
    changed = _copy(model, ordered, only_new)
    unchanged = known_ids(model, by_id.keys() - changed.keys())
    return Copied({**unchanged, **changed}, frozenset(changed.values()))


def known_ids(model: type[Mirrored], omnitron_ids: Iterable[int | None]) -> dict[int, int]:
    """Our id by theirs, of those that are there."""
    wanted = {omnitron_id for omnitron_id in omnitron_ids if omnitron_id is not None}
    if not wanted:
        return {}
    known: models.QuerySet[Any] = models.QuerySet(model)
    known = known.filter(connection=CONNECTION, omnitron_id__in=wanted)
    return dict(known.values_list("omnitron_id", "id"))


def _adopt(model: type[Mirrored], rows: Sequence[Row], natural_key: str) -> None:
    named = [row for row in rows if row[natural_key]]
    if not named:
        return
    values = ", ".join(["(%s::text, %s::bigint)"] * len(named))
    statement = _ADOPT.format(table=_meta(model).db_table, values=values, natural=natural_key)
    parameters = [part for row in named for part in (row[natural_key], row["omnitron_id"])]
    with connection.cursor() as cursor:
        cursor.execute(statement, [CONNECTION, *parameters, CONNECTION])


def _copy(model: type[Mirrored], rows: Sequence[Row], only_new: Sequence[str]) -> dict[int, int]:
    """Our id by theirs, of the rows that were written."""
    given = list(rows[0])
    defaults = [
        field
        for field in _meta(model).concrete_fields
        if not field.primary_key and field.attname not in given and field.name not in given
    ]
    fields = [_meta(model).get_field(name) for name in given]
    quote = connection.ops.quote_name
    compared = [quote(field.column) for field in fields if field.name not in (*only_new, "omnitron_id")]
    statement = _COPY.format(
        table=_meta(model).db_table,
        columns=", ".join(quote(field.column) for field in (*fields, *defaults)),
        values=", ".join([f"({', '.join(['%s'] * (len(fields) + len(defaults)))})"] * len(rows)),
        update=_update(compared),
    )
    parameters = [
        field.get_db_prep_save(value, connection)
        for row in rows
        for field, value in _pairs(row, given, fields, defaults)
    ]
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return dict(cursor.fetchall())


def _update(columns: Sequence[str]) -> str:
    if not columns:
        return "DO NOTHING"
    return _UPDATE.format(
        updates=", ".join(f"{column} = excluded.{column}" for column in columns),
        old=", ".join(f"t.{column}" for column in columns),
        new=", ".join(f"excluded.{column}" for column in columns),
    )


def _pairs(
    row: Row, given: Sequence[str], fields: Sequence[Any], defaults: Sequence[Any]
) -> Iterable[tuple[Any, Any]]:
    yield from ((field, row[name]) for name, field in zip(given, fields, strict=True))
    yield from ((field, field.get_default()) for field in defaults)


def _meta(model: type[Mirrored]) -> Any:
    return model._meta  # noqa: SLF001 - Django's public way to a model's columns
