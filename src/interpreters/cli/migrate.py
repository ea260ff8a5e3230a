"""`migrate`: the database brought to the newest revision by its owner."""

import sys
from typing import Annotated
from urllib.parse import urlsplit

import psycopg
import typer

from interpreters.cli.options import DataDir, chosen
from interpreters.cli.reach import brought_up
from interpreters.embedded.trouble import Trouble
from interpreters.migrate import is_current, migrate
from interpreters.settings import Settings

app = typer.Typer(add_completion=False)
Check = Annotated[bool, typer.Option("--check", help="Change nothing, only tell.")]


@app.command("migrate")
def run(*, data_dir: DataDir = None, check: Check = False) -> None:
    """Bring the database to the newest revision; may run again at any time."""
    with brought_up(chosen(data_dir=data_dir)) as settings:
        try:
            (_check if check else _migrate)(settings)
        except psycopg.OperationalError as error:
            reason = str(error).partition("\n")[0]
            raise Trouble(f"the database does not answer: {reason}") from error


def _migrate(settings: Settings) -> None:
    if settings.owner_database_url is None:
        raise Trouble(
            "INTERPRETERS_OWNER_DATABASE_URL is not set: migrations are run by the owner of the "
            "tables, and the role of INTERPRETERS_DATABASE_URL owns nothing"
        )
    app_role = urlsplit(settings.database_url or "").username
    migrate(settings.owner_database_url, app_role)
    sys.stdout.write("the database is at the newest revision\n")


def _check(settings: Settings) -> None:
    url = settings.database_url or settings.owner_database_url
    assert url is not None  # brought_up gives at least one
    if not is_current(url):
        raise Trouble(
            "the database is not at the newest revision: run `interpreters migrate` with "
            "INTERPRETERS_OWNER_DATABASE_URL set to the owner's address"
        )
    sys.stdout.write("the database is at the newest revision\n")
