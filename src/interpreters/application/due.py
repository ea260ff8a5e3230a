"""What is due: taken from the table, over all networks, by one worker at a time."""

import random
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from interpreters.database import Pool
from interpreters.sql import due
from interpreters.sql.due import Due, Kind

__all__ = ["Due", "Kind", "take_due"]


async def take_due(
    pool: Pool, *, kinds: Sequence[Kind], now: datetime, until: datetime, limit: int
) -> list[Due]:
    """Take what is due by `now`, at most `limit`; nobody else gets it before `until`.

    Two steps: one read lists the work of all networks, then each network's is leased by itself,
    in any order, so that several workers spread. Each lease commits alone.
    """
    async with pool.acquire(timeout=10) as db:
        found = await due.list_due(db, kinds=kinds, now=now, limit=limit)
        groups: defaultdict[tuple[UUID, Kind], list[UUID]] = defaultdict(list)
        for one in found:
            groups[one.network_id, one.kind].append(one.id)
        taken: list[Due] = []
        for network_id, kind in random.sample(list(groups), len(groups)):
            ids = await due.lease(
                db,
                network_id=network_id,
                kind=kind,
                ids=groups[network_id, kind],
                now=now,
                until=until,
            )
            taken += [Due(network_id=network_id, kind=kind, id=one) for one in ids]
    return taken
