"""Plans that take long, made by the worker.

The seats are read portion by portion, each in a transaction of its own, the question is solved
outside of any, and the plan is kept in another: without what changed meanwhile.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Final
from uuid import UUID

import msgspec

from interpreters.application.calls import run
from interpreters.application.operations import finish_operation
from interpreters.application.plan_proposals import PlanJob, Solved, solved_aside, store_plan
from interpreters.application.plan_questions import Posed, pose
from interpreters.application.plan_seats import Seats, seats_of
from interpreters.database import Db, Pool
from interpreters.domain.imports import ImportInProgress
from interpreters.domain.windows import Window
from interpreters.sql import networks, open_requests

PORTION: Final = 25  # requests looked at in one transaction


def read_plan(given: bytes) -> PlanJob:
    """Return what an operation keeps."""
    return msgspec.msgpack.decode(given, type=PlanJob)


async def carry_out_plan(
    pool: Pool,
    *,
    job: PlanJob,
    operation_id: UUID,
    clock: Callable[[], datetime],
    tell: Callable[[int, int], None],
) -> None:
    """Make the plan, in the transaction that ends the operation; `tell` hears done and total.

    Raises:
        ImportInProgress: a twin has made it; nothing is kept.
    """
    network_id = job.caller.network_id
    found = await _open_seats(pool, job, clock, tell)
    posed = await run(pool, network_id, lambda db: _posed(db, network_id, found, job.window))
    solved = Solved(posed, await solved_aside(posed), last=True)
    now = clock()

    async def keep(db: Db) -> None:
        plan = await store_plan(db, job.caller, solved=solved, window=job.window, now=now)
        assert plan is not None  # at the last try what no longer holds is left out
        ended = await finish_operation(
            db, network_id=network_id, operation_id=operation_id, succeeded=True,
            result=plan.id.bytes, now=now,
        )  # fmt: skip
        if not ended:
            raise ImportInProgress

    await run(pool, network_id, keep)


async def _open_seats(
    pool: Pool, job: PlanJob, clock: Callable[[], datetime], tell: Callable[[int, int], None]
) -> list[Seats]:
    network_id = job.caller.network_id
    ids = await run(
        pool,
        network_id,
        lambda db: open_requests.starting(
            db, network_id=network_id, since=job.window.starts_at, until=job.window.ends_at
        ),
    )
    found: list[Seats] = []
    for first in range(0, len(ids), PORTION):
        some = ids[first : first + PORTION]
        found += await run(pool, network_id, partial(_portion, network_id, some, clock()))
        tell(first + len(some), len(ids))
    return found


async def _portion(network_id: UUID, ids: Sequence[UUID], now: datetime, db: Db) -> list[Seats]:
    found: list[Seats] = []
    for one in ids:
        found += await seats_of(db, network_id=network_id, request_id=one, now=now)
    return found


async def _posed(db: Db, network_id: UUID, found: Sequence[Seats], window: Window) -> Posed:
    network = await networks.get(db, network_id=network_id)
    return await pose(db, network=network, found=found, window=window)
