"""`packhouse-sandbox receiver`."""

from __future__ import annotations

import click

from sandbox.options import listening, serve_or_complain
from sandbox.receiver.app import ReceiverSandbox


@click.command
@click.option(
    "--secret", envvar="SANDBOX_RECEIVER_SECRET", help="Secret of the hooks; refuse what does not fit."
)
@listening(port=9400)
def receiver(*, secret: str | None, control: bool, host: str, port: int) -> None:
    """A webhook receiver: POST to any path.

    Every message is kept with its headers and exact body. With a secret, X-Whisperer-Signature and the
    Standard Webhooks headers are checked over the raw bytes; what does not fit is answered 401. Repeats are
    known by event.uuid, the order by event.subject and event.sequence.

    \b
    Control calls, beside requests/, reset/ and faults/ (see `packhouse-sandbox --help`):
      GET  /_sandbox/received/?type=&subject=  messages with type, uuid, sequence, verified, duplicate
      GET  /_sandbox/report/    received, unique, duplicates, bad_signature, out_of_order, missing, by_type
      PUT  /_sandbox/secrets/   {"/hooks/a": "secret", "*": ["new", "old"]}; "*" is every other path
      PUT  /_sandbox/faults/    {"preset": "silent-webhooks"} takes messages and never answers
    """
    sandbox = ReceiverSandbox(secret=secret, control=control)
    serve_or_complain(sandbox.app, name="receiver", host=host, port=port)
