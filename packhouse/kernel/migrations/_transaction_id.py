"""A column type of the first migration, which a later one drops: events once carried their transaction."""

from django.db import models


class TransactionIdField(models.Field):
    """PostgreSQL's 64-bit transaction id."""

    description = "PostgreSQL xid8"

    def db_type(self, connection: object) -> str:
        """Its name there."""
        return "xid8"


class CurrentTransaction(models.Func):
    """The id of the transaction that writes."""

    function = "pg_current_xact_id"
    output_field = TransactionIdField()
