"""Logging in: one token for all processes, one login at a time, few attempts, and a stop when it is refused."""

from datetime import datetime, timedelta

from packhouse.integrations import advisory, http
from packhouse.integrations.failures import Refused, Unavailable
from packhouse.integrations.http import ONCE, Call
from packhouse.integrations.omnitron.conf import CONNECTION, SYSTEM, Login, Target
from packhouse.integrations.omnitron.failures import AuthFailed, ConnectorStopped
from packhouse.integrations.omnitron.models import Connection, Token
from packhouse.kernel import clock, exceptions
from packhouse.kernel.secrets import decrypt, encrypt

MOST_LOGINS, WITHIN = 3, timedelta(minutes=6)
LOGIN_SECONDS = 30.0
COME_BACK = 300.0
BANNER = "omnitron_login"


def authorization(target: Target) -> str:
    """The header's value; logs in where nobody has yet. Raises ConnectorStopped, AuthFailed, TemporaryFailure."""
    token = target.login.token or _stored(target.login)
    return _header(token) if token else renewed(target, used=None)


def _header(token: str) -> str:
    """A token that holds a blank names its own scheme."""
    return token if " " in token else f"Token {token}"


def renewed(target: Target, *, used: str | None) -> str:
    """A newer header than `used`, another process's where it was quicker. Raises as `authorization`."""
    login = target.login
    if login.token:
        raise AuthFailed("The back office refuses the fixed token of the settings.", retry_after=COME_BACK)
    _check_not_stopped(login)
    try:
        with advisory.held(f"{SYSTEM} login {login.name}", wait=LOGIN_SECONDS):
            present = _stored(login)
            if present and used != _header(present):
                return _header(present)
            return _header(_log_in(target))
    except advisory.NotFree:
        raise Unavailable("Another process is logging in.") from None


def _stored(login: Login) -> str:
    row = Token.objects.filter(connection=CONNECTION, login=login.name).first()
    return decrypt(row.value) if row and row.value else ""


def _log_in(target: Target) -> str:
    login = target.login
    row, _ = Token.objects.get_or_create(connection=CONNECTION, login=login.name)
    now = clock.now()
    recent = [moment for moment in row.login_dates if moment > now - WITHIN]
    if len(recent) >= MOST_LOGINS:
        raise Unavailable(
            f"{MOST_LOGINS} logins in {WITHIN.seconds // 60} minutes are enough.",
            retry_after=_seconds_until(recent[-MOST_LOGINS] + WITHIN),
        )
    row.login_dates = [*recent, now]
    row.save(update_fields=["login_dates"])
    key = _ask(target)
    row.value = encrypt(key)
    row.save(update_fields=["value"])
    _go_on()
    return key


def _ask(target: Target) -> str:
    login = target.login
    call = Call(
        SYSTEM,
        "login",
        "POST",
        f"{login.base_url}/auth/login/",
        body={"username": login.username, "password": login.password},
        connect=target.connect,
        read=target.read,
    )
    try:
        answer = http.send(call, ONCE).json()
    except Refused as refusal:
        raise _stopped(_stop(login, refusal)) from None
    key = answer.get("key") if isinstance(answer, dict) else None
    if not isinstance(key, str) or not key:
        raise Unavailable("The login gave no key.")
    return key


def _seconds_until(moment: datetime) -> float:
    return max(1.0, (moment - clock.now()).total_seconds())


def _stop(login: Login, refusal: Refused) -> str:
    """Wrong settings: nothing is tried until they change, and everybody sees it. The reason."""
    reason = f"The back office refuses the login ({refusal.answered})."
    Connection.objects.update_or_create(
        pk=CONNECTION, defaults={"stopped_for": login.name, "stopped_reason": reason}
    )
    exceptions.report(BANNER, SYSTEM, reason, action="settings")
    return reason


def _go_on() -> None:
    if (
        Connection.objects.filter(pk=CONNECTION)
        .exclude(stopped_for="")
        .update(stopped_for="", stopped_reason="")
    ):
        exceptions.resolve(BANNER, SYSTEM)


def _check_not_stopped(login: Login) -> None:
    row = Connection.objects.filter(pk=CONNECTION, stopped_for=login.name).first()
    if row is not None:
        raise _stopped(row.stopped_reason)


def _stopped(reason: str) -> ConnectorStopped:
    return ConnectorStopped(f"The connector has stopped: {reason}", retry_after=COME_BACK)
