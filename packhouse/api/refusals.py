"""Refusals that only HTTP knows: their codes and statuses are public like those of `packhouse.kernel.errors`."""

from packhouse.kernel.errors import Errors, NotAuthenticated, PackhouseError


class UnknownFilter(PackhouseError):
    """A list was asked with a parameter that it does not have; ignoring it would hand out every row."""

    code = "unknown_filter"


class TooManyRows(PackhouseError):
    """An export would be longer than 100,000 rows."""

    code = "too_many_rows"


class JwtNotSupported(NotAuthenticated):
    """Keys are opaque here; a JWT is none."""

    code = "jwt_not_supported"


class MethodNotAllowed(PackhouseError):
    """This address does not offer the method."""

    code = "method_not_allowed"
    status = 405


class NotAcceptable(PackhouseError):
    """The format that was asked for is not offered here."""

    code = "not_acceptable"
    status = 406


class CursorExpired(PackhouseError):
    """What the caller wants to continue from is no longer kept."""

    code = "cursor_expired"
    status = 410


class PreconditionFailed(PackhouseError):
    """`If-Match` names a version that somebody has changed since."""

    code = "precondition_failed"
    status = 412


class PayloadTooLarge(PackhouseError):
    """The body is larger than this address takes."""

    code = "payload_too_large"
    status = 413


class UriTooLong(PackhouseError):
    """The address is longer than 8 kB."""

    code = "uri_too_long"
    status = 414


class UnsupportedMediaType(PackhouseError):
    """The body's `Content-Type` is not taken here; commands and bulk take JSON alone."""

    code = "unsupported_media_type"
    status = 415


class Throttled(PackhouseError):
    """The key's bucket is empty; `wait` seconds until it holds a token again."""

    code = "throttled"
    status = 429

    def __init__(self, errors: Errors | str, *, wait: float) -> None:
        super().__init__(errors)
        self.wait = wait


class Unavailable(PackhouseError):
    """The database cannot answer now; the same request may be sent again."""

    code = "server_error"
    status = 503
