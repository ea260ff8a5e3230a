"""The job `retention`: a network forgets what was kept only for a while."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Final
from uuid import UUID

from interpreters.application.retention import forget_old, plan_retention
from interpreters.database import Pool

LOOK: Final = 3600.0  # seconds between two looks for networks that are new


async def forget(
    pool: Pool,
    *,
    network_id: UUID,
    id: UUID,  # noqa: A002, ARG001 - the network again
    clock: Callable[[], datetime],
) -> None:
    """Forget one portion; what is left is due again at once."""
    await forget_old(pool, network_id=network_id, now=clock())


async def keep_planned(pool: Pool, *, clock: Callable[[], datetime]) -> None:
    """See to it that every network has its daily round, also one opened while this runs."""
    while True:
        await plan_retention(pool, now=clock())
        await asyncio.sleep(LOOK)
