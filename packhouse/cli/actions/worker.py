"""The worker process: a Procrastinate worker for every group of queues, all in one process."""

import asyncio
import importlib
import logging
import os
import pkgutil
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, NoReturn

import click
from asgiref.sync import sync_to_async
from django.db import close_old_connections, connections
from procrastinate import App
from procrastinate.contrib.django import app as django_app
from procrastinate.worker import Worker

import packhouse
from packhouse.cli.actions.queues import Group, groups
from packhouse.jobs.rescue import rescue_stalled_jobs

logger = logging.getLogger(__name__)

# Jobs at hand when the end comes are given this long; what is not done then is taken up by another worker.
STOP_SECONDS = 20.0
BEAT_SECONDS = 2.0
SILENT_FOR = timedelta(seconds=15)
RESCUE_SECONDS = 5.0


def work(*, scale: float) -> None:
    """Do jobs until SIGTERM or SIGINT. Raises click.ClickException when it cannot go on."""
    load_tasks()
    connections.close_all()
    asyncio.run(_work(scale))


def load_tasks() -> None:
    """Import every module named `tasks`, which makes its tasks known; those of Django apps are known already."""
    for module in pkgutil.walk_packages(packhouse.__path__, f"{packhouse.__name__}."):
        if module.name.endswith(".tasks"):
            importlib.import_module(module.name)
    django_app.perform_import_paths()


async def _work(scale: float) -> None:
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    # Not the tasks' own app: they keep Django's connection, the workers have a pool.
    app = django_app.with_connector(django_app.connector.get_worker_connector())  # type: ignore[attr-defined]
    async with app.open_async():
        workers = [_worker(app, group, scale, stop) for group in groups(app)]
        # asyncio's own pool has a few threads for everybody: a slow neighbour would take them all.
        threads = sum(each.concurrency for each in workers) + 2
        loop.set_default_executor(ThreadPoolExecutor(threads, thread_name_prefix="job"))
        click.echo(f"Working on {', '.join(each.worker_name or '' for each in workers)}.", err=True)
        await _until(stop, workers)


def _worker(app: App, group: Group, scale: float, stop: asyncio.Event) -> Worker:
    return Worker(
        app,
        list(group.queues),
        name=group.name,
        concurrency=group.scaled(scale),
        fetch_job_polling_interval=group.polling_seconds,
        listen_notify=False,
        install_signal_handlers=False,
        update_heartbeat_interval=BEAT_SECONDS,
        stalled_worker_timeout=SILENT_FOR.total_seconds(),
        # Long jobs ask whether the worker is to end.
        additional_context={"stopping": stop.is_set},
        task_middleware=app.worker_defaults.get("task_middleware"),
    )


async def _until(stop: asyncio.Event, workers: list[Worker]) -> None:
    """Run the workers until the end is asked for or one of them gives up; then let them finish."""
    running = {asyncio.create_task(each.run(), name=each.worker_name) for each in workers}
    rescuing = asyncio.create_task(_keep_rescuing())
    stopping = asyncio.create_task(stop.wait())
    ended, _ = await asyncio.wait({*running, stopping}, return_when=asyncio.FIRST_COMPLETED)
    rescuing.cancel()
    stopping.cancel()
    asked_to_end = stop.is_set()
    stop.set()
    for each in workers:
        each.stop()
    _, unfinished = await asyncio.wait(running, timeout=STOP_SECONDS)
    if unfinished:
        _leave(
            f"{', '.join(each.get_name() for each in unfinished)}: jobs still ran after {STOP_SECONDS:.0f} s"
        )
    if not asked_to_end:
        _complain({*ended, *running})


def _complain(ended: set[asyncio.Task[Any]]) -> NoReturn:
    errors = [error for task in ended if task.done() and not task.cancelled() and (error := task.exception())]
    first = repr(errors[0].__cause__ or errors[0]) if errors else "see the log above"
    raise click.ClickException(f"The worker cannot go on: {first}")


async def _keep_rescuing() -> None:
    """Queue jobs of workers that died, again and again; what goes wrong once is tried again at the next turn."""
    while True:
        try:
            await sync_to_async(_rescue, thread_sensitive=False)()
        except Exception:
            logger.exception("could not look for jobs of workers that died; trying again")
        await asyncio.sleep(RESCUE_SECONDS)


def _rescue() -> None:
    close_old_connections()
    rescued = rescue_stalled_jobs(older_than=SILENT_FOR)
    if rescued:
        logger.warning("took up %s jobs of workers that died", rescued)


def _leave(why: str) -> NoReturn:
    """End now. Threads at work cannot be stopped; their jobs stay marked as begun and are begun anew elsewhere."""
    logger.error("%s; they will be begun anew", why)
    sys.stderr.flush()
    os._exit(1)
