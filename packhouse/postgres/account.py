"""Who runs the server: the caller, or, when the caller is root, an existing unprivileged account.

Never adds an account and never changes the permissions of a folder that is not the data folder itself.
"""

import os
import pwd
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packhouse.postgres.errors import PostgresFailed

CANDIDATES = ("postgres", "nobody")


@dataclass(frozen=True)
class Account:
    """An account of this machine that a process of root steps down to."""

    name: str
    uid: int
    gid: int

    def may_enter(self, folder: Path) -> bool:
        """Whether the account can pass through `folder` and all its parents."""
        return run(["/bin/sh", "-c", 'test -x "$1"', "sh", str(folder)], account=self).returncode == 0

    def may_execute(self, program: Path) -> bool:
        """Whether the account can reach and run `program`."""
        return (
            run(["/bin/sh", "-c", 'test -r "$1" && test -x "$1"', "sh", str(program)], self).returncode == 0
        )

    def own(self, path: Path) -> None:
        """Give `path` (and what is in it) to the account."""
        os.chown(path, self.uid, self.gid, follow_symlinks=False)
        for folder, folders, files in os.walk(path):
            for name in [*folders, *files]:
                os.chown(Path(folder) / name, self.uid, self.gid, follow_symlinks=False)


def unprivileged(cluster: Path) -> Account | None:
    """The account to step down to, None when the caller is not root and stays who it is.

    An existing cluster keeps its owner. A new one belongs to `postgres`, else `nobody`.
    """
    if os.geteuid() != 0:
        return None
    owner = cluster.stat().st_uid if cluster.exists() else 0
    entries = [_by_uid(owner)] if owner else [_by_name(name) for name in CANDIDATES]
    for entry in entries:
        if entry:
            return Account(name=entry.pw_name, uid=entry.pw_uid, gid=entry.pw_gid)
    raise PostgresFailed(
        "PostgreSQL does not run as root, and there is no account to step down to "
        f"({f'uid {owner}' if owner else ' or '.join(CANDIDATES)}).\n"
        "Run Packhouse as a normal user, or set DATABASE_URL to a server of your own."
    )


def run(arguments: Sequence[str], account: Account | None) -> subprocess.CompletedProcess[str]:
    """Run a short program as the account, its output captured."""
    return subprocess.run(
        arguments, capture_output=True, text=True, errors="replace", check=False, **surroundings(account)
    )


def surroundings(account: Account | None) -> dict[str, Any]:
    """Keyword arguments for subprocess: account, folder and a bare environment without PG* variables."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    # Messages in English, whatever the caller's language: the start looks for some of them.
    # A known time zone spares initdb the search through the whole zone database.
    settings: dict[str, Any] = {"env": {**kept, "LC_ALL": "C", "TZ": "UTC"}, "cwd": "/"}
    if account:
        settings.update(user=account.uid, group=account.gid, extra_groups=[])
    return settings


def _by_uid(uid: int) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwuid(uid)
    except KeyError:
        # An owner without an entry (a volume of another machine) can run a server all the same.
        return pwd.struct_passwd((str(uid), "x", uid, uid, "", "/", "/bin/sh"))


def _by_name(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None
