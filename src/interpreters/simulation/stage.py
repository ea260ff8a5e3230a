"""The stage of a simulation: a PostgreSQL that forgets everything, and a network to copy."""

import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec

from interpreters.database import open_pool
from interpreters.embedded.binaries import find_postgres
from interpreters.embedded.folder import hold, socket_folder
from interpreters.embedded.postgres import APP, OWNER, Postgres, run_postgres
from interpreters.embedded.roots import choose_account, within_reach
from interpreters.migrate import migrate
from interpreters.secret_keys import keys_of
from interpreters.settings import Settings
from interpreters.simulation.cast import Cast, open_cast
from interpreters.simulation.crews import Crew
from interpreters.vault import Vault

PREFIX: Final = "interpreters-simulation-"
# Where the system keeps what is in memory only; the folder in it has a name nobody can guess.
MEMORY: Final = Path("/dev/shm")  # noqa: S108 - see above  # nosec B108 # in memory


class Stage(msgspec.Struct, frozen=True):
    """A running server with one network in its database, made once and copied for each play."""

    server: Postgres
    vault: Vault
    cast: Cast


@contextmanager
def run_server(settings: Settings) -> Iterator[Postgres]:
    """Run a PostgreSQL of its own in a folder of its own, until the block ends.

    Raises:
        Trouble: it does not start.
    """
    programs = find_postgres(settings.pg_bin)
    account = choose_account(programs / "postgres")
    parent = MEMORY if MEMORY.is_dir() else None
    with (
        tempfile.TemporaryDirectory(prefix=PREFIX, dir=parent, ignore_cleanup_errors=True) as made,
        hold(Path(made)) as folder,
    ):
        if account.how == "nobody":
            folder.chmod(0o711)
        reached = within_reach(programs, account, copies=folder)
        with (
            socket_folder(folder, account, name="postgres") as sockets,
            run_postgres(
                folder, programs=reached, sockets=sockets, account=account, disposable=True
            ) as server,
        ):
            migrate(server.url(OWNER))
            yield server


async def set_stage(server: Postgres, crew: Crew) -> Stage:
    """Make the network of the crew in the server's database."""
    vault = Vault(keys_of(f"1:{secrets.token_urlsafe(32)}"))
    pool = await open_pool(server.url(APP), vault=vault, size=1, durable=False)
    try:
        cast = await open_cast(pool, crew)
    finally:
        await pool.close()
    return Stage(server=server, vault=vault, cast=cast)
