"""A network by the name or id that an option gives it, and work done in it."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar
from uuid import UUID

from interpreters.application.networks import check_keys, list_networks
from interpreters.database import Db, open_pool, transaction
from interpreters.domain.ids import NETWORK, show_id
from interpreters.embedded.trouble import Trouble
from interpreters.settings import Settings
from interpreters.vault import vault_from

T = TypeVar("T")


async def in_network(
    settings: Settings, wanted: str | None, work: Callable[[Db, UUID], Awaitable[T]]
) -> T:
    """Do the work in one transaction in the network of this name or id, or the only one."""
    assert settings.database_url is not None  # reached gives it
    pool = await open_pool(settings.database_url, vault=vault_from(settings), size=1)
    try:
        await check_keys(pool)
        network_id = network_named(await list_networks(pool), wanted)
        async with transaction(pool, network_id) as db:
            return await work(db, network_id)
    finally:
        await pool.close()


def network_named(networks: Mapping[str, UUID], wanted: str | None) -> UUID:
    """Return the network of this name or id, or the only one.

    Raises:
        Trouble: there is none such, or several and none is named.
    """
    ids = {show_id(NETWORK, one): one for one in networks.values()}
    if wanted is not None and (found := networks.get(wanted) or ids.get(wanted)):
        return found
    if wanted is None and len(ids) == 1:
        return next(iter(ids.values()))
    if not ids:
        raise Trouble("there is no network yet: `interpreters up` opens the first one")
    raise Trouble(f"name one of the networks with --network: {', '.join(sorted(networks))}")
