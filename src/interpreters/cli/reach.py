"""How a single command reaches the servers: told by settings, or those of a data folder."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import msgspec

from interpreters.embedded.folder import Servers, find_servers, hold
from interpreters.embedded.servers import run_servers
from interpreters.embedded.trouble import Trouble
from interpreters.secret_keys import WrongKeys, ensure_keys
from interpreters.settings import Settings


def reached(settings: Settings) -> Settings:
    """Return the settings with the address of every server, found through the data folder.

    Raises:
        Trouble: an address is missing and nothing runs from the folder.
    """
    if settings.database_url is not None and settings.redis_url is not None:
        return settings
    data_dir = Path(settings.data_dir)
    servers = find_servers(data_dir)
    if servers is None:
        missing = "DATABASE" if settings.database_url is None else "REDIS"
        raise Trouble(
            f"nothing runs from the data folder {data_dir.absolute()}: start `interpreters up` "
            f"first, name the folder with --data-dir, or set INTERPRETERS_{missing}_URL"
        )
    return with_servers(settings, servers)


def with_servers(settings: Settings, servers: Servers) -> Settings:
    """Return the settings with these addresses where none was given."""
    return msgspec.structs.replace(
        settings,
        database_url=settings.database_url or servers.database_url,
        owner_database_url=settings.owner_database_url or servers.owner_database_url,
        redis_url=settings.redis_url or servers.redis_url,
    )


def with_keys(settings: Settings) -> Settings:
    """Return the settings, with secret keys made in the data folder where there are none yet.

    Raises:
        Trouble: they cannot be written there.
    """
    try:
        ensure_keys(settings)
    except WrongKeys as wrong:
        raise Trouble(str(wrong)) from wrong
    return settings


@contextlib.contextmanager
def brought_up(settings: Settings) -> Iterator[Settings]:
    """Give the settings with every address; servers that do not run do so for the block only."""
    data_dir = Path(settings.data_dir)
    if settings.database_url is not None or settings.owner_database_url is not None:
        yield settings
        return
    if find_servers(data_dir) is not None:
        yield reached(settings)
        return
    with hold(data_dir) as held, run_servers(held, settings) as servers:
        yield with_servers(settings, servers)
