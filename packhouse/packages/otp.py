"""Codes by which a customer takes a package over (page 80, 4)."""

import secrets
from datetime import timedelta
from typing import ClassVar

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.db.models import F

from packhouse.kernel import clock, settings_store
from packhouse.kernel.errors import PackhouseError
from packhouse.packages.models import Otp

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


@transaction.atomic
def make_code(package_id: int) -> str:
    """A new code, to be sent to the customer and shown to nobody else; it takes the place of the one before.

    Raises OtpTooSoon within 60 s of the last one, or after five within 24 hours.
    """
    now = clock.now()
    made = list(
        Otp.objects.select_for_update()
        .filter(package_id=package_id, created_date__gt=now - timedelta(days=1))
        .order_by("-id")
    )
    if made and made[0].created_date > now - RESEND_AFTER:
        raise OtpTooSoon("A code was made less than a minute ago.")
    if len(made) >= A_DAY:
        raise OtpTooSoon(f"Only {A_DAY} codes a day are made for a package.")
    settings = settings_store.get("OTP")
    code = "".join(secrets.choice("0123456789") for _ in range(settings["length"]))
    Otp.objects.create(
        package_id=package_id,
        digest=make_password(code),
        expires_date=now + timedelta(seconds=settings["ttl_seconds"]),
        created_date=now,
    )
    return code


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
    if otp.expires_date <= clock.now() or not check_password(code, otp.digest):
        raise WrongOtp({PATH: ["The code is wrong or has expired."]})
    Otp.objects.filter(pk=otp.pk).update(tries=F("tries") - 1)
    return otp.pk


def use_code(otp_id: int) -> None:
    """The code has served."""
    Otp.objects.filter(pk=otp_id).update(used_date=clock.now())
