"""What a waiting person sees: a bar in a terminal, a line at the beginning and the end elsewhere."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)

CONSOLE = Console(stderr=True, highlight=False)


class Bar:
    """One piece of work. `set` may be called as often as it likes."""

    def __init__(self, progress: Progress | None, text: str, total: float | None) -> None:
        self._progress = progress
        self._task = progress.add_task(text, total=total) if progress else None
        self.done: float = 0

    def set(self, done: float, total: float | None = None) -> None:
        """How much is done, of how much when that has changed."""
        self.done = done
        if self._progress and self._task is not None:
            self._progress.update(self._task, completed=done, total=total)

    def advance(self, by: float = 1) -> None:
        self.set(self.done + by)

    def say(self, text: str) -> None:
        """What is being done right now."""
        if self._progress and self._task is not None:
            self._progress.update(self._task, description=text)


@contextmanager
def bar(text: str, total: float | None = None) -> Iterator[Bar]:
    """A bar for the length of a block; `total` None: nobody knows how long."""
    started = time.monotonic()
    if CONSOLE.is_terminal:
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=30),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=CONSOLE, transient=True) as progress:
            yield Bar(progress, text, total)
    else:
        yield Bar(None, text, total)
    say(f"{text}: {time.monotonic() - started:.1f} s")


def say(text: str) -> None:
    """One line for the person, beside what the command answers on stdout."""
    CONSOLE.print(text, markup=False, soft_wrap=True)
