"""Coordinates of delivery addresses, looked up before anything is locked (page 30, "Distance").

An address without them falls back to the centre of its district, township or city; so planning goes on when the
service is silent, with less exact distances.
"""

import hashlib
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from threading import Event
from time import monotonic

from django.db import connection, transaction

from packhouse.catalog.models import CustomerAddress
from packhouse.kernel import clock, exceptions, settings_store
from packhouse.kernel.errors import PackhouseError
from packhouse.locations.models import Geocode
from packhouse.locations.ports import Coordinates, geocoder

KIND = "geocoding_failing"
SUBJECT = "geocode_service"
AT_ONCE = 8
# A batch of orders waits so long for all of its addresses; later no call is begun, and each has its own limit.
SECONDS = 5.0
LEVELS = ("district", "township", "city", "country")

Asked = tuple[str, Coordinates | None] | None
"""Digest of an address and where it is; None: nobody said."""


def find_coordinates(order_ids: Collection[int]) -> None:
    """Look up the delivery addresses of these orders that have none, and keep what is found.

    Asked once for each address text in `cache_days`, also when it was not found. A service that fails, or is too
    slow for so many, leaves the rest as they are. Does nothing unless the settings ask for it. Never inside a
    transaction (then RuntimeError).
    """
    days = _cache_days()
    if days is None or settings_store.get("GEOCODE_PROVIDER_SETTINGS") is None:
        return
    with transaction.atomic(durable=True):
        pass  # raises RuntimeError inside of a transaction
    rows = CustomerAddress.objects.filter(
        pk__in=_addresses(order_ids), longitude=None, latitude=None, address_type="customer"
    ).exclude(line="")
    texts = {row.pk: _text(row) for row in rows.select_related(*LEVELS)}
    digests = {pk: _digest(text) for pk, text in texts.items()}
    since = clock.now() - timedelta(days=days)
    known = set(
        Geocode.objects.filter(digest__in=set(digests.values()), modified_date__gte=since).values_list(
            "digest", flat=True
        )
    )
    missing = {digest: texts[pk] for pk, digest in digests.items() if digest not in known}
    _keep(_look_up(missing))
    _write(digests)


def _cache_days() -> int | None:
    given = settings_store.get("GEOLOCATION_DISCOVERY")
    if isinstance(given, dict):
        return int(given["cache_days"]) if given["enabled"] else None
    return 90 if given else None


_ADDRESSES = """
SELECT shipping_address_id FROM orders_order WHERE id = ANY(%(orders)s::bigint[]) AND shipping_address_id IS NOT NULL
"""


def _addresses(order_ids: Collection[int]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(_ADDRESSES, {"orders": list(order_ids)})
        return [row[0] for row in cursor.fetchall()]


def _text(row: CustomerAddress) -> str:
    places = (getattr(row, level) for level in LEVELS)
    parts = (row.line, *(place.name for place in places if place is not None), row.postcode)
    return ", ".join(" ".join(part.split()) for part in parts if part)


def _digest(text: str) -> str:
    """Addresses of people are not kept for this, only what they come down to."""
    return hashlib.sha256(text.casefold().encode()).hexdigest()


def _look_up(missing: dict[str, str]) -> list[Asked]:
    """After the first failure nobody else is asked for: it would fail as well, and planning waits."""
    failed, until = Event(), monotonic() + SECONDS
    works = [partial(_one, digest, text, failed, until) for digest, text in missing.items()]
    if len(works) < 2:
        return [work() for work in works]
    with ThreadPoolExecutor(min(AT_ONCE, len(works)), thread_name_prefix="geocode") as pool:
        return list(pool.map(_in_a_thread, works))


def _in_a_thread(work: "partial[Asked]") -> Asked:
    try:
        return work()
    finally:
        connection.close()


def _one(digest: str, text: str, failed: Event, until: float) -> Asked:
    if failed.is_set() or monotonic() >= until:
        return None
    try:
        return digest, geocoder()(text)
    except PackhouseError as failure:
        failed.set()
        exceptions.report(KIND, SUBJECT, f"Addresses cannot be looked up: {failure.text}", action="settings")
        return None


def _keep(found: Sequence[Asked]) -> None:
    now = clock.now()
    rows = [
        Geocode(
            digest=digest,
            longitude=place.longitude if place else None,
            latitude=place.latitude if place else None,
            created_date=now,
            modified_date=now,
        )
        for digest, place in filter(None, found)
    ]
    if not rows:
        return
    Geocode.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["digest"],
        update_fields=["longitude", "latitude", "modified_date"],
    )
    if len(rows) == len(found):
        exceptions.resolve(KIND, SUBJECT)


_WRITE = """
UPDATE catalog_customeraddress a SET longitude = g.longitude, latitude = g.latitude, modified_date = %(now)s
FROM unnest(%(ids)s::bigint[], %(digests)s::text[]) AS k(id, digest) JOIN locations_geocode g USING (digest)
WHERE a.id = k.id AND a.longitude IS NULL AND g.longitude IS NOT NULL
"""


def _write(digests: dict[int, str]) -> None:
    if not digests:
        return
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, {"ids": list(digests), "digests": list(digests.values()), "now": clock.now()})
