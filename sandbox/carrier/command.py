"""`packhouse-sandbox carrier`."""

from __future__ import annotations

import click

from sandbox.carrier.app import CarrierSandbox
from sandbox.carrier.desk import MAX_SCALE, MIN_SCALE
from sandbox.carrier.script import DEFAULT_SCRIPT, ScriptError, Shares
from sandbox.options import listening, serve_or_complain

_SHARE = click.FloatRange(0, 1)


@click.command
@click.option("--user", default="carrier", show_default=True, help="HTTP Basic user.")
@click.option("--password", default="carrier", show_default=True, help="HTTP Basic password.")
@click.option(
    "--script", default=DEFAULT_SCRIPT, show_default=True, help="How shipments move; 'none' stands still."
)
@click.option("--attempted", type=_SHARE, default=0.0, help="Part of them delivered at the second try.")
@click.option("--failed", type=_SHARE, default=0.0, help="Part of them never delivered.")
@click.option("--pickup", type=_SHARE, default=0.0, help="Part of them fetched at a pick-up point.")
@click.option(
    "--seed", default=0, show_default=True, help="Same seed, same shipment: same course and number."
)
@click.option(
    "--time-scale",
    type=click.FloatRange(MIN_SCALE, MAX_SCALE),
    default=1.0,
    show_default=True,
    help="60: minutes are seconds.",
)
@listening(port=9200)
def carrier(  # noqa: PLR0913  (one parameter per option)
    *,
    user: str,
    password: str,
    script: str,
    attempted: float,
    failed: float,
    pickup: float,
    seed: int,
    time_scale: float,
    control: bool,
    host: str,
    port: int,
) -> None:
    """A carrier's adaptor: the whole shipment contract, by HTTP Basic and the x-akinon- headers.

    Registers shipments, prints labels (pdf, zpl), and moves them along a script: each step is a status and the
    time it takes to get there from the step before. Statuses: created, shipping, pickup, attempted, failed,
    delivered, deleted. An address with FAIL in its city or address line is refused.

    \b
    Control calls, beside requests/, reset/ and faults/ (see `packhouse-sandbox --help`):
      GET  /_sandbox/shipments/                what is registered, with history and next step
      POST /_sandbox/shipments/S1/advance/     next status now, or {"status", "date"?, "deliveredTo"?}
      POST /_sandbox/shipments/S1/forget/      the carrier knows nothing of it any more
      PUT  /_sandbox/label_delay/              {"seconds": 90}: labels come late
      PUT  /_sandbox/mode/                     {"reject": "No contract", "needs_origin": true, "script": "none",
                                                "inline_labels": true, "duplicate_events": true, "time_scale": 60}
    """
    try:
        shares = Shares(attempted, failed, pickup)
        sandbox = CarrierSandbox(
            username=user,
            password=password,
            script=script,
            shares=shares,
            seed=seed,
            time_scale=time_scale,
            control=control,
        )
    except ScriptError as error:
        raise click.BadParameter(str(error), param_hint="--script") from error
    serve_or_complain(sandbox.app, name="carrier", host=host, port=port)
