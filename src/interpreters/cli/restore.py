"""`restore`: a backup's database in the place of an empty one, or with `--replace` of a full."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import psycopg
import typer

from interpreters.application.networks import check_keys, list_networks
from interpreters.cli.backup import SEALED, clients_for, owner_url
from interpreters.cli.options import DataDir, chosen
from interpreters.cli.reach import brought_up
from interpreters.database import GONE, open_pool
from interpreters.embedded.backups import Backup, look_into, try_keys
from interpreters.embedded.binaries import find_clients, find_postgres, major
from interpreters.embedded.dumps import read_dump
from interpreters.embedded.folder import held
from interpreters.embedded.targets import analyze, check_target, furnish
from interpreters.embedded.trouble import Trouble
from interpreters.migrate import is_known, migrate
from interpreters.secret_keys import WrongKeys, key_file
from interpreters.settings import Settings
from interpreters.vault import vault_from

Replace = Annotated[
    bool, typer.Option("--replace", help="What the database holds now is lost, for ever.")
]
app = typer.Typer(add_completion=False)


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A file that `backup` has made.")],
    *,
    replace: Replace = False,
    data_dir: DataDir = None,
) -> None:
    """Bring the database of a backup back, and migrate it where it is older.

    Everything is looked at before anything is changed, and changed at once or not at all. Nothing
    else may use the database meanwhile.
    """
    settings = chosen(data_dir=data_dir)
    if _embedded(settings) and held(Path(settings.data_dir)):
        raise Trouble(f"something runs from {settings.data_dir}: stop `interpreters up` first")
    if not file.is_file():
        raise Trouble(f"there is no file {file}")
    made = look_into(programs := _clients(settings), file.absolute(), SEALED)
    _check(made, file, settings)
    with brought_up(settings) as reached:
        url = owner_url(reached)
        try:
            check_target(url, replace=replace)
            furnish(url)
            read_dump(programs, url, file.absolute(), listed=made.listed)
            migrate(url, urlsplit(reached.database_url or "").username)
            analyze(url)
        except psycopg.OperationalError as error:
            reason = str(error).partition("\n")[0]
            raise Trouble(f"the database does not answer: {reason}") from error
        networks = asyncio.run(_networks(reached)) if made.keys else []
    sys.stdout.write(
        f"{made.rows} rows of revision {made.revision} are back, at the newest revision now; "
        f"networks: {', '.join(networks) or 'none'}\n"
    )


def _embedded(settings: Settings) -> bool:
    return settings.database_url is None and settings.owner_database_url is None


def _clients(settings: Settings) -> Path:
    """Return the programs that fit the server, without starting an embedded one."""
    if _embedded(settings):
        return find_clients(major(find_postgres(settings.pg_bin)), settings.pg_bin)
    return clients_for(owner_url(settings), settings)


def _check(made: Backup, file: Path, settings: Settings) -> None:
    """Look whether this version knows the backup, and whether the keys that are here open it."""
    if not is_known(made.revision):
        raise Trouble(
            f"{file} is at revision {made.revision}, which this version does not know: a newer "
            "one has made it, restore it with that"
        )
    if not made.keys:
        return
    try:
        try_keys(made, vault_from(settings))
    except WrongKeys as wrong:
        where = "INTERPRETERS_SECRET_KEYS" if settings.secret_keys else str(key_file(settings))
        numbers = " and ".join(str(one) for one in made.keys)
        raise Trouble(
            f"{file} opens with secret key {numbers}, and {where} has not the same ({wrong}): "
            "bring back the keys of then; nothing was changed"
        ) from wrong


async def _networks(settings: Settings) -> list[str]:
    """Return the networks that are there, as the application sees them."""
    if settings.database_url is None:
        return []
    try:
        pool = await open_pool(settings.database_url, vault=vault_from(settings), size=1)
        try:
            await check_keys(pool, complete=False)
            return sorted(await list_networks(pool))
        finally:
            await pool.close()
    except (*GONE, RuntimeError, WrongKeys) as error:
        raise Trouble(f"it is back, and the application cannot use it: {error}") from error
