"""The database a backup is brought back to: whether it may be, and what it needs first."""

from typing import Final, LiteralString

import psycopg

from interpreters.embedded.trouble import Trouble

OURS: Final = 2  # tables that every database of ours has
TABLES: Final[LiteralString] = """
    SELECT count(*), count(*) FILTER (WHERE c.relname IN ('alembic_version', 'networks'))
    FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
"""
FULL: Final[LiteralString] = "SELECT EXISTS (SELECT FROM networks)"
OTHERS: Final[LiteralString] = """
    SELECT count(*) FROM pg_stat_activity a
    WHERE a.datname = current_database() AND a.pid <> pg_backend_pid() AND a.usesysid IS NOT NULL
"""
ROLE: Final[LiteralString] = "SELECT FROM pg_roles WHERE rolname = 'interpreters_app'"
CREATE_ROLE: Final[LiteralString] = "CREATE ROLE interpreters_app NOLOGIN"
EXTENSIONS: Final[tuple[LiteralString, ...]] = (
    "CREATE EXTENSION IF NOT EXISTS btree_gist",
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
)


def check_target(url: str, *, replace: bool) -> None:
    """Look at what the database holds and who uses it, and change nothing.

    Raises:
        Trouble: it may not be replaced: it is not ours, is in use, or is full and `replace` is
            not said.
    """
    with psycopg.connect(url) as db:
        tables, ours = db.execute(TABLES).fetchone() or (0, 0)
        if tables and ours != OURS:
            raise Trouble("the database holds tables that are not ours: name an empty one")
        [others] = db.execute(OTHERS).fetchone() or (0,)
        if others:
            raise Trouble(f"the database is in use by {others} connections: stop everything first")
        [full] = (tables and db.execute(FULL).fetchone()) or (False,)
        if full and not replace:
            raise Trouble(
                "the database is not empty: with --replace the backup takes the place of what it "
                "holds, and that is lost"
            )


def furnish(url: str) -> None:
    """Give the server the role and the database the extensions that are in no backup.

    Raises:
        Trouble: the owner of the database may not.
    """
    with psycopg.connect(url, autocommit=True) as db:
        there = db.execute(ROLE).fetchone() is not None
        for statement in EXTENSIONS if there else (CREATE_ROLE, *EXTENSIONS):
            try:
                db.execute(statement)
            except (psycopg.errors.InsufficientPrivilege, psycopg.errors.UndefinedFile) as error:
                raise Trouble(
                    f"the server's administrator has to say first: {statement}"
                ) from error


def analyze(url: str) -> None:
    """Have the server count what it has, so that it plans well from the first call on."""
    with psycopg.connect(url, autocommit=True) as db:
        db.execute("ANALYZE")
