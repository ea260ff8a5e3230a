"""A network made by replaying a past: unfinished until it is whole, and telling nobody."""

from datetime import datetime
from uuid import UUID

from interpreters.application.events import place_all
from interpreters.database import Db, Pool, transaction
from interpreters.domain.errors import NotFound
from interpreters.sql import approvals, due, networks, outbox


async def settle_past(db: Db, *, network_id: UUID, now: datetime) -> None:
    """Place what was not placed yet, count it as told, and have nothing looked at any more.

    Silence about sessions of the past is a yes; those of the last days still wait for one.
    """
    await place_all(db, network_id=network_id, now=now)
    await outbox.mark_all_done(db, network_id=network_id, now=now)
    await due.clear_all(db, network_id=network_id)
    await approvals.settle(db, network_id=network_id, now=now)
    waiting = await approvals.waiting(db, network_id=network_id, now=now)
    for booking_id, at in waiting.items():
        await due.set_at(db, network_id=network_id, kind="approval", id=booking_id, at=at)


async def finish_network(pool: Pool, *, network_id: UUID, slug: str) -> None:
    """Give the whole network its lasting slug.

    Raises:
        NotFound: it is no longer in the directory: somebody began anew meanwhile.
    """
    async with transaction(pool, network_id) as db:
        if not await networks.rename(db, network_id=network_id, slug=slug):
            raise NotFound("The network was given up while it was being made")


async def forget_unfinished(pool: Pool, *, slug: str) -> bool:
    """Take a network that was never finished out of the directory; False when there is none.

    What it holds stays in the database, where nobody comes by: the ledger cannot be deleted.
    """
    async with pool.acquire(timeout=10) as db:
        network_id = (await networks.names(db)).get(slug)
        if network_id is None:
            return False
        await due.clear_all(db, network_id=network_id)
        await networks.remove_name(db, network_id=network_id)
    return True
