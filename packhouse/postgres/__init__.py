"""An embedded PostgreSQL: started on first use, shared by processes, stopped by the last one out.

For demonstrations, development and tests, so that a machine needs nothing but Python. In production
set `DATABASE_URL` instead and this package is never called.

    with postgres.running(Path(".data/postgres")) as server:
        psycopg.connect(server.url)

The server belongs to nobody's process: it outlives a killed parent, and the next process re-attaches.
Every user holds a lease (a file lock the kernel frees when the process dies), so "the last one out"
is always known. It listens on 127.0.0.1 only and asks for a random password kept in the data folder.

Run by root, it drops to the existing account `postgres`, else `nobody`, because PostgreSQL refuses to
run as root. Where that account cannot reach the data folder, the data is kept under
`/var/lib/packhouse` and the file `moved-to` in the data folder names the place.
"""

from packhouse.postgres.errors import PostgresError, PostgresFailed, PostgresNotFound
from packhouse.postgres.server import Server, attach, release, running, stop

__all__ = [
    "PostgresError",
    "PostgresFailed",
    "PostgresNotFound",
    "Server",
    "attach",
    "release",
    "running",
    "stop",
]
