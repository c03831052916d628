"""Every row of every table as one short text, to show that a refusal changed nothing."""

from django.apps import apps
from django.db import connection

# What a caller's mere visit may touch.
_PASSED_OVER = {"kernel_apikey"}


def fingerprint() -> dict[str, str]:
    """By table, a digest of all its rows; equal before and after when nothing changed."""
    tables = {
        model._meta.db_table
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and model._meta.db_table not in _PASSED_OVER
    }
    tables |= {"procrastinate_jobs"}
    # One statement for all: a round trip per table is most of what a fingerprint costs.
    parts = [
        f"SELECT '{table}', md5(coalesce(string_agg(md5(t::text), '' ORDER BY t::text), '')) FROM \"{table}\" t"
        for table in sorted(tables)
    ]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts))
        return dict(cursor.fetchall())
