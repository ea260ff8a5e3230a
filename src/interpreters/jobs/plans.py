"""The job `plan`: every night, by the network's clock, what is open is planned together.

It only sets the operation going that does the work (`jobs/operations.py`), and comes again for the
plan that was made: then coordinators hear of it.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Final
from uuid import UUID

from interpreters.application.people_messages import Outgoing
from interpreters.application.plan_messages import tell_plan
from interpreters.application.plan_nights import arrange_plans, plan_tonight
from interpreters.database import Db, Pool
from interpreters.jobs.relay import Job, in_transaction

LOOK: Final = 3600.0  # seconds between two looks for networks that are new


def planner(out: Outgoing) -> Job:
    """Return the job, for these ways out of the house."""

    async def plan(db: Db, network_id: UUID, thing_id: UUID, now: datetime) -> None:
        if thing_id == network_id:
            await plan_tonight(db, network_id=network_id, now=now)
        else:
            await tell_plan(db, out, network_id=network_id, plan_id=thing_id, now=now)

    return in_transaction(plan)


async def keep_arranged(pool: Pool, *, clock: Callable[[], datetime]) -> None:
    """See to it that every network has its nightly plan, also one opened while this runs."""
    while True:
        await arrange_plans(pool, now=clock())
        await asyncio.sleep(LOOK)
