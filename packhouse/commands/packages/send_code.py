"""Sending a customer the code against which a package is handed over: `POST /packages/{id}/otp/` (page 80, 4)."""

from dataclasses import dataclass
from datetime import datetime

from packhouse.commands.packages.self_service_package_delivery import needs_code
from packhouse.kernel.errors import NotFound, PackhouseError, TransitionRefused
from packhouse.packages import otp, ports
from packhouse.packages.models import Package
from packhouse.packages.states import PackageStatus


@dataclass(frozen=True, slots=True)
class SentCode:
    """`channel`: by what it went. A new one may be asked for from `resend_date` on."""

    channel: str
    expires_date: datetime
    resend_date: datetime


def send_code(package_id: int) -> SentCode:
    """Make a code and send it; it takes the place of the one before. Not to be called inside a transaction.

    Raises NotFound, TransitionRefused (this package needs no code now), OtpTooSoon; and what the sender raises:
    then the code is withdrawn, and another may be asked for at once.
    """
    package = Package.objects.filter(pk=package_id).first()
    if package is None:
        raise NotFound(f"There is no package {package_id}.")
    if package.state != PackageStatus.READY_FOR_PICKUP or not needs_code(package_id):
        raise TransitionRefused("This package is not handed over against a code now.")
    made = otp.make_code(package_id)
    try:
        channel = ports.code_sender()(made.id, made.code)
    except PackhouseError:
        otp.withdraw(made.id)
        raise
    otp.mark_sent(made.id)
    return SentCode(channel, made.expires_date, made.created_date + otp.RESEND_AFTER)
