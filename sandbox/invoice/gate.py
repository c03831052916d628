"""Who may ask: anonymous, HTTP Basic or a token, and optionally a signature over the body."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request

from sandbox.credentials import basic_fits, token_fits
from sandbox.signatures import is_signed

AUTH_TYPES = ("anonymous", "basic_auth", "token")


@dataclass(frozen=True)
class Gate:
    """`auth` is one of AUTH_TYPES; with `signing_secret` a body must carry `X-Whisperer-Signature`."""

    auth: str = "anonymous"
    username: str = "invoice"
    password: str = "invoice"  # noqa: S105  (the documented default of a sandbox)
    token: str = "invoice"  # noqa: S105
    token_prefix: str = "Bearer"  # noqa: S105
    signing_secret: str | None = None

    def refusal(self, request: Request, body: bytes) -> str | None:
        """Why the caller is not let in, or None."""
        header = request.headers.get("authorization")
        if self.auth == "basic_auth" and not basic_fits(header, self.username, self.password):
            return "Wrong or missing HTTP Basic user and password."
        if self.auth == "token" and not token_fits(header, self.token, self.token_prefix):
            return f"Wrong or missing 'Authorization: {self.token_prefix} <token>'."
        if self.signing_secret is not None:
            signature = request.headers.get("x-whisperer-signature", "")
            if not is_signed({"x-whisperer-signature": signature}, body, [self.signing_secret], 0):
                return "X-Whisperer-Signature does not fit the body."
        return None

    @property
    def challenge(self) -> str:
        """Value of `WWW-Authenticate` for a refusal."""
        return 'Basic realm="invoice"' if self.auth == "basic_auth" else self.token_prefix or "Token"
