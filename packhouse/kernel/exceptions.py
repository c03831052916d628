"""The exceptions list: what needs a person lands here, is seen, and can be mended."""

import json
from collections.abc import Mapping
from typing import Any

from django.db import connection

from packhouse.kernel import clock
from packhouse.kernel.models import ExceptionEntry

_REPORT = """
INSERT INTO kernel_exceptionentry (kind, subject, message, detail, action, count, created_date, modified_date)
VALUES (%(kind)s, %(subject)s, %(message)s, %(detail)s, %(action)s, 1, %(now)s, %(now)s)
ON CONFLICT (kind, subject) WHERE resolved_date IS NULL DO UPDATE SET
    message = excluded.message, detail = excluded.detail, action = excluded.action,
    count = kernel_exceptionentry.count + 1, modified_date = excluded.modified_date
"""


def report(
    kind: str, subject: str, message: str, *, detail: Mapping[str, Any] | None = None, action: str = ""
) -> None:
    """Put something into the list; repeated, it is counted on its open row.

    `subject` is e.g. `package/501`; `action` names what mends it (`retry`, `plan` …).
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _REPORT,
            {
                "kind": kind,
                "subject": subject,
                "message": message[:4000],
                "detail": json.dumps(detail or {}, default=str),
                "action": action,
                "now": clock.now(),
            },
        )


def resolve(kind: str, subject: str, *, user_id: int | None = None) -> int:
    """Close the open row, if there is one; how many were closed."""
    now = clock.now()
    return ExceptionEntry.objects.filter(kind=kind, subject=subject, resolved_date__isnull=True).update(
        resolved_date=now, resolved_by_id=user_id, modified_date=now
    )
