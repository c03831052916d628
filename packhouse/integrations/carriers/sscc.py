"""SSCC-18: the number of a parcel that is unique in the world (page 80, 2.5)."""

from typing import Final

from django.db import IntegrityError, ProgrammingError, connection, transaction

from packhouse.kernel import settings_store
from packhouse.shipments.models import Parcel

DIGITS: Final = 17


def check_digit(digits: str) -> int:
    """Modulo 10 with weights 3, 1 from the left, over 17 digits."""
    weighted = sum(int(digit) * (3 if position % 2 == 0 else 1) for position, digit in enumerate(digits))
    return -weighted % 10


def sscc(prefix: str, serial: int) -> str:
    """18 digits of a company prefix and a running number.

    The number's first digit is the extension digit before the prefix, the rest follows it: so all ten times as
    many parcels have a number before one comes again.
    """
    room = DIGITS - len(prefix)
    number = f"{serial % 10**room:0{room}d}"
    digits = f"{number[0]}{prefix}{number[1:]}"
    return f"{digits}{check_digit(digits)}"


def give_numbers(parcels: list[Parcel]) -> None:
    """Give an SSCC to parcels that have none, if the company has a prefix."""
    prefix = settings_store.get("GS1_COMPANY_PREFIX")
    bare = [parcel for parcel in parcels if parcel.sscc is None]
    if prefix is None or not bare:
        return
    for parcel, serial in zip(bare, _next_serials(prefix, len(bare)), strict=True):
        parcel.sscc = sscc(prefix, serial)
    Parcel.objects.bulk_update(bare, ["sscc"])


def _next_serials(prefix: str, count: int) -> list[int]:
    """From a sequence of the prefix's own, made when the first number is drawn."""
    name = f"packhouse_sscc_{prefix}"
    _make_sequence(name, 10 ** (DIGITS - len(prefix)) - 1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(%s::regclass) FROM generate_series(1, %s::int)", [name, count])
        return [int(row[0]) for row in cursor.fetchall()]


def _make_sequence(name: str, largest: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s)", [name])
        if cursor.fetchone()[0] is not None:
            return
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                f"CREATE SEQUENCE IF NOT EXISTS {name} MINVALUE 0 MAXVALUE {largest} START 1 CYCLE"
            )
    except (IntegrityError, ProgrammingError):
        # Somebody made it at the same moment; if not, nextval says what is wrong.
        return
