"""The web server process: granian with the WSGI application, several processes with threads."""

import gc
import os
import socket

import click
from django.db import connections
from django.urls import get_resolver
from django.utils.module_loading import import_string
from granian import Granian
from granian.constants import Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

APPLICATION = "config.wsgi:application"
# Requests still being answered when the end comes are given this long.
STOP_SECONDS = 15
BACKLOG = 1024
# A request makes some thousand objects that are gone with it; the usual 700 would collect several times in each.
COLLECTIONS = (20_000, 20, 50)


def serve(*, host: str, port: int, processes: int | None, threads: int) -> None:
    """Serve until SIGTERM or SIGINT. Raises click.ClickException for a port in use."""
    port = free_port(host, port)
    os.environ["PACKHOUSE_WEB_THREADS"] = str(threads)
    # Loaded here once: a mistake shows now instead of in every process, and they start at once.
    import_string(APPLICATION.replace(":", "."))
    _ = get_resolver().url_patterns
    # What is loaded by now lives as long as the processes: no collection need look at it, or at it again and again.
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECTIONS)
    connections.close_all()  # the processes are forked: none may share a connection with another
    click.echo(f"Packhouse answers at {address(host, port)}", err=True)
    Granian(
        APPLICATION,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=processes or max(2, os.cpu_count() or 1),
        blocking_threads=threads,
        backlog=BACKLOG,
        # Beyond what threads can answer, requests wait in the server, and beyond that in the kernel.
        backpressure=threads * 4,
        http1_settings=HTTP1Settings(header_read_timeout=30_000),
        websockets=False,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
        respawn_interval=0.5,
        workers_kill_timeout=STOP_SECONDS,
    ).serve()


def free_port(host: str, port: int) -> int:
    """The port itself, or a free one for 0. The server would share a port in use; so it is tried first.

    Raises click.ClickException.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((host, port))
        except OSError as error:
            raise click.ClickException(
                f"Cannot listen on {host}:{port}: {error.strerror}. Name another port with --port."
            ) from error
        return int(tried.getsockname()[1])


def address(host: str, port: int) -> str:
    """The URL under which this machine reaches a server that listens there."""
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound
    return f"http://[{reachable}]:{port}" if ":" in reachable else f"http://{reachable}:{port}"
