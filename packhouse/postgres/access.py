"""Talks to a running server: is it there, and are the role and the database."""

import enum
import time
from urllib.parse import quote

import psycopg
from psycopg import sql

from packhouse.postgres import cluster
from packhouse.postgres.errors import failed
from packhouse.postgres.place import Place

ROLE = "packhouse"
HOST = "127.0.0.1"

Connection = psycopg.Connection[tuple[str, ...]]


class Answer(enum.Enum):
    """What a server that gave no connection said."""

    NOBODY = "nobody there"
    BUSY = "there, but starting, stopping or full"


def connect(place: Place) -> Connection | Answer:
    """A superuser's connection to the server of `place`, or why there is none."""
    port = cluster.port_in_use(place)
    if port is None:
        return Answer.NOBODY
    try:
        connection = psycopg.connect(
            host=HOST,
            hostaddr=HOST,
            port=port,
            user=cluster.SUPERUSER,
            password=password(place),
            dbname="postgres",
            connect_timeout=5,
            sslmode="disable",
            gssencmode="disable",
            target_session_attrs="any",
            options="",
            autocommit=True,
            application_name="packhouse.postgres",
        )
    except psycopg.OperationalError as error:
        text = str(error)
        busy = "the database system is" in text or "too many clients" in text
        return Answer.BUSY if busy else Answer.NOBODY
    # A copy of a data folder carries the port and the password of the original.
    if _setting(connection, "data_directory") != str(place.cluster):
        connection.close()
        return Answer.NOBODY
    return connection


def connect_patiently(place: Place) -> Connection | None:
    """Like connect, but waits while the server starts, recovers or stops; None when nobody is there."""
    deadline = time.monotonic() + cluster.START_SECONDS
    while (answer := connect(place)) is Answer.BUSY:
        if time.monotonic() > deadline:
            raise failed(
                f"The embedded PostgreSQL runs but gave no connection for {cluster.START_SECONDS} seconds.",
                log=place.log,
                advice="It may be recovering after a crash: wait, and try again.",
            )
        time.sleep(0.02)
    return answer if isinstance(answer, psycopg.Connection) else None


def ensure_database(connection: Connection, place: Place, database: str) -> None:
    """Make the role and the database when they are not there yet."""
    roles = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE])
    if roles.fetchone() is None:
        # Not a superuser: what works here works on a managed server too.
        verifier = connection.pgconn.encrypt_password(
            password(place).encode(), ROLE.encode(), b"scram-sha-256"
        )
        connection.execute(
            sql.SQL("CREATE ROLE {} LOGIN CREATEDB PASSWORD {}").format(
                sql.Identifier(ROLE), sql.Literal(verifier.decode())
            )
        )
        connection.execute(sql.SQL("GRANT pg_monitor, pg_checkpoint TO {}").format(sql.Identifier(ROLE)))
    databases = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database])
    if databases.fetchone() is None:
        connection.execute(
            sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(database), sql.Identifier(ROLE))
        )


def is_durable(connection: Connection) -> bool:
    """Whether the running server makes sure that what is committed survives a power cut."""
    return _setting(connection, "fsync") == "on"


def password(place: Place) -> str:
    """The password of both roles, made with the cluster."""
    try:
        return place.password_file.read_text().strip()
    except OSError as error:
        raise failed(
            f"The password of the embedded PostgreSQL cannot be read from {place.password_file}: "
            f"{error.strerror}.",
            advice="Run Packhouse as the user who owns the data folder, or restore the file from a backup.",
        ) from error


def url(place: Place, database: str) -> str:
    """The address of a database for the role of the application, password included."""
    port = cluster.port_in_use(place)
    return f"postgresql://{ROLE}:{password(place)}@{HOST}:{port}/{quote(database, safe='')}"


def _setting(connection: Connection, name: str) -> str:
    row = connection.execute("SELECT current_setting(%s)", [name]).fetchone()
    return row[0] if row else ""
