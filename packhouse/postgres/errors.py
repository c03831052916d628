"""What can go wrong with the embedded PostgreSQL; every text says what to do next."""

from pathlib import Path


class PostgresError(Exception):
    """Parent of the errors of this package."""


class PostgresNotFound(PostgresError):
    """No PostgreSQL program of a wanted version is on this machine."""

    def __init__(self, wanted: str, looked_in: list[str]) -> None:
        super().__init__(
            f"No PostgreSQL {wanted} was found. Looked in: {', '.join(looked_in)}.\n"
            "Run `make install`, which brings one; or install PostgreSQL 15 to 18; "
            "or set DATABASE_URL to a server of your own."
        )


class PostgresFailed(PostgresError):
    """The embedded PostgreSQL could not do what was asked; the text tells why and what to do."""


def failed(what: str, *, advice: str, log: Path | None = None, output: str = "") -> PostgresFailed:
    """A PostgresFailed made of what happened, the last lines PostgreSQL said, and what to do."""
    said = output or (tail(log) if log else "")
    parts = [what]
    if said.strip():
        parts.append(
            "PostgreSQL said:\n" + "\n".join("  " + line for line in said.strip().splitlines()[-20:])
        )
    if log:
        parts.append(f"The whole log: {log}")
    parts.append(advice)
    return PostgresFailed("\n".join(parts))


def size(log: Path) -> int:
    """Bytes in a log file, 0 when there is none."""
    return log.stat().st_size if log.exists() else 0


def tail(log: Path, *, since: int = 0) -> str:
    """The end of a log file as text, at most 4000 bytes of what was written after byte `since`."""
    if not log.exists():
        return ""
    with log.open("rb") as stream:
        stream.seek(max(since, size(log) - 4000))
        return stream.read().decode(errors="replace")
