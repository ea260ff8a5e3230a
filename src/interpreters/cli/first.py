"""`python -m interpreters.cli.first`: the first network of an installation that has none.

A process of its own that `up` runs once, so that the supervisor stays small.
"""

import asyncio
import re
import unicodedata
from datetime import UTC, datetime

from interpreters.application.networks import (
    NetworkNameTaken,
    check_keys,
    list_networks,
    open_network,
)
from interpreters.database import open_pool
from interpreters.secret_keys import right_keys_or_exit
from interpreters.settings import Settings, load_or_exit
from interpreters.vault import vault_from


async def open_first(settings: Settings, *, now: datetime) -> None:
    """Open the network the settings describe, unless there is one."""
    assert settings.database_url is not None  # `up` gives it
    pool = await open_pool(settings.database_url, vault=vault_from(settings), size=1)
    try:
        await check_keys(pool)
        if await list_networks(pool):
            return
        await open_network(
            pool,
            name=settings.network_name,
            slug=slug_of(settings.network_name),
            time_zone=settings.network_time_zone,
            currency=settings.network_currency,
            country=settings.network_country,
            working_language=None,
            now=now,
        )
    except NetworkNameTaken:
        return  # another `up` on the same database was first
    finally:
        await pool.close()


def slug_of(name: str) -> str:
    """Return a name for addresses: "Rīgas centrs" becomes "rigas-centrs"."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:50] or "network"


if __name__ == "__main__":
    with right_keys_or_exit():
        asyncio.run(open_first(load_or_exit(), now=datetime.now(UTC)))
