"""How a hand-over code reaches the customer: the brand's service, a plug-in, or e-mail; the first there is.

The code stands in this one message and nowhere else: not in a webhook, a job or a log.
"""

import smtplib
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import Any, Final

from django.conf import settings
from django.core.mail import EmailMessage

from packhouse.integrations.failures import Refused, Unreachable
from packhouse.integrations.handover.texts import message_for
from packhouse.integrations.http import Call, Patience, login_headers, send
from packhouse.kernel import settings_store
from packhouse.kernel.configuration import CallAuth
from packhouse.kernel.errors import NotConfigured
from packhouse.kernel.wire import timestamp
from packhouse.packages.models import Otp

GROUP: Final = "packhouse.otp"
PATIENCE: Final = Patience(tries=1, within=10)


@dataclass(frozen=True, slots=True)
class CodeMessage:
    """What a plug-in is given. `text` is the whole message in the customer's language."""

    otp: str
    text: str
    package_number: str
    order_number: str
    phone_number: str | None
    email: str | None
    language: str
    expires_date: str


def send_code(otp_id: int, code: str) -> str:
    """Send it; by what it went. Raises NotConfigured where there is no way to this customer, OutsideFailure."""
    row = Otp.objects.select_related("package__order__customer", "package__order__shipping_address").get(
        pk=otp_id
    )
    message = _message(row, code)
    if settings_store.get("OTP")["sender_url"]:
        _post(row, message)
        return "service"
    for entry in entry_points(group=GROUP):
        plug_in: Callable[[CodeMessage], None] = entry.load()
        plug_in(message)
        return entry.name
    if settings.EMAIL_HOST and message.email:
        _mail(message)
        return "email"
    raise NotConfigured("There is no way to send codes: set OTP.sender_url, a plug-in, or a mail server.")


def _message(row: Otp, code: str) -> CodeMessage:
    order = row.package.order
    customer, address = order.customer, order.shipping_address
    language = "en" if order.language_code.lower().startswith("en") else "tr"
    return CodeMessage(
        otp=code,
        text=message_for(language, code, order.number, row.expires_date - row.created_date),
        package_number=row.package.number,
        order_number=order.number,
        phone_number=(address and address.phone_number) or (customer and customer.phone_number) or None,
        email=(customer and customer.email) or (address and address.email) or None,
        language=language,
        expires_date=timestamp(row.expires_date),
    )


def _post(row: Otp, message: CodeMessage) -> None:
    given = settings_store.get("OTP")
    auth = CallAuth.model_validate(given["auth"] or {})
    body: dict[str, Any] = {
        "request_id": f"otp-{row.pk}",
        "otp": message.otp,
        "otp_text": message.text,
        "package": row.package_id,
        "package_number": message.package_number,
        "order_number": message.order_number,
        "phone_number": message.phone_number,
        "email": message.email,
        "language": message.language,
        "expires_date": message.expires_date,
    }
    headers = {"Idempotency-Key": f"otp-{row.pk}", **login_headers(auth)}
    send(Call("otp", "send", "POST", str(given["sender_url"]), body=body, headers=headers), PATIENCE)


def _mail(message: CodeMessage) -> None:
    subject = message.order_number
    mail = EmailMessage(subject=subject, body=message.text, to=[str(message.email)])
    try:
        mail.send()
    except smtplib.SMTPRecipientsRefused:
        raise Refused("The mail server does not take this customer's address.") from None
    except (smtplib.SMTPException, OSError) as error:
        raise Unreachable(f"The mail server: {type(error).__name__}.") from None
