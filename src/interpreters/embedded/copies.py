"""Copies of a whole database, to be thrown away: for simulations that begin alike."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, LiteralString

import psycopg
from psycopg import sql

from interpreters.embedded.postgres import APP, DATABASE, Postgres

COPY: Final[LiteralString] = "CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY"
DROP: Final[LiteralString] = "DROP DATABASE IF EXISTS {} WITH (FORCE)"


@contextmanager
def copied_database(server: Postgres, name: str) -> Iterator[str]:
    """Give the address of a copy of the database, as the application's role, until the block ends.

    Nobody may be connected to the database itself while it is copied.
    """
    copy = sql.Identifier(name)
    with psycopg.connect(server.url("postgres", "postgres"), autocommit=True) as db:
        db.execute(sql.SQL(DROP).format(copy))
        db.execute(sql.SQL(COPY).format(copy, sql.Identifier(DATABASE)))
        try:
            yield server.url(APP, name)
        finally:
            db.execute(sql.SQL(DROP).format(copy))
