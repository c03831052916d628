"""`packhouse-sandbox invoice`."""

from __future__ import annotations

import click

from sandbox.invoice.app import ANSWERS, InvoiceSandbox
from sandbox.invoice.gate import AUTH_TYPES, Gate
from sandbox.options import listening, serve_or_complain


@click.command
@click.option("--answer", type=click.Choice(ANSWERS), default="url", show_default=True, help="How to answer.")
@click.option("--auth", type=click.Choice(AUTH_TYPES), default="anonymous", show_default=True)
@click.option("--username", default="invoice", show_default=True, help="For basic_auth.")
@click.option("--password", default="invoice", show_default=True, help="For basic_auth.")
@click.option("--token", default="invoice", show_default=True, help="For token.")
@click.option("--token-prefix", default="Bearer", show_default=True, help="For token.")
@click.option("--signing-secret", help="Refuse bodies without a fitting X-Whisperer-Signature.")
@listening(port=9300)
def invoice(  # noqa: PLR0913  (one parameter per option)
    *,
    answer: str,
    auth: str,
    username: str,
    password: str,
    token: str,
    token_prefix: str,
    signing_secret: str | None,
    control: bool,
    host: str,
    port: int,
) -> None:
    """An invoice service: POST to any path.

    Checks the request against the published schema and its sums, allots a number, and answers it with the URL
    of a PDF that is really served, or with the PDF itself. The same Idempotency-Key gets the same answer.

    \b
    --answer  url        201 with e_archive_url
              document   201 with the PDF in base64
              accepted   202, the number comes later
              reject     422 with a text
              empty      200 {}
              unfit      201 with a body that is no answer

    \b
    Control calls, beside requests/, reset/ and faults/ (see `packhouse-sandbox --help`):
      GET  /_sandbox/invoices/                  what was made
      PUT  /_sandbox/mode/                      {"answer": "document", "repeat": 409}
      POST /_sandbox/invoices/REQUEST-ID/complete/   allot what was only accepted; returns the answer
    """
    gate = Gate(auth, username, password, token, token_prefix, signing_secret)
    sandbox = InvoiceSandbox(answer=answer, gate=gate, control=control)
    serve_or_complain(sandbox.app, name="invoice", host=host, port=port)
