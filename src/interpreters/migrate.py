"""Bring a database to the newest revision, and tell whether it is there."""

from pathlib import Path
from typing import Final

import psycopg
import stamina
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from psycopg import sql

_HERE: Final = Path(__file__).parent
# In the wheel the revisions lie inside the package; in a checkout beside src/.
REVISIONS: Final = next(
    place for place in (_HERE / "migrations", _HERE.parents[1] / "migrations") if place.is_dir()
)
APP_ROLE: Final = "interpreters_app"


def migrate(owner_url: str, app_role: str | None = None) -> None:
    """Apply every missing revision as the owner; let `app_role` be a member of interpreters_app.

    May run twice, and at the same time as another: a session lock makes the second one wait.
    """
    for attempt in stamina.retry_context(on=_is_lock_timeout, attempts=10):
        with attempt, psycopg.connect(owner_url, autocommit=True) as connection:
            connection.execute("SELECT pg_advisory_lock(7203001)")
            command.upgrade(configuration(owner_url), "head")
            if app_role and app_role != APP_ROLE:
                connection.execute(
                    sql.SQL("GRANT {} TO {}").format(
                        sql.Identifier(APP_ROLE), sql.Identifier(app_role)
                    )
                )


def _is_lock_timeout(error: Exception) -> bool:
    """Somebody reads the table: the same revision is tried again. Alembic wraps what it gets."""
    return isinstance(getattr(error, "orig", error), psycopg.errors.LockNotAvailable)


def is_current(url: str) -> bool:
    """Tell whether the database stands at the newest revision."""
    with psycopg.connect(url) as connection:
        there = connection.execute("SELECT to_regclass('alembic_version')").fetchone()
        if there is None or there[0] is None:
            return False
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    head = ScriptDirectory.from_config(configuration(url)).get_current_head()
    return row is not None and row[0] == head


def is_known(revision: str) -> bool:
    """Tell whether the revision is one of ours: a database of a newer version has others."""
    script = ScriptDirectory.from_config(configuration("postgresql://"))
    return any(one.revision == revision for one in script.walk_revisions())


def configuration(url: str) -> Config:
    """Return Alembic's configuration for this database, quiet, without an ini file."""
    config = Config()
    config.set_main_option("script_location", str(REVISIONS))
    config.set_main_option("sqlalchemy.url", _sqlalchemy(url).replace("%", "%%"))
    return config


def _sqlalchemy(url: str) -> str:
    scheme, _, rest = url.partition("://")
    return f"postgresql+psycopg://{rest}" if scheme in ("postgres", "postgresql") else url
