"""Codes by which a customer takes a package over (page 80, 4)."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from django.db import transaction
from django.db.models import F
from django.utils.crypto import constant_time_compare, salted_hmac

from packhouse.kernel import clock, settings_store
from packhouse.kernel.errors import PackhouseError
from packhouse.packages.models import Otp, Package

RESEND_AFTER = timedelta(seconds=60)
A_DAY = 5
PATH = "input_parameters.otp"


class WrongOtp(PackhouseError):
    """Not the code that was sent, or one that is over."""

    code: ClassVar[str] = "wrong_otp"


class OtpLocked(PackhouseError):
    """Too many wrong codes: only a new one opens it."""

    code: ClassVar[str] = "otp_locked"


class OtpTooSoon(PackhouseError):
    """A code was made a moment ago, or too many were made today."""

    code: ClassVar[str] = "otp_too_soon"


@dataclass(frozen=True, slots=True)
class MadeCode:
    """`code` in the clear, this once."""

    id: int
    code: str
    created_date: datetime
    expires_date: datetime


def make_code(package_id: int) -> MadeCode:
    """A new code, to be sent to the customer and shown to nobody else; it takes the place of the one before.

    Raises OtpTooSoon within 60 s of the last one, unless that was withdrawn, or after five within 24 hours.
    """
    settings = settings_store.get("OTP")
    code = "".join(secrets.choice("0123456789") for _ in range(settings["length"]))
    otp = _keep(package_id, _digest(code, secrets.token_hex(8)), timedelta(seconds=settings["ttl_seconds"]))
    return MadeCode(otp.pk, code, otp.created_date, otp.expires_date)


def _digest(code: str, salt: str) -> str:
    """Salted and keyed with the installation's secret: six digits are soon tried through, however slow the hash."""
    return f"{salt}${salted_hmac(salt, code, algorithm='sha256').hexdigest()}"


def _matches(code: str, digest: str) -> bool:
    salt, _, _ = digest.partition("$")
    return constant_time_compare(_digest(code, salt), digest)


@transaction.atomic
def _keep(package_id: int, digest: str, lasts: timedelta) -> Otp:
    now = clock.now()
    Package.objects.select_for_update().get(pk=package_id)
    made = list(
        Otp.objects.filter(package_id=package_id, created_date__gt=now - timedelta(days=1)).order_by("-id")
    )
    if made and made[0].created_date > now - RESEND_AFTER and not _is_withdrawn(made[0]):
        raise OtpTooSoon("A code was made less than a minute ago.")
    if len(made) >= A_DAY:
        raise OtpTooSoon(f"Only {A_DAY} codes a day are made for a package.")
    return Otp.objects.create(
        package_id=package_id, digest=digest, expires_date=now + lasts, created_date=now
    )


def _is_withdrawn(otp: Otp) -> bool:
    return otp.expires_date <= otp.created_date


def withdraw(otp_id: int) -> None:
    """It could not be sent: it opens nothing, and another may be made at once. It counts among those of the day."""
    Otp.objects.filter(pk=otp_id).update(expires_date=F("created_date"))


def mark_sent(otp_id: int) -> None:
    """It went to the customer."""
    Otp.objects.filter(pk=otp_id).update(sent_date=clock.now())


@transaction.atomic
def _count_try(otp: Otp) -> bool:
    """Count before comparing, so that callers at once have no more tries than callers in turn."""
    limit = settings_store.get("OTP")["tries"]
    return bool(Otp.objects.filter(pk=otp.pk, tries__lt=limit).update(tries=F("tries") + 1))


def check_code(package_id: int, code: str) -> int:
    """The id of the package's code, which this is. A wrong one counts, whatever becomes of the command.

    Raises WrongOtp, or OtpLocked after too many wrong ones.
    """
    otp = Otp.objects.filter(package_id=package_id).order_by("-id").first()
    if otp is None or otp.used_date is not None:
        raise WrongOtp({PATH: ["No code is open for this package; have one sent."]})
    if not _count_try(otp):
        raise OtpLocked({PATH: ["Too many wrong codes; have a new one sent."]})
    if otp.expires_date <= clock.now() or not _matches(code, otp.digest):
        raise WrongOtp({PATH: ["The code is wrong or has expired."]})
    Otp.objects.filter(pk=otp.pk).update(tries=F("tries") - 1)
    return otp.pk


def use_code(otp_id: int) -> None:
    """The code has served."""
    Otp.objects.filter(pk=otp_id).update(used_date=clock.now())
