"""Retention: what was kept only for a while is forgotten, once a day in each network."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from interpreters.database import Db, Pool
from interpreters.sql import due, idempotency_keys, networks, outbox

KEPT: Final = timedelta(days=7)
AGAIN: Final = timedelta(days=1)
BATCH: Final = 5000  # notices forgotten in one transaction


async def plan_retention(pool: Pool, *, now: datetime) -> None:
    """Arrange the daily round of every network that has none."""
    async with pool.acquire(timeout=10) as db:
        for network_id in (await networks.names(db)).values():
            await due.set_once(db, network_id=network_id, kind="retention", id=network_id, at=now)


async def forget_old(db: Db, *, network_id: UUID, now: datetime) -> bool:
    """Forget idempotency keys and told notices after seven days; tell whether that was all.

    The next round is tomorrow, or at once while something is left. Events stay: they are the feed.
    """
    before = now - KEPT
    await idempotency_keys.delete_old(db, network_id=network_id, before=before)
    gone = await outbox.delete_done(db, network_id=network_id, before=before, limit=BATCH)
    finished = gone < BATCH
    at = now + AGAIN if finished else now
    await due.set_at(db, network_id=network_id, kind="retention", id=network_id, at=at)
    return finished
