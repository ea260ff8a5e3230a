"""`backup`: the whole database in one file, while everybody goes on working."""

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import psycopg
import typer

from interpreters.application.rotation import TABLES
from interpreters.cli.options import DataDir, chosen
from interpreters.cli.reach import brought_up
from interpreters.embedded.backups import Backup, look_into
from interpreters.embedded.binaries import find_clients
from interpreters.embedded.dumps import write_dump
from interpreters.embedded.folder import find_servers
from interpreters.embedded.trouble import Trouble
from interpreters.secret_keys import key_file
from interpreters.settings import Settings

SEALED: Final = {one.name: {column.name for column in one.columns} for one in TABLES}
MEGA: Final = 1_000_000  # bytes

app = typer.Typer(add_completion=False)


@app.command()
def backup(
    file: Annotated[
        Path | None, typer.Argument(help="Where to; without it a new file here, named by the time.")
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Write the database into one file, and read it once to its end.

    The secret keys are not in it: keep them in another place, for without them it is of no use.
    """
    settings = chosen(data_dir=data_dir)
    target = (file or Path(f"interpreters-{datetime.now(UTC):%Y%m%d-%H%M%S}.dump")).absolute()
    _check_there(settings)
    found: list[Backup] = []
    with brought_up(settings) as reached:
        url = owner_url(reached)
        programs = clients_for(url, settings)
        write_dump(
            programs, url, target, told=_teller(),
            check=lambda fresh: found.append(look_into(programs, fresh, SEALED)),
        )  # fmt: skip
    if sys.stderr.isatty():
        sys.stderr.write("\n")
    [made] = found
    sys.stdout.write(
        f"{target}: {target.stat().st_size / MEGA:.1f} MB, {made.rows} rows at revision "
        f"{made.revision}, of PostgreSQL {made.server}\n{_keys(made, settings)}\n"
    )


def owner_url(settings: Settings) -> str:
    """Return the address of the owner of the tables.

    Raises:
        Trouble: it is not known.
    """
    if settings.owner_database_url is None:
        raise Trouble(
            "INTERPRETERS_OWNER_DATABASE_URL is not set: the whole of the database is read and "
            "written by the owner of the tables alone"
        )
    return settings.owner_database_url


def clients_for(url: str, settings: Settings) -> Path:
    """Return the folder of the programs that fit the server.

    Raises:
        Trouble: there are none here, or the database does not answer.
    """
    try:
        with psycopg.connect(url) as db:
            version = db.info.server_version
    except psycopg.OperationalError as error:
        reason = str(error).partition("\n")[0]
        raise Trouble(f"the database does not answer: {reason}") from error
    return find_clients(version // 10_000, settings.pg_bin)


def _check_there(settings: Settings) -> None:
    data_dir = Path(settings.data_dir)
    ours = settings.database_url is None and settings.owner_database_url is None
    if ours and find_servers(data_dir) is None and not (data_dir / "postgres").is_dir():
        raise Trouble(f"there is no database in {data_dir}: name its folder with --data-dir")


def _keys(made: Backup, settings: Settings) -> str:
    if not made.keys:
        return "nothing in it is sealed"
    numbers = " and ".join(str(one) for one in made.keys)
    where = "INTERPRETERS_SECRET_KEYS" if settings.secret_keys else str(key_file(settings))
    return (
        f"it opens with secret key {numbers} alone, which is not in it: keep a copy of {where} in "
        "another place than this file"
    )


def _teller() -> Callable[[int], None]:
    """Return what shows on a terminal how much is written."""
    if not sys.stderr.isatty():
        return lambda _: None

    def tell(size: int) -> None:
        sys.stderr.write(f"\r{size / MEGA:.1f} MB written ")
        sys.stderr.flush()

    return tell
