"""The job `plan`: every night, by the network's clock, what is open is planned together.

It only sets the operation going that does the work (`jobs/operations.py`).
"""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Final
from uuid import UUID

from interpreters.application.calls import run
from interpreters.application.plan_nights import arrange_plans, plan_tonight
from interpreters.database import Pool

LOOK: Final = 3600.0  # seconds between two looks for networks that are new


async def propose(
    pool: Pool,
    *,
    network_id: UUID,
    id: UUID,  # noqa: A002, ARG001 - the network again
    clock: Callable[[], datetime],
) -> None:
    """Have tonight's plan made, and arrange the next."""
    now = clock()
    await run(pool, network_id, lambda db: plan_tonight(db, network_id=network_id, now=now))


async def keep_arranged(pool: Pool, *, clock: Callable[[], datetime]) -> None:
    """See to it that every network has its nightly plan, also one opened while this runs."""
    while True:
        await arrange_plans(pool, now=clock())
        await asyncio.sleep(LOOK)
