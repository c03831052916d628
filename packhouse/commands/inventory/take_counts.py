"""Taking rows of a feed, or of a file, as far as they are good."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final

from django.db import transaction

from packhouse.commands.inventory.count_stock import count_stock
from packhouse.commands.inventory.stock_feed import named, read_counts
from packhouse.kernel.csv_rows import Row
from packhouse.kernel.errors import InvalidParameter

COLUMNS: Final = (
    *("sku", "erp_code", "quantity", "delta"),
    *("counted_at", "version", "safety_stock", "unit_type"),
)
NEEDED: Final = ("sku", "erp_code")
AT_ONCE: Final = 5_000
TOO_LARGE: Final = "with this the count would have more than nine digits"

Error = dict[str, Any]


@dataclass
class Taken:
    """How many rows were taken, how many were older than what is known, and what is wrong with the others."""

    accepted: int = 0
    ignored: int = 0
    errors: list[Error] = field(default_factory=list)


def take_counts(rows: Sequence[Any], *, location_ids: Collection[int] | None = None) -> Taken:
    """Write the good rows in one transaction. Errors: `{"index", "sku", "erp_code", "error"}`."""
    counts, errors = read_counts(rows, location_ids)
    done = count_stock(list(counts.values()))
    places = list(counts)
    errors += [
        {"index": places[n], **named(rows[places[n]]), "error": TOO_LARGE} for n in sorted(done.too_large)
    ]
    errors.sort(key=lambda error: int(error["index"]))
    ignored = len(counts) - len(done.accepted) - len(done.too_large)
    return Taken(len(done.accepted), ignored, errors)


def take_file(
    rows: Iterable[Row | InvalidParameter],
    *,
    location_ids: Collection[int] | None = None,
    dry_run: bool = False,
    progress: Callable[[int], None] = lambda _lines: None,
) -> Taken:
    """Write the good rows of a file, some thousands per transaction. Errors name the `line`.

    `progress` is told, after each part, how many lines are done.
    """
    taken = Taken()
    given = iter(rows)
    done = 0
    while part := list(islice(given, AT_ONCE)):
        good = [row for row in part if isinstance(row, Row)]
        taken.errors += _unreadable(part)
        with transaction.atomic():
            one = take_counts([_document(row) for row in good], location_ids=location_ids)
            transaction.set_rollback(dry_run)
        taken.accepted += one.accepted
        taken.ignored += one.ignored
        taken.errors += [{"line": good[error.pop("index")].line, **error} for error in one.errors]
        done += len(part)
        progress(done)
    taken.errors.sort(key=lambda error: int(error["line"]))
    return taken


def _document(row: Row) -> dict[str, Any]:
    """As the feed has it: a file knows texts only."""
    version = row.values.get("version", "")
    return {**row.values, **({"version": int(version)} if version.isdecimal() else {})}


def _unreadable(part: Iterable[Row | InvalidParameter]) -> Iterator[Error]:
    for row in part:
        if isinstance(row, InvalidParameter):
            ((place, texts),) = row.errors.items()
            line = int(place.removeprefix("lines."))
            yield {"line": line, "sku": None, "erp_code": None, "error": " ".join(texts)}
