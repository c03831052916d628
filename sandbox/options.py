"""Options every sandbox command has in common."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click
from starlette.types import ASGIApp

from sandbox.serve import Listener, ServeError, serve

Decorated = TypeVar("Decorated", bound=Callable[..., Any])


def listening(port: int) -> Callable[[Decorated], Decorated]:
    """Add `--host`, `--port` (default `port`) and `--control/--no-control`."""

    def decorate(function: Decorated) -> Decorated:
        for option in (
            click.option(
                "--control/--no-control",
                default=True,
                show_default=True,
                help="Answer /_sandbox/ (this machine only).",
            ),
            click.option(
                "--port",
                type=click.IntRange(0, 65535),
                default=port,
                show_default=True,
                help="0 takes a free one.",
            ),
            click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on."),
        ):
            function = option(function)
        return function

    return decorate


def serve_or_complain(
    app: ASGIApp, *, name: str, host: str, port: int, extra: Sequence[Listener] = ()
) -> None:
    """Serve until told to end; a port in use becomes one line of text and exit code 1."""
    try:
        serve(app, name=name, host=host, port=port, extra_ports=extra)
    except ServeError as error:
        raise click.ClickException(str(error)) from error
