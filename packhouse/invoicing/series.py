"""Invoice numbers that we allot ourselves: without gaps, one locked counter row per (prefix, year)."""

from django.db import connection

from packhouse.invoicing.models import Invoice
from packhouse.kernel import clock, settings_store
from packhouse.kernel.times import local_zone

DEFAULT_PREFIX = "INV"

_NEXT = """
INSERT INTO invoicing_invoiceseries AS s (prefix, year, last_number, modified_date)
VALUES (%(prefix)s, %(year)s, 1, %(now)s)
ON CONFLICT (prefix, year) DO UPDATE SET last_number = s.last_number + 1, modified_date = excluded.modified_date
RETURNING last_number
"""


def allot(prefix: str) -> str:
    """The next number of the series, by `INVOICE_NUMBER_PATTERN`.

    To be called in the transaction that keeps the number on its invoice: rolled back, it is allotted again. The
    counter row stays locked until that transaction ends. A number that an invoice has already is passed over.
    """
    now = clock.now()
    year = now.astimezone(local_zone()).year
    pattern: str = settings_store.get("INVOICE_NUMBER_PATTERN")
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_NEXT, {"prefix": prefix, "year": year, "now": now})
            number = pattern.format(prefix=prefix, year=year, seq=cursor.fetchone()[0])
        if not Invoice.objects.filter(number=number).exists():
            return number
