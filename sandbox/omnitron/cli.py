"""`packhouse-sandbox omnitron`."""

from __future__ import annotations

import contextlib
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import click

from sandbox.omnitron.app import create
from sandbox.omnitron.box import Settings
from sandbox.omnitron.play import Rate
from sandbox.omnitron.seeding.plan import SIZES, SeedPlan, Size
from sandbox.omnitron.seeding.reference import PASSWORD, USERNAME
from sandbox.omnitron.seeding.seed import Progress, nobody_waits
from sandbox.omnitron.tls import make_certificate
from sandbox.options import serve_or_complain
from sandbox.serve import Listener


class _RateType(click.ParamType):
    name = "n/min"

    def convert(self, value: str | Rate, param: click.Parameter | None, ctx: click.Context | None) -> Rate:
        if isinstance(value, Rate):
            return value
        try:
            return Rate.parse(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


@click.command
@click.option(
    "--tls-port", type=click.IntRange(0, 65535), help="Serve https here as well; 0 takes a free one."
)
@click.option("--seed", default=7, show_default=True, help="Same seed and size, same day: same data.")
@click.option(
    "--size", type=click.Choice(SIZES), default="small", show_default=True, help="How much is seeded."
)
@click.option("--db", type=click.Path(dir_okay=False, path_type=Path), help="Keep everything in this file.")
@click.option("--strict-batches", is_flag=True, help="One committing batch per content type, as documented.")
@click.option(
    "--time-scale",
    type=click.FloatRange(0, min_open=True),
    default=1.0,
    show_default=True,
    help="60: the minutes webhooks wait are seconds.",
)
@click.option("--play", type=_RateType(), help="Go on placing orders at this rate, for example 20/min.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=9100, show_default=True, help="0 takes a free one."
)
@click.option("--control/--no-control", default=False, help="Answer /_sandbox/ (this machine only).")
def omnitron(  # noqa: PLR0913  (one parameter per option)
    *,
    tls_port: int | None,
    seed: int,
    size: Size,
    db: Path | None,
    strict_batches: bool,
    time_scale: float,
    play: Rate | None,
    control: bool,
    host: str,
    port: int,
) -> None:
    """Omnitron, the commerce back office: orders, products, stores, customers, signed webhooks.

    Serves /api/v1/ and /api/i1/. A fresh one is seeded with two web shops and a marketplace: 12, 40 or 250
    stores, 300, 2,000 or 20,000 products, 200, 5,000 or 100,000 orders (small, medium, large).

    \b
    curl -s localhost:9100/api/v1/auth/login/ -d '{"username": "oms", "password": "oms-sandbox"}'
    curl -s localhost:9100/api/v1/orders/ -H "Authorization: Token KEY"

    \b
    Control calls with --control, beside requests/, reset/ and faults/ (see `packhouse-sandbox --help`):
      GET  /_sandbox/state/                    counts, the seed, filters that were ignored
      POST /_sandbox/seed/                     {"seed", "size", "day", "orders"}: everything anew
      POST /_sandbox/orders/                   {"count": 10}, or {"channel", "order": {}, "order_item": []}
      POST /_sandbox/orders/1001/change/       {"address": {}, "items": [{"id", ...}], "add_items": [], "status"}
      POST /_sandbox/orders/1001/pay/          the payment has come
      POST /_sandbox/orders/1001/cancel/       {"cancel_items": [], "reasons": {}}; also cancel/ with "order"
      GET, POST /_sandbox/stores/              open a store, or change the one named by pk or erp_code
      POST /_sandbox/expire-tokens/            every key is worthless
      GET  /_sandbox/deliveries/?state=dead    webhooks sent and to be sent
      GET  /_sandbox/error-reports/            what channels reported
    """
    plan = SeedPlan(seed=seed, size=size)
    settings = Settings(strict_batches=strict_batches, time_scale=time_scale)
    with _progress(plan) as progress:
        path = str(db) if db else None
        sandbox = create(plan, db=path, settings=settings, control=control, play=play, progress=progress)
    click.echo(f"omnitron login: {USERNAME} / {PASSWORD}", err=True)
    with _https(tls_port, db) as extra:
        serve_or_complain(sandbox.app, name="omnitron", host=host, port=port, extra=extra)


@contextlib.contextmanager
def _progress(plan: SeedPlan) -> Iterator[Progress]:
    """A bar on stderr where seeding takes more than a moment."""
    if plan.size == "small":
        yield nobody_waits
        return
    with click.progressbar(length=plan.counts.orders, label="seeding orders", file=sys.stderr) as bar:
        yield bar.update


@contextlib.contextmanager
def _https(port: int | None, db: Path | None) -> Iterator[list[Listener]]:
    """The https listener, if one is asked for. Its files lie next to the data, or in a folder of their own that
    goes when the sandbox does."""
    if port is None:
        yield []
        return
    with tempfile.TemporaryDirectory(prefix="omnitron-sandbox-") as folder:
        files = make_certificate(db.resolve().parent if db else Path(folder))
        click.echo(f"omnitron https: REQUESTS_CA_BUNDLE={files.bundle}", err=True)
        yield [Listener(port, str(files.certificate), str(files.key))]
