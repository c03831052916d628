"""File locks between the processes that share one server.

`start.lock` is held, exclusively, only while a server is being started or stopped. `lease` is held,
shared, as long as a process uses the server. The kernel frees both when a process dies, however it dies.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

START_LOCK = "start.lock"
LEASE = "lease"

_held: dict[Path, list[int]] = {}


@contextmanager
def starting_or_stopping(folder: Path) -> Iterator[None]:
    """Keep every other process (and thread) from starting or stopping the server of `folder`; waits."""
    descriptor = _open(folder / START_LOCK)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        os.close(_open(folder / LEASE))  # made early, so that both files get the same owner
        yield
    finally:
        os.close(descriptor)


def take_lease(folder: Path) -> None:
    """Note that this process uses the server of `folder`; call it once per use, under the start lock."""
    descriptor = _open(folder / LEASE)
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    _held.setdefault(folder, []).append(descriptor)


def drop_lease(folder: Path) -> bool:
    """Give up one lease of this process; False when it held none."""
    descriptors = _held.get(folder)
    if not descriptors:
        return False
    os.close(descriptors.pop())
    return True


def someone_holds_a_lease(folder: Path) -> bool:
    """Whether any process, this one included, still uses the server of `folder`."""
    descriptor = _open(folder / LEASE)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    else:
        return False
    finally:
        os.close(descriptor)


def _open(path: Path) -> int:
    # Not inherited by child processes (the default), or a child would keep its parent's lease alive.
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
